/* SPDX-License-Identifier: MIT */
/* test_read_value_xml.c -- cim/read_value_xml */
#include "cim/read_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cim/class_xml.h"
#include "read_xml_fixture.h"

/* The last that were read. */
static struct cim_value value;
static struct cim_read_instance found;

static bool read(const char *document)
{
	return cim_read_value(arena, parse(document), "root", &value, &err);
}

static bool read_instance(const char *document)
{
	return cim_read_instance(arena, parse(document), "root", &found, &err);
}

static void a_value_is_its_text(void **state)
{
	assert_true(read("<VALUE> a &lt;b&gt; </VALUE>"));
	assert_string_equal(value.string.bytes, " a <b> ");
	assert_true(read("<VALUE/>"));
	assert_int_equal(value.string.length, 0);
}

static void an_instance_in_a_value_is_as_good_as_its_text(void **state)
{
	assert_true(read("<VALUE> <INSTANCE CLASSNAME='A&amp;'><PROPERTY NAME='P' TYPE='string'>"
			 "<VALUE>x &lt; y</VALUE></PROPERTY></INSTANCE> </VALUE>"));
	assert_string_equal(value.string.bytes,
			    "<INSTANCE CLASSNAME=\"A&amp;\"><PROPERTY NAME=\"P\" TYPE=\"string\">"
			    "<VALUE>x &lt; y</VALUE></PROPERTY></INSTANCE>");
	assert_false(read("<VALUE><CLASS/></VALUE>"));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void arrays_and_references_are_read(void **state)
{
	assert_true(read("<VALUE.ARRAY><VALUE>a</VALUE><VALUE/></VALUE.ARRAY>"));
	assert_true(value.is_array);
	assert_int_equal(value.array.count, 2);
	assert_string_equal(value.array.item[0].string.bytes, "a");
	assert_true(read("<VALUE.ARRAY/>"));
	assert_true(value.is_set);
	assert_int_equal(value.array.count, 0);
	assert_true(read("<VALUE.REFERENCE>" NAME("A", KEY("K", "v")) "</VALUE.REFERENCE>"));
	assert_string_equal(value.reference->ns, "root");
	assert_true(read("<VALUE.REFARRAY><VALUE.REFERENCE>" NAME(
		"A", "") "</VALUE.REFERENCE></VALUE.REFARRAY>"));
	assert_string_equal(value.array.item[0].reference->class_name, "A");
}

static void a_null_in_an_array_is_4(void **state)
{
	assert_false(read("<VALUE.ARRAY><VALUE.NULL/></VALUE.ARRAY>"));
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
}

static void what_holds_nothing_is_null(void **state)
{
	assert_true(
		cim_read_held_value(arena, parse("<PARAMVALUE NAME='P'/>"), "root", &value, &err));
	assert_false(value.is_set);
	assert_true(cim_read_held_value(
		arena, parse("<PROPERTY NAME='P'><QUALIFIER/><VALUE>1</VALUE></PROPERTY>"), "root",
		&value, &err));
	assert_true(value.is_set);
	assert_false(cim_read_held_value(
		arena, parse("<PROPERTY NAME='P'><VALUE>1</VALUE><VALUE>2</VALUE></PROPERTY>"),
		"root", &value, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void an_instance_is_its_properties(void **state)
{
	assert_true(read_instance(
		"<INSTANCE CLASSNAME='A'><QUALIFIER/><PROPERTY NAME='P' "
		"TYPE='uint8'><VALUE>1</VALUE></PROPERTY>"
		"<PROPERTY.ARRAY NAME='Q' TYPE='string'/><PROPERTY.REFERENCE "
		"NAME='R'><VALUE.REFERENCE>" NAME(
			"B", "") "</VALUE.REFERENCE></PROPERTY.REFERENCE></INSTANCE>"));
	assert_string_equal(found.class_name, "A");
	assert_null(found.path);
	assert_int_equal(found.count, 3);
	assert_string_equal(found.properties[0].value.string.bytes, "1");
	assert_false(found.properties[1].value.is_set);
	assert_int_equal(found.properties[2].value.type, CIM_REFERENCE);
}

static void a_named_instance_has_a_path(void **state)
{
	assert_true(read_instance("<VALUE.NAMEDINSTANCE>" NAME(
		"A", KEY("K", "v")) "<INSTANCE CLASSNAME='A'/></VALUE.NAMEDINSTANCE>"));
	assert_string_equal(cim_path_text_key(found.path, "K"), "v");
	assert_false(read_instance("<VALUE.NAMEDINSTANCE>" NAME("A", "") "</VALUE.NAMEDINSTANCE>"));
	assert_false(read_instance(
		"<VALUE.NAMEDINSTANCE><INSTANCE CLASSNAME='A'/></VALUE.NAMEDINSTANCE>"));
}

static void a_property_that_is_there_twice_is_4(void **state)
{
	assert_false(read_instance("<INSTANCE CLASSNAME='A'><PROPERTY NAME='P'/><PROPERTY.ARRAY "
				   "NAME='p'/></INSTANCE>"));
	assert_int_equal(err.status, OKVP_EXISTS);
}

static void too_many_properties_are_4(void **state)
{
	struct text document = { 0 };

	text_puts(&document, "<INSTANCE CLASSNAME='A'>");
	for (int i = 0; i < CIM_READ_PROPERTIES_MAX + 1; i++)
		text_printf(&document, "<PROPERTY NAME='P%d'/>", i);
	text_puts(&document, "</INSTANCE>");
	assert_false(read_instance(document.bytes));
	assert_int_equal(err.status, OKVP_LIMIT);
	text_done(&document);
}

static void what_the_dtd_does_not_allow_is_refused(void **state)
{
	static const char *const documents[] = {
		"<INSTANCE/>",
		"<INSTANCE CLASSNAME='A'><a/></INSTANCE>",
		"<INSTANCE CLASSNAME='A'><PROPERTY/></INSTANCE>",
		"<INSTANCE CLASSNAME='A'><PROPERTY NAME='P'><a/></PROPERTY></INSTANCE>",
		"<CLASS NAME='A'/>",
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		assert_false(read_instance(documents[i]));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

/* --- Instances that were written --- */

static void what_was_written_is_read_again(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("root/interop");
	const struct cim_class *class = cim_class_find(ns, "CIM_IndicationFilter");
	struct cim_instance *instance = cim_instance_create(arena, class), *again;
	struct text text = { 0 };

	cim_set_text(instance, PROPERTY_NAME, "a <b> \"c\" \xC3\xA4");
	cim_set_text_array(instance, PROPERTY_SOURCE_NAMESPACES, (const char *[]){ "x", "" }, 2);
	cim_set(instance, PROPERTY_INDIVIDUAL_SUBSCRIPTION_SUPPORTED, cim_boolean(false));
	cim_instance_xml(&text, instance);
	assert_true(cim_instance_from_xml(arena, class, text.bytes, text.length, &again, &err));
	assert_string_equal(cim_get_value(again, PROPERTY_NAME)->string.bytes,
			    "a <b> \"c\" \xC3\xA4");
	assert_int_equal(cim_get_value(again, PROPERTY_SOURCE_NAMESPACES)->array.count, 2);
	assert_false(cim_get_value(again, PROPERTY_INDIVIDUAL_SUBSCRIPTION_SUPPORTED)->boolean);
	assert_false(cim_get_value(again, PROPERTY_QUERY)->is_set);
	text_done(&text);
}

static void references_are_read_again(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("root/interop");
	const struct cim_class *class = cim_class_find(ns, "CIM_IndicationSubscription");
	struct cim_instance *instance = cim_instance_create(arena, class), *again;
	const struct cim_key key = { "Name", cim_string("f") };
	const struct cim_object_path path = { ns->name, "CIM_IndicationFilter", &key, 1 };
	struct text text = { 0 };

	cim_set(instance, PROPERTY_FILTER, cim_reference(&path));
	cim_instance_xml(&text, instance);
	assert_true(cim_instance_from_xml(arena, class, text.bytes, text.length, &again, &err));
	assert_true(cim_path_equal(cim_get_value(again, PROPERTY_FILTER)->reference, &path));
	text_done(&text);
}

static void a_text_that_is_no_instance_of_the_class_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"<CLASS/>",
		("<INSTANCE CLASSNAME='A'><PROPERTY "
		 "NAME='JobState'><VALUE>x</VALUE></PROPERTY></INSTANCE>"),
	};
	const struct cim_class *class = cim_class_find(cim_namespaces[0], "Msvm_ConcreteJob");
	struct cim_instance *instance;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(cim_instance_from_xml(arena, class, texts[i], strlen(texts[i]),
						   &instance, &err));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_value_is_its_text),
		test(an_instance_in_a_value_is_as_good_as_its_text),
		test(arrays_and_references_are_read),
		test(a_null_in_an_array_is_4),
		test(what_holds_nothing_is_null),
		test(an_instance_is_its_properties),
		test(a_named_instance_has_a_path),
		test(a_property_that_is_there_twice_is_4),
		test(too_many_properties_are_4),
		test(what_the_dtd_does_not_allow_is_refused),
		test(what_was_written_is_read_again),
		test(references_are_read_again),
		test(a_text_that_is_no_instance_of_the_class_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
