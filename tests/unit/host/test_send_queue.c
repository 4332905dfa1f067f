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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_in_the_order_they_went_in),
		cmocka_unit_test(clearing_releases_what_was_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
