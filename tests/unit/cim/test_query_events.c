/* SPDX-License-Identifier: MIT */
/* test_query_events.c -- cim/query: queries for events */
#include "cim/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "query_fixture.h"

static struct cim_instance *now, *before; /* a VM that was started */

static struct cim_instance *create_vm(uint64_t state)
{
	struct cim_instance *vm = cim_instance_create(arena, class_of(MSVM_COMPUTER_SYSTEM));

	cim_set_text(vm, PROPERTY_NAME, "A1B2");
	cim_set_text(vm, PROPERTY_ELEMENT_NAME, "web");
	cim_set_uint(vm, PROPERTY_ENABLED_STATE, state);
	return vm;
}

static int set_up(void **state)
{
	open_arena(state);
	before = create_vm(3);
	now = create_vm(2);
	return 0;
}

static bool bind(struct cim_query *query)
{
	const struct cim_class *class = cim_class_find(cim_namespaces[0], cim_query_class(query));

	assert_non_null(class);
	return cim_query_bind_events(query, class, &err);
}

static struct cim_query *bound(const char *text)
{
	struct cim_query *query = parse(text);

	if (!bind(query))
		fail_msg("%s: %s", text, err.message);
	return query;
}

static void assert_unbound(const char *text, enum okvp_status status, const char *sentence)
{
	assert_false(bind(parse(text)));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
}

#define MODIFICATION "SELECT * FROM __InstanceModificationEvent WITHIN 2 WHERE "
#define VM           "TargetInstance ISA 'Msvm_ComputerSystem' AND "

/* Whether the start of the VM is wanted by a condition. */
static bool holds(const char *condition)
{
	return cim_query_matches_event(bound(arena_printf(arena, MODIFICATION VM "%s", condition)),
				       now, before);
}

static void a_query_for_events_says_of_which_class(void **state)
{
	assert_ptr_equal(
		cim_query_target(bound(MODIFICATION "TargetInstance ISA 'msvm_computersystem'")),
		class_of(MSVM_COMPUTER_SYSTEM));
	assert_ptr_equal(
		cim_query_target(bound(MODIFICATION "TargetInstance.EnabledState = 2 AND "
						    "targetinstance isa CIM_ComputerSystem")),
		class_of(CIM_COMPUTER_SYSTEM));
	assert_ptr_equal(
		cim_query_target(bound(MODIFICATION "TargetInstance.__CLASS = 'Msvm_ConcreteJob'")),
		class_of(MSVM_CONCRETE_JOB));
	assert_ptr_equal(cim_query_target(bound("SELECT * FROM CIM_InstModification WHERE "
						"SourceInstance ISA 'Msvm_ConcreteJob'")),
			 class_of(MSVM_CONCRETE_JOB));
}

static void without_it_a_query_for_events_is_refused(void **state)
{
	static const char sentence[] = "a query for events must say of which class: "
				       "WHERE TargetInstance ISA 'class'";

	assert_unbound("SELECT * FROM __InstanceCreationEvent", OKVP_INVALID, sentence);
	assert_unbound(MODIFICATION "TargetInstance ISA 'A' OR TargetInstance ISA 'B'",
		       OKVP_INVALID, sentence);
	assert_unbound(MODIFICATION "NOT TargetInstance ISA 'Msvm_ComputerSystem'", OKVP_INVALID,
		       sentence);
	assert_unbound(MODIFICATION "PreviousInstance ISA 'Msvm_ComputerSystem'", OKVP_INVALID,
		       sentence);
	assert_unbound(MODIFICATION "TargetInstance.__CLASS <> 'Msvm_ComputerSystem'", OKVP_INVALID,
		       sentence);
	assert_unbound(MODIFICATION "TargetInstance ISA 'Nothing'", OKVP_NOT_FOUND,
		       "no class 'Nothing'");
}

static void within_may_be_left_out_and_may_have_a_fraction(void **state)
{
	bound("SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA CIM_Job");
	bound("SELECT * FROM __InstanceCreationEvent WITHIN 0.25 WHERE TargetInstance ISA CIM_Job");
	bound("SELECT * FROM __InstanceCreationEvent WITHIN 31536000 WHERE TargetInstance ISA "
	      "CIM_Job");
}

static void within_is_bounded(void **state)
{
	static const char *const wrong[] = { "-1", "31536001", "1e300" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct cim_query *query;
		char *text = arena_printf(
			arena, "SELECT * FROM __InstanceCreationEvent WITHIN %s WHERE A=1",
			wrong[i]);

		assert_false(cim_query_parse(arena, text, strlen(text), &query, &err));
		assert_non_null(strstr(err.message, "WITHIN takes seconds, a year at most"));
	}
}

static void an_event_is_matched_by_its_instance(void **state)
{
	assert_true(holds("TargetInstance.Name = 'a1b2'"));
	assert_false(holds("TargetInstance.Name = 'other'"));
	assert_true(holds("TargetInstance.ElementName LIKE 'w%'"));
	assert_true(holds("TargetInstance.ProcessID IS NULL"));
	assert_true(holds("TargetInstance.__NAMESPACE = 'root/virtualization/v2'"));
}

static void an_event_is_matched_by_what_changed(void **state)
{
	assert_true(holds("TargetInstance.EnabledState <> PreviousInstance.EnabledState"));
	assert_true(holds("TargetInstance.EnabledState < PreviousInstance.EnabledState"));
	assert_false(holds("TargetInstance.ElementName <> PreviousInstance.ElementName"));
	assert_true(holds("PreviousInstance.EnabledState = 3"));
	assert_true(holds("PreviousInstance ISA 'CIM_System'"));
}

static void an_event_of_another_class_is_not_matched(void **state)
{
	struct cim_instance *job = cim_instance_create(arena, class_of(MSVM_CONCRETE_JOB));
	struct cim_query *query = bound(MODIFICATION "TargetInstance ISA 'CIM_ComputerSystem'");

	assert_true(cim_query_matches_event(query, now, before));
	assert_false(cim_query_matches_event(query, job, job));
}

static void an_event_without_an_instance_before_meets_null(void **state)
{
	struct cim_query *changed = bound(
		MODIFICATION VM "TargetInstance.EnabledState <> PreviousInstance.EnabledState");
	struct cim_query *unknown = bound(MODIFICATION VM "PreviousInstance.EnabledState IS NULL");
	struct cim_query *isa = bound(MODIFICATION VM "PreviousInstance ISA 'CIM_System'");

	assert_false(cim_query_matches_event(changed, now, NULL));
	assert_true(cim_query_matches_event(unknown, now, NULL));
	assert_false(cim_query_matches_event(isa, now, NULL));
}

static void a_projection_names_the_instances_of_an_event(void **state)
{
	const struct cim_class *event = class_of(WMI_INSTANCE_MODIFICATION_EVENT);
	struct cim_query *query = bound("SELECT TargetInstance.Name FROM "
					"__InstanceModificationEvent WHERE TargetInstance ISA "
					"CIM_Job");

	assert_true(cim_query_selects(query, cim_property_find(event, "TargetInstance")));
	assert_false(cim_query_selects(query, cim_property_find(event, "PreviousInstance")));
	assert_unbound(
		"SELECT Target FROM __InstanceCreationEvent WHERE TargetInstance ISA CIM_Job",
		OKVP_NOT_FOUND, "the class __InstanceCreationEvent has no property 'Target'");
}

static void properties_that_an_event_lacks_are_refused(void **state)
{
	assert_unbound(MODIFICATION VM "TargetInstance.Colour = 1", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_unbound(MODIFICATION VM "OtherInstance.Name = 'x'", OKVP_NOT_FOUND,
		       "events of __InstanceModificationEvent have no instance 'OtherInstance'");
	assert_unbound(MODIFICATION VM "TIME_CREATED.Name = 'x'", OKVP_NOT_FOUND,
		       "events of __InstanceModificationEvent have no instance 'TIME_CREATED'");
	assert_unbound(MODIFICATION VM "Name = 'x'", OKVP_UNSUPPORTED,
		       "'Name': only properties of the instances of an event are compared");
	assert_unbound("SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA CIM_Job AND "
		       "PreviousInstance.Name = 'x'",
		       OKVP_NOT_FOUND,
		       "events of __InstanceCreationEvent have no instance 'PreviousInstance'");
	assert_unbound(MODIFICATION VM "__THIS ISA 'CIM_Job'", OKVP_NOT_FOUND,
		       "events of __InstanceModificationEvent have no instance '__THIS'");
}

static void only_events_of_instances_are_offered(void **state)
{
	static const char sentence[] = "a query for __InstanceModificationEvent or one of its "
				       "sisters is needed here";

	assert_unbound("SELECT * FROM Msvm_ComputerSystem", OKVP_UNSUPPORTED, sentence);
	assert_unbound("SELECT * FROM __Event WHERE TargetInstance ISA CIM_Job", OKVP_UNSUPPORTED,
		       sentence);
	assert_unbound("SELECT * FROM CIM_Indication", OKVP_UNSUPPORTED, sentence);
	bound("SELECT * FROM __InstanceOperationEvent WHERE TargetInstance ISA CIM_Job");
	bound("SELECT * FROM CIM_InstIndication WHERE SourceInstance ISA CIM_Job");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_query_for_events_says_of_which_class),
		test(without_it_a_query_for_events_is_refused),
		test(within_may_be_left_out_and_may_have_a_fraction),
		test(within_is_bounded),
		test(an_event_is_matched_by_its_instance),
		test(an_event_is_matched_by_what_changed),
		test(an_event_of_another_class_is_not_matched),
		test(an_event_without_an_instance_before_meets_null),
		test(a_projection_names_the_instances_of_an_event),
		test(properties_that_an_event_lacks_are_refused),
		test(only_events_of_instances_are_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
