/* SPDX-License-Identifier: MIT */
/* test_indications.c -- provider/indications and provider/kept_objects: filters, listeners and
 * subscriptions that clients make */
#include "openkvp/scoped.h"
#include "provider_world.h"

#define INTEROP "root/interop"
#define QUERY   "SELECT * FROM CIM_InstModification WHERE SourceInstance ISA 'Msvm_ComputerSystem'"

#define FILTER(name)                                                                   \
	"CIM_IndicationFilter.CreationClassName=\"CIM_IndicationFilter\",Name=\"" name \
	"\",SystemCreationClassName=\"CIM_ComputerSystem\",SystemName=\"<HOST>\""
#define LISTENER(name)                                                     \
	"CIM_ListenerDestinationCIMXML."                                   \
	"CreationClassName=\"CIM_ListenerDestinationCIMXML\",Name=\"" name \
	"\",SystemCreationClassName=\"CIM_ComputerSystem\",SystemName=\"<HOST>\""

static const struct principal other_admin = { .name = "other", .role = ROLE_ADMIN };

static struct cim_operation *create_as(struct world *world, const struct principal *user,
				       const char *class_name, const struct cim_argument *given,
				       size_t count)
{
	struct cim_operation *operation = begin(world, user);

	cim_create(operation, INTEROP, class_name, given, count);
	wait_for(world, operation);
	return operation;
}

static struct cim_operation *create_filter_as(struct world *world, const struct principal *user,
					      const char *name, const char *query)
{
	const struct cim_argument given[] = {
		{ "Query", cim_string(query) },
		{ "QueryLanguage", cim_string("WQL") },
		{ "Name", cim_string(name) },
	};

	return create_as(world, user, "CIM_IndicationFilter", given, name ? 3 : 2);
}

static struct cim_operation *create_filter(struct world *world, const char *name, const char *query)
{
	return create_filter_as(world, &admin, name, query);
}

static struct cim_operation *create_listener(struct world *world, const char *name, const char *url)
{
	const struct cim_argument given[] = {
		{ "Destination", cim_string(url) },
		{ "Name", cim_string(name) },
	};

	return create_as(world, &admin, "CIM_ListenerDestinationCIMXML", given, 2);
}

static struct cim_operation *subscribe(struct world *world, const char *filter,
				       const char *listener)
{
	const struct cim_argument given[] = {
		{ "Filter", cim_reference(path_of(world, INTEROP, filter)) },
		{ "Handler", cim_reference(path_of(world, INTEROP, listener)) },
	};

	return create_as(world, &admin, "CIM_IndicationSubscription", given, 2);
}

static struct cim_operation *remove_path(struct world *world, const struct cim_object_path *path)
{
	struct cim_operation *operation = begin(world, &admin);

	cim_delete(operation, path);
	wait_for(world, operation);
	return operation;
}

static void assert_done(const struct cim_operation *operation)
{
	if (operation->error.status != CIM_STATUS_OK)
		fail_msg("%s", operation->error.message);
}

static void assert_refused(const struct cim_operation *operation, enum cim_status status)
{
	assert_int_equal(operation->error.status, status);
}

static const char *list(struct world *world, const char *class_name)
{
	const struct cim_enumeration_request request = { .ns = INTEROP, .class_name = class_name };

	return read_all(world, open_listing(world, &request));
}

/* A filter f, a listener l, and a subscription, whose path is returned. */
static const struct cim_object_path *make_all(struct world *world)
{
	struct cim_operation *operation;

	assert_done(create_filter(world, "f", QUERY));
	assert_done(create_listener(world, "l", "http://127.0.0.1:1"));
	operation = subscribe(world, FILTER("F"), LISTENER("L"));
	assert_done(operation);
	return cim_instance_path(operation->instance);
}

/* --- Making --- */

static void what_is_made_is_listed_and_found(void **state)
{
	struct world *world = *state;
	const struct cim_instance *filter;

	assert_done(create_filter(world, "F1", QUERY));
	assert_string_equal(list(world, "CIM_IndicationFilter"), expand(world, FILTER("F1") "\n"));
	filter = get(world, INTEROP, FILTER("f1"));
	assert_string_equal(text_of(filter, PROPERTY_NAME), "F1");
	assert_string_equal(text_of(filter, PROPERTY_QUERY), QUERY);
}

static void keys_that_are_left_out_are_filled_in(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation = create_filter(world, NULL, QUERY);

	assert_done(operation);
	assert_int_equal(cim_instance_path(operation->instance)->key_count, 4);
	assert_int_equal(strlen(text_of(operation->instance, PROPERTY_NAME)), GUID_TEXT_SIZE - 1);
	assert_string_equal(text_of(operation->instance, PROPERTY_SYSTEM_NAME),
			    expand(world, "<HOST>"));
	assert_string_equal(cim_get_value(operation->instance, PROPERTY_SOURCE_NAMESPACES)
				    ->array.item[0]
				    .string.bytes,
			    "root/virtualization/v2");
}

static void the_same_again_exists_already(void **state)
{
	struct world *world = *state;

	make_all(world);
	assert_refused(create_filter(world, "F", QUERY), CIM_STATUS_ALREADY_EXISTS);
	assert_refused(create_listener(world, "l", "http://x"), CIM_STATUS_ALREADY_EXISTS);
	assert_refused(subscribe(world, FILTER("f"), LISTENER("l")), CIM_STATUS_ALREADY_EXISTS);
}

static void a_filter_must_have_a_query_for_events(void **state)
{
	static const char *const queries[] = {
		"no query",
		"SELECT * FROM Msvm_ComputerSystem",
		"SELECT * FROM Nope WHERE SourceInstance ISA 'Msvm_ComputerSystem'",
		"SELECT * FROM CIM_InstModification WHERE SourceInstance ISA 'Nope'",
		"ASSOCIATORS OF {Msvm_ComputerSystem.Name='a'}",
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		assert_refused(create_filter(world, "f", queries[i]), CIM_STATUS_INVALID_QUERY);
	assert_string_equal(list(world, "CIM_IndicationFilter"), "");
}

static void a_filter_s_language_and_namespaces_must_be_known(void **state)
{
	struct world *world = *state;
	struct cim_value spaces[] = { cim_string("root/virtualization/v2"),
				      cim_string("ROOT\\virtualization") };
	struct cim_argument given[] = {
		{ "Query", cim_string(QUERY) },
		{ "QueryLanguage", cim_string("SQL") },
		{ "SourceNamespaces", cim_array(CIM_STRING, spaces, 2) },
	};

	assert_refused(create_as(world, &admin, "CIM_IndicationFilter", given, 3),
		       CIM_STATUS_QUERY_LANGUAGE_NOT_SUPPORTED);
	given[1].value = cim_string("dmtf:cql");
	assert_done(create_as(world, &admin, "CIM_IndicationFilter", given, 3));
	spaces[1] = cim_string("root/nope");
	assert_refused(create_as(world, &admin, "CIM_IndicationFilter", given, 3),
		       CIM_STATUS_INVALID_PARAMETER);
	given[0].name = "Name";
	assert_refused(create_as(world, &admin, "CIM_IndicationFilter", given, 3),
		       CIM_STATUS_INVALID_PARAMETER);
}

static void a_listener_must_be_at_a_url(void **state)
{
	static const char *const wrong[] = { "",          "127.0.0.1",
					     "http://",   "https://",
					     "ftp://a",   "file:///etc/passwd",
					     "http:///x", "http://ann:secret@a/",
					     "http://a b" };
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_refused(create_listener(world, "l", wrong[i]), CIM_STATUS_INVALID_PARAMETER);
	assert_done(create_listener(world, "a", "HTTP://[::1]:5988/x"));
	assert_done(create_listener(world, "b", "https://listener"));
	assert_done(create_listener(world, "c", "http://listener/for/ann@example.com"));
}

static void another_class_under_creation_class_name_is_refused(void **state)
{
	struct world *world = *state;
	const struct cim_argument given[] = {
		{ "Destination", cim_string("http://a") },
		{ "CreationClassName", cim_string("CIM_IndicationFilter") },
	};

	assert_refused(create_as(world, &admin, "CIM_ListenerDestinationCIMXML", given, 2),
		       CIM_STATUS_INVALID_PARAMETER);
}

static void a_subscription_needs_both_its_ends(void **state)
{
	struct world *world = *state;

	assert_done(create_filter(world, "f", QUERY));
	assert_refused(subscribe(world, FILTER("f"), LISTENER("l")), CIM_STATUS_INVALID_PARAMETER);
	assert_done(create_listener(world, "l", "http://a"));
	assert_refused(subscribe(world, FILTER("g"), LISTENER("l")), CIM_STATUS_INVALID_PARAMETER);
	assert_refused(create_as(world, &admin, "CIM_IndicationSubscription", NULL, 0),
		       CIM_STATUS_INVALID_PARAMETER);
	assert_done(subscribe(world, FILTER("f"), LISTENER("l")));
}

static void only_administrators_make_and_remove(void **state)
{
	struct world *world = *state;
	const struct cim_argument given = { "Destination", cim_string("http://a") };
	struct cim_operation *operation;

	assert_refused(create_as(world, &writer, "CIM_ListenerDestinationCIMXML", &given, 1),
		       CIM_STATUS_ACCESS_DENIED);
	make_all(world);
	operation = begin(world, &writer);
	cim_delete(operation, path_of(world, INTEROP, FILTER("f")));
	wait_for(world, operation);
	assert_refused(operation, CIM_STATUS_ACCESS_DENIED);
}

static void assert_limit(const struct cim_operation *operation, const char *sentence)
{
	assert_refused(operation, CIM_STATUS_SERVER_LIMITS_EXCEEDED);
	assert_string_equal(operation->error.message, sentence);
}

static void each_user_has_a_share_of_what_there_may_be(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 6; i++)
		assert_done(create_filter(world, NULL, QUERY));
	assert_limit(create_filter(world, NULL, QUERY),
		     "user 'admin' would hold 7 objects of CIM_IndicationFilter; 6 is the most");
	for (int i = 0; i < 2; i++)
		assert_done(create_filter_as(world, &other_admin, NULL, QUERY));
	assert_limit(create_filter_as(world, &other_admin, NULL, QUERY),
		     "this host would hold 9 objects of CIM_IndicationFilter; 8 is the most");
}

/* --- Changing and removing --- */

static struct cim_operation *modify(struct world *world, const struct cim_object_path *path,
				    const char *property, const char *value)
{
	const struct cim_argument given = { property, cim_string(value) };
	struct cim_operation *operation = begin(world, &admin);

	cim_modify(operation, path, &given, 1);
	wait_for(world, operation);
	return operation;
}

static void a_subscription_is_switched_off_and_on(void **state)
{
	struct world *world = *state;
	const struct cim_object_path *path = make_all(world);
	struct cim_operation *operation = modify(world, path, "SubscriptionState", "4");

	assert_done(operation);
	assert_int_equal(cim_get_value(operation->instance, PROPERTY_SUBSCRIPTION_STATE)->uint, 4);
	assert_done(modify(world, path, "SubscriptionState", "2"));
	assert_refused(modify(world, path, "SubscriptionState", "3"), CIM_STATUS_INVALID_PARAMETER);
	assert_refused(modify(world, path, "RepeatNotificationCount", "1"),
		       CIM_STATUS_INVALID_PARAMETER);
	assert_refused(modify(world, path_of(world, INTEROP, FILTER("f")), "Query", "x"),
		       CIM_STATUS_NOT_SUPPORTED);
}

static void what_a_subscription_needs_stays_as_long_as_it(void **state)
{
	struct world *world = *state;
	const struct cim_object_path *path = make_all(world);

	assert_refused(remove_path(world, path_of(world, INTEROP, FILTER("f"))), CIM_STATUS_FAILED);
	assert_refused(remove_path(world, path_of(world, INTEROP, LISTENER("l"))),
		       CIM_STATUS_FAILED);
	assert_done(remove_path(world, path));
	assert_done(remove_path(world, path_of(world, INTEROP, FILTER("F"))));
	assert_done(remove_path(world, path_of(world, INTEROP, LISTENER("l"))));
	assert_refused(remove_path(world, path), CIM_STATUS_NOT_FOUND);
	assert_string_equal(list(world, "CIM_IndicationSubscription"), "");
}

/* --- Subscriptions that end --- */

/* As make_all(), for so many seconds. */
static struct cim_operation *make_for(struct world *world, const char *seconds)
{
	const struct cim_argument given[] = {
		{ "Filter", cim_reference(path_of(world, INTEROP, FILTER("f"))) },
		{ "Handler", cim_reference(path_of(world, INTEROP, LISTENER("l"))) },
		{ "SubscriptionDuration", cim_string(seconds) },
	};

	assert_done(create_filter(world, "f", QUERY));
	assert_done(create_listener(world, "l", "http://127.0.0.1:1"));
	return create_as(world, &admin, "CIM_IndicationSubscription", given, 3);
}

static const struct cim_value *time_left(struct world *world, const struct cim_object_path *path)
{
	struct cim_operation *operation = begin(world, &admin);

	cim_get(operation, path);
	wait_for(world, operation);
	assert_done(operation);
	return cim_get_value(operation->instance, PROPERTY_SUBSCRIPTION_TIME_REMAINING);
}

/* The only subscription was made in another century. */
static void make_it_old(struct world *world)
{
	static const struct object_limits limits = { 1, 1 };
	static const char property[] = "SubscriptionStartTime", value[] = "<VALUE>";
	scoped(object_set_release) struct object_set *objects = host_objects(world->host->host);
	const struct stored_object *kept = objects->object[objects->count - 1];
	struct change_list *list = change_list_create_for_objects();
	char *text = arena_text(world->arena, kept->text, strlen(kept->text));

	memcpy(strstr(strstr(text, property), value) + strlen(value), "19", 2);
	change_list_put_object(
		list, &(struct object){ kept->class_name, kept->key, kept->owner, text }, &limits);
	assert_true(store_apply(host_store(world->host->host), list, NULL, NULL));
}

static void a_subscription_lasts_as_long_as_it_shall(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation = make_for(world, "86400");
	const struct cim_object_path *path;

	assert_done(operation);
	path = cim_instance_path(operation->instance);
	assert_in_range(time_left(world, path)->uint, 1, 86400);
	assert_done(modify(world, path, "SubscriptionDuration", "864000"));
	assert_in_range(time_left(world, path)->uint, 86401, 864000);
	assert_done(modify(world, path, "SubscriptionDuration", "18446744073709551615"));
	assert_true(time_left(world, path)->uint > UINT64_MAX / 2);
	assert_done(modify(world, path, "SubscriptionDuration", NULL));
	assert_false(time_left(world, path)->is_set);
}

static void a_subscription_for_no_time_is_refused(void **state)
{
	struct world *world = *state;
	const struct cim_object_path *path;

	assert_refused(make_for(world, "0"), CIM_STATUS_INVALID_PARAMETER);
	assert_string_equal(list(world, "CIM_IndicationSubscription"), "");
	path = cim_instance_path(subscribe(world, FILTER("f"), LISTENER("l"))->instance);
	assert_refused(modify(world, path, "SubscriptionDuration", "0"),
		       CIM_STATUS_INVALID_PARAMETER);
}

static void what_is_left_is_not_what_a_client_says(void **state)
{
	struct world *world = *state;
	const struct cim_object_path *path = cim_instance_path(make_for(world, "86400")->instance);

	assert_done(modify(world, path, "SubscriptionTimeRemaining", "1000000"));
	assert_in_range(time_left(world, path)->uint, 1, 86400);
	assert_refused(modify(world, path, "SubscriptionStartTime", "20000101000000.000000+000"),
		       CIM_STATUS_INVALID_PARAMETER);
}

static void a_subscription_that_has_ended_does_not_begin_again(void **state)
{
	struct world *world = *state;
	const struct cim_object_path *path = cim_instance_path(make_for(world, "86400")->instance);

	make_it_old(world);
	assert_int_equal(time_left(world, path)->uint, 0);
	assert_refused(modify(world, path, "SubscriptionDuration", "18446744073709551615"),
		       CIM_STATUS_NOT_FOUND);
	assert_done(remove_path(world, path));
}

/* --- Associations --- */

static void a_subscription_links_filter_and_listener(void **state)
{
	struct world *world = *state;

	make_all(world);
	assert_done(create_filter(world, "lonely", QUERY));
	assert_string_equal(query(world, INTEROP, "ASSOCIATORS OF {" FILTER("f") "}"),
			    expand(world, LISTENER("l") "\n"));
	assert_string_equal(query(world, INTEROP, "ASSOCIATORS OF {" LISTENER("l") "}"),
			    expand(world, FILTER("f") "\n"));
	assert_string_equal(query(world, INTEROP, "ASSOCIATORS OF {" FILTER("lonely") "}"), "");
	assert_string_equal(query(world, INTEROP, "REFERENCES OF {" FILTER("f") "}"),
			    list(world, "CIM_IndicationSubscription"));
}

/* --- Two at a time --- */

static void of_two_that_come_at_once_one_finds_what_the_other_made(void **state)
{
	struct world *world = *state;
	const struct cim_argument given[] = {
		{ "Destination", cim_string("http://a") },
		{ "Name", cim_string("l") },
	};
	struct cim_operation *operations[20];
	int made = 0;

	for (size_t i = 0; i < 20; i++) {
		operations[i] = begin(world, &admin);
		/* Each has an arena of its own: two threads must not share one. */
		operations[i]->arena = arena_create();
		cim_create(operations[i], INTEROP, "CIM_ListenerDestinationCIMXML", given, 2);
	}
	for (size_t i = 0; i < 20; i++) {
		wait_for(world, operations[i]);
		made += operations[i]->error.status == CIM_STATUS_OK;
		if (operations[i]->error.status != CIM_STATUS_OK)
			assert_refused(operations[i], CIM_STATUS_ALREADY_EXISTS);
		arena_free(&operations[i]->arena);
	}
	assert_int_equal(made, 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(what_is_made_is_listed_and_found),
		test(keys_that_are_left_out_are_filled_in),
		test(the_same_again_exists_already),
		test(a_filter_must_have_a_query_for_events),
		test(a_filter_s_language_and_namespaces_must_be_known),
		test(a_listener_must_be_at_a_url),
		test(another_class_under_creation_class_name_is_refused),
		test(a_subscription_needs_both_its_ends),
		test(only_administrators_make_and_remove),
		test(each_user_has_a_share_of_what_there_may_be),
		test(a_subscription_is_switched_off_and_on),
		test(what_a_subscription_needs_stays_as_long_as_it),
		test(a_subscription_lasts_as_long_as_it_shall),
		test(a_subscription_for_no_time_is_refused),
		test(what_is_left_is_not_what_a_client_says),
		test(a_subscription_that_has_ended_does_not_begin_again),
		test(a_subscription_links_filter_and_listener),
		test(of_two_that_come_at_once_one_finds_what_the_other_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
