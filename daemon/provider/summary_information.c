/* SPDX-License-Identifier: MIT */
/* summary_information.c -- GetSummaryInformation: VMs at a glance, what their guests say among it.
 *
 * Each entry has InstanceID, Name and HostComputerSystemName; of the rest, clients name what they
 * want by numbers, or nothing for everything. What the hypervisor alone knows (memory, processors,
 * pictures of the screen) is NULL, asked for or not. A VM that is not there has an entry with an
 * empty Name. The guest's data is as it was last read: nobody wants to wait for a thousand guests.
 */
#include "provider/service_methods.h"

#include "base/memory.h"
#include "host/host.h"
#include "openkvp/scoped.h"
#include "provider/provider_list.h"
#include "provider/vm_walk.h"

#define SETTINGS_MAX 1024 /* of one call; without any there is no limit */
#define TASKS_MAX    32   /* of one VM: it may be named often */

#define OS_NAME "OSName" /* of the guest's own items */

enum { HEARTBEAT_OK = 2, HEARTBEAT_NO_CONTACT = 12, HEARTBEAT_LOST = 13 };

enum { VERSION_UNKNOWN = 0, VERSION_UP_TO_DATE = 1, VERSION_MISMATCH = 2 };

/* A VM as it is for the time of one entry. */
struct subject {
	struct cim_operation *operation;
	struct host *host;
	struct vm *vm;
	struct snapshot *snapshot;
	struct vm_status status;
	const struct cim_instance *system; /* its Msvm_ComputerSystem */
};

/* --- What can be asked for --- */

/* The instance of a provider's class that one key tells apart; NULL: it is gone. */
static struct cim_instance *instance_of(const struct subject *subject,
					const struct cim_provider *provider, const char *key,
					const char *value)
{
	const struct cim_class *class =
		cim_class_by_id(subject->operation->class->ns, provider->class_id);
	struct cim_instance *instance = cim_instance_create(subject->operation->arena, class);
	const struct cim_key keys[] = { { key, cim_string(value) } };
	const struct cim_object_path path = { class->ns->name, class->name, keys, 1 };

	return provider->find(subject->host, &path, instance) ? instance : NULL;
}

static void set_heartbeat(const struct subject *subject, struct cim_instance *summary)
{
	enum vm_contact contact = subject->status.contact;

	cim_set_uint(summary, PROPERTY_HEARTBEAT,
		     contact == VM_CONTACT_OPEN   ? HEARTBEAT_OK
		     : contact == VM_CONTACT_LOST ? HEARTBEAT_LOST
						  : HEARTBEAT_NO_CONTACT);
}

static void set_creation_time(const struct subject *subject, struct cim_instance *summary)
{
	cim_set(summary, PROPERTY_CREATION_TIME, cim_time(subject->snapshot->settings->created_us));
}

static void set_operating_system(const struct subject *subject, struct cim_instance *summary)
{
	const struct stored_item *item =
		snapshot_find(subject->snapshot, SPACE_INTRINSIC, OS_NAME, sizeof(OS_NAME) - 1);
	struct okvp_item name;

	if (!item || !subject->status.guest_live)
		return;
	name = stored_item_view(item);
	cim_set_text(summary, PROPERTY_GUEST_OPERATING_SYSTEM,
		     arena_text(summary->arena, name.value, name.value_length));
}

/* Only jobs that run; one may have ended since they were listed. */
static void set_tasks(const struct subject *subject, struct cim_instance *summary)
{
	struct jobs *jobs = host_jobs(subject->host);
	struct cim_value *tasks = arena_array(summary->arena, struct cim_value, TASKS_MAX);
	struct arena *scratch scoped(arena_free) = arena_create();
	struct guid *ids;
	size_t count = jobs_list_running_of_vm(jobs, vm_id(subject->vm), scratch, &ids);
	size_t task_count = 0;

	for (size_t i = 0; i < count && task_count < TASKS_MAX; i++) {
		const struct cim_instance *task;
		char id[GUID_TEXT_SIZE];
		struct job job;

		if (!jobs_find(jobs, &ids[i], scratch, &job) || job.state != JOB_RUNNING)
			continue;
		task = instance_of(subject, &concrete_job_provider, "InstanceID",
				   guid_to_text(&ids[i], id));
		if (task)
			tasks[task_count++] = cim_instance_value(task);
	}
	cim_set(summary, PROPERTY_ASYNCHRONOUS_TASKS, cim_array(CIM_INSTANCE, tasks, task_count));
}

static void set_version_state(const struct subject *subject, struct cim_instance *summary)
{
	cim_set_uint(summary, PROPERTY_INTEGRATION_SERVICES_VERSION_STATE,
		     subject->status.contact != VM_CONTACT_OPEN ? VERSION_UNKNOWN
		     : subject->status.message.major >= 5       ? VERSION_UP_TO_DATE
								: VERSION_MISMATCH);
}

/* A property is as Msvm_ComputerSystem has it, under its own name or another, or is set. */
static const struct information {
	uint32_t code; /* in RequestedInformation */
	enum cim_property_id property, of_system;
	void (*set)(const struct subject *subject, struct cim_instance *summary);
} information[] = {
	{ 1, PROPERTY_ELEMENT_NAME, PROPERTY_ELEMENT_NAME, NULL },
	{ 2, .set = set_creation_time },
	{ 100, PROPERTY_ENABLED_STATE, PROPERTY_ENABLED_STATE, NULL },
	{ 104, .set = set_heartbeat },
	{ 105, PROPERTY_UP_TIME, PROPERTY_ON_TIME_IN_MILLISECONDS, NULL },
	{ 106, .set = set_operating_system },
	{ 108, .set = set_tasks },
	{ 109, PROPERTY_HEALTH_STATE, PROPERTY_HEALTH_STATE, NULL },
	{ 110, PROPERTY_OPERATIONAL_STATUS, PROPERTY_OPERATIONAL_STATUS, NULL },
	{ 111, PROPERTY_STATUS_DESCRIPTIONS, PROPERTY_STATUS_DESCRIPTIONS, NULL },
	{ 121, .set = set_version_state },
};

/* --- Entries --- */

static bool is_requested(const struct cim_value *requested, uint32_t code)
{
	if (!requested->is_set || requested->array.count == 0)
		return true;
	for (size_t i = 0; i < requested->array.count; i++)
		if (requested->array.item[i].uint == code)
			return true;
	return false;
}

static void set(const struct subject *subject, const struct information *info,
		struct cim_instance *summary)
{
	const struct cim_value *value;

	if (info->set) {
		info->set(subject, summary);
		return;
	}
	value = cim_get_value(subject->system, info->of_system);
	if (value)
		cim_set(summary, info->property, *value);
}

static void fill(const struct subject *subject, struct cim_instance *summary)
{
	const struct cim_value *requested = cim_input(subject->operation, "RequestedInformation");

	cim_set_text(summary, PROPERTY_INSTANCE_ID,
		     vm_settings_id_of(summary->arena, vm_id(subject->vm)));
	cim_set_text(summary, PROPERTY_NAME, vm_id_text(subject->vm));
	cim_set_text(summary, PROPERTY_HOST_COMPUTER_SYSTEM_NAME, host_name(subject->host));
	for (size_t i = 0; i < count_of(information); i++)
		if (is_requested(requested, information[i].code))
			set(subject, &information[i], summary);
}

/* NULL: there is no such VM. */
static struct cim_value entry_of(struct cim_operation *operation, struct vm *vm)
{
	const struct cim_class *class =
		cim_class_by_id(operation->class->ns, MSVM_SUMMARY_INFORMATION);
	struct cim_instance *summary = cim_instance_create(operation->arena, class);
	struct snapshot *snapshot scoped(snapshot_release) = vm ? vm_snapshot(vm) : NULL;
	struct subject subject = {
		.operation = operation,
		.host = cim_service_context(operation->service),
		.vm = vm,
		.snapshot = snapshot,
	};

	if (snapshot) {
		subject.status = vm_status(vm);
		subject.system =
			instance_of(&subject, &computer_system_provider, "Name", vm_id_text(vm));
	}
	if (subject.system)
		fill(&subject, summary);
	else
		cim_set_text(summary, PROPERTY_NAME, "");
	return cim_instance_value(summary);
}

static struct cim_value entries_of_all(struct cim_operation *operation)
{
	struct host *host = cim_service_context(operation->service);
	struct vm_list *list scoped(vm_list_release) = vm_registry_list(host_vms(host));
	struct cim_value *entries = arena_array(operation->arena, struct cim_value, list->count);

	for (size_t i = 0; i < list->count; i++)
		entries[i] = entry_of(operation, list->vm[i]);
	return cim_array(CIM_INSTANCE, entries, list->count);
}

static struct cim_value entries_of(struct cim_operation *operation,
				   const struct cim_value *settings)
{
	struct host *host = cim_service_context(operation->service);
	size_t count = settings->array.count;
	struct cim_value *entries = arena_array(operation->arena, struct cim_value, count);

	for (size_t i = 0; i < count; i++) {
		const struct cim_object_path *path = settings->array.item[i].reference;
		struct vm *vm scoped(vm_release) =
			vm_by_settings_id(host, cim_path_text_key(path, "InstanceID"));

		entries[i] = entry_of(operation, vm);
	}
	return cim_array(CIM_INSTANCE, entries, count);
}

void service_get_summary_information(struct cim_operation *operation)
{
	const struct cim_value *settings = cim_input(operation, "SettingData");
	struct okvp_error err;

	if (settings->is_set && settings->array.count > SETTINGS_MAX) {
		okvp_fail(&err, OKVP_LIMIT, "SettingData has %zu elements; %d is the most",
			  settings->array.count, SETTINGS_MAX);
		service_refuse(operation, job_error_from(err.status), &err);
		return;
	}
	*cim_output(operation, "SummaryInformation") =
		settings->is_set ? entries_of(operation, settings) : entries_of_all(operation);
	service_answer(operation, JOB_OK);
}
