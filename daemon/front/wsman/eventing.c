/* SPDX-License-Identifier: MIT */
/* eventing.c -- WS-Eventing by pull: Subscribe, Renew, Unsubscribe (DSP0226 section 10), and the
 * pulls of events. */
#include <string.h>

#include "base/clock.h"
#include "front/wsman/call.h"
#include "front/wsman/duration.h"
#include "front/wsman/filter.h"
#include "front/wsman/names.h"
#include "front/wsman/subscriptions.h"
#include "openkvp/scoped.h"

#define LIFE_MS 600000 /* of a subscription whose client does not say how long it wants it */
#define LOOK_MS 1000   /* between two looks whether who waits for events is still there */

#define BOOKMARK_EARLIEST "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest"
#define ACTION_EVENT      "http://schemas.dmtf.org/wbem/wsman/1/wsman/Event"

/* --- Subscribe --- */

struct subscribe {
	struct wsman_call *call;
	const struct xml_element *query; /* the filter */
	struct wsman_subscription_terms terms;
	struct wsman_fault *fault;
};

/* Where the end is told; of a subscription that is pulled from, the pull tells. */
static bool check_end(struct subscribe *s)
{
	const struct xml_element *end = xml_child(s->call->body, NS_EVENTING, "EndTo");
	const struct xml_element *address = end ? xml_child(end, NS_ADDRESSING, "Address") : NULL;

	return !end ||
	       (address && strcmp(xml_trimmed(s->call->arena, address), ANONYMOUS_ROLE) == 0) ||
	       wsman_fail(s->fault, FAULT_ADDRESSING_MODE, "EndTo must be %s", ANONYMOUS_ROLE);
}

static bool check_encoding(struct subscribe *s, const struct xml_element *delivery)
{
	const struct xml_element *element = xml_child(delivery, NS_WSMAN, "ContentEncoding");
	const char *name = element ? xml_trimmed(s->call->arena, element) : "UTF-8";

	return strcasecmp(name, "UTF-8") == 0 || strcasecmp(name, "UTF-16") == 0 ||
	       wsman_fail(s->fault, FAULT_CHARACTER_SET, "the charset '%s' is not offered", name);
}

static bool read_delivery(struct subscribe *s)
{
	const struct xml_element *delivery = xml_child(s->call->body, NS_EVENTING, "Delivery");
	const char *mode = delivery ? xml_attribute(delivery, NULL, "Mode") : NULL;
	const struct xml_element *heartbeats;

	if (!mode || strcmp(mode, DELIVERY_PULL) != 0)
		return wsman_fail(s->fault, FAULT_DELIVERY_MODE,
				  "events are pulled: the one delivery mode is " DELIVERY_PULL);
	heartbeats = xml_child(delivery, NS_WSMAN, "Heartbeats");
	return check_encoding(s, delivery) &&
	       (!heartbeats ||
		wsman_duration_read(s->call, heartbeats, FAULT_HEARTBEATS, FAULT_HEARTBEATS,
				    &s->terms.heartbeat_ms, s->fault));
}

static bool read_expires(struct subscribe *s)
{
	const struct xml_element *expires = xml_child(s->call->body, NS_EVENTING, "Expires");

	s->terms.slides = !expires;
	s->terms.life_ms = LIFE_MS;
	return !expires ||
	       wsman_duration_read(s->call, expires, FAULT_EVENT_EXPIRATION_TIME,
				   FAULT_EVENT_EXPIRATION_TYPE, &s->terms.life_ms, s->fault);
}

/* Events are not kept before anybody subscribes: there is nothing to go back to. */
static bool read_bookmarks(struct subscribe *s)
{
	const struct xml_element *bookmark = xml_child(s->call->body, NS_WSMAN, "Bookmark");

	s->terms.bookmarks = xml_child(s->call->body, NS_WSMAN, "SendBookmarks") != NULL;
	return !bookmark || strcmp(xml_trimmed(s->call->arena, bookmark), BOOKMARK_EARLIEST) == 0 ||
	       wsman_fail(s->fault, FAULT_BOOKMARKS, "events of the past are not kept");
}

/* Without a filter nothing says of what the events shall be; and the resource must be one of
 * events. */
static bool refuse_without_filter(struct subscribe *s)
{
	const struct wsman_resource *resource = &s->call->resource;
	const struct cim_class *class;
	struct cim_error error;

	if (strcmp(resource->class_name, "*") != 0) {
		if (!cim_resolve_class(resource->ns, resource->class_name, &class, &error))
			return wsman_fail_cim(s->fault, &error);
		if (!class->is_indication)
			return wsman_fail(s->fault, FAULT_ACTION_MISMATCH,
					  "%s is no class of events", class->name);
	}
	return wsman_fail(s->fault, FAULT_FILTER_REQUIRED, "a query says of what the events are");
}

static bool read_filter(struct subscribe *s)
{
	if (!wsman_filter_find(s->call, NS_EVENTING, &s->query, s->fault))
		return false;
	if (!s->query)
		return refuse_without_filter(s);
	return wsman_filter_is(s->query, DIALECT_WQL) ||
	       wsman_fail(s->fault, FAULT_EVENT_DIALECT, "the one filter dialect is " DIALECT_WQL);
}

static bool read_subscribe(struct subscribe *s)
{
	if (!s->call->body || !xml_is(s->call->body, NS_EVENTING, "Subscribe"))
		return wsman_fail(s->fault, FAULT_EVENT_MESSAGE, "Subscribe is expected in Body");
	if (s->call->selector_count > 0)
		return wsman_fail(s->fault, FAULT_SELECTORS_UNEXPECTED,
				  "a class of events has no selectors");
	return check_end(s) && read_delivery(s) && read_expires(s) && read_bookmarks(s) &&
	       read_filter(s);
}

static void write_expires(struct text *out, unsigned int life_ms)
{
	text_literal(out, "<e:Expires>");
	wsman_duration_write(out, life_ms);
	text_literal(out, "</e:Expires>");
}

/* The manager is at the same resource; the identifier tells subscriptions apart. */
static void answer_subscription(struct wsman_call *call, const char *id, unsigned int life_ms)
{
	const char *to = call->to && *call->to ? call->to : ANONYMOUS_ROLE;
	struct text out;

	wsman_begin(call, NS_EVENTING "/SubscribeResponse", &out);
	text_literal(&out, "<e:SubscribeResponse><e:SubscriptionManager><a:Address>");
	text_xml(&out, to, strlen(to));
	text_literal(&out, "</a:Address><a:ReferenceParameters><w:ResourceURI>");
	text_xml(&out, call->resource.uri, strlen(call->resource.uri));
	text_printf(&out,
		    "</w:ResourceURI><e:Identifier>%s</e:Identifier></a:ReferenceParameters>"
		    "</e:SubscriptionManager>",
		    id);
	write_expires(&out, life_ms);
	text_printf(&out, "<n:EnumerationContext>%s</n:EnumerationContext></e:SubscribeResponse>",
		    id);
	wsman_end(call, &out, FAULT_UNREPORTABLE_SUCCESS);
}

/* A class that only the query names is not one of the resource URI. */
static void refuse_query(struct wsman_call *call, const struct cim_error *error)
{
	struct wsman_fault fault;

	wsman_fail_cim(&fault, error);
	if (fault.id == FAULT_RESOURCE_URI)
		fault.id = FAULT_QUERIED_CLASS;
	wsman_refuse(call, &fault);
}

void wsman_subscribe(struct wsman_call *call)
{
	struct wsman_fault fault;
	struct subscribe s = { .call = call, .fault = &fault };
	struct cim_subscription *events;
	char id[CIM_CONTEXT_SIZE];
	struct cim_error error;
	const char *query;

	if (!read_subscribe(&s))
		return wsman_refuse(call, &fault);
	query = xml_trimmed(call->arena, s.query);
	if (!cim_subscribe(call->wsman->settings.events, &call->message->principal,
			   call->resource.ns, query, strlen(query), &events, &error))
		return refuse_query(call, &error);
	wsman_subscription_add(call, events, &s.terms, id);
	answer_subscription(call, id, s.terms.life_ms);
}

/* --- Renew and Unsubscribe --- */

static bool check_manager_call(const struct wsman_call *call, const char *action,
			       struct wsman_fault *fault)
{
	if (!call->body || !xml_is(call->body, NS_EVENTING, action))
		return wsman_fail(fault, FAULT_EVENT_MESSAGE, "%s is expected in Body", action);
	return call->identifier ||
	       wsman_fail(fault, FAULT_EVENT_MESSAGE, "the header Identifier is missing");
}

void wsman_renew(struct wsman_call *call)
{
	const struct xml_element *expires;
	unsigned int asked, life_ms;
	struct wsman_fault fault;
	struct text out;

	if (!check_manager_call(call, "Renew", &fault))
		return wsman_refuse(call, &fault);
	expires = xml_child(call->body, NS_EVENTING, "Expires");
	if (expires && !wsman_duration_read(call, expires, FAULT_EVENT_EXPIRATION_TIME,
					    FAULT_EVENT_EXPIRATION_TYPE, &asked, &fault))
		return wsman_refuse(call, &fault);
	if (!wsman_subscription_renew(call, call->identifier, expires ? &asked : NULL, &life_ms)) {
		wsman_fail(&fault, FAULT_EVENT_RENEWAL, "no such subscription, or it ended");
		return wsman_refuse(call, &fault);
	}
	wsman_begin(call, NS_EVENTING "/RenewResponse", &out);
	text_literal(&out, "<e:RenewResponse>");
	write_expires(&out, life_ms);
	text_literal(&out, "</e:RenewResponse>");
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}

void wsman_unsubscribe(struct wsman_call *call)
{
	struct wsman_fault fault;
	struct text out;

	if (!check_manager_call(call, "Unsubscribe", &fault))
		return wsman_refuse(call, &fault);
	if (!wsman_subscription_end(call, call->identifier)) {
		wsman_fail(&fault, FAULT_EVENT_MESSAGE, "no such subscription, or it ended");
		return wsman_refuse(call, &fault);
	}
	wsman_begin(call, NS_EVENTING "/UnsubscribeResponse", &out);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}

/* --- Pull --- */

enum patience { WAIT_TIMEOUT, WAIT_MAX_TIME, WAIT_HEARTBEAT };

/* A pull that waits; it lives in its call's arena. */
struct pull {
	struct wsman_items items;
	struct wsman_call *call;
	struct wsman_subscription *subscription;
	struct cim_subscription *events;
	struct wsman_page page;
	enum patience patience; /* which of its times is over first ... */
	uint64_t until_ms;      /* ... and when */
	bool gone;              /* the client has */

	/* What stands first in the queue. */
	bool looked;
	struct cim_instance *event;
	uint64_t missed;
};

static bool more_events(struct wsman_items *items)
{
	struct pull *pull = (struct pull *)items; /* its first member */

	if (!pull->looked)
		pull->event = cim_subscription_peek(pull->events, pull->call->arena, &pull->missed);
	pull->looked = true;
	return pull->event || pull->missed > 0;
}

static void write_event(struct wsman_items *items, struct text *out)
{
	const struct pull *pull = (const struct pull *)items;
	const struct wsman_form form = wsman_form(pull->call);
	const struct wsman_projection projection = {
		.query = cim_subscription_query(pull->events),
	};

	if (pull->event)
		wsman_instance_write(out, &form, pull->event, &projection);
	else
		text_printf(out,
			    "<w:DroppedEvents Action=\"" ACTION_EVENT "\">%llu</w:DroppedEvents>",
			    (unsigned long long)pull->missed);
}

static void advance_event(struct wsman_items *items)
{
	struct pull *pull = (struct pull *)items;

	cim_subscription_advance(pull->events);
	pull->looked = false;
}

/* Why there is nothing to answer with. */
static bool explain(struct pull *pull, struct wsman_fault *fault)
{
	if (pull->gone)
		return wsman_fail(fault, FAULT_TIMED_OUT, "the client has gone");
	if (wsman_subscription_ended(pull->subscription))
		return wsman_fail(fault, FAULT_CONTEXT, "the subscription ended");
	if (!cim_subscription_alive(pull->events))
		return wsman_fail(fault, FAULT_UNAVAILABLE, "the service is stopping");
	switch (pull->patience) {
	case WAIT_TIMEOUT:
		return wsman_fail(fault, FAULT_TIMED_OUT, "nothing happened in OperationTimeout");
	case WAIT_MAX_TIME:
		return wsman_fail(fault, FAULT_PULL_TIMED_OUT, "nothing happened in MaxTime");
	case WAIT_HEARTBEAT:
		break; /* an empty answer says that all is well */
	}
	return true;
}

/* Whether a pull shall wait on: nothing has happened, and there is somebody to tell of it. */
static bool may_wait(struct pull *pull)
{
	return !pull->gone && clock_monotonic_ms() < pull->until_ms && !more_events(&pull->items) &&
	       cim_subscription_alive(pull->events);
}

/* Answers; the subscription is free for the next pull before the client can send it. One who has
 * gone gets no events: they wait for the next pull. */
static void answer_pull(struct pull *pull)
{
	struct wsman_call *call = pull->call;
	struct wsman_fault fault;
	size_t needed = 0;
	bool explained = (!pull->gone && more_events(&pull->items)) || explain(pull, &fault);
	bool fits = explained && wsman_page_write(call, &pull->page, &pull->items, &needed);
	char id[CIM_CONTEXT_SIZE];

	wsman_subscription_id(pull->subscription, id);
	wsman_subscription_end_pull(pull->subscription);
	wsman_subscription_release(&pull->subscription);
	if (!explained)
		wsman_refuse(call, &fault);
	else if (fits)
		wsman_page_end(call, &pull->page, id, false);
	else
		wsman_page_refuse(call, &pull->page, needed);
}

static void await_events(struct pull *pull);

static void ready(void *context)
{
	struct pull *pull = context;
	const struct wsman_message *message = pull->call->message;

	pull->gone = message->gone && message->gone(message);
	if (may_wait(pull))
		await_events(pull);
	else
		answer_pull(pull);
}

static void await_events(struct pull *pull)
{
	uint64_t now_ms = clock_monotonic_ms();
	uint64_t left_ms = pull->until_ms > now_ms ? pull->until_ms - now_ms : 0;

	pull->looked = false;
	cim_subscription_wait(pull->events, left_ms < LOOK_MS ? (unsigned int)left_ms : LOOK_MS,
			      ready, pull);
}

/* How long a pull waits, and what its end means. */
static unsigned int find_patience(struct pull *pull)
{
	const struct wsman_subscription_terms *terms = wsman_subscription_terms(pull->subscription);
	unsigned int most_ms = pull->call->timeout_ms;

	pull->patience = WAIT_TIMEOUT;
	if (pull->page.max_time_ms > 0 && pull->page.max_time_ms < most_ms) {
		most_ms = pull->page.max_time_ms;
		pull->patience = WAIT_MAX_TIME;
	}
	if (terms->heartbeat_ms > 0 && terms->heartbeat_ms < most_ms) {
		most_ms = terms->heartbeat_ms;
		pull->patience = WAIT_HEARTBEAT;
	}
	return most_ms;
}

void wsman_pull_events(struct wsman_call *call, struct wsman_subscription *subscription,
		       struct wsman_page *page)
{
	struct pull *pull = arena_new(call->arena, struct pull);
	struct wsman_fault fault;

	if (!wsman_subscription_begin_pull(subscription)) {
		wsman_subscription_release(&subscription);
		wsman_fail(&fault, FAULT_CONCURRENCY, "another Pull waits for these events");
		return wsman_refuse(call, &fault);
	}
	*pull = (struct pull){
		.items = { more_events, write_event, advance_event },
		.call = call,
		.subscription = subscription,
		.events = wsman_subscription_events(subscription),
		.page = *page,
	};
	if (wsman_subscription_terms(subscription)->bookmarks)
		call->answer_header = "<w:Bookmark>" BOOKMARK_EARLIEST "</w:Bookmark>";
	pull->until_ms = clock_monotonic_ms() + find_patience(pull);
	if (call->message->may_give_up)
		call->message->may_give_up(call->message);
	await_events(pull);
}
