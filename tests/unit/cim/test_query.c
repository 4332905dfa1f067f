/* SPDX-License-Identifier: MIT */
/* test_query.c -- cim/query */
#include "cim/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "query_fixture.h"

static struct cim_instance *vm;

/* The one VM that most queries are put to. */
static int set_up(void **state)
{
	open_arena(state);
	vm = cim_instance_create(arena, class_of(MSVM_COMPUTER_SYSTEM));
	cim_set_text(vm, PROPERTY_NAME, "A1B2");
	cim_set_text(vm, PROPERTY_ELEMENT_NAME, "Web's \"one\"");
	cim_set_text(vm, PROPERTY_DESCRIPTION, "a\\b");
	cim_set_uint(vm, PROPERTY_ENABLED_STATE, 2);
	cim_set_uint(vm, PROPERTY_ON_TIME_IN_MILLISECONDS, 18446744073709551615U);
	cim_set(vm, PROPERTY_INSTALL_DATE, cim_time(1000000));
	cim_set_uint_array(vm, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ 2 }, 1);
	return 0;
}

static bool selects(const struct cim_query *query, const char *property)
{
	return cim_query_selects(query, cim_property_find(vm->class, property));
}

static bool instance_matches(const struct cim_instance *instance, const struct cim_class *from,
			     const char *text)
{
	struct cim_query *query = parse(text);

	if (!cim_query_bind(query, from, &err))
		fail_msg("%s: %s", text, err.message);
	return cim_query_matches(query, instance);
}

static bool holds(const char *condition)
{
	char *text = arena_printf(arena, "SELECT * FROM Msvm_ComputerSystem WHERE %s", condition);

	return instance_matches(vm, vm->class, text);
}

static void assert_unbound(const char *condition, enum okvp_status status, const char *sentence)
{
	struct cim_query *query =
		parse(arena_printf(arena, "SELECT * FROM Msvm_ComputerSystem WHERE %s", condition));

	assert_false(cim_query_bind(query, vm->class, &err));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
}

/* --- SELECT --- */

static void a_language_is_wql_by_several_names(void **state)
{
	assert_true(cim_query_is_wql("wql"));
	assert_true(cim_query_is_wql("DMTF:CQL"));
	assert_false(cim_query_is_wql("SQL"));
	assert_false(cim_query_is_wql(""));
}

static void a_query_names_its_class(void **state)
{
	struct cim_query *query = parse(" select * from\tMsvm_ComputerSystem\r\n ; ");

	assert_string_equal(cim_query_class(query), "Msvm_ComputerSystem");
	assert_true(selects(query, "Name"));
	assert_true(cim_query_bind(query, vm->class, &err));
	assert_true(cim_query_matches(query, vm));
}

static void a_projection_selects_its_properties(void **state)
{
	struct cim_query *query =
		parse("SELECT Name, elementname , __PATH FROM Msvm_ComputerSystem");

	assert_true(selects(query, "name"));
	assert_true(selects(query, "ElementName"));
	assert_false(selects(query, "Caption"));
	assert_true(cim_query_bind(query, vm->class, &err));
}

static void a_projection_of_an_unknown_property_is_refused(void **state)
{
	struct cim_query *query = parse("SELECT Name, Colour FROM Msvm_ComputerSystem");

	assert_false(cim_query_bind(query, vm->class, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_string_equal(err.message, "the class Msvm_ComputerSystem has no property 'Colour'");
}

/* --- WHERE --- */

static void strings_are_compared_without_case(void **state)
{
	assert_true(holds("Name = 'a1b2'"));
	assert_true(holds("\"A1B2\" = Name"));
	assert_false(holds("Name <> 'A1B2'"));
	assert_true(holds("Name != 'A1B'"));
	assert_true(holds("Name > 'A1' AND Name < 'A1C'"));
	assert_true(holds("name >= 'a1b2' and NAME <= 'a1b2'"));
	assert_false(holds("Name < 'A1B2' OR Name > 'A1B2'"));
}

static void quotes_and_backslashes_are_protected(void **state)
{
	assert_true(holds("ElementName = 'Web\\'s \"one\"'"));
	assert_true(holds("ElementName = \"Web's \\\"one\\\"\""));
	assert_true(holds("Description = 'a\\\\b'"));
	assert_false(holds("Description = 'a\\b'"));
}

static void numbers_are_compared_by_value(void **state)
{
	assert_true(holds("EnabledState = 2"));
	assert_true(holds("EnabledState = 0x2"));
	assert_true(holds("EnabledState = +2"));
	assert_true(holds("EnabledState = 2.0"));
	assert_true(holds("EnabledState < 2.5e0"));
	assert_true(holds("EnabledState > -1"));
	assert_true(holds("EnabledState = '2'"));
	assert_true(holds("EnabledState < 70000"));
	assert_false(holds("EnabledState = 65538"));
	assert_true(holds("OnTimeInMilliseconds = 18446744073709551615"));
	assert_true(holds("OnTimeInMilliseconds = '18446744073709551615'"));
	assert_true(holds("OnTimeInMilliseconds > 18446744073709551614"));
}

static void a_literal_may_stand_on_the_left(void **state)
{
	assert_true(holds("3 > EnabledState"));
	assert_true(holds("1 < EnabledState"));
	assert_true(holds("2 >= EnabledState AND 2 <= EnabledState AND 2 = EnabledState"));
	assert_false(holds("3 <= EnabledState"));
	assert_true(holds("3 <> EnabledState"));
}

static void booleans_are_compared_with_words_and_bits(void **state)
{
	const struct cim_class *class = class_of(MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE);
	struct cim_instance *service = cim_instance_create(arena, class);
#define service_query "SELECT * FROM Msvm_VirtualSystemManagementService WHERE "

	assert_true(instance_matches(service, class, service_query "Started = TRUE"));
	assert_true(instance_matches(service, class, service_query "Started <> false"));
	assert_true(instance_matches(service, class, service_query "Started = 1"));
	assert_true(instance_matches(service, class, service_query "Started = 'True'"));
	assert_false(instance_matches(service, class, service_query "Started = 0"));
}

static void times_are_compared_as_times(void **state)
{
	assert_true(holds("InstallDate = '19700101000001.000000+000'"));
	assert_true(holds("InstallDate < '19700101000002.000000+000'"));
	assert_true(holds("InstallDate = '19700101010001.000000+060'"));
	assert_false(holds("InstallDate = '00000000000001.000000:000'"));
}

static void null_is_asked_for_by_its_name(void **state)
{
	assert_true(holds("ProcessID IS NULL"));
	assert_false(holds("Name IS NULL"));
	assert_true(holds("Name IS NOT NULL"));
	assert_true(holds("ProcessID = NULL"));
	assert_true(holds("NULL <> Name"));
	assert_false(holds("Name = NULL"));
	assert_false(holds("ProcessID <> NULL"));
	assert_true(holds("OperationalStatus IS NOT NULL"));
	assert_true(holds("Roles = NULL"));
}

static void other_comparisons_with_null_are_false(void **state)
{
	assert_false(holds("ProcessID = 1"));
	assert_false(holds("ProcessID <> 1"));
	assert_false(holds("ProcessID < 1"));
	assert_false(holds("Name < NULL"));
	assert_false(holds("OtherEnabledState LIKE '%'"));
	assert_true(holds("NOT ProcessID = 1"));
}

static void conditions_bind_in_the_usual_order(void **state)
{
	assert_true(holds("Name='A1B2' OR Name='x' AND Name='y'"));
	assert_false(holds("(Name='A1B2' OR Name='x') AND Name='y'"));
	assert_true(holds("NOT Name='x' AND EnabledState=2"));
	assert_false(holds("NOT (Name='x' OR EnabledState=2)"));
	assert_true(holds("NOT NOT Name='A1B2'"));
	assert_true(holds("Name='x' OR Name='y' OR Name='A1B2'"));
	assert_false(holds("Name='A1B2' AND Name='A1B2' AND Name='x'"));
	assert_true(holds("(Name='x' OR Name='y') OR (Name='z' OR Name='A1B2')"));
}

static void like_takes_patterns(void **state)
{
	assert_true(holds("ElementName LIKE 'web%'"));
	assert_true(holds("Name LIKE '_[0-9]b[^1]'"));
	assert_false(holds("Name LIKE 'A1'"));
}

static void system_properties_can_be_compared(void **state)
{
	assert_true(holds("__CLASS = 'msvm_computersystem'"));
	assert_true(holds("__CLASS LIKE 'Msvm%'"));
	assert_true(holds("__NAMESPACE = 'root\\\\virtualization\\\\v2'"));
	assert_true(holds("__NAMESPACE = 'root/virtualization/v2'"));
	assert_true(holds("__RELPATH = 'Msvm_ComputerSystem.Name=\"a1b2\","
			  "CreationClassName=\"Msvm_ComputerSystem\"'"));
	assert_true(
		holds("__PATH = '\\\\\\\\HOST\\\\root\\\\virtualization\\\\v2:Msvm_ComputerSystem."
		      "CreationClassName=\"Msvm_ComputerSystem\",Name=\"A1B2\"'"));
	assert_false(holds("__PATH = 'Msvm_ComputerSystem.Name=\"A1B2\"'"));
	assert_true(holds("__PATH <> 'Msvm_ComputerSystem.Name=\"A1B2\"'"));
	assert_true(holds("__PATH IS NOT NULL"));
	assert_true(holds("__PATH LIKE 'root_virtualization_v2:Msvm%\"a1b2\"'"));
	assert_true(holds("__RELPATH LIKE 'Msvm_ComputerSystem.%Name=\"A1B2\"'"));
	assert_false(holds("__RELPATH LIKE 'root%'"));
}

static void isa_asks_for_the_class(void **state)
{
	assert_true(holds("__THIS ISA 'CIM_System'"));
	assert_true(holds("__this isa \"Msvm_ComputerSystem\""));
	assert_false(holds("__THIS ISA 'CIM_Service'"));
}

static void a_query_on_a_superclass_matches_instances_of_a_subclass(void **state)
{
	struct cim_instance *job = cim_instance_create(arena, class_of(MSVM_CONCRETE_JOB));

	cim_set_text(job, PROPERTY_INSTANCE_ID, "J1");
	assert_true(instance_matches(job, class_of(CIM_CONCRETE_JOB),
				     "SELECT * FROM CIM_ConcreteJob WHERE InstanceId = 'j1'"));
}

static void properties_are_compared_with_each_other(void **state)
{
	assert_true(holds("Name = Name"));
	assert_true(holds("EnabledState < OnTimeInMilliseconds"));
	assert_false(holds("Name = ElementName"));
	assert_false(holds("ProcessID = ProcessID"));
	assert_false(holds("ProcessID <> EnabledState"));
	assert_true(holds("__PATH = __RELPATH"));
	assert_unbound("Name = EnabledState", OKVP_WRONG_TYPE,
		       "'Name' is a string and 'EnabledState' a uint16: they cannot be compared");
	assert_unbound("Name = Colour", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_unbound("OperationalStatus = Name", OKVP_WRONG_TYPE,
		       "'OperationalStatus' is an array: it cannot be compared");
	assert_unbound("__PATH < __PATH", OKVP_WRONG_TYPE,
		       "'__PATH' is a reference: it has no order");
}

/* --- What is refused --- */

static void the_place_of_an_error_is_told(void **state)
{
	assert_refused("", OKVP_INVALID,
		       "position 1: syntax error, unexpected the end of the query, expecting "
		       "SELECT or ASSOCIATORS or REFERENCES");
	assert_refused("SELECT FROM C", OKVP_INVALID,
		       "position 8: syntax error, unexpected FROM, expecting a name or '*'");
	assert_refused("SELECT * FROM C WHERE", OKVP_INVALID,
		       "position 22: syntax error, unexpected the end of the query");
	assert_refused("SELECT * FROM C WHERE A = 'x' B", OKVP_INVALID,
		       "position 31: syntax error, unexpected a name");
	assert_refused("SELECT * FROM C WHERE A = 'x", OKVP_INVALID,
		       "position 27: a quote is not closed");
	assert_refused("SELECT * FROM C WHERE A = 'x\\'", OKVP_INVALID,
		       "position 27: a quote is not closed");
	assert_refused("SELECT * FROM C WHERE A # 1", OKVP_INVALID,
		       "position 25: a character that WQL does not know");
	assert_refused("SELECT * FROM C WHERE A = 18446744073709551616", OKVP_INVALID,
		       "position 27: a number out of range");
	assert_refused("SELECT * FROM C WHERE A = -9223372036854775809", OKVP_INVALID,
		       "position 27: a number out of range");
}

static void what_is_no_condition_is_refused(void **state)
{
	static const char *const wrong[] = {
		"A",         "A =",         "= 1",        "A = B C", "1 = 1",   "A LIKE 1",
		"A LIKE B",  "A IS 1",      "A IS NOT 1", "(A = 1",  "A = 1)",  "NOT",
		"A = 1 AND", "A = 1 OR OR", "A == 1",     "A = 1 1", "A ISA 1", "A = 1;;",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *text = arena_printf(arena, "SELECT * FROM C WHERE %s", wrong[i]);
		struct cim_query *query;

		if (cim_query_parse(arena, text, strlen(text), &query, &err))
			fail_msg("accepted: %s", text);
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void other_kinds_of_query_are_told_apart(void **state)
{
	struct cim_query *query = parse("ASSOCIATORS OF {x} WHERE ResultClass=y");

	assert_false(cim_query_bind(query, vm->class, &err));
	assert_string_equal(err.message, "a SELECT is needed here");
	query = parse("SELECT * FROM Msvm_ComputerSystem WITHIN 2");
	assert_false(cim_query_bind(query, vm->class, &err));
	assert_string_equal(err.message, "a query for events: one for instances is needed here");
	query = parse("SELECT * FROM __InstanceModificationEvent");
	assert_false(cim_query_bind(query, class_of(WMI_INSTANCE_MODIFICATION_EVENT), &err));
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
	assert_refused("SELECT * FROM C WHERE A=1 GROUP WITHIN 5", OKVP_UNSUPPORTED,
		       "position 27: GROUP is not supported here");
	assert_refused("SELECT * FROM C HAVING A=1", OKVP_UNSUPPORTED,
		       "position 17: HAVING is not supported here");
}

static void text_that_cannot_be_carried_is_refused(void **state)
{
	struct cim_query *query;

	assert_refused("SELECT * FROM C WHERE A = '\xFF'", OKVP_INVALID,
		       "a query is not valid UTF-8");
	assert_false(cim_query_parse(arena, "SELECT * FROM C\0", 16, &query, &err));
}

static void a_text_without_a_nul_behind_it_is_read_to_its_end(void **state)
{
	struct cim_query *query;

	assert_true(cim_query_parse(arena, "SELECT * FROM Class", 18, &query, &err));
	assert_string_equal(cim_query_class(query), "Clas");
}

static void properties_that_the_class_lacks_are_refused(void **state)
{
	assert_unbound("Colour = 1", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_unbound("NOT (Name = 'x' OR Colour IS NULL)", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_unbound("Colour LIKE 'x'", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'Colour'");
	assert_unbound("TargetInstance.Name = 'x'", OKVP_NOT_FOUND,
		       "the class Msvm_ComputerSystem has no property 'TargetInstance.Name'");
	assert_unbound("TargetInstance ISA 'Msvm_ComputerSystem'", OKVP_UNSUPPORTED,
		       "ISA needs __THIS in a query for instances, not 'TargetInstance'");
	assert_unbound("__THIS ISA 'Nothing'", OKVP_NOT_FOUND, "no class 'Nothing'");
}

static void comparisons_that_the_type_does_not_allow_are_refused(void **state)
{
	static const char no_number[] =
		"'EnabledState' is a uint16: it cannot be compared with this literal";

	assert_unbound("EnabledState = 'two'", OKVP_WRONG_TYPE, no_number);
	assert_unbound("EnabledState = TRUE", OKVP_WRONG_TYPE, no_number);
	assert_unbound("Name = 5", OKVP_WRONG_TYPE,
		       "'Name' is a string: it cannot be compared with this literal");
	assert_unbound("InstallDate > 'yesterday'", OKVP_WRONG_TYPE,
		       "'InstallDate' is a datetime: it cannot be compared with this literal");
	assert_unbound("OperationalStatus = 2", OKVP_WRONG_TYPE,
		       "'OperationalStatus' is an array: it cannot be compared");
	assert_unbound("EnabledState LIKE '2'", OKVP_WRONG_TYPE,
		       "'EnabledState' is no string: LIKE needs one");
	assert_unbound("StatusDescriptions LIKE '2'", OKVP_WRONG_TYPE,
		       "'StatusDescriptions' is no string: LIKE needs one");
	assert_unbound("Name LIKE '[a'", OKVP_INVALID, "a [ in the pattern of LIKE is not closed");
	assert_unbound("__PATH > 'C.K=1'", OKVP_WRONG_TYPE,
		       "'__PATH' is a reference: it has no order");
	assert_unbound("__PATH = 'no path'", OKVP_WRONG_TYPE,
		       "'__PATH' is a reference: it cannot be compared with this literal");
	assert_unbound("__CLASS = 1", OKVP_WRONG_TYPE,
		       "'__CLASS' is a string: it cannot be compared with this literal");
}

static void a_query_has_a_longest_length(void **state)
{
	struct text text = { 0 };
	struct cim_query *query;

	text_puts(&text, "SELECT * FROM Msvm_ComputerSystem WHERE Name='x'");
	while (text.length + 17 <= CIM_QUERY_MAX)
		text_puts(&text, " OR Name = 'A1B2'");
	assert_true(instance_matches(vm, vm->class, text.bytes));
	while (text.length <= CIM_QUERY_MAX)
		text_putc(&text, ' ');
	assert_false(cim_query_parse(arena, text.bytes, text.length, &query, &err));
	assert_int_equal(err.status, OKVP_LIMIT);
	text_done(&text);
}

static const char *nested(const char *open, const char *close, int levels)
{
	struct text text = { 0 };
	char *copy;

	text_puts(&text, "SELECT * FROM C WHERE ");
	for (int i = 0; i < levels; i++)
		text_puts(&text, open);
	text_puts(&text, "A=1");
	for (int i = 0; i < levels; i++)
		text_puts(&text, close);
	copy = arena_text(arena, text.bytes, text.length);
	text_done(&text);
	return copy;
}

static void conditions_are_nested_to_a_limit(void **state)
{
	parse(nested("(", ")", CIM_QUERY_DEPTH_MAX));
	parse(nested("NOT ", "", CIM_QUERY_DEPTH_MAX));
	assert_refused(nested("(", ")", CIM_QUERY_DEPTH_MAX + 1), OKVP_LIMIT,
		       "position 87: nested too deep");
	assert_refused(nested("NOT ", "", CIM_QUERY_DEPTH_MAX + 1), OKVP_LIMIT,
		       "position 279: nested too deep");
	assert_refused(nested("(", ")", 8000), OKVP_LIMIT, "position 87: nested too deep");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_language_is_wql_by_several_names),
		test(a_query_names_its_class),
		test(a_projection_selects_its_properties),
		test(a_projection_of_an_unknown_property_is_refused),
		test(strings_are_compared_without_case),
		test(quotes_and_backslashes_are_protected),
		test(numbers_are_compared_by_value),
		test(a_literal_may_stand_on_the_left),
		test(booleans_are_compared_with_words_and_bits),
		test(times_are_compared_as_times),
		test(null_is_asked_for_by_its_name),
		test(other_comparisons_with_null_are_false),
		test(conditions_bind_in_the_usual_order),
		test(like_takes_patterns),
		test(system_properties_can_be_compared),
		test(isa_asks_for_the_class),
		test(a_query_on_a_superclass_matches_instances_of_a_subclass),
		test(properties_are_compared_with_each_other),
		test(the_place_of_an_error_is_told),
		test(what_is_no_condition_is_refused),
		test(other_kinds_of_query_are_told_apart),
		test(text_that_cannot_be_carried_is_refused),
		test(a_text_without_a_nul_behind_it_is_read_to_its_end),
		test(properties_that_the_class_lacks_are_refused),
		test(comparisons_that_the_type_does_not_allow_are_refused),
		test(a_query_has_a_longest_length),
		test(conditions_are_nested_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
