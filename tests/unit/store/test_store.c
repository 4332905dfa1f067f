/* SPDX-License-Identifier: MIT */
/* test_store.c -- store/store: rounds and their order, failing disks, memory */
#include "view.h"

#include <malloc.h>

#include "base/map.h"

/* --- Rounds --- */

static void a_list_is_on_disk_then_published_then_done(void **state)
{
	struct view *view = *state;

	hold_committer(view);
	assert_int_equal(view->done, 0);
	assert_int_equal(view->log.length, 0);
	settle(view);

	assert_string_equal(view->log.bytes, " vm1@2 OK");
	assert_string_equal(fake.log.bytes, " item1:first vm1@2/0\n");
}

static void lists_that_wait_are_one_commit(void **state)
{
	struct view *view = *state;

	hold_committer(view);
	submit(view, putting(1, "a"));
	submit(view, putting(1, "b"));
	submit(view, definition(2, "web2"));
	settle(view);

	assert_string_equal(fake.log.bytes, " item1:first vm1@2/0\n"
					    " item1:a vm1@3/0 item1:b vm1@4/0 vm2@1/0\n");
	assert_string_equal(view->log.bytes, " vm1@2 OK vm1@3 OK vm1@4 OK vm2@1 OK");
}

static void a_list_is_checked_against_those_before_it(void **state)
{
	struct view *view = *state;
	struct store_figures figures;

	hold_committer(view);
	submit(view, adding(1, "a"));
	submit(view, adding(1, "a"));
	submit(view, modifying(1, "a"));
	fake_open_gate(SIZE_MAX);
	await_done(view, 4);
	store_figures(view->store, &figures);
	settle(view);

	assert_int_equal(figures.lists, 5);
	assert_int_equal(figures.lists_failed, 1);

	assert_string_equal(view->log.bytes, " vm1@2 OK vm1@3 OK EXISTS vm1@4 OK");
	assert_string_equal(view->message, "already there: 'a'");
}

static void a_list_that_cannot_be_written_fails_alone(void **state)
{
	struct view *view = *state;

	fake.poison = true;
	hold_committer(view);
	submit(view, putting(1, "a"));
	submit(view, putting(1, "poison"));
	submit(view, modifying(1, "poison"));
	submit(view, putting(1, "b"));
	settle(view);

	assert_string_equal(view->log.bytes, " vm1@2 OK vm1@3 OK IO NOT_FOUND vm1@4 OK");
	assert_items(view->picture, "first=x a=x b=x");
}

static void a_disk_that_fails_is_told_and_reads_go_on(void **state)
{
	struct view *view = *state;
	struct okvp_error err;

	apply_list(view, putting(1, "a"));
	fake_set(&fake.fail, true);
	assert_false(store_apply(view->store, putting(1, "b"), NULL, &err));
	assert_int_equal(err.status, OKVP_IO);
	assert_string_equal(err.message, "the disk is full");
	assert_items(view->picture, "a=x");

	fake_set(&fake.fail, false);
	apply_list(view, putting(1, "c"));
	settle(view);
	assert_items(view->picture, "a=x c=x");
}

static void a_vm_that_goes_is_published_as_nothing(void **state)
{
	struct view *view = *state;
	struct change_list *list = list_for(1);

	change_list_undefine(list, false);
	apply_list(view, list);
	settle(view);

	assert_string_equal(view->log.bytes, " vm1");
	assert_string_equal(fake.log.bytes, " -vm1\n");
}

static void closing_finishes_what_waits(void **state)
{
	struct view *view = *state;

	hold_committer(view);
	for (int i = 0; i < 100; i++)
		submit(view, putting(1, "a"));
	settle(view);

	assert_int_equal(view->done, 101);
	assert_int_equal(view->picture->generation, 102);
}

static void resubmit(void *context, const struct store_result *result)
{
	submit(context, putting(1, "second"));
}

static void a_list_can_be_submitted_when_another_is_done(void **state)
{
	struct view *view = *state;

	store_submit(view->store, putting(1, "first"), resubmit, view);
	await_done(view, 1);
	settle(view);

	assert_items(view->picture, "first=x second=x");
}

static void *apply_many(void *context)
{
	for (int i = 0; i < 50; i++)
		apply_list(context, putting(1, "a"));
	return NULL;
}

static void many_threads_are_served(void **state)
{
	struct view *view = *state;
	pthread_t thread[8];
	struct store_figures figures;

	for (int i = 0; i < 8; i++)
		pthread_create(&thread[i], NULL, apply_many, view);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	store_figures(view->store, &figures);
	settle(view);

	assert_int_equal(view->picture->generation, 401);
	assert_int_equal(figures.lists, 401);
	assert_int_equal(figures.lists_failed, 0);
	assert_int_equal(figures.waiting, 0);
	assert_int_equal(figures.commits, fake.written);
}

static void store_apply_gives_the_generation_or_the_reason(void **state)
{
	struct view *view = *state;
	struct okvp_error err;
	uint64_t generation;

	assert_true(store_apply(view->store, adding(1, "a"), &generation, NULL));
	assert_int_equal(generation, 2);
	assert_false(store_apply(view->store, adding(1, "a"), NULL, &err));
	assert_int_equal(err.status, OKVP_EXISTS);
	assert_false(store_apply(view->store, adding(1, "a"), NULL, NULL));
}

/* --- Memory --- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAVE_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAVE_SANITIZER 1
#endif
#endif

static void keep_snapshot(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	struct map *map = context;
	struct snapshot *before = map_put(map, snapshot->id.bytes, sizeof(snapshot->id.bytes),
					  snapshot_ref(snapshot));

	snapshot_release(&before);
}

/* 20 items a VM: three times their bytes and 4 KiB for each VM must be enough. */
static void memory_is_used_sparingly(void **state)
{
	const unsigned int vms = 1000, items = 20;
	struct map map = { 0 };
	const struct store_events events = { .published = keep_snapshot, .context = &map };
	struct store_limits limits = roomy;
	struct store *store;
	struct snapshot *snapshot;
	size_t before = mallinfo2().uordblks, used, bytes = 0;

#ifdef HAVE_SANITIZER
	skip();
#endif
	limits.vms = vms;
	assert_true(store_open(NULL, &limits, &events, &store, NULL));
	for (unsigned int vm = 0; vm < vms; vm++) {
		struct change_list *list;
		char key[16], value[32], name[16];

		snprintf(name, sizeof(name), "vm%u", vm);
		list = definition(vm, name);
		for (unsigned int i = 0; i < items; i++) {
			snprintf(key, sizeof(key), "key%u", i);
			snprintf(value, sizeof(value), "value of %u in %u", i, vm);
			put(list, key, value);
			bytes += strlen(key) + strlen(value);
		}
		assert_true(store_apply(store, list, NULL, NULL));
	}
	used = mallinfo2().uordblks - before;
	store_close(&store);
	for (size_t at = 0; (snapshot = map_next(&map, &at));)
		snapshot_release(&snapshot);
	map_done(&map);
	assert_in_range(used, bytes, 3 * bytes + 4096 * vms);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)
	const struct CMUnitTest tests[] = {
		test(a_list_is_on_disk_then_published_then_done),
		test(lists_that_wait_are_one_commit),
		test(a_list_is_checked_against_those_before_it),
		test(a_list_that_cannot_be_written_fails_alone),
		test(a_disk_that_fails_is_told_and_reads_go_on),
		test(a_vm_that_goes_is_published_as_nothing),
		test(closing_finishes_what_waits),
		test(a_list_can_be_submitted_when_another_is_done),
		test(many_threads_are_served),
		test(store_apply_gives_the_generation_or_the_reason),
		cmocka_unit_test(memory_is_used_sparingly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
