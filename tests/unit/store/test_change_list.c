/* SPDX-License-Identifier: MIT */
/* test_change_list.c -- store/change_list */
#include "helpers.h"

static int make_list(void **state)
{
	*state = list_for(1);
	return 0;
}

static int free_list(void **state)
{
	change_list_free((struct change_list **)state);
	return 0;
}

static void changes_are_copied_and_keep_their_order(void **state)
{
	struct change_list *list = *state;
	char key[] = "key", value[] = "value";

	add(list, key, value);
	memset(key, 'x', 3);
	memset(value, 'x', 5);
	change_list_remove(list, SPACE_HOST_ONLY, "other", 5, EXPECT_PRESENT);

	assert_int_equal(list->count, 2);
	assert_int_equal(list->change[0].expect, EXPECT_ABSENT);
	assert_memory_equal(list->change[0].item->text, "keyvalue", 8);
	assert_false(list->change[0].item->removed);
	assert_int_equal(list->change[1].space, SPACE_HOST_ONLY);
	assert_true(list->change[1].item->removed);
}

static void settings_that_are_not_given_are_not_wanted(void **state)
{
	struct change_list *list = *state;

	change_list_set(list, &(struct vm_settings_change){ .channel = "unix:/a",
							    .host_items = &(bool){ false } });
	change_list_set(list, &(struct vm_settings_change){ .name = "name" });

	assert_string_equal(list->name, "name");
	assert_string_equal(list->channel, "unix:/a");
	assert_null(list->set.exchange_enabled);
	assert_non_null(list->set.host_items);
	assert_false(*list->set.host_items);
}

static void guest_items_are_taken_over(void **state)
{
	struct change_list *list = *state;

	know_guest(list, SPACE_GUEST, "a", "1", 5);
	know_guest(list, SPACE_GUEST, "b", "2", 6);
	change_list_guest(list, SPACE_INTRINSIC, NULL, 0, 6);

	assert_set(list->guest[SPACE_GUEST], "b=2");
	assert_int_equal(list->guest[SPACE_INTRINSIC]->count, 0);
	assert_int_equal(list->guest_read_us, 6);
}

static void a_job_is_copied_and_belongs_to_the_vm(void **state)
{
	struct change_list *list = *state;
	char text[] = "running";
	uint8_t keys[] = { 1, 2, 3 };
	struct job_record record = job_record(9, text);
	struct guid vm = guid_number(1);

	record.keys = keys;
	record.keys_size = sizeof(keys);
	change_list_job(list, &record);
	memset(text, 'x', sizeof(text) - 1);
	memset(keys, 0, sizeof(keys));

	assert_string_equal(list->job[0].record->text, "running");
	assert_memory_equal(list->job[0].record->keys, ((uint8_t[]){ 1, 2, 3 }), 3);
	assert_true(guid_equal(&list->job[0].record->vm, &vm));
}

static void the_highest_acknowledgement_counts(void **state)
{
	struct change_list *list = *state;

	change_list_acknowledge(list, 7);
	change_list_acknowledge(list, 5);

	assert_int_equal(list->acknowledge, 7);
}

static void what_is_known_of_guest_and_jobs_may_be_lazy(void **state)
{
	struct change_list *list = *state;
	struct guid job = guid_number(3);

	change_list_acknowledge(list, 7);
	change_list_guest(list, SPACE_GUEST, NULL, 0, 1);
	change_list_drop_job(list, &job);
	assert_false(change_list_is_lazy(list));
	change_list_lazy(list);
	assert_true(change_list_is_lazy(list));
}

static void what_somebody_asked_for_is_never_lazy(void **state)
{
	struct change_list *list = *state;

	change_list_lazy(list);
	change_list_clear(list, SPACE_HOST_ONLY);
	assert_false(change_list_is_lazy(list));
	list->clear[SPACE_HOST_ONLY] = false;
	put(list, "a", "1");
	assert_false(change_list_is_lazy(list));
}

static void refusals_are_never_lazy(void **state)
{
	struct change_list *list = *state;

	change_list_lazy(list);
	change_list_forget_refusals(list);
	assert_false(change_list_is_lazy(list));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_list, free_list)
	const struct CMUnitTest tests[] = {
		test(changes_are_copied_and_keep_their_order),
		test(settings_that_are_not_given_are_not_wanted),
		test(guest_items_are_taken_over),
		test(a_job_is_copied_and_belongs_to_the_vm),
		test(the_highest_acknowledgement_counts),
		test(what_is_known_of_guest_and_jobs_may_be_lazy),
		test(what_somebody_asked_for_is_never_lazy),
		test(refusals_are_never_lazy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
