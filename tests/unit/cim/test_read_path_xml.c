/* SPDX-License-Identifier: MIT */
/* test_read_path_xml.c -- cim/read_path_xml */
#include "cim/read_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "read_xml_fixture.h"

static struct cim_object_path path; /* the last that was read */
static bool is_class;

/* Reads a path; as WMI writes it, NULL when it is refused. */
static const char *read(const char *document)
{
	if (!cim_read_path(arena, parse(document), "root", &path, &is_class, &err))
		return NULL;
	return cim_path_to_text(arena, &path, NULL);
}

#define HOST_PATH "<NAMESPACEPATH><HOST>h</HOST>" LOCAL_V2 "</NAMESPACEPATH>"

static void every_form_of_a_path_is_read(void **state)
{
	static const struct {
		const char *document, *path;
		bool is_class;
	} cases[] = {
		{ NAME("A", KEY("K", " v")), "root:A.K=\" v\"", false },
		{ "<LOCALINSTANCEPATH>" LOCAL_V2 NAME("A", KEY("K", "v")) "</LOCALINSTANCEPATH>",
		  "root\\virtualization\\v2:A.K=\"v\"", false },
		{ "<INSTANCEPATH>" HOST_PATH NAME("A",
						  KEY("K", "v") KEY("L", "")) "</INSTANCEPATH>",
		  "root\\virtualization\\v2:A.K=\"v\",L=\"\"", false },
		{ "<CLASSNAME NAME=\"A\"/>", "root:A=@", true },
		{ "<LOCALCLASSPATH>" LOCAL_V2 "<CLASSNAME NAME=\"A\"/></LOCALCLASSPATH>",
		  "root\\virtualization\\v2:A=@", true },
		{ "<CLASSPATH>" HOST_PATH "<CLASSNAME NAME=\"A\"/></CLASSPATH>",
		  "root\\virtualization\\v2:A=@", true },
		{ NAME("A", ""), "root:A=@", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(read(cases[i].document), cases[i].path);
		assert_int_equal(is_class, cases[i].is_class);
	}
}

static void a_key_may_be_a_reference(void **state)
{
	const struct cim_value *key;

	assert_non_null(read(NAME(
		"A",
		"<KEYBINDING NAME=\"R\"><VALUE.REFERENCE><LOCALINSTANCEPATH>" LOCAL_V2 NAME(
			"B",
			KEY("K", "v")) "</LOCALINSTANCEPATH></VALUE.REFERENCE></KEYBINDING>")));
	key = cim_path_key(&path, "R");
	assert_int_equal(key->type, CIM_REFERENCE);
	assert_string_equal(key->reference->ns, "root/virtualization/v2");
	assert_string_equal(cim_path_text_key(key->reference, "K"), "v");
}

static void a_value_alone_stands_for_the_only_key(void **state)
{
	assert_string_equal(
		read("<LOCALINSTANCEPATH>" LOCAL_V2 NAME(
			"Msvm_ConcreteJob", "<KEYVALUE>7</KEYVALUE>") "</LOCALINSTANCEPATH>"),
		"root\\virtualization\\v2:Msvm_ConcreteJob.InstanceID=\"7\"");
	assert_null(read("<LOCALINSTANCEPATH>" LOCAL_V2 NAME(
		"Msvm_ComputerSystem", "<KEYVALUE>7</KEYVALUE>") "</LOCALINSTANCEPATH>"));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_null(read(NAME("Nope", "<KEYVALUE>7</KEYVALUE>")));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
}

static void a_reference_names_an_instance(void **state)
{
	assert_null(read(NAME("A", "<KEYBINDING NAME=\"R\"><VALUE.REFERENCE><CLASSNAME "
				   "NAME=\"B\"/></VALUE.REFERENCE></KEYBINDING>")));
	assert_int_equal(err.status, OKVP_WRONG_TYPE);
}

static void too_many_keys_and_too_long_namespaces_are_refused(void **state)
{
	struct text document = { 0 };

	text_puts(&document, "<INSTANCENAME CLASSNAME=\"A\">");
	for (int i = 0; i < CIM_PATH_KEYS_MAX + 1; i++)
		text_puts(&document, KEY("K", "v"));
	text_puts(&document, "</INSTANCENAME>");
	assert_null(read(document.bytes));
	assert_int_equal(err.status, OKVP_LIMIT);
	text_clear(&document);
	text_puts(&document, "<LOCALCLASSPATH><LOCALNAMESPACEPATH>");
	for (int i = 0; i < 300; i++)
		text_puts(&document, "<NAMESPACE NAME=\"a\"/>");
	text_puts(&document, "</LOCALNAMESPACEPATH><CLASSNAME NAME=\"A\"/></LOCALCLASSPATH>");
	assert_null(read(document.bytes));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	text_done(&document);
}

static void what_the_dtd_does_not_allow_is_refused(void **state)
{
	static const char *const documents[] = {
		"<a/>",
		"<INSTANCENAME/>",
		"<CLASSNAME/>",
		"<INSTANCENAME CLASSNAME=\"A\"><a/></INSTANCENAME>",
		NAME("A", KEY("K", "v") "<a/>"),
		NAME("A", "<KEYBINDING><KEYVALUE>v</KEYVALUE></KEYBINDING>"),
		NAME("A", "<KEYBINDING NAME=\"K\"/>"),
		NAME("A", "<KEYBINDING NAME=\"K\"><a/></KEYBINDING>"),
		NAME("A", KEY("K", "<a/>")),
		"<LOCALINSTANCEPATH/>",
		"<LOCALINSTANCEPATH>" LOCAL_V2 "</LOCALINSTANCEPATH>",
		"<LOCALINSTANCEPATH>" LOCAL_V2 "<CLASSNAME NAME=\"A\"/></LOCALINSTANCEPATH>",
		"<LOCALINSTANCEPATH>" LOCAL_V2 NAME("A", "") "<a/></LOCALINSTANCEPATH>",
		"<LOCALCLASSPATH>" LOCAL_V2 NAME("A", "") "</LOCALCLASSPATH>",
		"<INSTANCEPATH>" LOCAL_V2 NAME("A", "") "</INSTANCEPATH>",
		"<INSTANCEPATH><NAMESPACEPATH><HOST/></NAMESPACEPATH>" NAME("A",
									    "") "</INSTANCEPATH>",
		"<LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE/></LOCALNAMESPACEPATH>"
		"<CLASSNAME NAME=\"A\"/></LOCALCLASSPATH>",
		"<LOCALCLASSPATH><LOCALNAMESPACEPATH><a/></LOCALNAMESPACEPATH>"
		"<CLASSNAME NAME=\"A\"/></LOCALCLASSPATH>",
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		if (read(documents[i]))
			fail_msg("%s is a path", documents[i]);
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(every_form_of_a_path_is_read),
		test(a_key_may_be_a_reference),
		test(a_value_alone_stands_for_the_only_key),
		test(a_reference_names_an_instance),
		test(too_many_keys_and_too_long_namespaces_are_refused),
		test(what_the_dtd_does_not_allow_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
