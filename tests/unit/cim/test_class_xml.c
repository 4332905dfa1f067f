/* SPDX-License-Identifier: MIT */
/* test_class_xml.c -- cim/class_xml: classes, qualifiers, values and paths as XML */
#include "cim/class_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cim/instance.h"
#include "tests/unit/arena_fixture.h"
#include "xml/xml.h"

static struct text out;

static const struct cim_class_xml_options everything = {
	.inherited = true,
	.qualifiers = true,
	.class_origin = true,
	.derivation = true,
};

static int tear_down(void **state)
{
	text_done(&out);
	return close_arena(state);
}

static const struct cim_class *class_of(enum cim_class_id id)
{
	return cim_class_by_id(cim_namespaces[0], id);
}

static const char *write_class(enum cim_class_id id, struct cim_class_xml_options options)
{
	text_clear(&out);
	cim_class_xml(&out, class_of(id), &options);
	return out.bytes;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s is not in %s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s is in %s", part, text);
}

/* --- Classes --- */

static void a_class_alone_has_what_it_declares(void **state)
{
	assert_string_equal(
		write_class(MSVM_OWNING_JOB_ELEMENT, (struct cim_class_xml_options){ 0 }),
		"<CLASS NAME=\"Msvm_OwningJobElement\" "
		"SUPERCLASS=\"CIM_OwningJobElement\">"
		"<PROPERTY.REFERENCE NAME=\"OwnedElement\" "
		"REFERENCECLASS=\"Msvm_ConcreteJob\"></PROPERTY.REFERENCE></CLASS>");
}

static void a_class_with_all_has_what_it_inherits(void **state)
{
	const char *text = write_class(MSVM_OWNING_JOB_ELEMENT, everything);

	assert_has(text,
		   "<CLASS NAME=\"Msvm_OwningJobElement\" SUPERCLASS=\"CIM_OwningJobElement\" "
		   "DERIVATION=\"CIM_OwningJobElement\">");
	assert_has(text,
		   "<QUALIFIER NAME=\"Association\" TYPE=\"boolean\" PROPAGATED=\"true\" "
		   "OVERRIDABLE=\"false\" TOSUBCLASS=\"true\"><VALUE>TRUE</VALUE></QUALIFIER>");
	assert_has(text, "<PROPERTY.REFERENCE NAME=\"OwningElement\" "
			 "REFERENCECLASS=\"CIM_ManagedElement\" "
			 "CLASSORIGIN=\"CIM_OwningJobElement\" PROPAGATED=\"true\">");
	assert_has(text, "<QUALIFIER NAME=\"ModelCorrespondence\" TYPE=\"string\" "
			 "PROPAGATED=\"true\" OVERRIDABLE=\"true\" "
			 "TOSUBCLASS=\"true\"><VALUE.ARRAY><VALUE>CIM_Job.Owner</VALUE>"
			 "</VALUE.ARRAY></QUALIFIER>");
}

static void derivation_names_all_superclasses(void **state)
{
	assert_has(write_class(MSVM_CONCRETE_JOB, everything),
		   "SUPERCLASS=\"CIM_ConcreteJob\" DERIVATION=\"CIM_ConcreteJob,CIM_Job,"
		   "CIM_LogicalElement,CIM_ManagedSystemElement,CIM_ManagedElement\">");
	assert_has(write_class(CIM_MANAGED_ELEMENT, everything),
		   "<CLASS NAME=\"CIM_ManagedElement\"><");
}

static void without_inherited_elements_a_member_has_its_own_qualifiers_alone(void **state)
{
	const struct cim_class_xml_options own = { .qualifiers = true };
	const char *text = write_class(MSVM_OWNING_JOB_ELEMENT, own);

	assert_has(text, "<QUALIFIER NAME=\"Override\" TYPE=\"string\" OVERRIDABLE=\"true\" "
			 "TOSUBCLASS=\"false\">");
	assert_lacks(text, "Association");
	assert_lacks(text, "\"Key\"");
}

static void properties_have_types_and_initial_values(void **state)
{
	const struct cim_class_xml_options inherited = { .inherited = true };
	const char *text = write_class(MSVM_KVP_EXCHANGE_COMPONENT, inherited);

	assert_has(text, "<PROPERTY NAME=\"CreationClassName\" TYPE=\"string\" PROPAGATED=\"true\">"
			 "<VALUE>Msvm_KvpExchangeComponent</VALUE></PROPERTY>");
	assert_has(text, "<PROPERTY.ARRAY NAME=\"AdditionalAvailability\" TYPE=\"uint16\" "
			 "PROPAGATED=\"true\"><VALUE.ARRAY><VALUE>6</VALUE></VALUE.ARRAY>"
			 "</PROPERTY.ARRAY>");
	assert_has(text, "<PROPERTY.ARRAY NAME=\"GuestExchangeItems\" TYPE=\"string\">"
			 "</PROPERTY.ARRAY>");
}

static void only_the_properties_that_are_asked_for_are_there(void **state)
{
	const char *const names[] = { "deviceid", "Nothing" };
	struct cim_class_xml_options some = {
		.inherited = true,
		.properties = names,
		.property_count = 2,
	};
	const char *text = write_class(MSVM_KVP_EXCHANGE_COMPONENT, some);

	assert_has(text, "<PROPERTY NAME=\"DeviceID\"");
	assert_lacks(text, "SystemName");
	some.property_count = 0;
	assert_lacks(write_class(MSVM_KVP_EXCHANGE_COMPONENT, some), "<PROPERTY");
}

static void methods_have_their_parameters(void **state)
{
	const char *text = write_class(MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE, everything);

	assert_has(text, "<METHOD NAME=\"AddKvpItems\" TYPE=\"uint32\" "
			 "CLASSORIGIN=\"Msvm_VirtualSystemManagementService\">");
	assert_has(text, "<PARAMETER.REFERENCE NAME=\"TargetSystem\" "
			 "REFERENCECLASS=\"CIM_ComputerSystem\"><QUALIFIER NAME=\"In\"");
	assert_has(text, "<PARAMETER.ARRAY NAME=\"DataItems\" TYPE=\"string\"><QUALIFIER");
	assert_has(text, "<PARAMETER.REFARRAY NAME=\"ResultingGuestServiceSettings\" "
			 "REFERENCECLASS=\"CIM_SettingData\">");
	text = write_class(MSVM_KVP_EXCHANGE_COMPONENT, everything);
	assert_has(text, "<METHOD NAME=\"EnableDevice\" TYPE=\"uint32\" "
			 "CLASSORIGIN=\"CIM_LogicalDevice\" PROPAGATED=\"true\">");
	assert_lacks(write_class(MSVM_KVP_EXCHANGE_COMPONENT, (struct cim_class_xml_options){ 0 }),
		     "EnableDevice");
}

static void every_class_is_well_formed_and_has_no_empty_tags(void **state)
{
	for (size_t n = 0; n < cim_namespace_count; n++) {
		for (size_t i = 0; i < cim_namespaces[n]->class_count; i++) {
			const struct xml_element *root;
			struct okvp_error err;

			text_clear(&out);
			cim_class_xml(&out, cim_namespaces[n]->classes[i], &everything);
			if (!xml_parse(arena, out.bytes, out.length, XML_UTF8, &root, &err))
				fail_msg("%s: %s", cim_namespaces[n]->classes[i]->name,
					 err.message);
			assert_null(strstr(out.bytes, "/>"));
			arena_reset(arena);
		}
	}
}

/* --- Qualifiers --- */

static const struct cim_qualifier_type *find_type(const char *name)
{
	for (size_t i = 0; i < cim_qualifier_type_count; i++)
		if (strcmp(cim_qualifier_types[i].name, name) == 0)
			return &cim_qualifier_types[i];
	fail();
	return NULL;
}

static void a_declaration_spells_out_all_scopes_and_flavors(void **state)
{
	cim_qualifier_xml(&out, find_type("Key"));
	assert_string_equal(
		out.bytes,
		"<QUALIFIER.DECLARATION NAME=\"Key\" TYPE=\"boolean\" ISARRAY=\"false\" "
		"OVERRIDABLE=\"false\" TOSUBCLASS=\"true\" TOINSTANCE=\"false\" "
		"TRANSLATABLE=\"false\">"
		"<SCOPE CLASS=\"false\" ASSOCIATION=\"false\" REFERENCE=\"true\" PROPERTY=\"true\" "
		"METHOD=\"false\" PARAMETER=\"false\" INDICATION=\"false\"></SCOPE>"
		"<VALUE>FALSE</VALUE></QUALIFIER.DECLARATION>");
}

static void a_declaration_without_a_value_has_none(void **state)
{
	cim_qualifier_xml(&out, find_type("MappingStrings"));
	assert_has(out.bytes, "TYPE=\"string\" ISARRAY=\"true\"");
	assert_has(out.bytes, "INDICATION=\"true\"></SCOPE></QUALIFIER.DECLARATION>");
}

/* --- Values and properties --- */

static const char *write_value(struct cim_value value)
{
	text_clear(&out);
	cim_value_xml(&out, &value, NULL);
	return out.bytes;
}

static void values_have_the_forms_of_the_dtd(void **state)
{
	const struct cim_value numbers[] = { cim_uint(CIM_UINT8, 1), cim_uint(CIM_UINT8, 2) };
	struct cim_value escaped = cim_string("not this");

	escaped.string.escaped = "a&lt;b";
	escaped.string.escaped_length = 6;
	assert_string_equal(write_value(cim_string("a<&\"'>")),
			    "<VALUE>a&lt;&amp;&quot;&apos;&gt;</VALUE>");
	assert_string_equal(write_value(cim_string("")), "<VALUE></VALUE>");
	assert_string_equal(write_value(escaped), "<VALUE>a&lt;b</VALUE>");
	assert_string_equal(write_value(cim_boolean(true)), "<VALUE>TRUE</VALUE>");
	assert_string_equal(write_value(cim_time(0)), "<VALUE>19700101000000.000000+000</VALUE>");
	assert_string_equal(write_value(cim_array(CIM_UINT8, numbers, 2)),
			    "<VALUE.ARRAY><VALUE>1</VALUE><VALUE>2</VALUE></VALUE.ARRAY>");
	assert_string_equal(write_value(cim_array(CIM_UINT8, NULL, 0)),
			    "<VALUE.ARRAY></VALUE.ARRAY>");
}

static const struct cim_object_path job = {
	.ns = "root/virtualization/v2",
	.class_name = "Msvm_ConcreteJob",
	.keys =
		(const struct cim_key[]){
			{ "InstanceID",
			  { .type = CIM_STRING,
			    .is_set = true,
			    .string = { .bytes = "a&b", .length = 3 } } },
		},
	.key_count = 1,
};

#define JOB_NAME                                                                        \
	"<INSTANCENAME CLASSNAME=\"Msvm_ConcreteJob\"><KEYBINDING NAME=\"InstanceID\">" \
	"<KEYVALUE VALUETYPE=\"string\" "                                               \
	"TYPE=\"string\">a&amp;b</KEYVALUE></KEYBINDING></INSTANCENAME>"
#define LOCAL_NAMESPACE                                                           \
	"<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"></NAMESPACE><NAMESPACE "    \
	"NAME=\"virtualization\"></NAMESPACE><NAMESPACE NAME=\"v2\"></NAMESPACE>" \
	"</LOCALNAMESPACEPATH>"
#define LOCAL_PATH "<LOCALINSTANCEPATH>" LOCAL_NAMESPACE JOB_NAME "</LOCALINSTANCEPATH>"
#define HOST_PATH                                                          \
	"<INSTANCEPATH><NAMESPACEPATH><HOST>h:5988</HOST>" LOCAL_NAMESPACE \
	"</NAMESPACEPATH>" JOB_NAME "</INSTANCEPATH>"

static void references_name_the_host_if_there_is_one(void **state)
{
	const struct cim_value one = cim_reference(&job);
	const struct cim_value two = cim_array(CIM_REFERENCE, &one, 1);

	assert_string_equal(write_value(one), "<VALUE.REFERENCE>" LOCAL_PATH "</VALUE.REFERENCE>");
	assert_string_equal(write_value(two), "<VALUE.REFARRAY><VALUE.REFERENCE>" LOCAL_PATH
					      "</VALUE.REFERENCE></VALUE.REFARRAY>");
	text_clear(&out);
	cim_value_xml(&out, &one, "h:5988");
	assert_string_equal(out.bytes, "<VALUE.REFERENCE>" HOST_PATH "</VALUE.REFERENCE>");
}

static const char *write_property(enum cim_class_id id, const char *name, struct cim_value value,
				  bool class_origin)
{
	text_clear(&out);
	cim_property_xml(&out, cim_property_find(class_of(id), name), &value, class_origin, "h");
	return out.bytes;
}

static void a_property_of_an_instance_has_its_value(void **state)
{
	assert_string_equal(
		write_property(MSVM_CONCRETE_JOB, "JobState", cim_uint(CIM_UINT16, 7), true),
		"<PROPERTY NAME=\"JobState\" TYPE=\"uint16\" "
		"CLASSORIGIN=\"CIM_ConcreteJob\">"
		"<VALUE>7</VALUE></PROPERTY>");
	assert_string_equal(
		write_property(MSVM_CONCRETE_JOB, "JobType", (struct cim_value){ 0 }, false),
		"<PROPERTY NAME=\"JobType\" TYPE=\"uint16\"></PROPERTY>");
	assert_string_equal(write_property(MSVM_KVP_EXCHANGE_COMPONENT, "GuestExchangeItems",
					   cim_array(CIM_STRING, NULL, 0), false),
			    "<PROPERTY.ARRAY NAME=\"GuestExchangeItems\" TYPE=\"string\">"
			    "<VALUE.ARRAY></VALUE.ARRAY></PROPERTY.ARRAY>");
	assert_has(
		write_property(MSVM_OWNING_JOB_ELEMENT, "OwnedElement", cim_reference(&job), false),
		"<PROPERTY.REFERENCE NAME=\"OwnedElement\" REFERENCECLASS=\"Msvm_ConcreteJob\">"
		"<VALUE.REFERENCE><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>");
}

static void an_embedded_instance_is_marked_where_wbemcli_knows_the_mark(void **state)
{
	const struct cim_value null = { 0 };

	assert_has(write_property(WMI_INSTANCE_MODIFICATION_EVENT, "PreviousInstance", null, false),
		   "EmbeddedObject=\"object\"");
	assert_lacks(write_property(MSVM_SUMMARY_INFORMATION, "AsynchronousTasks", null, false),
		     "EmbeddedObject");
}

/* --- Paths --- */

static void paths_have_three_forms(void **state)
{
	cim_instancename_xml(&out, &job);
	assert_string_equal(out.bytes, JOB_NAME);
	text_clear(&out);
	cim_localinstancepath_xml(&out, &job);
	assert_string_equal(out.bytes, LOCAL_PATH);
	text_clear(&out);
	cim_instancepath_xml(&out, &job, "h:5988");
	assert_string_equal(out.bytes, HOST_PATH);
}

static void keys_say_what_kind_of_value_they_have(void **state)
{
	const struct cim_key keys[] = {
		{ "A", cim_uint(CIM_UINT16, 5) },
		{ "B", cim_boolean(false) },
		{ "C", cim_time(0) },
		{ "D", cim_reference(&job) },
	};
	const struct cim_object_path path = { "root", "X", keys, 4 };

	cim_instancename_xml(&out, &path);
	assert_string_equal(
		out.bytes,
		"<INSTANCENAME CLASSNAME=\"X\">"
		"<KEYBINDING NAME=\"A\"><KEYVALUE VALUETYPE=\"numeric\" "
		"TYPE=\"uint16\">5</KEYVALUE></KEYBINDING>"
		"<KEYBINDING NAME=\"B\"><KEYVALUE VALUETYPE=\"boolean\" "
		"TYPE=\"boolean\">FALSE</KEYVALUE>"
		"</KEYBINDING>"
		"<KEYBINDING NAME=\"C\"><KEYVALUE VALUETYPE=\"string\" TYPE=\"datetime\">"
		"19700101000000.000000+000</KEYVALUE></KEYBINDING>"
		"<KEYBINDING NAME=\"D\"><VALUE.REFERENCE>" LOCAL_PATH
		"</VALUE.REFERENCE></KEYBINDING></INSTANCENAME>");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_class_alone_has_what_it_declares),
		test(a_class_with_all_has_what_it_inherits),
		test(derivation_names_all_superclasses),
		test(without_inherited_elements_a_member_has_its_own_qualifiers_alone),
		test(properties_have_types_and_initial_values),
		test(only_the_properties_that_are_asked_for_are_there),
		test(methods_have_their_parameters),
		test(every_class_is_well_formed_and_has_no_empty_tags),
		test(a_declaration_spells_out_all_scopes_and_flavors),
		test(a_declaration_without_a_value_has_none),
		test(values_have_the_forms_of_the_dtd),
		test(references_name_the_host_if_there_is_one),
		test(a_property_of_an_instance_has_its_value),
		test(an_embedded_instance_is_marked_where_wbemcli_knows_the_mark),
		test(paths_have_three_forms),
		test(keys_say_what_kind_of_value_they_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
