/* SPDX-License-Identifier: MIT */
/* test_eventing.c -- front/wsman/eventing, subscriptions, duration */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define SUBSCRIBE   NS_EVENTING "/Subscribe"
#define RENEW       NS_EVENTING "/Renew"
#define UNSUBSCRIBE NS_EVENTING "/Unsubscribe"
#define ALL         URI_V2 "*"

#define PULLED     "<e:Delivery Mode=\"" DELIVERY_PULL "\"/>"
#define WQL(query) "<w:Filter Dialect=\"" DIALECT_WQL "\">" query "</w:Filter>"
#define CHANGES                                                                            \
	WQL("select * from __InstanceModificationEvent within 2 where TargetInstance isa " \
	    "'Msvm_ComputerSystem'")
#define EXPIRES(text) "<e:Expires>" text "</e:Expires>"
#define SHORT         "<w:OperationTimeout>PT0.02S</w:OperationTimeout>"

/* --- What happens --- */

struct renaming {
	struct cim_event_source source;
	atomic_int references;
	char from[16], to[16];
};

static struct cim_event_source *renaming_ref(struct cim_event_source *source)
{
	((struct renaming *)source)->references++;
	return source;
}

static void renaming_release(struct cim_event_source *source)
{
	if (--((struct renaming *)source)->references == 0)
		free(source);
}

static void renaming_fill(struct cim_event_source *source, bool before,
			  struct cim_instance *instance)
{
	const struct renaming *renaming = (struct renaming *)source;

	cim_set_text(instance, PROPERTY_NAME, VM(1));
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, before ? renaming->from : renaming->to);
}

/* VM 1 gets another name. */
static void rename_vm(struct talk *talk, const char *from, const char *to)
{
	struct renaming *renaming = xcalloc(1, sizeof(*renaming));

	renaming->source = (struct cim_event_source){
		.ref = renaming_ref,
		.release = renaming_release,
		.fill = renaming_fill,
	};
	renaming->references = 1;
	snprintf(renaming->from, sizeof(renaming->from), "%s", from);
	snprintf(renaming->to, sizeof(renaming->to), "%s", to);
	cim_events_publish(talk->events, CIM_EVENT_MODIFICATION, MSVM_COMPUTER_SYSTEM,
			   &renaming->source);
	renaming_release(&renaming->source);
}

/* --- What a client does --- */

static const char *subscribe(struct talk *talk, const char *content)
{
	scoped(xfree_text) char *body = xprintf("<e:Subscribe>%s</e:Subscribe>", content);

	talk_ask(talk, SUBSCRIBE, ALL, "", body);
	return talk_fault(talk);
}

/* Subscribes; the identifier, to be freed. */
static char *subscription(struct talk *talk, const char *content)
{
	assert_string_equal(subscribe(talk, content), "no fault");
	assert_string_equal(talk_text(talk, "e:Identifier", 0),
			    talk_text(talk, "n:EnumerationContext", 0));
	return xstrdup(talk_text(talk, "e:Identifier", 0));
}

/* Asks for events, and does not wait for the answer. */
static void begin_pull(struct talk *talk, const char *header, const char *id, const char *content)
{
	scoped(xfree_text) char *body = xprintf(
		"<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>%s</n:Pull>", id, content);

	talk_ask(talk, PULL, ALL, header, body);
}

static const char *pull(struct talk *talk, const char *header, const char *id, const char *content)
{
	begin_pull(talk, header, id, content);
	talk_wait(talk);
	return talk_fault(talk);
}

/* Asks the manager of a subscription, as openwsman does: without a resource. */
static const char *manage(struct talk *talk, const char *action, const char *id, const char *body)
{
	scoped(xfree_text) char *document =
		xprintf("<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING
			"\" xmlns:e=\"" NS_EVENTING "\"><s:Header><a:Action>%s</a:Action>"
			"<a:MessageID>uuid:1</a:MessageID>%s%s%s</s:Header><s:Body>%s</s:Body></"
			"s:Envelope>",
			action, id ? "<e:Identifier>" : "", id ? id : "",
			id ? "</e:Identifier>" : "", body);

	talk_raw(talk, document, strlen(document));
	return talk_fault(talk);
}

/* --- Subscribing --- */

static void a_subscription_is_answered_with_its_manager_and_a_context(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	assert_string_equal(talk_text(talk, "a:Action", 0), NS_EVENTING "/SubscribeResponse");
	assert_int_equal(talk_count(talk, "<e:SubscriptionManager><a:Address>http://x/wsman"
					  "</a:Address><a:ReferenceParameters><w:ResourceURI>" ALL
					  "</w:ResourceURI><e:Identifier>"),
			 1);
	assert_string_equal(talk_text(talk, "e:Expires", 0), "P0DT0H10M0S");
	assert_ptr_equal(strstr(id, "uuid:"), id);
}

static void a_subscription_lasts_as_long_as_its_client_wishes(void **state)
{
	static const char *const cases[][2] = {
		{ "PT60.000000S", "P0DT0H1M0S" },
		{ " PT1H ", "P0DT1H0M0S" },
		{ "P30D", "P1DT0H0M0S" }, /* a day at most */
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		scoped(xfree_text) char *id = NULL,
					*wish = xprintf(PULLED CHANGES "<e:Expires>%s</e:Expires>",
							cases[i][0]);

		id = subscription(talk, wish);
		assert_string_equal(talk_text(talk, "e:Expires", 0), cases[i][1]);
		assert_string_equal(manage(talk, UNSUBSCRIBE, id, "<e:Unsubscribe/>"), "no fault");
	}
}

static void what_cannot_be_subscribed_to_is_refused(void **state)
{
	static const struct {
		const char *content, *fault;
	} cases[] = {
		{ CHANGES, "e:DeliveryModeRequestedUnavailable" },
		{ "<e:Delivery/>" CHANGES, "e:DeliveryModeRequestedUnavailable" },
		{ "<e:Delivery Mode=\"" NS_EVENTING "/DeliveryModes/Push\"/>" CHANGES,
		  "e:DeliveryModeRequestedUnavailable" },
		{ "<e:Delivery "
		  "Mode=\"http://schemas.dmtf.org/wbem/wsman/1/wsman/PushWithAck\"/>" CHANGES,
		  "e:DeliveryModeRequestedUnavailable" },
		{ "<e:Delivery "
		  "Mode=\"http://schemas.dmtf.org/wbem/wsman/1/wsman/Events\"/>" CHANGES,
		  "e:DeliveryModeRequestedUnavailable" },
		{ PULLED, "w:UnsupportedFeature FilteringRequired" },
		{ PULLED "<w:Filter Dialect=\"urn:x\">x</w:Filter>",
		  "e:FilteringRequestedUnavailable" },
		{ PULLED "<w:Filter>x</w:Filter>", "e:FilteringRequestedUnavailable" },
		{ PULLED CHANGES "<e:Filter/>", "n:CannotProcessFilter" },
		{ PULLED WQL("select"), "n:CannotProcessFilter" },
		{ PULLED WQL(""), "n:CannotProcessFilter" },
		{ PULLED WQL("select * from Msvm_ComputerSystem"), "n:CannotProcessFilter" },
		{ PULLED WQL("select * from __InstanceCreationEvent where TargetInstance isa 'x'"),
		  "n:CannotProcessFilter" },
		{ PULLED WQL("select * from No_Such where TargetInstance isa 'x'"),
		  "a:DestinationUnreachable InvalidResourceURI" },
		{ PULLED CHANGES EXPIRES("2026-11-20T10:00:00Z"), "e:UnsupportedExpirationType" },
		{ PULLED CHANGES EXPIRES("PT0S"), "e:InvalidExpirationTime" },
		{ PULLED CHANGES EXPIRES("soon"), "e:InvalidExpirationTime" },
		{ PULLED CHANGES "<w:Bookmark>x</w:Bookmark>", "w:UnsupportedFeature Bookmarks" },
		{ PULLED CHANGES "<e:EndTo><a:Address>http://x/</a:Address></e:EndTo>",
		  "w:UnsupportedFeature AddressingMode" },
		{ "<e:Delivery Mode=\"" DELIVERY_PULL
		  "\"><w:Heartbeats>2026-11-20T10:00:00Z</w:Heartbeats></e:Delivery>" CHANGES,
		  "w:UnsupportedFeature Heartbeats" },
		{ "<e:Delivery Mode=\"" DELIVERY_PULL
		  "\"><w:ContentEncoding>latin-1</w:ContentEncoding></e:Delivery>" CHANGES,
		  "w:EncodingLimit CharacterSet" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++)
		assert_string_equal(subscribe(talk, cases[i].content), cases[i].fault);
	assert_false(cim_events_wanted(talk->events, MSVM_COMPUTER_SYSTEM));
}

static void what_clients_add_does_no_harm(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(
		talk, "<e:EndTo><a:Address>" ANONYMOUS_ROLE
		      "</a:Address></e:EndTo><e:Delivery Mode=\"" DELIVERY_PULL
		      "\"><w:Heartbeats>PT3600.000S</w:Heartbeats><w:Locale xml:lang=\"de\" "
		      "s:mustUnderstand=\"false\"/><w:ContentEncoding>UTF-16</w:ContentEncoding>"
		      "<w:ConnectionRetry Total=\"5\">PT60.0S</w:ConnectionRetry>"
		      "<w:MaxElements>20</w:MaxElements></e:Delivery><w:SendBookmarks/>"
		      "<w:Bookmark>http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest"
		      "</w:Bookmark>" CHANGES);

	assert_non_null(id);
	assert_true(cim_events_wanted(talk->events, MSVM_COMPUTER_SYSTEM));
}

static void the_resource_must_be_one_of_events(void **state)
{
	static const struct {
		const char *uri, *header, *body, *fault;
	} cases[] = {
		{ URI_V2 "Msvm_ComputerSystem", "", "<e:Subscribe>" PULLED "</e:Subscribe>",
		  "a:ActionNotSupported ActionMismatch" },
		{ URI_V2 "__InstanceCreationEvent", "", "<e:Subscribe>" PULLED "</e:Subscribe>",
		  "w:UnsupportedFeature FilteringRequired" },
		{ URI_V2 "No_Such", "", "<e:Subscribe>" PULLED "</e:Subscribe>",
		  "a:DestinationUnreachable InvalidResourceURI" },
		{ URI_V2 "__InstanceModificationEvent", "",
		  "<e:Subscribe>" PULLED CHANGES "</e:Subscribe>", "no fault" },
		{ ALL, SELECTORS(SELECTOR("x", "y")),
		  "<e:Subscribe>" PULLED CHANGES "</e:Subscribe>",
		  "w:InvalidSelectors UnexpectedSelectors" },
		{ ALL, "", "", "e:InvalidMessage" },
		{ ALL, "", "<e:Other/>", "e:InvalidMessage" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		talk_ask(talk, SUBSCRIBE, cases[i].uri, cases[i].header, cases[i].body);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
}

static void a_user_has_so_many_subscriptions_and_no_more(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *first = subscription(talk, PULLED CHANGES);
	scoped(xfree_text) char *second = subscription(talk, PULLED CHANGES);

	assert_string_not_equal(first, second);
	assert_string_equal(subscribe(talk, PULLED CHANGES), "w:QuotaLimit");
	assert_non_null(strstr(talk->answer.bytes, "2 of 2 subscriptions"));
	assert_string_equal(manage(talk, UNSUBSCRIBE, first, "<e:Unsubscribe/>"), "no fault");
	assert_string_equal(subscribe(talk, PULLED CHANGES), "no fault");
}

static void subscribing_needs_the_role(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_NONE;
	assert_string_equal(subscribe(talk, PULLED CHANGES), "w:AccessDenied");
}

/* --- Pulling --- */

static void an_event_is_an_instance_with_instances_in_it(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	rename_vm(talk, "old", "new");
	assert_string_equal(pull(talk, "", id, ""), "no fault");

	assert_string_equal(talk_text(talk, "a:Action", 0), NS_ENUMERATION "/PullResponse");
	assert_int_equal(talk_count(talk,
				    "<n:Items><p:__InstanceModificationEvent xmlns:p=\"" URI_V2
				    "__InstanceModificationEvent\" "),
			 1);
	assert_int_equal(
		talk_count(talk, "<p:TargetInstance xmlns:p1=\"" URI_V2 "Msvm_ComputerSystem\" "),
		1);
	assert_int_equal(talk_count(talk, " xsi:type=\"p1:Msvm_ComputerSystem_Type\">"), 2);
	assert_string_equal(talk_text(talk, "p1:ElementName", 0), "new");
	assert_string_equal(talk_text(talk, "p1:ElementName", 1), "old"); /* PreviousInstance */
	assert_int_equal(talk_count(talk, "EndOfSequence"), 0);
	assert_string_equal(talk_text(talk, "n:EnumerationContext", 0), id);
}

static void a_pull_waits_for_the_event(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	begin_pull(talk, "", id, "<n:MaxElements>20</n:MaxElements>");
	rename_vm(talk, "old", "new");
	talk_wait(talk);

	assert_string_equal(talk_fault(talk), "no fault");
	assert_int_equal(talk_count(talk, "<p:__InstanceModificationEvent "), 1);
}

static void a_pull_gives_up_when_its_client_does(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	assert_string_equal(pull(talk, SHORT, id, ""), "w:TimedOut");
	assert_int_equal(talk_count(talk, "2150858793"), 1);
	assert_string_equal(pull(talk, "", id, "<n:MaxTime>PT0.01S</n:MaxTime>"), "n:TimedOut");
	rename_vm(talk, "old", "new");
	assert_string_equal(pull(talk, "", id, ""), "no fault"); /* nothing was lost */
}

static void a_pull_may_be_given_up_and_what_is_done_may_not(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	assert_false(talk->may_give_up);
	pull(talk, SHORT, id, "");
	assert_true(talk->may_give_up);
}

static void a_pull_ends_soon_when_its_client_has_gone(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	talk->gone = true;
	assert_string_equal(
		pull(talk, "<w:OperationTimeout>PT100000S</w:OperationTimeout>", id, ""),
		"w:TimedOut");
	assert_int_not_equal(talk_count(talk, "the client has gone"), 0);
}

static void a_client_who_has_gone_gets_no_events(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	talk->gone = true;
	rename_vm(talk, "old", "new");
	assert_string_equal(pull(talk, "", id, ""), "w:TimedOut");
	talk->gone = false;
	assert_string_equal(pull(talk, "", id, ""), "no fault");
	assert_int_equal(talk_count(talk, "<p:__InstanceModificationEvent "), 1);
}

static void a_pull_waits_longer_than_from_one_look_to_the_next(void **state)
{
	struct talk *talk = *state, *other = talk_other(talk);
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);
	scoped(xfree_text) char *other_id = subscription(other, PULLED CHANGES);

	begin_pull(talk, "", id, "");
	pull(other, "", other_id, "<n:MaxTime>PT1.5S</n:MaxTime>");
	rename_vm(talk, "old", "new");
	talk_wait(talk);

	assert_string_equal(talk_fault(talk), "no fault");
	talk_other_free(&other);
}

static void a_heartbeat_is_an_answer_without_items(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id =
		subscription(talk, "<e:Delivery Mode=\"" DELIVERY_PULL
				   "\"><w:Heartbeats>PT0.02S</w:Heartbeats></e:Delivery>" CHANGES);

	assert_string_equal(pull(talk, "", id, ""), "no fault");
	assert_int_equal(talk_count(talk, "<n:Items></n:Items></n:PullResponse>"), 1);
	assert_string_equal(talk_text(talk, "n:EnumerationContext", 0), id);
}

static void bookmarks_are_sent_to_those_who_want_them(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES "<w:SendBookmarks/>");

	rename_vm(talk, "old", "new");
	pull(talk, "", id, "");
	assert_string_equal(talk_text(talk, "w:Bookmark", 0),
			    "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest");
}

static void events_come_in_pages_and_projected(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(
		talk, PULLED WQL("select TargetInstance from __InstanceModificationEvent where "
				 "TargetInstance isa 'Msvm_ComputerSystem'"));
	struct talk *other = talk_other(talk);
	int count = 0, pages = 0;

	for (int i = 0; i < 5; i++)
		rename_vm(talk, "old", "new");
	for (; count < 5; pages++) {
		assert_string_equal(pull(other, "", id, "<n:MaxElements>2</n:MaxElements>"),
				    "no fault");
		assert_int_equal(talk_count(other, "PreviousInstance"), 0);
		count += talk_count(other, "<p:__InstanceModificationEvent ");
	}
	assert_int_equal(count, 5);
	assert_in_range(pages, 3, 5);
	talk_other_free(&other);
}

/* Makes sure that all events before are in the queues. */
static void wait_for_dispatcher(struct talk *talk)
{
	struct talk *other = talk_other(talk);
	scoped(xfree_text) char *id = subscription(
		other, PULLED WQL("select * from __InstanceModificationEvent where TargetInstance "
				  "isa 'Msvm_ComputerSystem' and TargetInstance.ElementName = "
				  "'marker'"));

	rename_vm(talk, "old", "marker");
	pull(other, "", id, "");
	manage(other, UNSUBSCRIBE, id, "<e:Unsubscribe/>");
	talk_other_free(&other);
}

static void what_did_not_fit_is_told_in_its_place(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	for (int i = 0; i < 8; i++)
		rename_vm(talk, "old", "new");
	wait_for_dispatcher(talk); /* makes it nine, of which five fit */
	assert_string_equal(pull(talk, "", id, "<n:MaxElements>20</n:MaxElements>"), "no fault");
	assert_int_equal(talk_count(talk, "<p:__InstanceModificationEvent "), 5);
	assert_int_equal(talk_count(talk, "</p:__InstanceModificationEvent><w:DroppedEvents "
					  "Action=\"http://schemas.dmtf.org/wbem/wsman/1/wsman/"
					  "Event\">4</w:DroppedEvents></n:Items>"),
			 1);
	assert_string_equal(pull(talk, SHORT, id, ""), "w:TimedOut");
}

static void an_event_that_does_not_fit_can_be_pulled_with_more_room(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	rename_vm(talk, "old", "new");
	assert_string_equal(pull(talk, "", id, "<n:MaxCharacters>10</n:MaxCharacters>"),
			    "w:EncodingLimit MaxEnvelopeSizeExceeded");
	assert_string_equal(pull(talk, "", id, ""), "no fault");
	assert_int_equal(talk_count(talk, "<p:__InstanceModificationEvent "), 1);
}

static void two_pulls_at_once_are_one_too_many(void **state)
{
	struct talk *talk = *state, *other = talk_other(talk);
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	begin_pull(talk, "", id, "");
	assert_string_equal(pull(other, "", id, ""), "w:Concurrency");
	rename_vm(talk, "old", "new");
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "no fault");
	assert_string_equal(pull(other, SHORT, id, ""), "w:TimedOut"); /* one after the other */
	talk_other_free(&other);
}

/* --- The end --- */

static void unsubscribing_ends_a_pull_that_waits(void **state)
{
	struct talk *talk = *state, *other = talk_other(talk);
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	begin_pull(talk, "", id, "");
	assert_string_equal(manage(other, UNSUBSCRIBE, id, "<e:Unsubscribe/>"), "no fault");
	assert_int_equal(talk_count(other, "<s:Body></s:Body>"), 1);
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
	assert_string_equal(pull(talk, "", id, ""), "n:InvalidEnumerationContext");
	assert_false(cim_events_wanted(talk->events, MSVM_COMPUTER_SYSTEM));
	talk_other_free(&other);
}

static void releasing_the_context_unsubscribes(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);
	scoped(xfree_text) char *body = xprintf(
		"<n:Release><n:EnumerationContext>%s</n:EnumerationContext></n:Release>", id);

	talk_ask(talk, RELEASE, ALL, "", body);
	assert_string_equal(talk_fault(talk), "no fault");
	assert_false(cim_events_wanted(talk->events, MSVM_COMPUTER_SYSTEM));
}

static void what_is_not_there_cannot_be_managed(void **state)
{
	static const struct {
		const char *action, *id, *body, *fault;
	} cases[] = {
		{ UNSUBSCRIBE, "uuid:none", "<e:Unsubscribe/>", "e:InvalidMessage" },
		{ UNSUBSCRIBE, NULL, "<e:Unsubscribe/>", "e:InvalidMessage" },
		{ UNSUBSCRIBE, "uuid:none", "", "e:InvalidMessage" },
		{ RENEW, "uuid:none", "<e:Renew/>", "e:UnableToRenew" },
		{ RENEW, NULL, "<e:Renew/>", "e:InvalidMessage" },
		{ RENEW, "uuid:none", "<e:Other/>", "e:InvalidMessage" },
		{ RENEW, "uuid:none", "<e:Renew>" EXPIRES("2026-11-20T10:00:00Z") "</e:Renew>",
		  "e:UnsupportedExpirationType" },
		{ RENEW, "uuid:none", "<e:Renew>" EXPIRES("-PT5S") "</e:Renew>",
		  "e:InvalidExpirationTime" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++)
		assert_string_equal(manage(talk, cases[i].action, cases[i].id, cases[i].body),
				    cases[i].fault);
}

static void subscriptions_of_others_are_as_good_as_none(void **state)
{
	struct talk *talk = *state, *other = talk_other(talk);
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	strcpy(other->message.principal.name, "bob");
	assert_string_equal(pull(other, "", id, ""), "n:InvalidEnumerationContext");
	assert_string_equal(manage(other, RENEW, id, "<e:Renew/>"), "e:UnableToRenew");
	assert_string_equal(manage(other, UNSUBSCRIBE, id, "<e:Unsubscribe/>"), "e:InvalidMessage");
	talk_other_free(&other);
}

static void a_subscription_can_be_renewed(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES EXPIRES("PT60S"));

	assert_string_equal(manage(talk, RENEW, id, "<e:Renew/>"), "no fault");
	assert_string_equal(talk_text(talk, "a:Action", 0), NS_EVENTING "/RenewResponse");
	assert_string_equal(talk_text(talk, "e:Expires", 0), "P0DT0H1M0S");
	manage(talk, RENEW, id, "<e:Renew>" EXPIRES("PT120S") "</e:Renew>");
	assert_string_equal(talk_text(talk, "e:Expires", 0), "P0DT0H2M0S");
}

static void one_that_is_not_renewed_ends(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES EXPIRES("PT0.02S"));

	begin_pull(talk, "", id, "");
	while (cim_events_wanted(talk->events, MSVM_COMPUTER_SYSTEM))
		wsman_expire(talk->wsman);
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
	assert_string_equal(manage(talk, RENEW, id, "<e:Renew/>"), "e:UnableToRenew");
}

static void the_end_of_the_service_ends_a_pull_that_waits(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *id = subscription(talk, PULLED CHANGES);

	begin_pull(talk, "", id, "");
	cim_events_stop(talk->events);
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "a:EndpointUnavailable");
	assert_string_equal(subscribe(talk, PULLED CHANGES), "a:EndpointUnavailable");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_subscription_is_answered_with_its_manager_and_a_context),
		test(a_subscription_lasts_as_long_as_its_client_wishes),
		test(what_cannot_be_subscribed_to_is_refused),
		test(what_clients_add_does_no_harm),
		test(the_resource_must_be_one_of_events),
		test(a_user_has_so_many_subscriptions_and_no_more),
		test(subscribing_needs_the_role),
		test(an_event_is_an_instance_with_instances_in_it),
		test(a_pull_waits_for_the_event),
		test(a_pull_gives_up_when_its_client_does),
		test(a_pull_may_be_given_up_and_what_is_done_may_not),
		test(a_pull_ends_soon_when_its_client_has_gone),
		test(a_client_who_has_gone_gets_no_events),
		test(a_pull_waits_longer_than_from_one_look_to_the_next),
		test(a_heartbeat_is_an_answer_without_items),
		test(bookmarks_are_sent_to_those_who_want_them),
		test(events_come_in_pages_and_projected),
		test(what_did_not_fit_is_told_in_its_place),
		test(an_event_that_does_not_fit_can_be_pulled_with_more_room),
		test(two_pulls_at_once_are_one_too_many),
		test(unsubscribing_ends_a_pull_that_waits),
		test(releasing_the_context_unsubscribes),
		test(what_is_not_there_cannot_be_managed),
		test(subscriptions_of_others_are_as_good_as_none),
		test(a_subscription_can_be_renewed),
		test(one_that_is_not_renewed_ends),
		test(the_end_of_the_service_ends_a_pull_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
