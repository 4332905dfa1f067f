/* SPDX-License-Identifier: MIT */
/* test_intrinsic.c -- agent/intrinsic */
#include "agent/intrinsic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

/* The value of a variable in an os-release file; "(none)". */
static const char *os_release(const char *text, const char *name)
{
	static char value[32];
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	bool found = intrinsic_read_os_release(in, name, value, sizeof(value));

	fclose(in);
	return found ? value : "(none)";
}

static void values_are_read_as_a_shell_reads_them(void **state)
{
	assert_string_equal(os_release("NAME=Fedora\n", "NAME"), "Fedora");
	assert_string_equal(os_release("NAME=\"Debian GNU/Linux\"\n", "NAME"), "Debian GNU/Linux");
	assert_string_equal(os_release("NAME='Void $x'\n", "NAME"), "Void $x");
	assert_string_equal(os_release("NAME=\"a\\\"b\\\\c\\$d\"\n", "NAME"), "a\"b\\c$d");
	assert_string_equal(os_release("NAME='a\\b'\n", "NAME"), "a\\b");
	assert_string_equal(os_release("NAME=\"no end\nID=x\n", "NAME"), "no end");
	assert_string_equal(os_release("NAME=", "NAME"), "");
	assert_string_equal(os_release("NAME=\"tail\\", "NAME"), "tail\\");
}

static void the_right_variable_is_found(void **state)
{
	static const char file[] = "# NAME=comment\n"
				   "PRETTY_NAME=\"Debian 12\"\n"
				   "NAME_X=wrong\n"
				   "NAME=Debian\n"
				   "\n"
				   "VERSION_ID=\"12\"\n";

	assert_string_equal(os_release(file, "NAME"), "Debian");
	assert_string_equal(os_release(file, "VERSION_ID"), "12");
	assert_string_equal(os_release(file, "VERSION"), "(none)");
	assert_string_equal(os_release("\n", "NAME"), "(none)");
}

static void of_a_variable_given_twice_the_last_one_counts(void **state)
{
	assert_string_equal(os_release("NAME=a\nNAME=b\n", "NAME"), "b");
}

static void a_long_value_is_cut_at_the_end_of_a_character(void **state)
{
	assert_string_equal(os_release("NAME=0123456789012345678901234567890123456789\n", "NAME"),
			    "0123456789012345678901234567890");
	assert_string_equal(os_release("NAME=01234567890123456789012345678\xE6\x97\xA5\n", "NAME"),
			    "01234567890123456789012345678");
}

static void there_are_ten_facts_in_the_daemons_order(void **state)
{
	static const char *const keys[INTRINSIC_COUNT] = {
		"FullyQualifiedDomainName",
		"IntegrationServicesVersion",
		"NetworkAddressIPv4",
		"NetworkAddressIPv6",
		"OSBuildNumber",
		"OSName",
		"OSMajorVersion",
		"OSMinorVersion",
		"OSVersion",
		"ProcessorArchitecture",
	};
	struct intrinsic *intrinsic = intrinsic_create();
	struct okvp_item item;

	for (size_t i = 0; i < INTRINSIC_COUNT; i++) {
		assert_true(intrinsic_item(intrinsic, i, &item));
		assert_int_equal(item.key_length, strlen(keys[i]));
		assert_memory_equal(item.key, keys[i], item.key_length);
		assert_true(item.value_length <= OKVP_VALUE_UNITS);
	}
	assert_false(intrinsic_item(intrinsic, INTRINSIC_COUNT, &item));
	intrinsic_free(&intrinsic);
	assert_null(intrinsic);
}

static void the_facts_are_those_of_this_machine(void **state)
{
	struct intrinsic *intrinsic = intrinsic_create();
	struct utsname uname_now;
	struct okvp_item item;
	char host[256] = "";

	uname(&uname_now);
	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	intrinsic_wait(intrinsic);

	assert_true(intrinsic_item(intrinsic, 0, &item));
	assert_int_equal(strncasecmp(item.value, host, strlen(host)), 0);
	assert_true(intrinsic_item(intrinsic, 4, &item));
	assert_string_equal(item.value, uname_now.release);
	assert_true(intrinsic_item(intrinsic, 8, &item));
	assert_null(strchr(item.value, '-'));
	assert_memory_equal(item.value, uname_now.release, item.value_length);
	assert_true(intrinsic_item(intrinsic, 9, &item));
	assert_string_equal(item.value, uname_now.machine);
	intrinsic_free(&intrinsic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_as_a_shell_reads_them),
		cmocka_unit_test(the_right_variable_is_found),
		cmocka_unit_test(of_a_variable_given_twice_the_last_one_counts),
		cmocka_unit_test(a_long_value_is_cut_at_the_end_of_a_character),
		cmocka_unit_test(there_are_ten_facts_in_the_daemons_order),
		cmocka_unit_test(the_facts_are_those_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
