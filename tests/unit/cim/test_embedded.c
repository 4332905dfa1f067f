/* SPDX-License-Identifier: MIT */
/* test_embedded.c -- cim/embedded */
#include "cim/embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/arena_fixture.h"

static struct okvp_error err;
static struct text text;

static int tear_down(void **state)
{
	text_done(&text);
	return close_arena(state);
}

static struct cim_instance *instance_of(enum cim_class_id id)
{
	return cim_instance_create(arena, cim_class_by_id(cim_namespaces[0], id));
}

static const char *text_of(const struct cim_instance *instance)
{
	text_clear(&text);
	cim_embedded_write(&text, instance);
	return text.bytes;
}

static struct cim_embedded embedded_of(const char *document)
{
	struct cim_embedded embedded;

	if (!cim_embedded_read(arena, document, strlen(document), &embedded, &err))
		fail_msg("%s", err.message);
	return embedded;
}

static const char *value_of(const struct cim_embedded *embedded, const char *name)
{
	const struct cim_embedded_property *property = cim_embedded_find(embedded, name);

	return property ? property->text : NULL;
}

static void assert_refused(const char *document, enum okvp_status status, const char *sentence)
{
	struct cim_embedded embedded;

	assert_false(cim_embedded_read(arena, document, strlen(document), &embedded, &err));
	assert_int_equal(err.status, status);
	assert_string_equal(err.message, sentence);
}

/* --- Writing --- */

static void an_item_has_the_shape_that_hosts_give_it(void **state)
{
	struct cim_instance *item = instance_of(MSVM_KVP_EXCHANGE_DATA_ITEM);

	cim_set_text(item, PROPERTY_NAME, "OSName");
	cim_set_text(item, PROPERTY_DATA, "Debian");
	cim_set_uint(item, PROPERTY_SOURCE, 2);
	assert_string_equal(
		text_of(item),
		"<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\">"
		"<PROPERTY NAME=\"Caption\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"Data\" TYPE=\"string\"><VALUE>Debian</VALUE></PROPERTY>"
		"<PROPERTY NAME=\"Description\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"ElementName\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"Name\" TYPE=\"string\"><VALUE>OSName</VALUE></PROPERTY>"
		"<PROPERTY NAME=\"Source\" TYPE=\"uint16\"><VALUE>2</VALUE></PROPERTY>"
		"</INSTANCE>");
}

static void an_empty_text_is_not_null(void **state)
{
	struct cim_instance *item = instance_of(MSVM_KVP_EXCHANGE_DATA_ITEM);

	cim_set_text(item, PROPERTY_DATA, "");
	assert_non_null(strstr(text_of(item), "<PROPERTY NAME=\"Data\" TYPE=\"string\">"
					      "<VALUE></VALUE></PROPERTY>"));
	assert_non_null(
		strstr(text_of(item), "<PROPERTY NAME=\"Name\" TYPE=\"string\"></PROPERTY>"));
}

static void arrays_are_written_value_by_value(void **state)
{
	struct cim_instance *error = instance_of(MSVM_ERROR);

	cim_set_text_array(error, PROPERTY_MESSAGE_ARGUMENTS, (const char *[]){ "a&b", "c" }, 2);
	assert_non_null(strstr(text_of(error), "<PROPERTY.ARRAY NAME=\"MessageArguments\" "
					       "PROPAGATED=\"true\" TYPE=\"string\"><VALUE.ARRAY>"
					       "<VALUE>a&amp;b</VALUE><VALUE>c</VALUE>"
					       "</VALUE.ARRAY></PROPERTY.ARRAY>"));
	assert_non_null(strstr(text_of(error), "<PROPERTY.ARRAY NAME=\"RecommendedActions\" "
					       "PROPAGATED=\"true\" TYPE=\"string\">"
					       "</PROPERTY.ARRAY>"));
}

static void other_types_are_written_as_the_specification_has_them(void **state)
{
	struct cim_instance *job = instance_of(MSVM_CONCRETE_JOB);

	cim_set(job, PROPERTY_CANCELLABLE, cim_boolean(false));
	cim_set(job, PROPERTY_START_TIME, cim_time(0));
	assert_non_null(strstr(text_of(job), "NAME=\"Cancellable\" TYPE=\"boolean\">"
					     "<VALUE>FALSE</VALUE>"));
	assert_non_null(strstr(text_of(job), "TYPE=\"datetime\">"
					     "<VALUE>19700101000000.000000+000</VALUE>"));
}

static void a_text_that_is_escaped_already_is_taken_as_it_is(void **state)
{
	struct cim_instance *item = instance_of(MSVM_KVP_EXCHANGE_DATA_ITEM);
	struct cim_value data = cim_string("<");

	data.string.escaped = "&#60;";
	data.string.escaped_length = 5;
	cim_set(item, PROPERTY_DATA, data);
	assert_non_null(strstr(text_of(item), "<VALUE>&#60;</VALUE>"));
}

/* --- Reading --- */

static void what_is_written_is_read_again(void **state)
{
	static const char data[] =
		"& < > \" ' \r\n\t ]]> \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x90\xA7";
	struct cim_instance *item = instance_of(MSVM_KVP_EXCHANGE_DATA_ITEM);
	struct cim_embedded embedded;

	cim_set_text(item, PROPERTY_NAME, " k ");
	cim_set_text(item, PROPERTY_DATA, data);
	cim_set_uint(item, PROPERTY_SOURCE, 4);
	embedded = embedded_of(text_of(item));

	assert_string_equal(embedded.class_name, "Msvm_KvpExchangeDataItem");
	assert_int_equal(embedded.count, 6);
	assert_string_equal(value_of(&embedded, "Name"), " k ");
	assert_string_equal(value_of(&embedded, "Data"), data);
	assert_int_equal(cim_embedded_find(&embedded, "Data")->length, strlen(data));
	assert_string_equal(value_of(&embedded, "Source"), "4");
	assert_null(value_of(&embedded, "Caption"));
}

static void whatever_clients_add_is_passed_over(void **state)
{
	struct cim_embedded embedded = embedded_of(
		" \r\n<?xml version='1.0' encoding='utf-16'?>\n"
		"<INSTANCE CLASSNAME='Msvm_KvpExchangeDataItem' xmlns='urn:x' X='1'>"
		"<QUALIFIER NAME='dynamic' TYPE='boolean'><VALUE>TRUE</VALUE></QUALIFIER>"
		"<PROPERTY TYPE='string' CLASSORIGIN='C' NAME='NAME'>"
		"<QUALIFIER NAME='key' TYPE='boolean'><VALUE>TRUE</VALUE></QUALIFIER>\n"
		"<VALUE><![CDATA[a<b]]></VALUE></PROPERTY>"
		"<PROPERTY NAME='Data' TYPE='string'><VALUE/></PROPERTY>"
		"<PROPERTY NAME='Extra' TYPE='string'/>"
		"<PROPERTY.ARRAY NAME='List' TYPE='string'><VALUE.ARRAY/></PROPERTY.ARRAY>"
		"</INSTANCE>\n");

	assert_int_equal(embedded.count, 3);
	assert_string_equal(value_of(&embedded, "Name"), "a<b");
	assert_string_equal(value_of(&embedded, "data"), "");
	assert_null(value_of(&embedded, "Extra"));
	assert_null(value_of(&embedded, "List"));
	assert_null(value_of(&embedded, "Source"));
}

static void what_is_no_instance_is_refused(void **state)
{
	assert_refused("", OKVP_INVALID, "no XML");
	assert_refused("Name=x", OKVP_INVALID, "no XML");
	assert_refused("<INSTANCE>", OKVP_INVALID, "line 1: an element does not end");
	assert_refused("<INSTANCE/>", OKVP_INVALID, "no INSTANCE with a CLASSNAME");
	assert_refused("<CLASS CLASSNAME='C'/>", OKVP_INVALID, "no INSTANCE with a CLASSNAME");
	assert_refused("<!DOCTYPE INSTANCE [<!ENTITY a 'b'>]><INSTANCE CLASSNAME='C'/>",
		       OKVP_INVALID, "line 1: a DOCTYPE is not allowed");
}

static void ambiguous_properties_are_refused(void **state)
{
	assert_refused(
		"<INSTANCE CLASSNAME='C'><PROPERTY NAME='A'/><PROPERTY NAME='a'/></INSTANCE>",
		OKVP_INVALID, "the PROPERTY 'a' is there twice");
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY/></INSTANCE>", OKVP_INVALID,
		       "a PROPERTY has no NAME");
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY NAME='A'>"
		       "<VALUE>1</VALUE><VALUE>2</VALUE></PROPERTY></INSTANCE>",
		       OKVP_INVALID, "the PROPERTY 'A' has more than one VALUE");
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY NAME='A'>"
		       "<VALUE>a<b/>c</VALUE></PROPERTY></INSTANCE>",
		       OKVP_INVALID, "the PROPERTY 'A' has elements inside its VALUE");
}

static void properties_are_counted(void **state)
{
	struct text many = { 0 };
	struct cim_embedded embedded;

	text_puts(&many, "<INSTANCE CLASSNAME='C'>");
	for (int i = 0; i < CIM_EMBEDDED_PROPERTIES_MAX; i++)
		text_printf(&many, "<PROPERTY NAME='P%d'/>", i);
	text_puts(&text, many.bytes);
	text_puts(&text, "</INSTANCE>");
	embedded = embedded_of(text.bytes);
	assert_int_equal(embedded.count, CIM_EMBEDDED_PROPERTIES_MAX);
	text_puts(&many, "<PROPERTY NAME='More'/></INSTANCE>");
	assert_refused(many.bytes, OKVP_LIMIT, "more than 256 properties");
	text_done(&many);
}

static void an_array_is_read_value_by_value(void **state)
{
	static const char document[] =
		"<INSTANCE CLASSNAME='C'><PROPERTY.ARRAY NAME='List' TYPE='string'><VALUE.ARRAY>"
		"<VALUE>a&amp;b</VALUE><VALUE.NULL/><VALUE></VALUE></VALUE.ARRAY></PROPERTY.ARRAY>"
		"<PROPERTY.ARRAY NAME='None' TYPE='string'></PROPERTY.ARRAY>"
		"<PROPERTY.ARRAY NAME='Empty' "
		"TYPE='string'><VALUE.ARRAY/></PROPERTY.ARRAY></INSTANCE>";
	const struct cim_embedded_array *list;
	struct cim_embedded embedded;

	assert_true(cim_embedded_read(arena, document, strlen(document), &embedded, NULL));
	list = cim_embedded_find_array(&embedded, "LIST");
	assert_int_equal(list->count, 3);
	assert_string_equal(list->item[0].bytes, "a&b");
	assert_null(list->item[1].bytes);
	assert_string_equal(list->item[2].bytes, "");
	assert_null(cim_embedded_find_array(&embedded, "None"));
	assert_int_equal(cim_embedded_find_array(&embedded, "Empty")->count, 0);
	assert_null(cim_embedded_find_array(&embedded, "Other"));
}

static void an_array_of_something_else_is_refused(void **state)
{
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY.ARRAY NAME='L'><VALUE.ARRAY><ITEM/>"
		       "</VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>",
		       OKVP_INVALID, "the PROPERTY.ARRAY 'L' has something else than values");
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY.ARRAY/></INSTANCE>", OKVP_INVALID,
		       "a PROPERTY.ARRAY has no NAME");
	assert_refused("<INSTANCE CLASSNAME='C'><PROPERTY NAME='A'/><PROPERTY.ARRAY NAME='a'/>"
		       "</INSTANCE>",
		       OKVP_INVALID, "the PROPERTY 'a' is there twice");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, tear_down)
	const struct CMUnitTest tests[] = {
		test(an_item_has_the_shape_that_hosts_give_it),
		test(an_empty_text_is_not_null),
		test(arrays_are_written_value_by_value),
		test(other_types_are_written_as_the_specification_has_them),
		test(a_text_that_is_escaped_already_is_taken_as_it_is),
		test(what_is_written_is_read_again),
		test(whatever_clients_add_is_passed_over),
		test(what_is_no_instance_is_refused),
		test(ambiguous_properties_are_refused),
		test(properties_are_counted),
		test(an_array_is_read_value_by_value),
		test(an_array_of_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
