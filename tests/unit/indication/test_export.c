/* SPDX-License-Identifier: MIT */
/* test_export.c -- indication/export */
#include "indication/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/scoped.h"

#define V2 "root/virtualization/v2"

#define BEGIN                                                                             \
	"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<CIM CIMVERSION=\"2.0\" "           \
	"DTDVERSION=\"2.0\"><MESSAGE ID=\"7\" PROTOCOLVERSION=\"1.0\"><SIMPLEEXPREQ>"     \
	"<EXPMETHODCALL NAME=\"ExportIndication\"><EXPPARAMVALUE NAME=\"NewIndication\">" \
	"<INSTANCE CLASSNAME=\"CIM_InstCreation\">"
#define END    "</INSTANCE></EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>"
#define NUMBER "<PROPERTY NAME=\"SequenceNumber\" TYPE=\"sint64\"><VALUE>7</VALUE></PROPERTY>"

static int set_up(void **state)
{
	*state = arena_create();
	return 0;
}

static int tear_down(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	return 0;
}

static const struct cim_class *class_of(const char *name)
{
	return cim_class_find(cim_namespace_find(V2), name);
}

/* The creation of a job, the eighth of its kind. */
static struct cim_instance *creation(struct arena *arena)
{
	struct cim_instance *indication = cim_instance_create(arena, class_of("CIM_InstCreation"));
	struct cim_instance *job = cim_instance_create(arena, class_of("Msvm_ConcreteJob"));

	cim_set_text(job, PROPERTY_INSTANCE_ID, "a<b");
	cim_set(indication, PROPERTY_SOURCE_INSTANCE, cim_instance_value(job));
	cim_set_text(indication, PROPERTY_INDICATION_FILTER_NAME, "f\"1\"");
	cim_set(indication, PROPERTY_SEQUENCE_NUMBER,
		(struct cim_value){ .type = CIM_SINT64, .is_set = true, .sint = 7 });
	return indication;
}

static void what_is_set_is_written(void **state)
{
	scoped(text_done) struct text out = { 0 };

	export_write(&out, "7", creation(*state), NULL);
	assert_int_equal(strncmp(out.bytes, BEGIN, strlen(BEGIN)), 0);
	assert_string_equal(out.bytes + out.length - strlen(END), END);
	assert_non_null(strstr(out.bytes, "<PROPERTY NAME=\"IndicationFilterName\" TYPE=\"string\">"
					  "<VALUE>f&quot;1&quot;</VALUE></PROPERTY>"));
	assert_non_null(strstr(out.bytes, "<PROPERTY NAME=\"SourceInstance\" TYPE=\"string\" "
					  "EmbeddedObject=\"object\"><VALUE>&lt;INSTANCE "
					  "CLASSNAME=&quot;Msvm_ConcreteJob&quot;&gt;"));
	assert_non_null(strstr(out.bytes, "a&amp;lt;b"));
	assert_null(strstr(out.bytes, "PerceivedSeverity"));
}

static void what_the_query_does_not_select_is_left_out_but_for_the_place(void **state)
{
	static const char text[] = "SELECT IndicationTime FROM CIM_InstCreation WHERE "
				   "SourceInstance ISA 'Msvm_ConcreteJob'";
	scoped(text_done) struct text out = { 0 };
	struct cim_query *query;

	assert_true(cim_query_parse(*state, text, strlen(text), &query, NULL));
	assert_true(cim_query_bind_events(query, class_of("CIM_InstCreation"), NULL));
	export_write(&out, "7", creation(*state), query);
	assert_string_equal(out.bytes, BEGIN NUMBER END);
}

#define ANSWER(inner)                                                                           \
	"<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"7\" PROTOCOLVERSION=\"1.0\">" \
	"<SIMPLEEXPRSP><EXPMETHODRESPONSE NAME=\"ExportIndication\">" inner                     \
	"</EXPMETHODRESPONSE></SIMPLEEXPRSP></MESSAGE></CIM>"

static void a_listener_has_taken_what_he_does_not_refuse(void **state)
{
	static const char *const answers[] = {
		ANSWER(""), ANSWER("<IRETURNVALUE/>"), "",
		"thanks",   "<html><ERROR/></html>",   "<!DOCTYPE CIM><CIM/>",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		assert_true(export_is_taken(answers[i], strlen(answers[i]), NULL));
}

static void a_refusal_is_told_by_its_number(void **state)
{
	static const char answer[] = ANSWER("<ERROR CODE=\"4\" DESCRIPTION=\"secret\"/>");
	struct okvp_error err;

	assert_false(export_is_taken(answer, strlen(answer), &err));
	assert_string_equal(err.message, "the listener answers with error 4");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(what_is_set_is_written),
		test(what_the_query_does_not_select_is_left_out_but_for_the_place),
		test(a_listener_has_taken_what_he_does_not_refuse),
		test(a_refusal_is_told_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
