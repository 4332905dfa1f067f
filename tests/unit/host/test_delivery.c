/* SPDX-License-Identifier: MIT */
/* test_delivery.c -- host/delivery: what follows from the mark, and what needs an entry. */
#include "host_fixture.h"

#include <stdio.h>

#include "host/delivery_table.h"
#include "openkvp/scoped.h"
#include "store/change_list.h"

/* A VM with the items a and b, of the generations 2 and 3, and nothing acknowledged. */
struct two_items {
	struct vm *vm;
	struct snapshot *snapshot;
	struct stored_item *a, *b;
};

static struct two_items prepare(struct fixture *fixture)
{
	struct two_items two = { .vm = define_vm(fixture) };
	struct change change = { 0 };

	submit(fixture, two.vm, &change,
	       (struct exchange_change[]){ change_of(EXCHANGE_PUT, "a", "1") }, 1);
	submit(fixture, two.vm, &change,
	       (struct exchange_change[]){ change_of(EXCHANGE_PUT, "b", "1") }, 1);
	two.snapshot = vm_snapshot(two.vm);
	two.a = snapshot_find(two.snapshot, SPACE_EXTERNAL, "a", 1);
	two.b = snapshot_find(two.snapshot, SPACE_EXTERNAL, "b", 1);
	return two;
}

static void clean_up(struct two_items *two)
{
	snapshot_release(&two->snapshot);
	vm_release(&two->vm);
}

static enum delivery_state state_of(const struct two_items *two, const struct stored_item *item)
{
	return delivery_look(two->vm, two->snapshot, item).state;
}

static void without_an_entry_the_mark_decides(void **state)
{
	struct two_items two = prepare(*state);

	assert_int_equal(state_of(&two, two.a), DELIVERY_STORED);
	assert_int_equal(delivery_outstanding(two.vm, two.snapshot), 2);
	two.snapshot->acknowledged = two.a->generation;
	assert_int_equal(state_of(&two, two.a), DELIVERY_ACKNOWLEDGED);
	assert_int_equal(state_of(&two, two.b), DELIVERY_STORED);
	assert_int_equal(delivery_outstanding(two.vm, two.snapshot), 1);
	clean_up(&two);
}

static void an_entry_of_this_generation_decides_before_the_mark(void **state)
{
	struct two_items two = prepare(*state);
	struct delivery *delivery = vm_delivery(two.vm);

	delivery_note(delivery, two.b, DELIVERY_ACKNOWLEDGED, "");
	delivery_note(delivery, two.a, DELIVERY_REFUSED, "too long");
	two.snapshot->acknowledged = two.b->generation;
	assert_int_equal(state_of(&two, two.a), DELIVERY_REFUSED);
	assert_string_equal(delivery_look(two.vm, two.snapshot, two.a).reason, "too long");
	assert_true(delivery_has_acknowledged(delivery, two.b));
	assert_int_equal(delivery_lowest_open(delivery), two.a->generation);
	clean_up(&two);
}

static void pruning_drops_what_the_mark_tells(void **state)
{
	struct two_items two = prepare(*state);
	struct delivery *delivery = vm_delivery(two.vm);

	delivery_note(delivery, two.a, DELIVERY_ACKNOWLEDGED, "");
	delivery_note(delivery, two.b, DELIVERY_SENT, "");
	delivery_prune(delivery, two.a->generation);
	assert_false(delivery_has_acknowledged(delivery, two.a));
	assert_int_equal(state_of(&two, two.b), DELIVERY_SENT);
	delivery_reset_sent(delivery);
	assert_int_equal(state_of(&two, two.b), DELIVERY_STORED);
	assert_int_equal(delivery_lowest_open(delivery), UINT64_MAX);
	clean_up(&two);
}

/* What a list says of refusals: "forget a b". */
static const char *written(struct delivery *delivery)
{
	static char text[64];
	struct change_list *list = change_list_create(&(struct guid){ 0 });
	bool wrote = delivery_write(delivery, list);

	strcpy(text, !wrote ? "nothing" : list->forget_refusals ? "forget" : "");
	for (size_t i = 0; i < list->refusal_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %.1s",
			 list->refusal[i].item->text);
	change_list_free(&list);
	return text;
}

static void a_refusal_is_written_once(void **state)
{
	struct two_items two = prepare(*state);
	struct delivery *delivery = vm_delivery(two.vm);

	assert_string_equal(written(delivery), "nothing");
	delivery_note(delivery, two.a, DELIVERY_REFUSED, "no room");
	delivery_note(delivery, two.b, DELIVERY_ACKNOWLEDGED, "");
	assert_string_equal(written(delivery), " a");
	assert_string_equal(written(delivery), "nothing");
	clean_up(&two);
}

static void a_refusal_that_is_over_is_forgotten_and_the_others_are_written_anew(void **state)
{
	struct two_items two = prepare(*state);
	struct delivery *delivery = vm_delivery(two.vm);

	delivery_restore(delivery, two.a, "no room");
	delivery_restore(delivery, two.b, "no room");
	assert_int_equal(state_of(&two, two.a), DELIVERY_REFUSED);
	assert_string_equal(written(delivery), "nothing");
	delivery_note(delivery, two.a, DELIVERY_SENT, "");
	assert_string_equal(written(delivery), "forget b");
	delivery_prune(delivery, UINT64_MAX);
	assert_string_equal(written(delivery), "forget");
	clean_up(&two);
}

static void what_did_not_reach_the_store_is_written_again(void **state)
{
	struct two_items two = prepare(*state);
	struct delivery *delivery = vm_delivery(two.vm);

	delivery_note(delivery, two.a, DELIVERY_REFUSED, "no room");
	assert_string_equal(written(delivery), " a");
	delivery_write_anew(delivery);
	assert_string_equal(written(delivery), "forget a");
	assert_string_equal(written(delivery), "nothing");
	clean_up(&two);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(without_an_entry_the_mark_decides),
		test(an_entry_of_this_generation_decides_before_the_mark),
		test(pruning_drops_what_the_mark_tells),
		test(a_refusal_is_written_once),
		test(a_refusal_that_is_over_is_forgotten_and_the_others_are_written_anew),
		test(what_did_not_reach_the_store_is_written_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
