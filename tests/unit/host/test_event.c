/* SPDX-License-Identifier: MIT */
/* test_event.c -- host/event: what is told of VMs and jobs. */
#include "host/event.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/delivery.h"
#include "host_fixture.h"
#include "openkvp/scoped.h"

/* What was told, as text; changes come from the committer's thread and from the loop's. */
struct notes {
	pthread_mutex_t lock;
	char text[4096];
};

static struct notes notes = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
	va_list args;
	size_t length;

	pthread_mutex_lock(&notes.lock);
	length = strlen(notes.text);
	va_start(args, format);
	vsnprintf(notes.text + length, sizeof(notes.text) - length, format, args);
	va_end(args);
	pthread_mutex_unlock(&notes.lock);
}

static bool noted(const char *text)
{
	bool found;

	pthread_mutex_lock(&notes.lock);
	found = strstr(notes.text, text) != NULL;
	pthread_mutex_unlock(&notes.lock);
	return found;
}

static void forget_notes(void)
{
	pthread_mutex_lock(&notes.lock);
	notes.text[0] = '\0';
	pthread_mutex_unlock(&notes.lock);
}

/* "settings", or "host items", for a single change; their number for several. */
static const char *change_name(unsigned int changes)
{
	switch (changes) {
	case VM_CHANGED_SETTINGS:
		return "settings";
	case VM_CHANGED_HOST_ITEMS:
		return "host items";
	case VM_CHANGED_GUEST_ITEMS:
		return "guest items";
	case VM_CHANGED_CONTACT:
		return "contact";
	default:
		return "several";
	}
}

static void vm_changed(void *context, const struct vm_event *event)
{
	if (!event->before)
		note("%s is there; ", event->after->snapshot->settings->name);
	else if (!event->after)
		note("%s is gone; ", event->before->snapshot->settings->name);
	else
		note("%s: %s %d %zu -> %d %zu; ", event->after->snapshot->settings->name,
		     change_name(event->changes), event->before->status.contact,
		     event->before->snapshot->space[SPACE_EXTERNAL]->count,
		     event->after->status.contact,
		     event->after->snapshot->space[SPACE_EXTERNAL]->count);
}

static void job_changed(void *context, const struct job_event *event)
{
	if (!event->before)
		note("job is there %u%%; ", event->after->percent);
	else if (!event->after)
		note("job is gone; ");
	else
		note("job: %s %u%% -> %s %u%% (%s); ", job_state_name(event->before->state),
		     event->before->percent, job_state_name(event->after->state),
		     event->after->percent, event->after->text);
}

static int open_listened(void **state)
{
	const struct host_listener listener = { vm_changed, job_changed, NULL };

	open_host(state);
	forget_notes();
	host_events_listen(host_events(((struct fixture *)*state)->host), &listener);
	return 0;
}

static void set(struct fixture *fixture, struct vm *vm, int verb, const char *name)
{
	struct exchange_vm_call call = { .id = *vm_id(vm), .name = name };

	call.verb = (__typeof__(call.verb))verb;
	assert_int_equal(call_vm(fixture, call), OKVP_OK);
}

static void a_vm_comes_changes_and_goes(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	set(fixture, vm, VM_SET, "other");
	set(fixture, vm, VM_UNDEFINE, NULL);
	assert_true(noted("vm is there; "));
	assert_true(noted("other: settings "));
	assert_true(noted("other is gone; "));
}

static void items_of_the_host_are_told_with_their_job(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change one = change_of(EXCHANGE_PUT, "a", "1");
	struct change change = { 0 };

	submit(fixture, vm, &change, &one, 1);
	assert_true(noted("vm: host items 0 0 -> 0 1; job is there 100%; ")); /* the VM is off */
}

static void a_job_is_told_as_it_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	const struct exchange_change both[] = {
		change_of(EXCHANGE_PUT, "a", "1"),
		change_of(EXCHANGE_PUT, "b", "2"),
	};
	struct change change = { 0 };

	connect_guest(fixture, vm);
	submit(fixture, vm, &change, both, 2);
	run_until(fixture, noted("(delivered)"));
	assert_true(noted("job is there 0%; "));
	assert_true(noted("job: running 0% -> running 50%"));
	assert_true(noted("job: running 50% -> running 100%"));
	assert_true(noted("job: running 100% -> completed 100% (delivered)"));
}

static void contact_is_told_and_guest_items_are(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	guest_put(&fixture->guest, 1, "BBB", "111");
	connect_guest(fixture, vm);
	run_until(fixture, noted("vm: guest items "));
	assert_true(noted("vm: contact 0 0 -> 1 0; "));
	assert_true(noted("vm: contact 1 0 -> 2 0; "));
	disconnect_guest(fixture, vm);
	assert_true(noted("vm: contact 2 0 -> 0 0; "));
}

static void what_nobody_sees_is_not_told(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change one = change_of(EXCHANGE_PUT, "a", "1");
	struct change change = { 0 };

	connect_guest(fixture, vm);
	submit(fixture, vm, &change, &one, 1);
	run_until(fixture, delivery_of(vm, "a").state == DELIVERY_ACKNOWLEDGED);
	forget_notes();
	for (uint64_t acknowledged = 0; acknowledged < change.call.generation;) {
		struct snapshot *snapshot scoped(snapshot_release) = NULL;

		uv_run(&fixture->loop, UV_RUN_ONCE);
		snapshot = vm_snapshot(vm);
		acknowledged = snapshot->acknowledged;
	}
	assert_false(noted("several"));
	assert_false(noted("vm: host items"));
}

static void a_picture_holds_what_it_shows(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct vm_picture picture, copy, none;

	assert_true(vm_picture_take(vm, &picture));
	copy = vm_picture_ref(&picture);
	vm_picture_done(&picture);
	set(fixture, vm, VM_UNDEFINE, NULL);
	assert_string_equal(copy.snapshot->settings->name, "vm");
	assert_ptr_equal(copy.vm, vm);
	vm_picture_done(&copy);
	assert_false(vm_picture_take(vm, &none));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_listened, close_host)
	const struct CMUnitTest tests[] = {
		test(a_vm_comes_changes_and_goes),  test(items_of_the_host_are_told_with_their_job),
		test(a_job_is_told_as_it_goes_on),  test(contact_is_told_and_guest_items_are),
		test(what_nobody_sees_is_not_told), test(a_picture_holds_what_it_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
