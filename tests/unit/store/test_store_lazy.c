/* SPDX-License-Identifier: MIT */
/* test_store_lazy.c -- store/store: lists that need not wait for the disk */
#include "view.h"

static struct change_list *acknowledging(uint64_t generation)
{
	struct change_list *list = list_for(1);

	change_list_acknowledge(list, generation);
	change_list_lazy(list);
	return list;
}

static struct change_list *reading(const char *value)
{
	struct change_list *list = list_for(1);

	know_guest(list, SPACE_GUEST, "ip", value, 77);
	change_list_lazy(list);
	return list;
}

static struct change_list *ending_job(const char *text)
{
	struct change_list *list = list_for(1);
	struct job_record job = job_record(9, text);

	change_list_job(list, &job);
	change_list_lazy(list);
	return list;
}

static void a_lazy_list_is_done_without_the_disk(void **state)
{
	struct view *view = *state;

	fake_open_gate(0);
	submit(view, reading("10.0.0.1"));
	submit(view, acknowledging(1));
	submit(view, ending_job("done"));
	await_done(view, 3);

	assert_string_equal(view->log.bytes, " vm1@1 OK vm1@1 OK OK");
	assert_int_equal(view->picture->acknowledged, 1);
	assert_set(view->picture->space[SPACE_GUEST], "ip=10.0.0.1");
	assert_int_equal(fake.begun, 1);
}

static void marks_and_jobs_go_with_the_next_commit_and_guest_data_does_not(void **state)
{
	struct view *view = *state;

	submit(view, reading("10.0.0.1"));
	submit(view, acknowledging(1));
	submit(view, ending_job("done"));
	await_done(view, 3);
	apply_list(view, putting(1, "a"));
	apply_list(view, putting(1, "b"));

	assert_string_equal(fake.log.bytes, " vm1@1/1 job1:done item1:a vm1@2/1\n"
					    " item1:b vm1@3/1\n");
}

static void closing_writes_what_is_lazy(void **state)
{
	struct view *view = *state;

	submit(view, reading("10.0.0.1"));
	submit(view, reading("10.0.0.2"));
	submit(view, ending_job("done"));
	settle(view);

	assert_string_equal(fake.log.bytes, " vm1@1/0 job1:done guest1:ip=10.0.0.2\n");
}

static void what_is_lazy_is_written_when_its_time_is_over(void **state)
{
	struct view *view = *state;

	settle(view);
	fake_reset();
	open_with(view, 1);
	apply_list(view, definition(1, "web1"));
	submit(view, reading("10.0.0.1"));
	fake_await(&fake.written, 2);
	submit(view, acknowledging(1));
	fake_await(&fake.written, 3);
	settle(view);

	assert_string_equal(fake.log.bytes, " vm1@1/0\n vm1@1/0 guest1:ip=10.0.0.1\n vm1@1/1\n");
}

static void a_lazy_write_that_fails_goes_with_the_next_commit(void **state)
{
	struct view *view = *state;

	submit(view, ending_job("done"));
	submit(view, acknowledging(1));
	await_done(view, 2);
	fake_set(&fake.fail, true);
	assert_false(store_apply(view->store, putting(1, "a"), NULL, NULL));
	fake_set(&fake.fail, false);
	apply_list(view, putting(1, "b"));

	assert_string_equal(fake.log.bytes, " vm1@1/1 job1:done item1:b vm1@2/1\n");
}

static void a_newer_job_replaces_one_that_waits(void **state)
{
	struct view *view = *state;
	struct change_list *list = list_for(1);
	struct job_record job = job_record(9, "newest");

	submit(view, ending_job("older"));
	submit(view, ending_job("newer"));
	await_done(view, 2);
	change_list_job(list, &job);
	apply_list(view, list);
	settle(view);

	assert_string_equal(fake.log.bytes, " job1:newer job1:newest\n");
}

static void nothing_of_a_vm_is_written_after_its_end(void **state)
{
	struct view *view = *state;
	struct change_list *list = list_for(1);

	hold_committer(view);
	submit(view, ending_job("done"));
	submit(view, reading("10.0.0.1"));
	change_list_undefine(list, true);
	submit(view, list);
	submit(view, ending_job("too late"));
	settle(view);

	assert_string_equal(fake.log.bytes, " item1:first vm1@2/0\n -vm1\n");
	assert_string_equal(view->log.bytes, " vm1@2 OK OK vm1@2 OK vm1 OK NOT_FOUND");
}

/* A tombstone that a guest acknowledged must not be dropped from the disk once its key is back. */
static void a_dropped_tombstone_does_not_take_a_new_item_along(void **state)
{
	struct view *view = *state;
	struct change_list *list = list_for(1);

	apply_list(view, putting(1, "a"));
	remove_key(list, "a", EXPECT_PRESENT);
	apply_list(view, list);
	text_clear(&fake.log);
	submit(view, acknowledging(3));
	await_done(view, 1);
	fake_set(&fake.fail_once, true); /* then the list is tried alone */
	apply_list(view, putting(1, "a"));
	apply_list(view, putting(1, "b"));

	assert_string_equal(fake.log.bytes, " item1:a vm1@4/3\n vm1@4/3 item1:b vm1@5/3\n");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)
	const struct CMUnitTest tests[] = {
		test(a_lazy_list_is_done_without_the_disk),
		test(marks_and_jobs_go_with_the_next_commit_and_guest_data_does_not),
		test(closing_writes_what_is_lazy),
		test(what_is_lazy_is_written_when_its_time_is_over),
		test(a_lazy_write_that_fails_goes_with_the_next_commit),
		test(a_newer_job_replaces_one_that_waits),
		test(nothing_of_a_vm_is_written_after_its_end),
		test(a_dropped_tombstone_does_not_take_a_new_item_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
