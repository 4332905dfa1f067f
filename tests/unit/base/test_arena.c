/* SPDX-License-Identifier: MIT */
/* test_arena.c -- base/arena */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int open_arena(void **state)
{
	*state = arena_create();
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	return 0;
}

static void memory_is_zeroed_and_aligned(void **state)
{
	for (size_t size = 1; size < 100000; size *= 3) {
		unsigned char *bytes = arena_alloc(*state, size);

		assert_int_equal((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xFF, size);
	}
}

static void a_text_gets_a_nul_behind_it(void **state)
{
	assert_string_equal(arena_text(*state, "hello", 4), "hell");
	assert_string_equal(arena_text(*state, NULL, 0), "");
}

static void printf_has_room_for_any_length(void **state)
{
	char *text = arena_printf(*state, "%010000d", 7);

	assert_int_equal(strlen(text), 10000);
}

struct note {
	char *order, digit;
};

static void append_digit(void *object)
{
	struct note *note = object;

	strncat(note->order, &note->digit, 1);
}

static void what_is_deferred_runs_in_reverse_order(void **state)
{
	char order[3] = "";
	struct note first = { order, '1' }, second = { order, '2' };

	arena_defer(*state, append_digit, &first);
	arena_defer(*state, append_digit, &second);
	arena_reset(*state);
	assert_string_equal(order, "21");
}

static void a_reset_arena_keeps_no_more_than_its_first_block(void **state)
{
	size_t before;

	arena_alloc(*state, 1);
	before = arena_size(*state);
	arena_alloc(*state, 1000000);
	arena_reset(*state);
	assert_int_equal(arena_size(*state), before);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(memory_is_zeroed_and_aligned),
		test(a_text_gets_a_nul_behind_it),
		test(printf_has_room_for_any_length),
		test(what_is_deferred_runs_in_reverse_order),
		test(a_reset_arena_keeps_no_more_than_its_first_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
