/* SPDX-License-Identifier: MIT */
/* test_changes.c -- front/cimxml/changes */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk_on_world.h"

#define PROPERTY(n, v)              "<PROPERTY NAME=\"" n "\" TYPE=\"string\"><VALUE>" v "</VALUE></PROPERTY>"
#define INSTANCE(class, properties) "<INSTANCE CLASSNAME=\"" class "\">" properties "</INSTANCE>"
#define MODIFIED(name, instance)      \
	PARAMETER("ModifiedInstance", \
		  "<VALUE.NAMEDINSTANCE>" name instance "</VALUE.NAMEDINSTANCE>")
#define LIST(names) PARAMETER("PropertyList", "<VALUE.ARRAY>" names "</VALUE.ARRAY>")
#define VM1         PARAMETER("InstanceName", WORLD_NAME(1))

static void a_made_instance_is_returned_with_all_its_keys(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "CreateInstance",
		 PARAMETER("NewInstance",
			   INSTANCE("Msvm_ConcreteJob",
				    PROPERTY("Name", "x") PROPERTY("TimeBeforeRemoval",
								   "00000000000500.000000:000"))));
	assert_string_equal(
		talk_result(f->talk),
		"<IRETURNVALUE><INSTANCENAME CLASSNAME=\"Msvm_ConcreteJob\"><KEYBINDING "
		"NAME=\"InstanceID\"><KEYVALUE VALUETYPE=\"string\" "
		"TYPE=\"string\">job2</KEYVALUE></KEYBINDING></INSTANCENAME></IRETURNVALUE>");
	assert_int_equal(f->world->job_count, 3);
}

static void an_instance_is_changed_without_a_result(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "ModifyInstance",
		 MODIFIED(WORLD_NAME(1),
			  INSTANCE("Msvm_ComputerSystem", PROPERTY("EnabledDefault", "3")))
			 VALUE("IncludeQualifiers", "FALSE"));
	assert_string_equal(talk_result(f->talk), "");
	assert_int_equal(talk_code(f->talk), 0);
	assert_int_equal(f->world->vm_enabled_default, 3);
}

static void with_a_list_only_what_is_in_it_changes(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "ModifyInstance",
		 MODIFIED(WORLD_NAME(1),
			  INSTANCE("Msvm_ComputerSystem", PROPERTY("EnabledDefault", "3")))
			 LIST("<VALUE>Roles</VALUE>"));
	assert_int_equal(talk_code(f->talk), 0);
	assert_int_equal(f->world->vm_enabled_default, 2);
	talk_ask(f->talk, "ModifyInstance",
		 MODIFIED(WORLD_NAME(1),
			  INSTANCE("Msvm_ComputerSystem", PROPERTY("EnabledDefault", "3")))
			 LIST("<VALUE>enableddefault</VALUE>"));
	assert_int_equal(f->world->vm_enabled_default, 3);
	talk_ask(f->talk, "ModifyInstance",
		 MODIFIED(WORLD_NAME(1), INSTANCE("Msvm_ComputerSystem", ""))
			 LIST("<VALUE>EnabledDefault</VALUE>"));
	assert_int_equal(talk_code(f->talk), 0);
	assert_int_equal(f->world->vm_enabled_default, 2);
}

static void a_property_is_set_alone(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "SetProperty",
		 VM1 VALUE("PropertyName", "EnabledDefault") VALUE("NewValue", "7"));
	assert_string_equal(talk_result(f->talk), "");
	assert_int_equal(f->world->vm_enabled_default, 7);
	talk_ask(f->talk, "SetProperty",
		 VM1 VALUE("PropertyName", "Roles")
			 PARAMETER("NewValue", "<VALUE.ARRAY><VALUE>a</VALUE></VALUE.ARRAY>"));
	assert_int_equal(talk_code(f->talk), 0);
}

static void an_instance_is_removed(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "DeleteInstance",
		 PARAMETER("InstanceName", NAME("Msvm_ConcreteJob", KEY("InstanceID", "job1"))));
	assert_string_equal(talk_result(f->talk), "");
	assert_int_equal(f->world->deleted, 1);
}

static void what_cannot_be_done_has_its_code(void **state)
{
	static const struct {
		const char *operation, *parameters;
		int code;
	} cases[] = {
		{ "CreateInstance", PARAMETER("NewInstance", INSTANCE("Nope", "")), 5 },
		{ "CreateInstance", PARAMETER("NewInstance", INSTANCE("Msvm_ComputerSystem", "")),
		  7 },
		{ "CreateInstance",
		  PARAMETER("NewInstance", INSTANCE("Msvm_ConcreteJob", PROPERTY("Nope", ""))),
		  12 },
		{ "CreateInstance",
		  PARAMETER("NewInstance", INSTANCE("Msvm_ConcreteJob", PROPERTY("JobState", "x"))),
		  13 },
		{ "ModifyInstance", MODIFIED(WORLD_NAME(9), INSTANCE("Msvm_ComputerSystem", "")),
		  6 },
		{ "ModifyInstance", MODIFIED(WORLD_NAME(1), INSTANCE("Msvm_ConcreteJob", "")), 4 },
		{ "ModifyInstance",
		  MODIFIED(WORLD_NAME(1),
			   INSTANCE("Msvm_ComputerSystem", PROPERTY("ElementName", "other"))),
		  4 },
		{ "ModifyInstance",
		  MODIFIED(WORLD_NAME(1), INSTANCE("Msvm_ComputerSystem", ""))
			  LIST("<VALUE>Nope</VALUE>"),
		  12 },
		{ "SetProperty", VM1 VALUE("PropertyName", "Nope") VALUE("NewValue", "7"), 12 },
		{ "SetProperty", VM1 VALUE("PropertyName", "EnabledDefault") VALUE("NewValue", "x"),
		  13 },
		{ "DeleteInstance", VM1, 7 },
		{ "DeleteInstance",
		  PARAMETER("InstanceName", NAME("Msvm_ConcreteJob", KEY("InstanceID", "job9"))),
		  6 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk_ask(f->talk, cases[i].operation, cases[i].parameters);
		if (talk_code(f->talk) != cases[i].code)
			fail_msg("case %zu: %s", i, f->talk->answer.bytes);
	}
	assert_int_equal(f->world->created + f->world->modified + f->world->deleted, 0);
}

static void who_may_only_read_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->talk->message.principal.role = ROLE_READ;
	talk_ask(f->talk, "DeleteInstance",
		 PARAMETER("InstanceName", NAME("Msvm_ConcreteJob", KEY("InstanceID", "job1"))));
	assert_int_equal(talk_code(f->talk), 2);
	talk_ask(f->talk, "SetProperty",
		 VM1 VALUE("PropertyName", "EnabledDefault") VALUE("NewValue", "7"));
	assert_int_equal(talk_code(f->talk), 2);
	talk_ask(f->talk, "DeleteInstance",
		 PARAMETER("InstanceName", NAME("Msvm_ConcreteJob", KEY("InstanceID", "none"))));
	assert_int_equal(talk_code(f->talk), 6);
	assert_int_equal(f->world->deleted + f->world->modified, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_made_instance_is_returned_with_all_its_keys),
		test(an_instance_is_changed_without_a_result),
		test(with_a_list_only_what_is_in_it_changes),
		test(a_property_is_set_alone),
		test(an_instance_is_removed),
		test(what_cannot_be_done_has_its_code),
		test(who_may_only_read_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
