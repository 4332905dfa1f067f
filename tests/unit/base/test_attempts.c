/* SPDX-License-Identifier: MIT */
/* test_attempts.c -- base/attempts */
#include "base/attempts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct attempts attempts;
static int errors[2], kept;

static int setup(void **state)
{
	attempts = (struct attempts){ 0 };
	assert_int_equal(pipe2(errors, O_NONBLOCK), 0);
	kept = dup(STDERR_FILENO);
	dup2(errors[1], STDERR_FILENO);
	return 0;
}

static int teardown(void **state)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(errors[0]);
	close(errors[1]);
	return 0;
}

static void end(uint64_t contact_ms, const char *message)
{
	struct okvp_error why;

	okvp_fail(&why, OKVP_UNAVAILABLE, "%s", message);
	attempts_ended(&attempts, contact_ms, &why);
}

/* Whether standard error has this text, and nothing came after it. */
static bool said(const char *text)
{
	char bytes[4096];
	ssize_t size = read(errors[0], bytes, sizeof(bytes) - 1);

	bytes[size > 0 ? size : 0] = '\0';
	return text ? strstr(bytes, text) != NULL : size <= 0;
}

static void pauses_grow_to_the_longest(void **state)
{
	int before = 0;

	assert_int_equal(attempts.pause_ms, 0);
	end(0, "nobody there");
	assert_int_equal(attempts.pause_ms, ATTEMPTS_FIRST_PAUSE_MS);
	while (attempts.pause_ms < ATTEMPTS_LAST_PAUSE_MS) {
		before = attempts.pause_ms;
		end(0, "nobody there");
		assert_true(attempts.pause_ms > before);
	}
	end(0, "nobody there");
	assert_int_equal(attempts.pause_ms, ATTEMPTS_LAST_PAUSE_MS);
}

static void pauses_begin_anew_after_a_long_contact_only(void **state)
{
	for (int i = 0; i < 5; i++)
		end(0, "nobody there");
	end(ATTEMPTS_CONTACT_MS - 1, "gone");
	assert_true(attempts.pause_ms > ATTEMPTS_FIRST_PAUSE_MS);
	end(ATTEMPTS_CONTACT_MS, "gone");
	assert_int_equal(attempts.pause_ms, ATTEMPTS_FIRST_PAUSE_MS);
}

static void the_same_trouble_is_told_once(void **state)
{
	end(0, "nobody there");
	assert_true(said("nobody there"));
	end(0, "nobody there");
	assert_true(said(NULL));
	end(0, "port is gone");
	assert_true(said("port is gone"));
}

static void it_is_told_again_after_a_contact(void **state)
{
	end(0, "gone");
	assert_true(said("gone"));
	end(1, "gone");
	assert_true(said("gone"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(pauses_grow_to_the_longest),
		TEST(pauses_begin_anew_after_a_long_contact_only),
		TEST(the_same_trouble_is_told_once),
		TEST(it_is_told_again_after_a_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
