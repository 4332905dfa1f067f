/* SPDX-License-Identifier: MIT */
/* test_summary_information.c -- GetSummaryInformation. */
#include "provider_world.h"

#include "openkvp/scoped.h"

#define REQUESTS_MAX 8

/* Calls the method for settings, which are patterns of paths (none: all VMs), and numbers of what
 * is wanted (none: everything). */
static struct cim_operation *call(struct world *world, const char *ns, const char *const *settings,
				  size_t setting_count, const uint32_t *wanted, size_t wanted_count)
{
	struct cim_operation *operation = begin(world, &admin);
	struct cim_value *paths = arena_array(world->arena, struct cim_value, setting_count);
	struct cim_value numbers[REQUESTS_MAX];
	struct cim_argument arguments[2];
	size_t count = 0;

	for (size_t i = 0; i < setting_count; i++)
		paths[i] = cim_reference(path_of(world, ns, settings[i]));
	for (size_t i = 0; i < wanted_count; i++)
		numbers[i] = cim_uint(CIM_UINT32, wanted[i]);
	if (setting_count > 0)
		arguments[count++] =
			(struct cim_argument){ "SettingData",
					       cim_array(CIM_REFERENCE, paths, setting_count) };
	if (wanted_count > 0)
		arguments[count++] =
			(struct cim_argument){ "RequestedInformation",
					       cim_array(CIM_UINT32, numbers, wanted_count) };
	cim_invoke(operation, path_of(world, ns, SERVICE), "GetSummaryInformation", arguments,
		   count);
	wait_for(world, operation);
	return operation;
}

static const struct cim_value *entries_of(struct cim_operation *operation)
{
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	assert_int_equal(operation->return_value.uint, 0);
	return cim_output(operation, "SummaryInformation");
}

/* The only entry of an answer about the world's VM. */
static const struct cim_instance *summary(struct world *world, const char *ns,
					  const uint32_t *wanted, size_t wanted_count)
{
	const char *settings = VM_SETTINGS;
	const struct cim_value *entries =
		entries_of(call(world, ns, &settings, 1, wanted, wanted_count));

	assert_int_equal(entries->array.count, 1);
	return entries->array.item[0].instance;
}

static bool is_read(struct world *world)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(world->vm);

	return vm_status(world->vm).guest_live &&
	       snapshot_find(snapshot, SPACE_INTRINSIC, "OSName", strlen("OSName"));
}

static void publish(struct world *world, const char *os)
{
	guest_put(&world->host->guest, 2, "OSName", os);
	connect_guest(world->host, world->vm);
	run_until(world->host, is_read(world));
}

static void a_vm_that_is_off_has_no_guest(void **state)
{
	struct world *world = *state;
	const struct cim_instance *entry = summary(world, V2, NULL, 0);

	assert_string_equal(text_of(entry, PROPERTY_NAME), vm_id_text(world->vm));
	assert_string_equal(text_of(entry, PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(entry, PROPERTY_INSTANCE_ID), expand(world, "Microsoft:<VM>"));
	assert_string_equal(text_of(entry, PROPERTY_HOST_COMPUTER_SYSTEM_NAME),
			    expand(world, "<HOST>"));
	assert_int_equal(number_of(entry, PROPERTY_ENABLED_STATE), 3);
	assert_int_equal(number_of(entry, PROPERTY_HEARTBEAT), 12);
	assert_int_equal(number_of(entry, PROPERTY_INTEGRATION_SERVICES_VERSION_STATE), 0);
	assert_true(is_set(entry, PROPERTY_CREATION_TIME));
	assert_false(is_set(entry, PROPERTY_GUEST_OPERATING_SYSTEM));
	assert_false(is_set(entry, PROPERTY_MEMORY_USAGE));
	assert_int_equal(cim_get_value(entry, PROPERTY_ASYNCHRONOUS_TASKS)->array.count, 0);
}

static void what_the_guest_says_of_itself_is_there(void **state)
{
	static const char *const namespaces[] = { V1, V2, CL };
	struct world *world = *state;

	publish(world, "Debian GNU/Linux");
	for (size_t i = 0; i < 3; i++) {
		const struct cim_instance *entry = summary(world, namespaces[i], NULL, 0);

		assert_string_equal(text_of(entry, PROPERTY_GUEST_OPERATING_SYSTEM),
				    "Debian GNU/Linux");
		assert_int_equal(number_of(entry, PROPERTY_ENABLED_STATE), 2);
		assert_int_equal(number_of(entry, PROPERTY_HEARTBEAT), 2);
		assert_true(is_set(entry, PROPERTY_UP_TIME));
		assert_string_equal(cim_get_value(entry, PROPERTY_STATUS_DESCRIPTIONS)
					    ->array.item[0]
					    .string.bytes,
				    "Operating normally");
	}
}

static void a_guest_that_is_gone_says_nothing(void **state)
{
	struct world *world = *state;

	publish(world, "Debian GNU/Linux");
	disconnect_guest(world->host, world->vm);
	assert_false(is_set(summary(world, V2, NULL, 0), PROPERTY_GUEST_OPERATING_SYSTEM));
}

static void only_what_is_asked_for_is_set(void **state)
{
	static const uint32_t wanted[] = { 106, 1, 101, 4711 }; /* also what nobody knows */
	struct world *world = *state;
	const struct cim_instance *entry;

	publish(world, "Debian");
	entry = summary(world, V2, wanted, 4);
	assert_string_equal(text_of(entry, PROPERTY_GUEST_OPERATING_SYSTEM), "Debian");
	assert_string_equal(text_of(entry, PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(entry, PROPERTY_NAME), vm_id_text(world->vm));
	assert_false(is_set(entry, PROPERTY_ENABLED_STATE));
	assert_false(is_set(entry, PROPERTY_HEARTBEAT));
	assert_false(is_set(entry, PROPERTY_CREATION_TIME));
}

static void a_job_that_runs_is_a_task(void **state)
{
	static const uint32_t wanted[] = { 108 };
	const struct exchange_change item = change_of(EXCHANGE_PUT, "size", "large");
	struct change change = { .call.kind = JOB_BATCH };
	struct world *world = *state;
	const struct cim_value *tasks;

	publish(world, "Debian");
	run_until(world->host, guest_value(&world->host->guest, 3, "VirtualMachineName"));
	world->host->guest.silent = true;
	submit(world->host, world->vm, &change, &item, 1);
	guid_to_text(&change.call.job, world->job);

	tasks = cim_get_value(summary(world, V2, wanted, 1), PROPERTY_ASYNCHRONOUS_TASKS);
	assert_int_equal(tasks->array.count, 1);
	assert_string_equal(text_of(tasks->array.item[0].instance, PROPERTY_INSTANCE_ID),
			    world->job);
}

static void without_settings_all_vms_are_told(void **state)
{
	struct world *world = *state;
	const struct cim_value *entries = entries_of(call(world, V2, NULL, 0, NULL, 0));

	assert_int_equal(entries->array.count, 1);
	assert_string_equal(text_of(entries->array.item[0].instance, PROPERTY_NAME),
			    vm_id_text(world->vm));
}

static void a_vm_that_is_not_there_has_an_empty_entry_in_its_place(void **state)
{
	static const char *const settings[] = {
		("Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:"
		 "00000000-0000-0000-0000-000000000000\""),
		VM_SETTINGS,
		"Msvm_VirtualSystemSettingData.InstanceID=\"nonsense\"",
	};
	struct world *world = *state;
	const struct cim_value *entries = entries_of(call(world, V2, settings, 3, NULL, 0));

	assert_int_equal(entries->array.count, 3);
	assert_string_equal(text_of(entries->array.item[0].instance, PROPERTY_NAME), "");
	assert_false(is_set(entries->array.item[0].instance, PROPERTY_ENABLED_STATE));
	assert_string_equal(text_of(entries->array.item[1].instance, PROPERTY_NAME),
			    vm_id_text(world->vm));
	assert_string_equal(text_of(entries->array.item[2].instance, PROPERTY_NAME), "");
}

static void a_reference_to_another_class_is_no_setting(void **state)
{
	const char *settings = VM_SYSTEM;

	assert_int_equal(call(*state, V2, &settings, 1, NULL, 0)->error.status,
			 CIM_STATUS_INVALID_PARAMETER);
}

static void more_than_a_thousand_settings_are_too_many(void **state)
{
	const char *settings[1025];
	struct cim_operation *operation;

	for (size_t i = 0; i < 1025; i++)
		settings[i] = VM_SETTINGS;
	operation = call(*state, V2, settings, 1025, NULL, 0);
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	assert_int_equal(operation->return_value.uint, JOB_INVALID_PARAMETER);
	assert_false(cim_output(operation, "SummaryInformation")->is_set);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(a_vm_that_is_off_has_no_guest),
		test(what_the_guest_says_of_itself_is_there),
		test(a_guest_that_is_gone_says_nothing),
		test(only_what_is_asked_for_is_set),
		test(a_job_that_runs_is_a_task),
		test(without_settings_all_vms_are_told),
		test(a_vm_that_is_not_there_has_an_empty_entry_in_its_place),
		test(a_reference_to_another_class_is_no_setting),
		test(more_than_a_thousand_settings_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
