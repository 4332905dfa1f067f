/* SPDX-License-Identifier: MIT */
/* test_enumeration.c -- cim/enumeration: listings */
#include "cim/enumeration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct cim_error err;

static struct cim_enumeration *open_listing(struct world *world,
					    const struct cim_enumeration_request *request)
{
	struct cim_enumeration *enumeration;

	if (!cim_enumeration_open(world->service, request, &enumeration, &err))
		fail_msg("%s", err.message);
	return enumeration;
}

static struct cim_enumeration *list_class(struct world *world, const char *class_name)
{
	struct cim_enumeration_request request = { .class_name = class_name };

	return open_listing(world, &request);
}

static struct cim_enumeration *list_query(struct world *world, const char *query)
{
	struct cim_enumeration_request request = { .query = query, .query_length = strlen(query) };

	return open_listing(world, &request);
}

static size_t count(struct cim_enumeration *enumeration)
{
	size_t n = 0;

	for (; cim_enumeration_peek(enumeration); n++)
		cim_enumeration_advance(enumeration);
	cim_enumeration_close(&enumeration);
	assert_null(enumeration);
	return n;
}

static void assert_refused(struct world *world, const struct cim_enumeration_request *request,
			   enum cim_status status, const char *sentence)
{
	struct cim_enumeration *enumeration = NULL;

	assert_false(cim_enumeration_open(world->service, request, &enumeration, &err));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
	assert_int_equal(world->walks_open, 0);
}

static void assert_query_refused(struct world *world, const char *query, enum cim_status status,
				 const char *sentence)
{
	struct cim_enumeration_request request = { .query = query, .query_length = strlen(query) };

	assert_refused(world, &request, status, sentence);
}

static void instances_come_one_by_one(void **state)
{
	struct cim_enumeration *enumeration = list_class(*state, "Msvm_ComputerSystem");
	const struct cim_instance *instance = cim_enumeration_peek(enumeration);

	assert_string_equal(cim_get_value(instance, PROPERTY_ELEMENT_NAME)->string.bytes, "vm0");
	assert_ptr_equal(cim_enumeration_peek(enumeration), instance);
	cim_enumeration_advance(enumeration);
	instance = cim_enumeration_peek(enumeration);
	assert_string_equal(cim_get_value(instance, PROPERTY_ELEMENT_NAME)->string.bytes, "vm1");
	cim_enumeration_advance(enumeration);
	cim_enumeration_advance(enumeration);
	assert_null(cim_enumeration_query(enumeration));
	cim_enumeration_close(&enumeration);
}

static void the_end_stays_the_end(void **state)
{
	struct cim_enumeration *enumeration = list_class(*state, "msvm_concretejob");

	cim_enumeration_peek(enumeration);
	cim_enumeration_advance(enumeration);
	cim_enumeration_peek(enumeration);
	cim_enumeration_advance(enumeration);
	assert_null(cim_enumeration_peek(enumeration));
	cim_enumeration_advance(enumeration);
	assert_null(cim_enumeration_peek(enumeration));
	cim_enumeration_close(&enumeration);
}

static void subclasses_are_listed_too(void **state)
{
	assert_int_equal(count(list_class(*state, "CIM_ComputerSystem")), 3);
	assert_int_equal(count(list_class(*state, "CIM_ManagedElement")), 3 + 3 + 1 + 2);
	assert_int_equal(count(list_class(*state, "Msvm_Error")), 0);
}

static void a_listing_shows_what_was_there_when_it_began(void **state)
{
	struct world *world = *state;
	struct cim_enumeration *all = list_class(world, "CIM_ManagedElement");

	assert_non_null(cim_enumeration_peek(all));
	world->job_count = 50;
	world->service_count = 0;
	assert_int_equal(count(all), 3 + 3 + 1 + 2);
}

static void a_listing_that_is_not_read_to_its_end_ends_its_walks(void **state)
{
	struct world *world = *state;
	struct cim_enumeration *all = list_class(world, "CIM_ManagedElement");

	cim_enumeration_peek(all);
	assert_int_equal(world->walks_open, 4);
	cim_enumeration_close(&all);
	assert_int_equal(world->walks_open, 0);
	cim_enumeration_close(&all);
}

static void memory_does_not_grow_with_the_listing(void **state)
{
	struct world *world = *state;
	struct cim_enumeration *enumeration;
	const struct cim_instance *instance;
	size_t n = 0;

	world->vm_count = 10000;
	enumeration = list_query(world, "SELECT * FROM Msvm_ComputerSystem WHERE EnabledState=2");
	while ((instance = cim_enumeration_peek(enumeration))) {
		assert_true(arena_size(instance->arena) < 32768);
		cim_enumeration_advance(enumeration);
		n++;
	}
	assert_int_equal(n, 5000);
	cim_enumeration_close(&enumeration);
}

/* --- Queries --- */

static void a_query_lists_what_it_matches(void **state)
{
	struct cim_enumeration *enumeration =
		list_query(*state, "SELECT Name FROM Msvm_ComputerSystem WHERE ElementName='VM2';");
	const struct cim_instance *instance = cim_enumeration_peek(enumeration);

	assert_string_equal(cim_get_value(instance, PROPERTY_ELEMENT_NAME)->string.bytes, "vm2");
	assert_true(cim_query_selects(cim_enumeration_query(enumeration),
				      cim_property_find(instance->class, "Name")));
	assert_false(cim_query_selects(cim_enumeration_query(enumeration),
				       cim_property_find(instance->class, "Caption")));
	assert_int_equal(count(enumeration), 1);
	assert_int_equal(count(list_query(*state, "SELECT * FROM CIM_ConcreteJob "
						  "WHERE InstanceId = 'job1'")),
			 1);
	assert_int_equal(count(list_query(*state, "SELECT * FROM CIM_ManagedElement "
						  "WHERE __THIS ISA 'CIM_Job'")),
			 2);
}

static void a_query_takes_precedence_over_the_class(void **state)
{
	struct cim_enumeration_request request = {
		.ns = "root/virtualization/v2",
		.class_name = "Msvm_ComputerSystem",
		.query = "SELECT * FROM Msvm_ConcreteJob",
		.query_length = 30,
	};

	assert_int_equal(count(open_listing(*state, &request)), 2);
}

static void the_request_need_not_outlive_the_call(void **state)
{
	struct world *world = *state;
	char *query = strdup("SELECT * FROM Msvm_ComputerSystem WHERE ElementName='vm1'");
	char *name = strdup("ElementName"), *value = strdup("vm1");
	struct cim_key selector = { name, cim_string(value) };
	struct cim_enumeration_request request = {
		.query = query,
		.query_length = strlen(query),
		.selectors = &selector,
		.selector_count = 1,
	};
	struct cim_enumeration *enumeration = open_listing(world, &request);

	free(query);
	free(name);
	free(value);
	assert_int_equal(count(enumeration), 1);
}

static void a_wrong_query_is_refused(void **state)
{
	assert_query_refused(*state, "SELECT", CIM_STATUS_INVALID_QUERY,
			     "position 7: syntax error, unexpected the end of the query, "
			     "expecting a name or '*'");
	assert_query_refused(*state, "SELECT * FROM Msvm_ConcreteJob WHERE Colour=1",
			     CIM_STATUS_INVALID_QUERY,
			     "the class Msvm_ConcreteJob has no property 'Colour'");
	assert_query_refused(*state, "SELECT * FROM __InstanceCreationEvent WITHIN 1",
			     CIM_STATUS_INVALID_QUERY,
			     "a query for events: one for instances is needed here");
	assert_query_refused(*state, "SELECT * FROM Nothing", CIM_STATUS_INVALID_CLASS,
			     "no class 'Nothing' in root/virtualization/v2");
}

static void an_unknown_class_or_namespace_is_refused(void **state)
{
	struct cim_enumeration_request request = { .class_name = "Nothing" };

	assert_refused(*state, &request, CIM_STATUS_INVALID_CLASS,
		       "no class 'Nothing' in root/virtualization/v2");
	request.ns = "root/other";
	assert_refused(*state, &request, CIM_STATUS_INVALID_NAMESPACE, "no namespace 'root/other'");
}

/* --- Selectors --- */

static size_t count_selected(struct world *world, const struct cim_key *selectors, size_t n)
{
	struct cim_enumeration_request request = {
		.class_name = "CIM_ComputerSystem",
		.selectors = selectors,
		.selector_count = n,
	};

	return count(open_listing(world, &request));
}

static void all_selectors_must_hold(void **state)
{
	struct cim_key selectors[] = { { "enabledstate", cim_string("3") },
				       { "ElementName", cim_string("VM2") } };

	assert_int_equal(count_selected(*state, selectors, 1), 2);
	assert_int_equal(count_selected(*state, selectors, 2), 1);
	selectors[0].value = cim_string("2");
	assert_int_equal(count_selected(*state, selectors, 2), 0);
}

static void a_selector_does_not_hold_for_null(void **state)
{
	struct cim_key selector = { "OtherEnabledState", cim_string("") };

	assert_int_equal(count_selected(*state, &selector, 1), 0);
}

static void wrong_selectors_are_refused(void **state)
{
	struct cim_key selector = { "Colour", cim_string("x") };
	struct cim_enumeration_request request = {
		.class_name = "Msvm_ComputerSystem",
		.selectors = &selector,
		.selector_count = 1,
	};

	assert_refused(*state, &request, CIM_STATUS_INVALID_PARAMETER,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_int_equal(err.detail, CIM_DETAIL_KEY_UNEXPECTED);
	selector.name = "EnabledState";
	assert_refused(*state, &request, CIM_STATUS_INVALID_PARAMETER,
		       "the key 'EnabledState': 'x' is no uint16");
	assert_int_equal(err.detail, CIM_DETAIL_KEY_TYPE);
	selector.name = "Roles";
	assert_refused(*state, &request, CIM_STATUS_INVALID_PARAMETER,
		       "the key 'Roles' must have one value");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(instances_come_one_by_one),
		test(the_end_stays_the_end),
		test(subclasses_are_listed_too),
		test(a_listing_shows_what_was_there_when_it_began),
		test(a_listing_that_is_not_read_to_its_end_ends_its_walks),
		test(memory_does_not_grow_with_the_listing),
		test(a_query_lists_what_it_matches),
		test(a_query_takes_precedence_over_the_class),
		test(the_request_need_not_outlive_the_call),
		test(a_wrong_query_is_refused),
		test(an_unknown_class_or_namespace_is_refused),
		test(all_selectors_must_hold),
		test(a_selector_does_not_hold_for_null),
		test(wrong_selectors_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
