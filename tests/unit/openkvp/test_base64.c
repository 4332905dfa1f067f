/* SPDX-License-Identifier: MIT */
/* test_base64.c -- openkvp/base64 */
#include "openkvp/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_vectors_of_the_standard_are_written_and_read(void **state)
{
	static const char *const vectors[][2] = {
		{ "f", "Zg==" },        { "fo", "Zm8=" },           { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },    { "foobar", "Zm9vYmFy" },
		{ "\xFB\xFF", "+/8=" }, { "\xFF\xFF\xFF", "////" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const char *bytes = vectors[i][0], *text = vectors[i][1];
		char written[16] = "", read[16] = "";
		size_t size;

		assert_int_equal(base64_write(bytes, strlen(bytes), written), strlen(text));
		assert_string_equal(written, text);
		assert_true(base64_read(text, strlen(text), read, strlen(bytes), &size));
		assert_int_equal(size, strlen(bytes));
		assert_string_equal(read, bytes);
	}
	assert_int_equal(base64_write("", 0, NULL), 0);
}

static void what_is_not_strict_is_refused(void **state)
{
	static const char *const texts[] = { "",     "Zg",   "Zg=",  "Zg==\n", "Z===", "====",
					     "Zh==", "Zm9=", "Z=9v", "Zm 9",   "Zm9-", "Zg==Zg==" };
	char out[16];
	size_t size;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(base64_read(texts[i], strlen(texts[i]), out, sizeof(out), &size));
}

static void what_does_not_fit_is_refused(void **state)
{
	char out[3];
	size_t size;

	assert_false(base64_read("Zm9v", 4, out, 2, &size));
	assert_true(base64_read("Zm9v", 4, out, 3, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_standard_are_written_and_read),
		cmocka_unit_test(what_is_not_strict_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
