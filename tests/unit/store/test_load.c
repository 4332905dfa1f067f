/* SPDX-License-Identifier: MIT */
/* test_load.c -- store/load, from rows that a backend gives */
#include "fake_backend.h"

#include "store/load.h"

#define ROWS_MAX 16

struct fixture {
	struct state state;
	struct row row[ROWS_MAX];
	size_t count;
	struct vm_settings *settings[ROWS_MAX];
	struct stored_item *item[ROWS_MAX];
	struct item_set *set;
	struct job_record job;
	struct text told;
};

static void tell_vm(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	struct fixture *f = context;

	text_printf(&f->told, " %s:%s", snapshot->settings->name,
		    set_text(snapshot->space[SPACE_EXTERNAL]));
}

static void tell_refusal(void *context, const struct guid *vm, struct stored_item *item,
			 const char *reason)
{
	struct fixture *f = context;

	text_printf(&f->told, " %.*s:%s", item->key_length, item->text, reason);
}

static void tell_job(void *context, const struct job_record *job)
{
	struct fixture *f = context;

	text_printf(&f->told, " job:%s", job->text);
}

static int begin(void **state)
{
	fake_reset();
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	state_done(&f->state);
	for (size_t i = 0; i < ROWS_MAX; i++) {
		vm_settings_release(&f->settings[i]);
		stored_item_release(&f->item[i]);
	}
	item_set_release(&f->set);
	text_done(&f->told);
	free(f);
	return 0;
}

static bool load(struct fixture *f, struct okvp_error *err)
{
	const struct store_events events = { .published = tell_vm,
					     .refusal_found = tell_refusal,
					     .job_found = tell_job,
					     .context = f };

	fake.row = f->row;
	fake.count = f->count;
	return load_state(&fake_backend, NULL, &events, &f->state, err);
}

static void vm_row(struct fixture *f, unsigned int vm, const char *name)
{
	f->settings[f->count] = vm_settings_create(name, "");
	f->settings[f->count]->created_us = (int64_t)(100 + f->count);
	f->row[f->count] = (struct row){ .kind = ROW_VM,
					 .vm = guid_number(vm),
					 .state = { f->settings[f->count], 8, 5, 77 } };
	f->count++;
}

static void item_row(struct fixture *f, unsigned int vm, enum item_space space, const char *key,
		     uint64_t tombstone)
{
	f->item[f->count] =
		tombstone ? stored_item_create_removed(key, strlen(key)) : stored(key, "x");
	f->item[f->count]->generation = tombstone;
	f->row[f->count] = (struct row){ .kind = ROW_ITEM,
					 .vm = guid_number(vm),
					 .item = { space, f->item[f->count], 0 } };
	f->count++;
}

static void job_row(struct fixture *f, unsigned int vm)
{
	f->job = job_record(9, "running");
	f->row[f->count++] = (struct row){ .kind = ROW_JOB, .vm = guid_number(vm), .job = &f->job };
}

static void refusal_row(struct fixture *f, unsigned int vm, const char *key)
{
	f->row[f->count++] = (struct row){ .kind = ROW_REFUSAL,
					   .vm = guid_number(vm),
					   .refusal = { key, "no room", strlen(key), 0 } };
}

static void vms_refusals_and_jobs_are_told_of_when_vms_are_whole(void **state)
{
	struct fixture *f = *state;

	vm_row(f, 2, "two");
	vm_row(f, 1, "one");
	item_row(f, 1, SPACE_EXTERNAL, "a", 0);
	item_row(f, 1, SPACE_EXTERNAL, "b", 0);
	item_row(f, 2, SPACE_EXTERNAL, "c", 0);
	refusal_row(f, 2, "c");
	job_row(f, 1);
	assert_true(load(f, NULL));

	assert_string_equal(f->told.bytes, " two:c=x one:a=x b=x c:no room job:running");
}

static void a_vm_comes_back_with_all_that_it_had(void **state)
{
	struct fixture *f = *state;
	struct guid id = guid_number(1);
	struct snapshot *snapshot;

	vm_row(f, 1, "one");
	item_row(f, 1, SPACE_EXTERNAL, "gone", 7);
	item_row(f, 1, SPACE_EXTERNAL, "b", 0);
	item_row(f, 1, SPACE_EXTERNAL, "lost", 6);
	item_row(f, 1, SPACE_HOST_ONLY, "note", 0);
	f->set = item_set_create(1);
	item_set_add(f->set, stored("ip", "10.0.0.1"));
	f->row[f->count++] = (struct row){ .kind = ROW_GUEST,
					   .vm = guid_number(1),
					   .guest = { SPACE_INTRINSIC, f->set } };
	assert_true(load(f, NULL));

	snapshot = state_find(&f->state, &id);
	assert_items(snapshot, "b=x");
	assert_set(snapshot->tombstones, "gone@7 lost@6");
	assert_set(snapshot->space[SPACE_HOST_ONLY], "note=x");
	assert_set(snapshot->space[SPACE_INTRINSIC], "ip=10.0.0.1");
	assert_int_equal(snapshot->generation, 8);
	assert_int_equal(snapshot->acknowledged, 5);
	assert_int_equal(snapshot->guest_read_us, 77);
	assert_ptr_equal(state_find_name(&f->state, "ONE"), snapshot);
	assert_int_equal(f->state.last_created_us, 100);
}

static void what_belongs_to_no_vm_is_damage(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	vm_row(f, 1, "one");
	item_row(f, 2, SPACE_EXTERNAL, "a", 0);
	assert_false(load(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
	assert_string_equal(err.message, "an item of VM 00000000-0000-0000-0000-000000000002, "
					 "which is not there");
	assert_int_equal(f->told.length, 0);
}

static void a_job_of_no_vm_is_damage(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	job_row(f, 2);
	assert_false(load(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
}

static void a_refusal_of_no_vm_is_damage(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	refusal_row(f, 2, "a");
	assert_false(load(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
}

static void two_vms_of_one_name_are_damage(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	vm_row(f, 1, "one");
	vm_row(f, 2, "ONE");
	assert_false(load(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
}

static void a_tombstone_where_none_is_kept_is_damage(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	vm_row(f, 1, "one");
	item_row(f, 1, SPACE_HOST_ONLY, "a", 7);
	assert_false(load(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
}

static void assert_load_fails(struct fixture *f, const char *message)
{
	struct okvp_error err;

	assert_false(load(f, &err));
	assert_string_equal(err.message, message);
	assert_int_equal(f->told.length, 0);
}

static void an_item_that_was_never_stored_is_told_with_its_vm_and_key(void **state)
{
	struct fixture *f = *state;
	struct stored_item *item;

	vm_row(f, 1, "one");
	item_row(f, 1, SPACE_EXTERNAL, "a", 0);
	item_row(f, 1, SPACE_EXTERNAL, "b", 0);
	item = f->item[f->count - 1];
	item->text[item->key_length] = '\xFF';

	assert_load_fails(f, "VM 'one' (00000000-0000-0000-0000-000000000001): value of 'b': not "
			     "UTF-8 at byte 0");
}

static void guest_data_that_was_never_stored_is_told_with_its_vm_and_key(void **state)
{
	struct fixture *f = *state;

	vm_row(f, 1, "one");
	f->set = item_set_create(1);
	item_set_add(f->set, stored("ip", "\xFF"));
	f->row[f->count++] = (struct row){ .kind = ROW_GUEST,
					   .vm = guid_number(1),
					   .guest = { SPACE_GUEST, f->set } };

	assert_load_fails(f, "VM 'one' (00000000-0000-0000-0000-000000000001): 'ip' of the guest "
			     "is not valid UTF-8");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(vms_refusals_and_jobs_are_told_of_when_vms_are_whole),
		test(a_vm_comes_back_with_all_that_it_had),
		test(what_belongs_to_no_vm_is_damage),
		test(a_job_of_no_vm_is_damage),
		test(a_refusal_of_no_vm_is_damage),
		test(two_vms_of_one_name_are_damage),
		test(a_tombstone_where_none_is_kept_is_damage),
		test(an_item_that_was_never_stored_is_told_with_its_vm_and_key),
		test(guest_data_that_was_never_stored_is_told_with_its_vm_and_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
