/* SPDX-License-Identifier: MIT */
/* test_service_methods.c -- provider/format_error, guest_service_settings, job_error and the
 * methods of jobs. */
#include "provider_world.h"

#include "base/text.h"
#include "cim/embedded.h"
#include "openkvp/scoped.h"

#define SETTINGS_CLASS      "Msvm_KvpExchangeComponentSettingData"
#define SETTING(properties) "<INSTANCE CLASSNAME=\"" SETTINGS_CLASS "\">" properties "</INSTANCE>"
#define PROPERTY(name, type, value) \
	"<PROPERTY NAME=\"" name "\" TYPE=\"" type "\"><VALUE>" value "</VALUE></PROPERTY>"
#define ID PROPERTY("InstanceID", "string", "Microsoft:<VM>\\" KVP)

/* Calls a method with an array of texts, which are patterns, or without arguments. */
static struct cim_operation *call_as(struct world *world, const struct principal *user,
				     const char *ns, const char *path, const char *method,
				     const char *parameter, const char *const *texts, size_t count)
{
	struct cim_operation *operation = begin(world, user);
	struct cim_value *items = arena_array(world->arena, struct cim_value, count);
	const struct cim_argument argument = { parameter, cim_array(CIM_STRING, items, count) };

	for (size_t i = 0; i < count; i++)
		items[i] = cim_string(expand(world, texts[i]));
	cim_invoke(operation, path_of(world, ns, path), method, &argument, count > 0);
	wait_for(world, operation);
	return operation;
}

#define call_with(world, method, parameter, ...)                                                \
	call_as(world, &admin, V2, SERVICE, method, parameter, (const char *[]){ __VA_ARGS__ }, \
		sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))

static uint64_t value_of(const struct cim_operation *operation)
{
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	return operation->return_value.uint;
}

/* --- A job that failed --- */

static void fail_a_job(struct world *world)
{
	const struct exchange_change again = change_of(EXCHANGE_ADD, "color", "red");
	struct change change = { .call.kind = JOB_ADD };

	submit(world->host, world->vm, &change, &again, 1);
	assert_true(change.call.has_job);
	guid_to_text(&change.call.job, world->job);
}

static struct cim_operation *call_job(struct world *world, const char *ns, const char *method)
{
	return call_as(world, &admin, ns, JOB, method, NULL, NULL, 0);
}

static void a_job_that_went_well_has_no_error(void **state)
{
	struct cim_operation *one = call_job(*state, V2, "GetError");
	struct cim_operation *all = call_job(*state, V2, "GetErrorEx");

	assert_int_equal(value_of(one), 0);
	assert_false(cim_output(one, "Error")->is_set);
	assert_int_equal(value_of(all), 0);
	assert_false(cim_output(all, "Errors")->is_set);
}

static void a_job_that_failed_says_why_in_every_namespace(void **state)
{
	static const char *const namespaces[] = { V1, V2, CL };
	struct world *world = *state;

	fail_a_job(world);
	for (size_t i = 0; i < 3; i++) {
		struct cim_operation *one = call_job(world, namespaces[i], "GetError");
		struct cim_operation *all = call_job(world, namespaces[i], "GetErrorEx");
		const char *text = cim_output(one, "Error")->string.bytes;

		assert_int_equal(value_of(one), 0);
		assert_int_equal(value_of(all), 0);
		assert_non_null(strstr(text, "<INSTANCE CLASSNAME=\"Msvm_Error\">"));
		assert_non_null(strstr(text, "already there: &apos;color&apos;"));
		assert_non_null(strstr(text, "<VALUE>32773</VALUE>"));
		assert_non_null(strstr(text, "<VALUE>CIM_ERR_INVALID_PARAMETER</VALUE>"));
		assert_non_null(strstr(text, vm_id_text(world->vm)));
		assert_int_equal(cim_output(all, "Errors")->array.count, 1);
		assert_string_equal(cim_output(all, "Errors")->array.item[0].string.bytes, text);
	}
}

static void errors_become_a_text_for_people(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation;
	const char *text;

	fail_a_job(world);
	text = cim_output(call_job(world, V2, "GetError"), "Error")->string.bytes;
	operation = call_with(world, "FormatError", "Errors", text,
			      "<INSTANCE CLASSNAME=\"msvm_error\">" PROPERTY(
				      "Message", "string", "full &amp; over") "</INSTANCE>",
			      "<INSTANCE CLASSNAME=\"Msvm_Error\"></INSTANCE>");
	assert_int_equal(value_of(operation), 0);
	assert_string_equal(cim_output(operation, "ErrorMessage")->string.bytes,
			    "already there: 'color'\n\nfull & over");
	operation = call_as(world, &admin, V2, SERVICE, "FormatError", NULL, NULL, 0);
	assert_int_equal(value_of(operation), 0);
	assert_string_equal(cim_output(operation, "ErrorMessage")->string.bytes, "");
}

static void what_is_no_error_has_no_text(void **state)
{
	static const char *const wrong[] = {
		"full",
		"",
		"<INSTANCE CLASSNAME=\"Msvm_ConcreteJob\"></INSTANCE>",
		"<!DOCTYPE x><INSTANCE CLASSNAME=\"Msvm_Error\"></INSTANCE>",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(value_of(call_with(*state, "FormatError", "Errors", wrong[i])),
				 JOB_INVALID_PARAMETER);
}

/* --- Giving a job up --- */

static struct cim_operation *request_state(struct world *world, const struct principal *user,
					   const char *requested, const char *timeout)
{
	const struct cim_argument arguments[] = {
		{ "RequestedState", cim_string(requested) },
		{ "TimeoutPeriod", cim_string(timeout) },
	};
	struct cim_operation *operation = begin(world, user);

	cim_invoke(operation, path_of(world, V2, JOB), "RequestStateChange", arguments,
		   timeout ? 2 : 1);
	wait_for(world, operation);
	return operation;
}

/* A job that waits for a guest that does not answer. */
static void begin_a_job(struct world *world)
{
	const struct exchange_change item = change_of(EXCHANGE_PUT, "size", "large");
	struct change change = { .call.kind = JOB_BATCH };

	connect_guest(world->host, world->vm);
	run_until(world->host, guest_value(&world->host->guest, 3, "VirtualMachineName"));
	world->host->guest.silent = true;
	submit(world->host, world->vm, &change, &item, 1);
	guid_to_text(&change.call.job, world->job);
	assert_int_equal(job_of(world->host, &change).state, JOB_RUNNING);
}

static void a_running_job_can_be_given_up(void **state)
{
	struct world *world = *state;
	const struct cim_instance *job;
	const char *error;

	begin_a_job(world);
	job = get(world, V2, JOB);
	assert_true(cim_get_value(job, PROPERTY_CANCELLABLE)->boolean);
	assert_int_equal(value_of(request_state(world, &writer, "4", NULL)), 0);

	job = get(world, V2, JOB);
	assert_int_equal(cim_get_value(job, PROPERTY_JOB_STATE)->uint, 8);
	assert_int_equal(cim_get_value(job, PROPERTY_ERROR_CODE)->uint, 32768);
	assert_int_equal(cim_get_value(job, PROPERTY_OPERATIONAL_STATUS)->array.item[0].uint, 10);
	assert_false(cim_get_value(job, PROPERTY_CANCELLABLE)->boolean);
	error = cim_output(call_job(world, V2, "GetError"), "Error")->string.bytes;
	assert_non_null(strstr(error, "nobody waits for the delivery any more"));
}

static void a_job_that_was_killed_says_so_and_its_item_arrives_all_the_same(void **state)
{
	struct world *world = *state;

	begin_a_job(world);
	assert_int_equal(value_of(request_state(world, &writer, "5", "00000000000000.000000:000")),
			 0);
	assert_int_equal(cim_get_value(get(world, V2, JOB), PROPERTY_JOB_STATE)->uint, 9);
	disconnect_guest(world->host, world->vm);
	world->host->guest.silent = false;
	connect_guest(world->host, world->vm);
	run_until(world->host, guest_value(&world->host->guest, 0, "size"));
}

static void what_cannot_be_asked_of_a_job_has_its_answer(void **state)
{
	static const struct {
		const char *requested, *timeout;
		uint64_t answer;
	} requests[] = {
		{ "2", NULL, 1 },    { "3", NULL, 1 }, { "6", NULL, 1 },
		{ "1", NULL, 5 },    { "7", NULL, 5 }, { "4", "00000000000100.000000:000", 4098 },
		{ "4", NULL, 4097 }, /* it has ended */
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		assert_int_equal(value_of(request_state(*state, &writer, requests[i].requested,
							requests[i].timeout)),
				 requests[i].answer);
}

static void a_reader_gives_up_no_job(void **state)
{
	const struct principal reader = { "reader", ROLE_READ };

	assert_int_equal(request_state(*state, &reader, "4", NULL)->error.status,
			 CIM_STATUS_ACCESS_DENIED);
}

static void killing_is_not_available(void **state)
{
	assert_int_equal(call_job(*state, V2, "KillJob")->error.status,
			 CIM_STATUS_METHOD_NOT_AVAILABLE);
}

/* --- ModifyGuestServiceSettings --- */

#define modify(world, ...) \
	call_with(world, "ModifyGuestServiceSettings", "GuestServiceSettings", __VA_ARGS__)

static bool has_setting(struct world *world, enum cim_property_id id, uint64_t value)
{
	const struct cim_value *now = cim_get_value(get(world, V2, COMPONENT_SETTINGS), id);

	return now->is_set && (now->type == CIM_BOOLEAN ? now->boolean : now->uint) == value;
}

static void the_exchange_is_switched_off_and_on(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation;
	const struct cim_value *result;

	operation = modify(world, SETTING(ID PROPERTY("EnabledState", "uint16", "3")));
	assert_int_equal(value_of(operation), 0);
	result = cim_output(operation, "ResultingGuestServiceSettings");
	assert_int_equal(result->array.count, 1);
	assert_true(cim_path_equal(result->array.item[0].reference,
				   path_of(world, V2, COMPONENT_SETTINGS)));
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 3));
	assert_true(has_setting(world, PROPERTY_DISABLE_HOST_KVP_ITEMS, false));
	assert_int_equal(
		value_of(modify(world, SETTING(ID PROPERTY("EnabledState", "uint16", "2")))), 0);
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 2));
}

static void the_hosts_own_items_are_switched_off(void **state)
{
	struct world *world = *state;

	assert_int_equal(value_of(modify(world, SETTING(ID PROPERTY("DisableHostKVPItems",
								    "boolean", "TRUE")))),
			 0);
	assert_true(has_setting(world, PROPERTY_DISABLE_HOST_KVP_ITEMS, true));
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 2));
}

static void the_whole_text_of_an_instance_may_come_back(void **state)
{
	struct world *world = *state;
	struct text text scoped(text_done) = { 0 };

	cim_embedded_write(&text, get(world, V2, COMPONENT_SETTINGS));
	assert_int_equal(value_of(modify(world, text.bytes)), 0);
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 2));
}

static void settings_that_cannot_be_are_refused_and_nothing_changes(void **state)
{
	static const char *const wrong[] = {
		"",
		"nonsense",
		SETTING(PROPERTY("EnabledState", "uint16", "3")),
		SETTING(PROPERTY("InstanceID", "string", "Microsoft:1")
				PROPERTY("EnabledState", "uint16", "3")),
		SETTING(PROPERTY("InstanceID", "string",
				 "Microsoft:00000000-0000-0000-0000-000000000000\\" KVP)
				PROPERTY("EnabledState", "uint16", "3")),
		SETTING(ID PROPERTY("EnabledState", "uint16", "4")),
		SETTING(ID PROPERTY("EnabledState", "uint16", "off")),
		SETTING(ID PROPERTY("DisableHostKVPItems", "boolean", "maybe")),
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(value_of(modify(world, wrong[i])), 4);
	assert_int_equal(value_of(call_as(world, &admin, V2, SERVICE, "ModifyGuestServiceSettings",
					  NULL, NULL, 0)),
			 4);
	assert_int_equal(value_of(modify(world, SETTING(ID PROPERTY("EnabledState", "uint16", "3")),
					 "nonsense")),
			 4);
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 2));
}

static void settings_of_another_service_are_not_supported(void **state)
{
	assert_int_equal(
		value_of(modify(*state,
				"<INSTANCE "
				"CLASSNAME=\"Msvm_ShutdownComponentSettingData\"></INSTANCE>")),
		1);
}

static void settings_are_for_administrators(void **state)
{
	const char *off = SETTING(ID PROPERTY("EnabledState", "uint16", "3"));
	struct world *world = *state;

	assert_int_equal(value_of(call_as(world, &writer, V2, SERVICE, "ModifyGuestServiceSettings",
					  "GuestServiceSettings", &off, 1)),
			 JOB_ACCESS_DENIED);
	assert_true(has_setting(world, PROPERTY_ENABLED_STATE, 2));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(a_job_that_went_well_has_no_error),
		test(a_job_that_failed_says_why_in_every_namespace),
		test(errors_become_a_text_for_people),
		test(what_is_no_error_has_no_text),
		test(a_running_job_can_be_given_up),
		test(a_job_that_was_killed_says_so_and_its_item_arrives_all_the_same),
		test(what_cannot_be_asked_of_a_job_has_its_answer),
		test(a_reader_gives_up_no_job),
		test(killing_is_not_available),
		test(the_exchange_is_switched_off_and_on),
		test(the_hosts_own_items_are_switched_off),
		test(the_whole_text_of_an_instance_may_come_back),
		test(settings_that_cannot_be_are_refused_and_nothing_changes),
		test(settings_of_another_service_are_not_supported),
		test(settings_are_for_administrators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
