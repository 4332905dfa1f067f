/* SPDX-License-Identifier: MIT */
/* test_send_queue.c -- host/send_queue */
#include "host/send_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct stored_item *item_of(const char *key)
{
	return stored_item_create(&(struct okvp_item){ .key = key, .key_length = 1, .value = "" });
}

static void items_come_out_in_the_order_they_went_in(void **state)
{
	struct send_queue queue = { 0 };
	struct stored_item *item;

	for (char c = 'a'; c <= 'z'; c++)
		send_queue_add(&queue, item_of(&c));
	for (char c = 'a'; c <= 'z'; c++) {
		assert_int_equal(send_queue_peek(&queue)->text[0], c);
		item = send_queue_take(&queue);
		assert_int_equal(item->text[0], c);
		stored_item_release(&item);
	}
	assert_null(send_queue_peek(&queue));
	assert_null(send_queue_take(&queue));
	assert_null(queue.item);
}

static void clearing_releases_what_was_not_taken(void **state)
{
	struct send_queue queue = { 0 };
	struct stored_item *item = item_of("a"), *taken;

	send_queue_add(&queue, stored_item_ref(item));
	send_queue_add(&queue, stored_item_ref(item));
	taken = send_queue_take(&queue);
	send_queue_clear(&queue);
	stored_item_release(&taken);
	assert_int_equal(item->references, 1);
	stored_item_release(&item);
}

static bool is_before(void *context, const struct stored_item *item)
{
	return item->text[0] < *(const char *)context;
}

static void what_is_not_kept_is_released_and_the_rest_stays_in_order(void **state)
{
	struct send_queue queue = { 0 };
	struct stored_item *item;
	char limit = 'e';

	for (const char *c = "hagbfced"; *c; c++)
		send_queue_add(&queue, item_of(c));
	item = send_queue_take(&queue);
	stored_item_release(&item);
	send_queue_filter(&queue, is_before, &limit);
	assert_int_equal(send_queue_length(&queue), 4);
	for (const char *c = "abcd"; *c; c++) {
		item = send_queue_take(&queue);
		assert_int_equal(item->text[0], *c);
		stored_item_release(&item);
	}
	assert_null(send_queue_take(&queue));
}

static void a_queue_that_is_never_empty_does_not_grow(void **state)
{
	struct send_queue queue = { 0 };
	struct stored_item *item;

	send_queue_add(&queue, item_of("a"));
	for (int i = 0; i < 100000; i++) {
		send_queue_add(&queue, item_of("b"));
		item = send_queue_take(&queue);
		stored_item_release(&item);
	}
	assert_true(queue.room <= 16);
	send_queue_clear(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_in_the_order_they_went_in),
		cmocka_unit_test(clearing_releases_what_was_not_taken),
		cmocka_unit_test(what_is_not_kept_is_released_and_the_rest_stays_in_order),
		cmocka_unit_test(a_queue_that_is_never_empty_does_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
