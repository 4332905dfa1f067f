/* SPDX-License-Identifier: MIT */
/* test_loop.c -- host/loop */
#include "host/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	uv_loop_t uv;
	struct loop *loop;
	char order[16];
	pthread_t thread; /* on which a task ran */
	int count;
};

struct mark {
	struct fixture *fixture;
	char letter;
};

static int open_loop(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	uv_loop_init(&fixture->uv);
	fixture->loop = loop_create(&fixture->uv);
	*state = fixture;
	return 0;
}

static int close_loop(void **state)
{
	struct fixture *fixture = *state;

	loop_free(&fixture->loop);
	uv_run(&fixture->uv, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->uv), 0);
	free(fixture);
	return 0;
}

static void write_letter(void *context)
{
	struct mark *mark = context;

	strncat(mark->fixture->order, &mark->letter, 1);
}

static void what_runs_later_runs_in_the_order_of_its_time(void **state)
{
	struct fixture *fixture = *state;
	struct mark marks[] = {
		{ fixture, 'a' }, { fixture, 'b' }, { fixture, 'c' }, { fixture, 'd' }
	};

	loop_after(fixture->loop, 30, write_letter, &marks[3]);
	loop_after(fixture->loop, 10, write_letter, &marks[1]);
	loop_after(fixture->loop, 20, write_letter, &marks[2]);
	loop_post(fixture->loop, write_letter, &marks[0]);
	while (strlen(fixture->order) < 4)
		uv_run(&fixture->uv, UV_RUN_ONCE);
	assert_string_equal(fixture->order, "abcd");
}

static void count_one(void *context)
{
	struct fixture *fixture = context;

	fixture->count++;
	fixture->thread = pthread_self();
}

static void *post_many(void *context)
{
	struct fixture *fixture = context;

	for (int i = 0; i < 1000; i++)
		loop_post(fixture->loop, count_one, fixture);
	return NULL;
}

static void tasks_of_other_threads_run_on_the_loops_thread(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, post_many, fixture);
	while (fixture->count < 4000)
		uv_run(&fixture->uv, UV_RUN_ONCE);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_true(pthread_equal(fixture->thread, pthread_self()));
}

static void what_has_not_run_is_run_when_the_loop_goes(void **state)
{
	struct fixture *fixture = *state;

	loop_post(fixture->loop, count_one, fixture);
	loop_after(fixture->loop, 3600000, count_one, fixture);
	loop_free(&fixture->loop);
	assert_int_equal(fixture->count, 2);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)
	const struct CMUnitTest tests[] = {
		test(what_runs_later_runs_in_the_order_of_its_time),
		test(tasks_of_other_threads_run_on_the_loops_thread),
		test(what_has_not_run_is_run_when_the_loop_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
