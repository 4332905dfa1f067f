/* SPDX-License-Identifier: MIT */
/* indications.c -- CIM_IndicationFilter, CIM_ListenerDestinationCIMXML and
 * CIM_IndicationSubscription: who is told of what (DSP1054). */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/guid.h"
#include "base/memory.h"
#include "cim/query.h"
#include "provider/kept_objects.h"
#include "provider/provider_list.h"

enum { STATE_ENABLED = 2, STATE_DISABLED = 4, PERMANENT = 2 };

static bool refuse(struct cim_operation *operation, enum cim_status status, const char *sentence)
{
	return cim_fail(&operation->error, status, CIM_DETAIL_PARAMETER_VALUE, "%s", sentence);
}

static const char *text_of(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	return value && value->is_set ? value->string.bytes : NULL;
}

/* --- What all of them have --- */

static void set_missing(struct cim_instance *instance, enum cim_property_id id, const char *text)
{
	if (!text_of(instance, id))
		cim_set_text(instance, id, text);
}

/* Clients leave out keys that they leave to the server. */
static bool fill_keys(struct cim_operation *operation)
{
	struct host *host = cim_service_context(operation->service);
	struct cim_instance *instance = operation->instance;
	const char *class_name = instance->class->name;
	struct guid id = guid_random();
	char name[GUID_TEXT_SIZE];

	set_missing(instance, PROPERTY_SYSTEM_CREATION_CLASS_NAME, "CIM_ComputerSystem");
	set_missing(instance, PROPERTY_SYSTEM_NAME, host_name(host));
	set_missing(instance, PROPERTY_CREATION_CLASS_NAME, class_name);
	set_missing(instance, PROPERTY_NAME, guid_to_text(&id, name));
	return strcasecmp(text_of(instance, PROPERTY_CREATION_CLASS_NAME), class_name) == 0 ||
	       refuse(operation, CIM_STATUS_INVALID_PARAMETER,
		      "CreationClassName names another class");
}

static bool is_new(struct cim_operation *operation, const struct object_set *objects)
{
	const struct cim_object_path *path = cim_instance_path(operation->instance);

	return !kept_has(operation->arena, objects, path) ||
	       cim_fail(&operation->error, CIM_STATUS_ALREADY_EXISTS, CIM_DETAIL_NONE,
			"%s is there already", cim_path_to_text(operation->arena, path, NULL));
}

/* What a subscription needs stays as long as the subscription. */
static bool is_unused(struct cim_operation *operation, const struct object_set *objects)
{
	const struct cim_class *subscription =
		cim_class_by_id(operation->class->ns, CIM_INDICATION_SUBSCRIPTION);

	return !kept_refers(operation->arena, objects, subscription, operation->path) ||
	       cim_fail(&operation->error, CIM_STATUS_FAILED, CIM_DETAIL_NONE,
			"a subscription needs it");
}

static void delete_unused(struct cim_operation *operation)
{
	kept_delete(operation, is_unused);
}

/* --- Filters --- */

static bool check_language(struct cim_operation *operation)
{
	return cim_query_is_wql(text_of(operation->instance, PROPERTY_QUERY_LANGUAGE)) ||
	       refuse(operation, CIM_STATUS_QUERY_LANGUAGE_NOT_SUPPORTED, "WQL is offered");
}

/* Whether the query can be for events of a namespace. */
static bool check_query(struct cim_operation *operation, const char *ns)
{
	const char *text = text_of(operation->instance, PROPERTY_QUERY);
	const struct cim_namespace *found = cim_namespace_find(ns);
	const struct cim_class *class = NULL;
	struct cim_query *query;
	struct okvp_error err;

	if (!found)
		return refuse(operation, CIM_STATUS_INVALID_PARAMETER,
			      "a source namespace is not there");
	if (!cim_query_parse(operation->arena, text, strlen(text), &query, &err))
		return refuse(operation, CIM_STATUS_INVALID_QUERY, err.message);
	class = cim_class_find(found, cim_query_class(query));
	if (!class)
		return refuse(operation, CIM_STATUS_INVALID_QUERY,
			      "the class behind FROM is not there");
	return cim_query_bind_events(query, class, &err) ||
	       refuse(operation, CIM_STATUS_INVALID_QUERY, err.message);
}

/* Clients that say no SourceNamespaces say what stood for them before, or leave it to the server.
 */
static bool check_namespaces(struct cim_operation *operation)
{
	struct cim_instance *filter = operation->instance;
	const struct cim_value *list = cim_get_value(filter, PROPERTY_SOURCE_NAMESPACES);
	const char *one = text_of(filter, PROPERTY_SOURCE_NAMESPACE);

	if (!list->is_set || list->array.count == 0)
		cim_set_text_array(filter, PROPERTY_SOURCE_NAMESPACES,
				   (const char *[]){ one ? one : cim_namespaces[0]->name }, 1);
	list = cim_get_value(filter, PROPERTY_SOURCE_NAMESPACES);
	for (size_t i = 0; i < list->array.count; i++)
		if (!check_query(operation, list->array.item[i].string.bytes))
			return false;
	return true;
}

static bool check_filter(struct cim_operation *operation, const struct object_set *objects)
{
	return fill_keys(operation) && check_language(operation) && check_namespaces(operation) &&
	       is_new(operation, objects);
}

static void create_filter(struct cim_operation *operation)
{
	kept_create(operation, check_filter);
}

const struct cim_provider indication_filter_provider = {
	.class_id = CIM_INDICATION_FILTER,
	.walk_begin = kept_walk_begin,
	.walk_next = kept_walk_next,
	.walk_end = kept_walk_end,
	.find = kept_find,
	.create = create_filter,
	.delete = delete_unused,
};

/* --- Listeners --- */

static bool check_destination(struct cim_operation *operation)
{
	const char *url = text_of(operation->instance, PROPERTY_DESTINATION);
	size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : 8;
	size_t authority;

	if ((scheme == 8 && strncasecmp(url, "https://", 8) != 0) || strpbrk(url, " \t\r\n"))
		authority = 0;
	else
		authority = strcspn(url + scheme, "/?#");
	if (authority == 0)
		return refuse(operation, CIM_STATUS_INVALID_PARAMETER,
			      "Destination must be the URL of an HTTP server");
	return !memchr(url + scheme, '@', authority) ||
	       refuse(operation, CIM_STATUS_INVALID_PARAMETER,
		      "Destination must not hold a password, which whoever may read would see");
}

static bool check_listener(struct cim_operation *operation, const struct object_set *objects)
{
	if (!cim_get_value(operation->instance, PROPERTY_PERSISTENCE_TYPE)->is_set)
		cim_set_uint(operation->instance, PROPERTY_PERSISTENCE_TYPE, PERMANENT);
	return fill_keys(operation) && check_destination(operation) && is_new(operation, objects);
}

static void create_listener(struct cim_operation *operation)
{
	kept_create(operation, check_listener);
}

const struct cim_provider listener_destination_provider = {
	.class_id = CIM_LISTENER_DESTINATION_CIMXML,
	.walk_begin = kept_walk_begin,
	.walk_next = kept_walk_next,
	.walk_end = kept_walk_end,
	.find = kept_find,
	.create = create_listener,
	.delete = delete_unused,
};

/* --- Subscriptions --- */

/* How many seconds of a subscription are left, the one that has begun included; false: it does not
 * end. By the wall clock: time passes while the service does not run. */
static bool time_left(const struct cim_instance *subscription, uint64_t *ret_seconds)
{
	const struct cim_value *duration =
		cim_get_value(subscription, PROPERTY_SUBSCRIPTION_DURATION);
	const struct cim_value *start =
		cim_get_value(subscription, PROPERTY_SUBSCRIPTION_START_TIME);
	int64_t passed_us;
	uint64_t passed;

	if (!duration->is_set || !start->is_set)
		return false;
	passed_us = clock_wall_us() - start->datetime.microseconds;
	passed = passed_us > 0 ? (uint64_t)passed_us / 1000000 : 0;
	*ret_seconds = duration->uint > passed ? duration->uint - passed : 0;
	return true;
}

static void fill_time_left(struct cim_instance *subscription)
{
	struct cim_value left = { 0 };
	uint64_t seconds;

	if (time_left(subscription, &seconds))
		left = cim_uint(CIM_UINT64, seconds);
	cim_set(subscription, PROPERTY_SUBSCRIPTION_TIME_REMAINING, left);
}

static bool changes_itself(enum cim_property_id id)
{
	return id == PROPERTY_SUBSCRIPTION_TIME_REMAINING;
}

static bool next_subscription(void *walk, struct cim_instance *instance)
{
	bool found = kept_walk_next(walk, instance);

	if (found)
		fill_time_left(instance);
	return found;
}

static bool find_subscription(void *host, const struct cim_object_path *path,
			      struct cim_instance *instance)
{
	bool found = kept_find(host, path, instance);

	if (found)
		fill_time_left(instance);
	return found;
}

static bool check_end(struct cim_operation *operation, const struct object_set *objects,
		      enum cim_property_id id)
{
	const struct cim_value *end = cim_get_value(operation->instance, id);

	if (!end->is_set)
		return refuse(operation, CIM_STATUS_INVALID_PARAMETER,
			      "a subscription needs a Filter and a Handler");
	return kept_has(operation->arena, objects, end->reference) ||
	       cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
			"there is no %s", cim_path_to_text(operation->arena, end->reference, NULL));
}

static bool check_state(struct cim_operation *operation, const struct cim_value *state)
{
	return !state->is_set || state->uint == STATE_ENABLED || state->uint == STATE_DISABLED ||
	       refuse(operation, CIM_STATUS_INVALID_PARAMETER,
		      "SubscriptionState is 2 (enabled) or 4 (disabled)");
}

static bool check_duration(struct cim_operation *operation, const struct cim_value *duration)
{
	return !duration->is_set || duration->uint > 0 ||
	       refuse(operation, CIM_STATUS_INVALID_PARAMETER,
		      "SubscriptionDuration is a second at least; without it a subscription does "
		      "not end");
}

static bool check_subscription(struct cim_operation *operation, const struct object_set *objects)
{
	struct cim_instance *subscription = operation->instance;
	const struct cim_value *state = cim_get_value(subscription, PROPERTY_SUBSCRIPTION_STATE);

	if (!check_end(operation, objects, PROPERTY_FILTER) ||
	    !check_end(operation, objects, PROPERTY_HANDLER) || !check_state(operation, state) ||
	    !check_duration(operation, cim_get_value(subscription, PROPERTY_SUBSCRIPTION_DURATION)))
		return false;
	if (!state->is_set)
		cim_set_uint(subscription, PROPERTY_SUBSCRIPTION_STATE, STATE_ENABLED);
	cim_set(subscription, PROPERTY_SUBSCRIPTION_START_TIME, cim_time(clock_wall_us()));
	fill_time_left(subscription);
	return is_new(operation, objects);
}

static void create_subscription(struct cim_operation *operation)
{
	kept_create(operation, check_subscription);
}

static bool check_change(struct cim_operation *operation, const struct cim_property_change *change)
{
	if (change->property->id == PROPERTY_SUBSCRIPTION_DURATION)
		return check_duration(operation, &change->value);
	if (change->property->id == PROPERTY_SUBSCRIPTION_STATE && change->value.is_set)
		return check_state(operation, &change->value);
	return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
			"the property '%s' cannot have this value", change->property->name);
}

/* One whose time is over may be removed at any moment: nothing brings it back. */
static bool is_there(struct cim_operation *operation, const struct object_set *objects)
{
	uint64_t left = 0;

	return (kept_has(operation->arena, objects, operation->path) &&
		(!time_left(operation->instance, &left) || left > 0)) ||
	       refuse(operation, CIM_STATUS_NOT_FOUND, "the subscription is gone");
}

static bool check_changes(struct cim_operation *operation, const struct object_set *objects)
{
	for (size_t i = 0; i < operation->change_count; i++)
		if (!check_change(operation, &operation->changes[i]))
			return false;
	return is_there(operation, objects);
}

static void modify_subscription(struct cim_operation *operation)
{
	kept_modify(operation, check_changes);
}

static bool check_nothing(struct cim_operation *operation, const struct object_set *objects)
{
	return true;
}

static void delete_subscription(struct cim_operation *operation)
{
	kept_delete(operation, check_nothing);
}

const struct cim_provider indication_subscription_provider = {
	.class_id = CIM_INDICATION_SUBSCRIPTION,
	.walk_begin = kept_walk_begin,
	.walk_next = next_subscription,
	.walk_end = kept_walk_end,
	.find = find_subscription,
	.references_begin = kept_references_begin,
	.modify = modify_subscription,
	.changes_itself = changes_itself,
	.create = create_subscription,
	.delete = delete_subscription,
};
