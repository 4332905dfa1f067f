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

static bool check_subscription(struct cim_operation *operation, const struct object_set *objects)
{
	struct cim_instance *subscription = operation->instance;
	const struct cim_value *state = cim_get_value(subscription, PROPERTY_SUBSCRIPTION_STATE);

	if (!check_end(operation, objects, PROPERTY_FILTER) ||
	    !check_end(operation, objects, PROPERTY_HANDLER) || !check_state(operation, state))
		return false;
	if (cim_get_value(subscription, PROPERTY_SUBSCRIPTION_DURATION)->is_set)
		return refuse(operation, CIM_STATUS_INVALID_PARAMETER,
			      "SubscriptionDuration is not offered: a subscription lasts until it "
			      "is deleted");
	if (!state->is_set)
		cim_set_uint(subscription, PROPERTY_SUBSCRIPTION_STATE, STATE_ENABLED);
	cim_set(subscription, PROPERTY_SUBSCRIPTION_START_TIME, cim_time(clock_wall_us()));
	return is_new(operation, objects);
}

static void create_subscription(struct cim_operation *operation)
{
	kept_create(operation, check_subscription);
}

/* Of what can be written only the state is offered. */
static bool check_changes(struct cim_operation *operation, const struct object_set *objects)
{
	for (size_t i = 0; i < operation->change_count; i++) {
		const struct cim_property_change *change = &operation->changes[i];

		if (change->property->id != PROPERTY_SUBSCRIPTION_STATE || !change->value.is_set)
			return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER,
					CIM_DETAIL_PARAMETER_VALUE,
					"the property '%s' cannot have this value",
					change->property->name);
		if (!check_state(operation, &change->value))
			return false;
	}
	return kept_has(operation->arena, objects, operation->path) ||
	       refuse(operation, CIM_STATUS_NOT_FOUND, "the subscription is gone");
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
	.walk_next = kept_walk_next,
	.walk_end = kept_walk_end,
	.find = kept_find,
	.references_begin = kept_references_begin,
	.modify = modify_subscription,
	.create = create_subscription,
	.delete = delete_subscription,
};
