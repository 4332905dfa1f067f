/* SPDX-License-Identifier: MIT */
/* test_events.c -- provider/events: what changes in a host, as a subscriber sees it. */
#include "provider/events.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "../host/host_fixture.h"
#include "openkvp/scoped.h"

#define NS           "root/virtualization/v2"
#define EVENTS_OF    "SELECT * FROM __InstanceOperationEvent WITHIN 2 WHERE TargetInstance ISA "
#define CREATION     "__InstanceCreationEvent"
#define MODIFICATION "__InstanceModificationEvent"
#define DELETION     "__InstanceDeletionEvent"

struct world {
	struct fixture *host;
	struct cim_events *events;
	struct provider_events *provider;
	struct arena *arena;
	struct cim_subscription *subscription;
	sem_t ready;
};

static int open_world(void **state)
{
	const struct cim_events_limits limits = { 8, 8, 100, 1 << 20 };
	struct world *world = calloc(1, sizeof(*world));

	open_host((void **)&world->host);
	world->events = cim_events_create(&limits);
	world->provider = provider_events_create(world->host->host, world->events);
	world->arena = arena_create();
	sem_init(&world->ready, 0, 0);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	cim_events_stop(world->events);
	cim_unsubscribe(&world->subscription);
	close_host((void **)&world->host);
	provider_events_free(&world->provider);
	cim_events_free(&world->events);
	arena_free(&world->arena);
	sem_destroy(&world->ready);
	free(world);
	return 0;
}

static void subscribe(struct world *world, const char *query)
{
	struct cim_error error;

	if (!cim_subscribe(world->events, &admin, NS, query, strlen(query), &world->subscription,
			   &error))
		fail_msg("%s", error.message);
}

static void ready(void *context)
{
	sem_post(&((struct world *)context)->ready);
}

/* The next event, which must be of this class. */
static const struct cim_instance *next(struct world *world, const char *class_name)
{
	const struct cim_instance *event;
	uint64_t missed;

	cim_subscription_wait(world->subscription, 60000, ready, world);
	sem_wait(&world->ready);
	event = cim_subscription_peek(world->subscription, world->arena, &missed);
	assert_non_null(event);
	assert_string_equal(event->class->name, class_name);
	cim_subscription_advance(world->subscription);
	return event;
}

static const struct cim_instance *target(const struct cim_instance *event)
{
	return cim_get_value(event, PROPERTY_TARGET_INSTANCE)->instance;
}

static const struct cim_instance *previous(const struct cim_instance *event)
{
	return cim_get_value(event, PROPERTY_PREVIOUS_INSTANCE)->instance;
}

static const char *text_of(const struct cim_instance *instance, enum cim_property_id id)
{
	return cim_get_value(instance, id)->string.bytes;
}

static uint64_t number_of(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	assert_true(value->is_set);
	return value->is_array ? value->array.item[0].uint : value->uint;
}

static size_t count_of_items(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	return value->is_set ? value->array.count : 0;
}

static bool finished;

static void vm_call_finished(struct exchange_vm_call *call)
{
	__atomic_store_n(&finished, true, __ATOMIC_RELEASE);
}

static void change_vm(struct world *world, struct exchange_vm_call *call)
{
	call->principal = admin;
	call->finished = vm_call_finished;
	finished = false;
	exchange_change_vm(host_exchange(world->host->host), call);
	while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
		uv_run(&world->host->loop, UV_RUN_NOWAIT);
	assert_int_equal(call->error.status, OKVP_OK);
}

static void put(struct world *world, struct vm *vm, const char *key, const char *value)
{
	struct exchange_change one = change_of(EXCHANGE_PUT, key, value);
	struct change change = { 0 };

	submit(world->host, vm, &change, &one, 1);
}

static void a_vm_is_told_from_its_definition_to_its_end(void **state)
{
	struct world *world = *state;
	struct exchange_vm_call call = { .verb = VM_SET, .name = "other" };
	struct vm *vm scoped(vm_release) = NULL;
	const struct cim_instance *event;

	subscribe(world, EVENTS_OF "'CIM_ComputerSystem'");
	vm = define_vm(world->host);
	event = next(world, CREATION);
	assert_string_equal(text_of(target(event), PROPERTY_NAME), vm_id_text(vm));

	call.id = *vm_id(vm);
	change_vm(world, &call);
	event = next(world, MODIFICATION);
	assert_string_equal(text_of(previous(event), PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(target(event), PROPERTY_ELEMENT_NAME), "other");

	call.verb = VM_UNDEFINE;
	change_vm(world, &call);
	event = next(world, DELETION);
	assert_string_equal(text_of(target(event), PROPERTY_ELEMENT_NAME), "other");
}

static void contact_shows_in_the_component_step_by_step(void **state)
{
	struct world *world = *state;
	struct vm *vm scoped(vm_release) = define_vm(world->host);
	const struct cim_instance *event;

	guest_put(&world->host->guest, 1, "BBB", "111");
	subscribe(world, EVENTS_OF "'Msvm_KvpExchangeComponent'");
	connect_guest(world->host, vm);
	event = next(world, MODIFICATION); /* connected is no contact: only this shows */
	assert_int_equal(number_of(previous(event), PROPERTY_OPERATIONAL_STATUS), 12);
	assert_int_equal(number_of(target(event), PROPERTY_OPERATIONAL_STATUS), 2);
	assert_int_equal(count_of_items(target(event), PROPERTY_GUEST_EXCHANGE_ITEMS), 0);

	run_until(world->host, vm_status(vm).guest_live);
	event = next(world, MODIFICATION);
	if (count_of_items(target(event), PROPERTY_GUEST_EXCHANGE_ITEMS) == 0)
		event = next(world, MODIFICATION); /* live, and then read */
	assert_int_equal(count_of_items(target(event), PROPERTY_GUEST_EXCHANGE_ITEMS), 1);

	disconnect_guest(world->host, vm);
	do
		event = next(world, MODIFICATION);
	while (number_of(target(event), PROPERTY_OPERATIONAL_STATUS) != 12);
	assert_int_equal(count_of_items(previous(event), PROPERTY_GUEST_EXCHANGE_ITEMS), 1);
	assert_int_equal(count_of_items(target(event), PROPERTY_GUEST_EXCHANGE_ITEMS), 0);
}

static void items_of_the_host_show_in_the_setting_data_alone(void **state)
{
	struct world *world = *state;
	struct vm *vm scoped(vm_release) = define_vm(world->host);
	const struct cim_instance *event;

	subscribe(world, EVENTS_OF "'CIM_ManagedElement' AND NOT TargetInstance ISA 'CIM_Job'");
	put(world, vm, "a", "1");
	put(world, vm, "b", "2");
	event = next(world, MODIFICATION);
	assert_string_equal(target(event)->class->name, "Msvm_KvpExchangeComponentSettingData");
	assert_int_equal(count_of_items(previous(event), PROPERTY_HOST_EXCHANGE_ITEMS), 0);
	assert_int_equal(count_of_items(target(event), PROPERTY_HOST_EXCHANGE_ITEMS), 1);
	event = next(world, MODIFICATION);
	assert_int_equal(count_of_items(previous(event), PROPERTY_HOST_EXCHANGE_ITEMS), 1);
	assert_int_equal(count_of_items(target(event), PROPERTY_HOST_EXCHANGE_ITEMS), 2);
}

static void a_job_is_told_from_its_beginning_to_its_end(void **state)
{
	struct world *world = *state;
	struct vm *vm scoped(vm_release) = define_vm(world->host);
	struct exchange_change one = change_of(EXCHANGE_PUT, "a", "1");
	struct change change = { 0 };
	const struct cim_instance *event;

	subscribe(world, EVENTS_OF "'Msvm_ConcreteJob'");
	connect_guest(world->host, vm);
	submit(world->host, vm, &change, &one, 1);
	run_until(world->host, job_of(world->host, &change).state == JOB_COMPLETED);

	event = next(world, CREATION);
	assert_int_equal(number_of(target(event), PROPERTY_JOB_STATE), JOB_RUNNING);
	do
		event = next(world, MODIFICATION);
	while (number_of(target(event), PROPERTY_JOB_STATE) == JOB_RUNNING);
	assert_int_equal(number_of(previous(event), PROPERTY_JOB_STATE), JOB_RUNNING);
	assert_int_equal(number_of(target(event), PROPERTY_JOB_STATE), JOB_COMPLETED);
	assert_string_equal(text_of(target(event), PROPERTY_JOB_STATUS), "delivered");
}

/* --- What a queue keeps --- */

#define BATCH 90 /* items of about 1,000 bytes */

/* Gives all items another value in one change. */
static void put_batch(struct world *world, struct vm *vm, int round)
{
	static char keys[BATCH][8], values[BATCH][1001];
	struct exchange_change changes[BATCH];
	struct change change = { 0 };

	for (int i = 0; i < BATCH; i++) {
		snprintf(keys[i], sizeof(keys[i]), "key%d", i);
		snprintf(values[i], sizeof(values[i]), "%01000d", round);
		changes[i] = change_of(EXCHANGE_PUT, keys[i], values[i]);
	}
	submit(world->host, vm, &change, changes, BATCH);
	assert_int_equal(change.call.error.status, OKVP_OK);
}

/* Waits until all that was published is in the queues: by an event of another class. */
static void wait_for_dispatcher(struct world *world, struct vm *vm)
{
	struct cim_subscription *mine = world->subscription;
	struct exchange_vm_call call = { .verb = VM_SET, .id = *vm_id(vm), .name = "other" };

	subscribe(world, EVENTS_OF "'Msvm_ComputerSystem'");
	change_vm(world, &call);
	next(world, MODIFICATION);
	cim_unsubscribe(&world->subscription);
	world->subscription = mine;
}

/* Reads until so many were told or are missing; returns how many were told. */
static size_t read_all(struct world *world, size_t count)
{
	size_t told = 0, missing = 0;

	while (told + missing < count) {
		uint64_t missed;

		cim_subscription_wait(world->subscription, 60000, ready, world);
		sem_wait(&world->ready);
		told += cim_subscription_peek(world->subscription, world->arena, &missed) != NULL;
		missing += missed;
		cim_subscription_advance(world->subscription);
		arena_reset(world->arena);
	}
	assert_int_equal(told + missing, count);
	return told;
}

static void a_change_of_one_item_among_many_keeps_little(void **state)
{
	struct world *world = *state;
	struct vm *vm scoped(vm_release) = define_vm(world->host);
	char value[16];

	put_batch(world, vm, 0);
	subscribe(world, EVENTS_OF "'Msvm_KvpExchangeComponentSettingData'");
	for (int i = 0; i < 90; i++) { /* ten times as much as fits, were nothing shared */
		snprintf(value, sizeof(value), "%d", i);
		put(world, vm, "key0", value);
	}
	assert_int_equal(read_all(world, 90), 90);
}

static void changes_of_much_leave_a_gap(void **state)
{
	struct world *world = *state;
	struct vm *vm scoped(vm_release) = define_vm(world->host);
	size_t told;

	put_batch(world, vm, 0);
	subscribe(world, EVENTS_OF "'Msvm_KvpExchangeComponentSettingData'");
	for (int i = 1; i <= 10; i++)
		put_batch(world, vm, i);
	wait_for_dispatcher(world, vm);
	told = read_all(world, 10);
	assert_in_range(told, 3, 6); /* 180 KB each, of 1 MiB */
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(a_vm_is_told_from_its_definition_to_its_end),
		test(contact_shows_in_the_component_step_by_step),
		test(items_of_the_host_show_in_the_setting_data_alone),
		test(a_job_is_told_from_its_beginning_to_its_end),
		test(a_change_of_one_item_among_many_keeps_little),
		test(changes_of_much_leave_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
