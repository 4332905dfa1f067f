/* SPDX-License-Identifier: MIT */
/* test_worker.c -- front/json/worker */
#include "front/json/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int order[2 * WORKER_QUEUE_MAX], count;

static void note(void *context)
{
	order[count++] = (int)(intptr_t)context;
}

static void wait_at_the_gate(void *context)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void tasks_run_in_their_order_and_before_the_end(void **state)
{
	struct worker *worker = worker_create();

	count = 0;
	for (intptr_t i = 0; i < 10; i++)
		assert_true(worker_submit(worker, note, (void *)i));
	worker_free(&worker);
	assert_null(worker);
	assert_int_equal(count, 10);
	for (int i = 0; i < 10; i++)
		assert_int_equal(order[i], i);
}

static void a_full_queue_refuses(void **state)
{
	struct worker *worker = worker_create();
	int accepted = 0;

	count = 0;
	pthread_mutex_lock(&gate);
	assert_true(worker_submit(worker, wait_at_the_gate, NULL));
	while (accepted <= WORKER_QUEUE_MAX && worker_submit(worker, note, NULL))
		accepted++;
	pthread_mutex_unlock(&gate);
	worker_free(&worker);
	/* the first may have been taken from the queue by then, or not */
	assert_in_range(accepted, WORKER_QUEUE_MAX - 1, WORKER_QUEUE_MAX);
	assert_int_equal(count, accepted);
}

static void freeing_nothing_is_allowed(void **state)
{
	struct worker *worker = NULL;

	worker_free(&worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_run_in_their_order_and_before_the_end),
		cmocka_unit_test(a_full_queue_refuses),
		cmocka_unit_test(freeing_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
