/* SPDX-License-Identifier: MIT */
/* test_object_path.c -- cim/object_path */
#include "cim/object_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/arena_fixture.h"

static struct okvp_error err;

static struct cim_object_path path_of(const char *text)
{
	struct cim_object_path path = { 0 };

	if (!cim_path_from_text(arena, text, strlen(text), &path, &err))
		fail_msg("%s: %s", text, err.message);
	return path;
}

static void assert_refused(const char *text, const char *sentence)
{
	struct cim_object_path path;

	assert_false(cim_path_from_text(arena, text, strlen(text), &path, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	assert_string_equal(err.message, sentence);
}

static bool equal(const char *a, const char *b)
{
	struct cim_object_path left = path_of(a), right = path_of(b);

	return cim_path_equal(&left, &right);
}

/* --- Reading --- */

static void a_full_path_is_read(void **state)
{
	struct cim_object_path path =
		path_of("\\\\HOST\\root\\virtualization\\v2:Msvm_ComputerSystem."
			"CreationClassName=\"Msvm_ComputerSystem\",Name=\"A1\"");

	assert_string_equal(path.ns, "root\\virtualization\\v2");
	assert_string_equal(path.class_name, "Msvm_ComputerSystem");
	assert_int_equal(path.key_count, 2);
	assert_string_equal(cim_path_text_key(&path, "creationclassname"), "Msvm_ComputerSystem");
	assert_string_equal(cim_path_text_key(&path, "NAME"), "A1");
	assert_null(cim_path_key(&path, "Other"));
}

static void host_and_namespace_may_be_missing(void **state)
{
	struct cim_object_path path = path_of("root/virtualization/v2:C.K='v'");

	assert_string_equal(path.ns, "root/virtualization/v2");
	assert_string_equal(path.class_name, "C");
	path = path_of("C.K='v'");
	assert_string_equal(path.ns, "");
	assert_string_equal(cim_path_text_key(&path, "K"), "v");
	path = path_of("//host/root/v2:C");
	assert_string_equal(path.ns, "root/v2");
	assert_string_equal(path.class_name, "C");
}

static void a_class_alone_and_a_singleton_have_no_keys(void **state)
{
	struct cim_object_path path = path_of(" \r\n\\\\.\\root\\v2:Msvm_X=@ ");

	assert_string_equal(path.class_name, "Msvm_X");
	assert_int_equal(path.key_count, 0);
	path = path_of("Msvm_X");
	assert_int_equal(path.key_count, 0);
}

static void values_have_their_kinds(void **state)
{
	struct cim_object_path path =
		path_of("C.A=\"x\", B = 5 ,C=-7,D=TRUE,E=false,F=0x10,G='',H=010,I=+3");

	assert_int_equal(path.key_count, 9);
	assert_int_equal(cim_path_key(&path, "A")->type, CIM_STRING);
	assert_int_equal(cim_path_key(&path, "B")->uint, 5);
	assert_int_equal(cim_path_key(&path, "C")->sint, -7);
	assert_true(cim_path_key(&path, "D")->boolean);
	assert_false(cim_path_key(&path, "E")->boolean);
	assert_int_equal(cim_path_key(&path, "F")->uint, 16);
	assert_string_equal(cim_path_text_key(&path, "G"), "");
	assert_int_equal(cim_path_key(&path, "H")->uint, 10);
	assert_int_equal(cim_path_key(&path, "I")->sint, 3);
	assert_null(cim_path_text_key(&path, "B"));
}

static void quotes_and_backslashes_are_protected_by_a_backslash(void **state)
{
	struct cim_object_path path =
		path_of("C.A=\"Microsoft:G1\\\\G2\",B=\"say \\\"x\\\", it's\",C='a=b:c.d,e'");

	assert_string_equal(cim_path_text_key(&path, "A"), "Microsoft:G1\\G2");
	assert_string_equal(cim_path_text_key(&path, "B"), "say \"x\", it's");
	assert_string_equal(cim_path_text_key(&path, "C"), "a=b:c.d,e");
}

static void a_colon_in_a_value_is_no_namespace(void **state)
{
	struct cim_object_path path = path_of("C.A=\"Microsoft:G1\"");

	assert_string_equal(path.ns, "");
	assert_string_equal(cim_path_text_key(&path, "A"), "Microsoft:G1");
}

static void malformed_paths_are_refused(void **state)
{
	static const char needs_value[] =
		"the value of a key must be a string, a boolean or an integer";
	static const char needs_key[] = "an object path must have Key=value behind its class";

	assert_refused("", "an object path has no class");
	assert_refused("\\\\host\\root\\v2", "an object path has no class");
	assert_refused("root/v2:", "an object path has no class");
	assert_refused("root/v2:.K=1", "an object path has no class");
	assert_refused("1C.K=1", "an object path has no class");
	assert_refused("C.", needs_key);
	assert_refused("C.K", needs_key);
	assert_refused("C.=1", needs_key);
	assert_refused("C.K=1,", needs_key);
	assert_refused("C.K=", needs_value);
	assert_refused("C.K=x", needs_value);
	assert_refused("C.K=1x", needs_value);
	assert_refused("C.K=-", needs_value);
	assert_refused("C.K=18446744073709551616", needs_value);
	assert_refused("C.K=\"x", "a quote in an object path is not closed");
	assert_refused("C.K=\"x\\\"", "a quote in an object path is not closed");
	assert_refused("C.K=\"x\" y", "an object path has something behind its end");
	assert_refused("C=\"x\"", "an object path must name the key behind its class");
	assert_refused("C.K=\"\xFF\"", "an object path is not valid UTF-8");
	assert_false(
		cim_path_from_text(arena, "C.K='\0'", 7, &(struct cim_object_path){ 0 }, &err));
}

static void a_text_without_a_nul_behind_it_is_read_to_its_end(void **state)
{
	struct cim_object_path path;

	assert_true(cim_path_from_text(arena, "C.K=12345", 6, &path, &err));
	assert_int_equal(cim_path_key(&path, "K")->uint, 12);
	assert_false(cim_path_from_text(arena, "C.K=\"x\"", 6, &path, &err));
	assert_false(cim_path_from_text(arena, "C.K=1", 4, &path, &err));
}

static void keys_are_counted(void **state)
{
	struct text text = { 0 };
	struct cim_object_path path;

	text_puts(&text, "C.K0=0");
	for (int i = 1; i < CIM_PATH_KEYS_MAX; i++)
		text_printf(&text, ",K%d=%d", i, i);
	path = path_of(text.bytes);
	assert_int_equal(path.key_count, CIM_PATH_KEYS_MAX);
	assert_int_equal(cim_path_key(&path, "K63")->uint, 63);
	text_puts(&text, ",More=1");
	assert_refused(text.bytes, "an object path has at most 64 keys");
	text_done(&text);
}

static void a_path_has_a_longest_length(void **state)
{
	struct cim_object_path path;
	char *text = arena_alloc(arena, CIM_PATH_TEXT_MAX + 1);

	memset(text, ' ', CIM_PATH_TEXT_MAX + 1);
	memcpy(text, "C.K=1", 5);
	assert_true(cim_path_from_text(arena, text, CIM_PATH_TEXT_MAX, &path, &err));
	assert_false(cim_path_from_text(arena, text, CIM_PATH_TEXT_MAX + 1, &path, &err));
}

/* --- Writing --- */

static void a_path_is_written_with_its_keys_in_order(void **state)
{
	struct cim_object_path path = path_of("root/virtualization/v2:C.name='A\\\\B\"',"
					      "Creation=\"C\",On=true,Number=-5");

	assert_string_equal(cim_path_to_text(arena, &path, "HOST"),
			    "\\\\HOST\\root\\virtualization\\v2:C.Creation=\"C\","
			    "name=\"A\\\\B\\\"\",Number=-5,On=TRUE");
	assert_string_equal(cim_path_to_text(arena, &path, NULL),
			    "root\\virtualization\\v2:C.Creation=\"C\","
			    "name=\"A\\\\B\\\"\",Number=-5,On=TRUE");
	path.ns = NULL;
	path.key_count = 1;
	assert_string_equal(cim_path_to_text(arena, &path, "HOST"), "C.name=\"A\\\\B\\\"\"");
}

static void a_path_without_keys_is_written_as_a_singleton(void **state)
{
	struct cim_object_path path = path_of("root/v2:C");

	assert_string_equal(cim_path_to_text(arena, &path, NULL), "root\\v2:C=@");
}

static void times_and_references_are_written_as_strings(void **state)
{
	struct cim_object_path inner = path_of("root/v2:C.K=\"x\"");
	struct cim_key keys[] = { { "When", cim_interval(0) }, { "Who", cim_reference(&inner) } };
	struct cim_object_path path = { "", "D", keys, 2 };

	assert_string_equal(cim_path_to_text(arena, &path, NULL),
			    "D.When=\"00000000000000.000000:000\","
			    "Who=\"root\\\\v2:C.K=\\\"x\\\"\"");
}

static void what_is_written_is_read_again(void **state)
{
	struct cim_object_path path =
		path_of("root/v2:C.A=\"q\\\"\\\\'\",B=18446744073709551615,C=-9223372036854775808");
	const char *text = cim_path_to_text(arena, &path, "HOST");
	struct cim_object_path again = path_of(text);

	assert_true(cim_path_equal(&path, &again));
	assert_string_equal(cim_path_to_text(arena, &again, "HOST"), text);
}

/* --- Comparing --- */

static void paths_are_equal_whatever_the_case_and_the_order(void **state)
{
	assert_true(equal("root/V2:C.Name='abc',K=5", "ROOT\\v2:c.k=5,name=\"ABC\""));
	assert_true(equal("C.Name='abc'", "root/v2:C.Name='abc'"));
	assert_true(equal("C.Id='Microsoft:A\\\\B'", "C.Id='microsoft:a\\\\\\\\b'"));
}

static void different_paths_are_not_equal(void **state)
{
	assert_false(equal("C.K='a'", "D.K='a'"));
	assert_false(equal("C.K='a'", "C.K='b'"));
	assert_false(equal("C.K='a'", "C.K='ab'"));
	assert_false(equal("C.K='a'", "C.L='a'"));
	assert_false(equal("C.K='a'", "C.K='a',L='b'"));
	assert_false(equal("C.K='5'", "C.K=5"));
	assert_false(equal("C.K=5", "C.K=6"));
	assert_false(equal("root/v1:C.K=5", "root/v2:C.K=5"));
	assert_false(equal("root/v2:C.K=5", "root/v2/more:C.K=5"));
}

static void references_are_compared_as_paths(void **state)
{
	struct cim_object_path a = path_of("C.K='x'"), b = path_of("c.k='X'"),
			       c = path_of("C.K='y'");
	struct cim_value left = cim_reference(&a), same = cim_reference(&b);
	struct cim_value other = cim_reference(&c);

	assert_true(cim_key_equal(&left, &same));
	assert_false(cim_key_equal(&left, &other));
}

static void a_copy_borrows_nothing(void **state)
{
	struct arena *other = arena_create();
	struct cim_object_path end = { 0 };
	const struct cim_object_path *copy;
	struct cim_key keys[] = { { .name = "Text" }, { .name = "Number" }, { .name = "End" } };
	const struct cim_object_path path = { NULL, "C", keys, 3 };

	assert_true(cim_path_from_text(other, "ns:E.K='v'", 10, &end, &err));
	keys[0].value = cim_string(arena_text(other, "text", 4));
	keys[1].value = cim_uint(CIM_UINT16, 5);
	keys[2].value = cim_reference(&end);
	copy = cim_path_copy(arena, &path);
	arena_free(&other);
	assert_null(copy->ns);
	assert_string_equal(cim_path_text_key(copy, "Text"), "text");
	assert_int_equal(cim_path_key(copy, "Number")->uint, 5);
	assert_string_equal(cim_path_text_key(cim_path_key(copy, "End")->reference, "K"), "v");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_full_path_is_read),
		test(host_and_namespace_may_be_missing),
		test(a_class_alone_and_a_singleton_have_no_keys),
		test(values_have_their_kinds),
		test(quotes_and_backslashes_are_protected_by_a_backslash),
		test(a_colon_in_a_value_is_no_namespace),
		test(malformed_paths_are_refused),
		test(a_text_without_a_nul_behind_it_is_read_to_its_end),
		test(keys_are_counted),
		test(a_path_has_a_longest_length),
		test(a_path_is_written_with_its_keys_in_order),
		test(a_path_without_keys_is_written_as_a_singleton),
		test(times_and_references_are_written_as_strings),
		test(what_is_written_is_read_again),
		test(paths_are_equal_whatever_the_case_and_the_order),
		test(different_paths_are_not_equal),
		test(references_are_compared_as_paths),
		test(a_copy_borrows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
