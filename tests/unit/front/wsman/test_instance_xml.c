/* SPDX-License-Identifier: MIT */
/* test_instance_xml.c -- front/wsman/instance_xml, reference_xml, resource */
#include "front/wsman/instance_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"
#include "tests/unit/arena_fixture.h"

static struct text out;

static int tear_down(void **state)
{
	text_done(&out);
	return close_arena(state);
}

static const char *write_as(const struct wsman_form *form, bool is_array, struct cim_value value)
{
	text_clear(&out);
	wsman_value_write(&out, form, "X", is_array, &value);
	return out.bytes ? out.bytes : "";
}

static const char *write_value(struct cim_value value)
{
	const struct wsman_form form = { .family = WSMAN_WMI };

	return write_as(&form, value.is_array, value);
}

static struct cim_value real(enum cim_type type, double number)
{
	return (struct cim_value){ .type = type, .is_set = true, .real = number };
}

static struct cim_value sint(enum cim_type type, int64_t number)
{
	return (struct cim_value){ .type = type, .is_set = true, .sint = number };
}

static void scalars_are_written_as_xml_schema_has_them(void **state)
{
	assert_string_equal(write_value(cim_boolean(true)), "<p:X>true</p:X>");
	assert_string_equal(write_value(cim_boolean(false)), "<p:X>false</p:X>");
	assert_string_equal(write_value(cim_uint(CIM_UINT64, UINT64_MAX)),
			    "<p:X>18446744073709551615</p:X>");
	assert_string_equal(write_value(sint(CIM_SINT64, INT64_MIN)),
			    "<p:X>-9223372036854775808</p:X>");
	assert_string_equal(write_value(cim_uint(CIM_CHAR16, 65)), "<p:X>65</p:X>");
	assert_string_equal(write_value(real(CIM_REAL64, 0.1)), "<p:X>0.1</p:X>");
	assert_string_equal(write_value(real(CIM_REAL64, 1.0 / 3)),
			    "<p:X>0.3333333333333333</p:X>");
	assert_string_equal(write_value(real(CIM_REAL32, (double)0.1f)), "<p:X>0.1</p:X>");
	assert_string_equal(write_value(cim_string("a<b>&\"\r\x01")),
			    "<p:X>a&lt;b&gt;&amp;&quot;&#13;\xEF\xBF\xBD</p:X>");
	assert_string_equal(write_value(cim_string("")), "<p:X></p:X>");
}

static void times_and_intervals_are_elements(void **state)
{
	assert_string_equal(write_value(cim_time(1800000000500000)),
			    "<p:X><cim:Datetime>2027-01-15T08:00:00.500000Z</cim:Datetime></p:X>");
	assert_string_equal(write_value(cim_interval(100000000)),
			    "<p:X><cim:Interval>P0DT0H1M40S</cim:Interval></p:X>");
}

static void text_that_was_escaped_before_is_copied(void **state)
{
	struct cim_value value = cim_string("<a>");

	value.string.escaped = "(escaped)";
	value.string.escaped_length = 9;

	assert_string_equal(write_value(value), "<p:X>(escaped)</p:X>");
}

static void null_is_nil_and_an_empty_array_is_nothing(void **state)
{
	assert_string_equal(write_value((struct cim_value){ 0 }), "<p:X xsi:nil=\"true\"/>");
	assert_string_equal(write_value(cim_array(CIM_STRING, NULL, 0)), "");
}

static void an_array_that_is_null_can_be_told_from_an_empty_one(void **state)
{
	const struct wsman_form precise = { .family = WSMAN_WMI, .precise_arrays = true };

	assert_string_equal(write_as(&precise, true, (struct cim_value){ 0 }),
			    "<p:X xsi:nil=\"true\" msftwinrm:IsNullArray=\"true\" "
			    "xmlns:msftwinrm=\"" NS_WINRM "\"/>");
	assert_string_equal(write_as(&precise, false, (struct cim_value){ 0 }),
			    "<p:X xsi:nil=\"true\"/>");
	assert_string_equal(write_as(&precise, true, cim_array(CIM_STRING, NULL, 0)), "");
}

static void an_embedded_instance_has_a_prefix_of_its_own(void **state)
{
	const struct cim_namespace *ns = cim_namespaces[0];
	struct cim_instance *inner = cim_instance_create(arena, cim_class_by_id(ns, MSVM_ERROR));
	struct cim_instance *outer =
		cim_instance_create(arena, cim_class_by_id(ns, WMI_INSTANCE_DELETION_EVENT));
	struct cim_instance *outermost =
		cim_instance_create(arena, cim_class_by_id(ns, WMI_INSTANCE_CREATION_EVENT));
	const struct wsman_form form = { .family = WSMAN_DMTF };

	cim_set_text(inner, PROPERTY_MESSAGE, "a<b");
	cim_set(outer, PROPERTY_TARGET_INSTANCE, cim_instance_value(inner));
	cim_set(outermost, PROPERTY_TARGET_INSTANCE, cim_instance_value(outer));
	wsman_instance_write(&out, &form, outermost, NULL);

	assert_non_null(strstr(out.bytes, "<p:__InstanceCreationEvent xmlns:p=\"" URI_DMTF
					  "__InstanceCreationEvent\" "));
	assert_non_null(strstr(out.bytes, "<p:TargetInstance xmlns:p1=\"" URI_DMTF
					  "__InstanceDeletionEvent\" "));
	assert_non_null(strstr(out.bytes, " xsi:type=\"p1:__InstanceDeletionEvent_Type\">"));
	assert_non_null(
		strstr(out.bytes, "<p1:TargetInstance xmlns:p2=\"" URI_DMTF "Msvm_Error\" "));
	assert_non_null(strstr(out.bytes, "<p2:Message>a&lt;b</p2:Message>"));
	assert_non_null(strstr(out.bytes, "</p1:TargetInstance>"));
	assert_non_null(strstr(out.bytes, "</p:TargetInstance>"));
}

static void properties_that_are_named_are_written_alone(void **state)
{
	static const char *const names[] = { "name", "ELEMENTNAME" };
	const struct wsman_projection projection = { .names = names, .name_count = 2 };
	const struct wsman_form form = { .family = WSMAN_WMI };
	struct cim_instance *vm = cim_instance_create(
		arena, cim_class_by_id(cim_namespaces[0], MSVM_COMPUTER_SYSTEM));

	cim_set_text(vm, PROPERTY_NAME, "n");
	cim_set_text(vm, PROPERTY_ELEMENT_NAME, "e");
	wsman_instance_write(&out, &form, vm, &projection);

	assert_non_null(strstr(out.bytes, "_Type\"><p:"));
	assert_non_null(strstr(out.bytes, "<p:Name>n</p:Name>"));
	assert_non_null(strstr(out.bytes, "<p:ElementName>e</p:ElementName>"));
	assert_null(strstr(out.bytes, "Caption"));
}

static void an_array_is_an_element_for_each_value(void **state)
{
	const struct cim_value items[] = { cim_uint(CIM_UINT16, 2), cim_uint(CIM_UINT16, 32775) };

	assert_string_equal(write_value(cim_array(CIM_UINT16, items, 2)),
			    "<p:X>2</p:X><p:X>32775</p:X>");
}

static void a_reference_to_an_association_holds_references(void **state)
{
	const struct cim_key inner_key = { "Name", cim_string("a&b") };
	const struct cim_object_path inner = { "root/virtualization/v2", "C", &inner_key, 1 };
	const struct cim_key outer_keys[] = {
		{ "Dependent", cim_reference(&inner) },
		{ "When", cim_interval(5000000) },
	};
	const struct cim_object_path outer = { NULL, "A", outer_keys, 2 };

	write_value(cim_reference(&outer));

	assert_string_equal(
		out.bytes,
		"<p:X><a:Address>" ANONYMOUS_ROLE "</a:Address><a:ReferenceParameters>"
		"<w:ResourceURI>" URI_WMI "root/virtualization/v2/A</w:ResourceURI><w:SelectorSet>"
		"<w:Selector Name=\"Dependent\"><a:EndpointReference><a:Address>" ANONYMOUS_ROLE
		"</a:Address><a:ReferenceParameters><w:ResourceURI>" URI_WMI
		"root/virtualization/v2/C</w:ResourceURI><w:SelectorSet><w:Selector Name=\"Name\">"
		"a&amp;b</w:Selector></w:SelectorSet></a:ReferenceParameters></a:EndpointReference>"
		"</w:Selector><w:Selector Name=\"When\">00000000000005.000000:000</w:Selector>"
		"</w:SelectorSet></a:ReferenceParameters></p:X>");
}

static void a_reference_can_be_read_as_it_was_written(void **state)
{
	const struct cim_key inner_key = { "Name", cim_string("a&b") };
	const struct cim_object_path inner = { "root/virtualization/v2", "C", &inner_key, 1 };
	const struct cim_key outer_key = { "Dependent", cim_reference(&inner) };
	const struct cim_object_path outer = { "root/virtualization/v2", "A", &outer_key, 1 };

	for (int family = WSMAN_WMI; family <= WSMAN_DMTF; family++) {
		const struct xml_element *root;
		struct cim_object_path got;
		struct wsman_fault fault;
		struct okvp_error err;

		text_clear(&out);
		text_puts(&out, "<x xmlns:a=\"" NS_ADDRESSING "\" xmlns:w=\"" NS_WSMAN "\">");
		wsman_reference_write(&out, (enum wsman_family)family, &outer);
		text_puts(&out, "</x>");
		assert_true(xml_parse(arena, out.bytes, out.length, XML_UTF8, &root, &err));
		assert_true(wsman_is_reference(root));
		assert_true(wsman_reference_read(arena, root, "", &got, &fault));
		assert_true(cim_path_equal(&outer, &got));
		assert_string_equal(got.ns, outer.ns);
	}
}

static void uris_are_taken_apart_at_their_last_slash(void **state)
{
	static const struct {
		const char *uri, *ns, *class_name;
		enum wsman_family family;
		enum wsman_target target;
	} cases[] = {
		{ URI_WMI "root/virtualization/v2/C", "root/virtualization/v2", "C", WSMAN_WMI,
		  WSMAN_INSTANCES },
		{ URI_WMI "root/cimv2/*", "root/cimv2", "*", WSMAN_WMI, WSMAN_INSTANCES },
		{ "HTTP://schemas.microsoft.com/WBEM/wsman/1/wmi/root/C", "root", "C", WSMAN_WMI,
		  WSMAN_INSTANCES },
		{ URI_DMTF "C", "", "C", WSMAN_DMTF, WSMAN_INSTANCES },
		{ URI_DMTF "*", "", "*", WSMAN_DMTF, WSMAN_INSTANCES },
		{ URI_ALL, "", "*", WSMAN_DMTF, WSMAN_INSTANCES },
		{ URI_CLASSES, "", "*", WSMAN_DMTF, WSMAN_CLASSES },
		{ URI_CLASSES_WINRM, "", "*", WSMAN_DMTF, WSMAN_CLASSES },
		{ URI_CLASSES_WS_CIM, "", "*", WSMAN_DMTF, WSMAN_CLASSES_WS_CIM },
	};

	for (size_t i = 0; i < count_of(cases); i++) {
		struct wsman_resource resource;

		assert_true(wsman_resource_read(arena, cases[i].uri, &resource));
		assert_string_equal(resource.ns, cases[i].ns);
		assert_string_equal(resource.class_name, cases[i].class_name);
		assert_int_equal(resource.family, cases[i].family);
		assert_int_equal(resource.target, cases[i].target);
	}
}

static void other_uris_are_refused(void **state)
{
	static const char *const uris[] = {
		"",
		URI_WMI,
		URI_WMI "C",
		URI_WMI "root/",
		URI_WMI "/C",
		URI_DMTF,
		URI_DMTF "a/C",
		"urn:x",
		"http://schemas.dmtf.org/",
		URI_ALL "x",
		"wmi/root/C",
	};
	struct wsman_resource resource;

	for (size_t i = 0; i < count_of(uris); i++)
		if (wsman_resource_read(arena, uris[i], &resource))
			fail_msg("read: %s", uris[i]);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, tear_down)
	const struct CMUnitTest tests[] = {
		test(scalars_are_written_as_xml_schema_has_them),
		test(times_and_intervals_are_elements),
		test(text_that_was_escaped_before_is_copied),
		test(null_is_nil_and_an_empty_array_is_nothing),
		test(an_array_that_is_null_can_be_told_from_an_empty_one),
		test(an_array_is_an_element_for_each_value),
		test(an_embedded_instance_has_a_prefix_of_its_own),
		test(properties_that_are_named_are_written_alone),
		test(a_reference_to_an_association_holds_references),
		test(a_reference_can_be_read_as_it_was_written),
		test(uris_are_taken_apart_at_their_last_slash),
		test(other_uris_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
