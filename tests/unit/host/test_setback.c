/* SPDX-License-Identifier: MIT */
/* test_setback.c -- host/setback: no key more often than once a minute. */
#include "host/setback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct setback setback;

static int done(void **state)
{
	setback_done(&setback);
	return 0;
}

static bool may(const char *key, uint64_t now_ms, uint64_t *due_ms)
{
	*due_ms = 0;
	return setback_may(&setback, key, strlen(key), now_ms, due_ms);
}

static void a_key_has_its_turn_once_a_minute(void **state)
{
	uint64_t due_ms;

	assert_true(may("a", 1000, &due_ms));
	assert_int_equal(due_ms, 0);
	assert_false(may("a", 1001, &due_ms));
	assert_int_equal(due_ms, 1000 + SETBACK_MS);
	assert_true(may("b", 1001, &due_ms));
	assert_false(may("a", 999 + SETBACK_MS, &due_ms));
	assert_true(may("a", 1000 + SETBACK_MS, &due_ms));
	assert_false(may("a", 1001 + SETBACK_MS, &due_ms));
}

static void the_earliest_turn_is_told(void **state)
{
	uint64_t due_ms;

	may("a", 1000, &due_ms);
	may("b", 2000, &due_ms);
	due_ms = 0;
	assert_false(setback_may(&setback, "b", 1, 3000, &due_ms));
	assert_false(setback_may(&setback, "a", 1, 3000, &due_ms));
	assert_int_equal(due_ms, 1000 + SETBACK_MS);
}

static void keys_of_the_past_hold_no_memory(void **state)
{
	uint64_t due_ms;
	char key[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_true(may(key, (uint64_t)i * 2 * SETBACK_MS, &due_ms));
	}
	assert_true(setback.room <= 16);
}

static void more_keys_than_anybody_needs_wait(void **state)
{
	uint64_t due_ms;
	char key[16];

	for (int i = 0; i < SETBACK_KEYS; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_true(may(key, 1000 + (uint64_t)i, &due_ms));
	}
	assert_false(may("one more", 9000, &due_ms));
	assert_int_equal(due_ms, 1000 + SETBACK_MS);
	assert_false(may("k7", 9000, &due_ms));
	assert_int_equal(due_ms, 1007 + SETBACK_MS);
	assert_true(may("one more", 1000 + SETBACK_MS, &due_ms));
	assert_false(may("another", 1000 + SETBACK_MS, &due_ms));
	assert_int_equal(due_ms, 2000 + SETBACK_MS);
	assert_true(may("another", 2000 + SETBACK_MS, &due_ms));
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, done)
	const struct CMUnitTest tests[] = {
		test(a_key_has_its_turn_once_a_minute),
		test(the_earliest_turn_is_told),
		test(keys_of_the_past_hold_no_memory),
		test(more_keys_than_anybody_needs_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
