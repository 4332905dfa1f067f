/* SPDX-License-Identifier: MIT */
/* test_sqlite.c -- store/sqlite and store/sqlite_load: what is written is there afterwards */
#include "file_store.h"

static void items_last_in_their_order(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *second = list_for(1), *third = list_for(1);

	put(list, "z", "1");
	put(list, "y", "2");
	put(list, "x", "");
	put_in(list, SPACE_HOST_ONLY, "note", "mine", EXPECT_ANY);
	apply(f, list);
	modify(second, "y", "two");
	remove_key(second, "z", EXPECT_PRESENT);
	put(second, "a", "3");
	apply(f, second);
	put(third, "z", "again");
	remove_key(third, "x", EXPECT_PRESENT);
	modify(third, "y", "last");
	apply(f, third);

	assert_items(vm(f), "y=last a=3 z=again");
	assert_lasts(f);
	assert_items(vm(f), "y=last a=3 z=again");
	assert_set(vm(f)->tombstones, "x@4");
}

static void the_time_of_a_change_lasts(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	int64_t changed_us, created_us;

	put(list, "a", "1");
	apply(f, list);
	changed_us = vm(f)->space[SPACE_EXTERNAL]->item[0]->changed_us;
	created_us = vm(f)->settings->created_us;
	reopen(f);

	assert_int_equal(vm(f)->space[SPACE_EXTERNAL]->item[0]->changed_us, changed_us);
	assert_int_equal(vm(f)->settings->created_us, created_us);
}

static void texts_last_byte_by_byte(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	struct stored_item **items = malloc(2 * sizeof(*items));

	items[0] = stored_item_create(&(struct okvp_item){
		.key = "a\0b", .key_length = 3, .value = "\0\1\n", .value_length = 3 });
	items[1] = stored("\xF0\x9F\x98\x80", "\xE2\x82\xAC");
	items[1]->type = OKVP_U32;
	change_list_guest(list, SPACE_GUEST, items, 2, 77);
	apply(f, list);
	reopen(f);

	assert_int_equal(vm(f)->guest_read_us, 77);
	assert_int_equal(vm(f)->space[SPACE_GUEST]->count, 2);
	assert_int_equal(vm(f)->space[SPACE_GUEST]->item[0]->key_length, 3);
	assert_memory_equal(vm(f)->space[SPACE_GUEST]->item[0]->text, "a\0b\0\1\n", 6);
	assert_memory_equal(vm(f)->space[SPACE_GUEST]->item[1]->text,
			    "\xF0\x9F\x98\x80\xE2\x82\xAC", 7);
	assert_int_equal(vm(f)->space[SPACE_GUEST]->item[1]->type, OKVP_U32);
}

static void guest_data_is_replaced_space_by_space(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *newer = list_for(1), *other = definition(2, "b");

	know_guest(list, SPACE_GUEST, "a", "1", 77);
	know_guest(list, SPACE_INTRINSIC, "os", "1", 77);
	apply(f, list);
	know_guest(other, SPACE_INTRINSIC, "os", "other", 5);
	apply(f, other);
	know_guest(newer, SPACE_GUEST, "b", "2", 78);
	apply(f, newer);

	assert_lasts(f);
	assert_set(vm(f)->space[SPACE_GUEST], "b=2");
	assert_set(vm(f)->space[SPACE_INTRINSIC], "os=1");
	assert_set(f->pictures.vm[2]->space[SPACE_INTRINSIC], "os=other");
}

static void settings_last(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	change_list_set(list, &(struct vm_settings_change){ .name = "web2",
							    .channel = "unix:/x",
							    .exchange_enabled = &(bool){ false },
							    .host_items = &(bool){ false } });
	apply(f, list);

	assert_lasts(f);
	assert_string_equal(vm(f)->settings->name, "web2");
}

static void marks_last_and_acknowledged_tombstones_go(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *removal = list_for(1), *mark = list_for(1);

	put(list, "a", "1");
	apply(f, list);
	remove_key(removal, "a", EXPECT_PRESENT);
	apply(f, removal);
	change_list_acknowledge(mark, 3);
	change_list_lazy(mark);
	apply(f, mark);

	assert_lasts(f);
	assert_set(vm(f)->tombstones, "");
	assert_int_equal(vm(f)->acknowledged, 3);
}

/* Refuses items a and b of VM 1. */
static void refuse_two(struct fixture *f)
{
	struct change_list *items = list_for(1), *refusals = list_for(1);

	put(items, "a", "1");
	put(items, "b", "2");
	apply(f, items);
	change_list_refuse(refusals, snapshot_find(vm(f), SPACE_EXTERNAL, "a", 1), "no room");
	change_list_refuse(refusals, snapshot_find(vm(f), SPACE_EXTERNAL, "b", 1), "too long");
	apply(f, refusals);
}

static void a_refusal_lasts_until_its_item_changes(void **state)
{
	struct fixture *f = *state;
	struct change_list *change = list_for(1), *late = list_for(1), *removal = list_for(1);

	refuse_two(f);
	reopen(f);
	assert_string_equal(f->pictures.refusals.bytes, "vm1 a@2: no room\nvm1 b@2: too long\n");

	change_list_refuse(late, snapshot_find(vm(f), SPACE_EXTERNAL, "a", 1), "late");
	put(change, "a", "3");
	apply(f, change);
	apply(f, late);
	reopen(f);
	assert_string_equal(f->pictures.refusals.bytes, "vm1 b@2: too long\n");

	remove_key(removal, "b", EXPECT_PRESENT);
	apply(f, removal);
	reopen(f);
	assert_int_equal(f->pictures.refusals.length, 0);
}

static void a_tombstone_can_be_refused(void **state)
{
	struct fixture *f = *state;
	struct change_list *items = list_for(1), *removal = list_for(1), *refusal = list_for(1);

	put(items, "a", "1");
	apply(f, items);
	remove_key(removal, "a", EXPECT_PRESENT);
	apply(f, removal);
	change_list_refuse(refusal, snapshot_find_tombstone(vm(f), "a", 1), "read-only");
	apply(f, refusal);
	reopen(f);
	assert_string_equal(f->pictures.refusals.bytes, "vm1 a@3: read-only\n");
}

static void refusals_of_a_vm_are_forgotten_for_others(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	refuse_two(f);
	change_list_forget_refusals(list);
	change_list_refuse(list, snapshot_find(vm(f), SPACE_EXTERNAL, "b", 1), "still too long");
	apply(f, list);
	reopen(f);
	assert_string_equal(f->pictures.refusals.bytes, "vm1 b@2: still too long\n");
}

static void jobs_last_until_they_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *ending = list_for(1), *drop = list_for(1);
	struct job_record job = job_record(9, "running"), other = job_record(8, "x");
	struct guid id = guid_number(8);

	job.keys = (const uint8_t *)"keys";
	job.keys_size = 4;
	other.keys = (const uint8_t *)"";
	change_list_job(list, &job);
	change_list_job(list, &other);
	apply(f, list);
	job.ended_us = 99, job.state = 7, job.percent = 100, job.kind = 2, job.error_code = 32768;
	job.text = "done", job.keys = NULL, job.keys_size = 0;
	change_list_job(ending, &job);
	change_list_lazy(ending);
	apply(f, ending);
	reopen(f);
	assert_string_equal(f->pictures.jobs.bytes, "job8 vm1 @1 7-0 0/4/0/0 'x' 0:\n"
						    "job9 vm1 @0 7-99 2/7/32768/100 'done'\n");

	change_list_drop_job(drop, &id);
	apply(f, drop);
	reopen(f);
	assert_string_equal(f->pictures.jobs.bytes, "job9 vm1 @0 7-99 2/7/32768/100 'done'\n");
}

static void nothing_is_left_of_a_vm_that_was_undefined(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1), *gone = list_for(1);
	struct job_record job = job_record(9, "running");

	put(list, "a", "1");
	know_guest(list, SPACE_GUEST, "a", "1", 77);
	change_list_job(list, &job);
	apply(f, list);
	change_list_undefine(gone, true);
	apply(f, gone);
	apply(f, definition(1, "again"));
	reopen(f);

	assert_int_equal(f->pictures.jobs.length, 0);
	assert_items(vm(f), "");
	assert_set(vm(f)->space[SPACE_GUEST], "");
	assert_int_equal(vm(f)->generation, 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(items_last_in_their_order),
		test(the_time_of_a_change_lasts),
		test(texts_last_byte_by_byte),
		test(guest_data_is_replaced_space_by_space),
		test(settings_last),
		test(marks_last_and_acknowledged_tombstones_go),
		test(a_refusal_lasts_until_its_item_changes),
		test(a_tombstone_can_be_refused),
		test(refusals_of_a_vm_are_forgotten_for_others),
		test(jobs_last_until_they_are_dropped),
		test(nothing_is_left_of_a_vm_that_was_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
