/* SPDX-License-Identifier: MIT */
/* test_associations.c -- provider/associations and the classes at their ends, over a host on a
 * store in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "provider_world.h"

static const char *const namespaces[] = { V2, V1, CL };

/* --- Each association, both ways --- */

static const struct row {
	const char *class_name, *role[2], *path[2];
} rows[] = {
	{ "Msvm_SystemDevice", { "GroupComponent", "PartComponent" }, { VM_SYSTEM, COMPONENT } },
	{ "Msvm_SettingsDefineState",
	  { "ManagedElement", "SettingData" },
	  { VM_SYSTEM, VM_SETTINGS } },
	{ "Msvm_SettingsDefineState",
	  { "ManagedElement", "SettingData" },
	  { COMPONENT, COMPONENT_SETTINGS } },
	{ "Msvm_ElementSettingData",
	  { "ManagedElement", "SettingData" },
	  { COMPONENT, COMPONENT_SETTINGS } },
	{ "Msvm_VirtualSystemSettingDataComponent",
	  { "GroupComponent", "PartComponent" },
	  { VM_SETTINGS, COMPONENT_SETTINGS } },
	{ "Msvm_HostedService", { "Antecedent", "Dependent" }, { HOST_SYSTEM, SERVICE } },
	{ "Msvm_HostedDependency", { "Antecedent", "Dependent" }, { HOST_SYSTEM, VM_SYSTEM } },
	{ "Msvm_ServiceAffectsElement",
	  { "AffectedElement", "AffectingElement" },
	  { VM_SYSTEM, SERVICE } },
	{ "Msvm_AffectedJobElement",
	  { "AffectedElement", "AffectingElement" },
	  { VM_SYSTEM, JOB } },
	{ "Msvm_OwningJobElement", { "OwningElement", "OwnedElement" }, { SERVICE, JOB } },
	{ "Msvm_ElementCapabilities",
	  { "ManagedElement", "Capabilities" },
	  { SERVICE, SERVICE_CAPABILITIES } },
	{ "Msvm_ElementCapabilities",
	  { "ManagedElement", "Capabilities" },
	  { VM_SYSTEM, VM_CAPABILITIES } },
};

/* The older namespace lacks the capabilities of VMs. */
static bool is_there(const struct row *row, const char *ns)
{
	return strcmp(ns, V1) != 0 || strcmp(row->path[1], VM_CAPABILITIES) != 0;
}

static void assert_leads(struct world *world, const char *ns, const struct row *row, size_t from)
{
	const struct cim_enumeration_request request = {
		.ns = ns,
		.source = path_of(world, ns, row->path[from]),
		.association_class = row->class_name,
		.role = row->role[from],
		.result_role = row->role[1 - from],
	};
	const char *expected =
		arena_printf(world->arena, "%s\n", expand(world, row->path[1 - from]));
	const char *found = read_all(world, open_listing(world, &request));

	if (strcmp(found, expected) != 0)
		fail_msg("%s in %s leads from %s to %s", row->class_name, ns,
			 expand(world, row->path[from]), found);
}

static void every_association_leads_both_ways_in_every_namespace(void **state)
{
	for (size_t n = 0; n < count_of(namespaces); n++) {
		for (size_t i = 0; i < count_of(rows); i++) {
			if (!is_there(&rows[i], namespaces[n]))
				continue;
			assert_leads(*state, namespaces[n], &rows[i], 0);
			assert_leads(*state, namespaces[n], &rows[i], 1);
		}
	}
}

/* The path of the association of a row. */
static struct cim_object_path *association_path(struct world *world, const char *ns,
						const struct row *row)
{
	struct cim_object_path *path = arena_new(world->arena, struct cim_object_path);
	struct cim_key *keys = arena_array(world->arena, struct cim_key, 2);

	for (size_t i = 0; i < 2; i++) {
		keys[i].name = row->role[i];
		keys[i].value = cim_reference(path_of(world, ns, row->path[i]));
	}
	*path = (struct cim_object_path){ ns, row->class_name, keys, 2 };
	return path;
}

static void every_association_is_found_by_its_ends(void **state)
{
	struct world *world = *state;

	for (size_t n = 0; n < count_of(namespaces); n++) {
		for (size_t i = 0; i < count_of(rows); i++) {
			struct cim_object_path *path =
				association_path(world, namespaces[n], &rows[i]);
			struct cim_operation *operation = begin(world, &admin);

			if (!is_there(&rows[i], namespaces[n]))
				continue;
			cim_get(operation, path);
			wait_for(world, operation);
			assert_string_equal(operation->error.message, "");
			assert_true(cim_path_equal(cim_instance_path(operation->instance), path));
		}
	}
}

static void every_association_is_a_reference_of_both_its_ends(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < count_of(rows); i++) {
		for (size_t from = 0; from < 2; from++) {
			const struct cim_enumeration_request request = {
				.ns = V2,
				.source = path_of(world, V2, rows[i].path[from]),
				.associations = true,
				.result_class = rows[i].class_name,
				.role = rows[i].role[from],
			};
			struct cim_enumeration *listing = open_listing(world, &request);
			struct cim_object_path *path = association_path(world, V2, &rows[i]);
			bool found = false;

			for (; cim_enumeration_peek(listing); cim_enumeration_advance(listing))
				found |= cim_path_equal(
					cim_instance_path(cim_enumeration_peek(listing)), path);
			cim_enumeration_close(&listing);
			if (!found)
				fail_msg("%s is no reference of %s", rows[i].class_name,
					 expand(world, rows[i].path[from]));
		}
	}
}

static void every_association_is_in_the_listing_of_its_class(void **state)
{
	struct world *world = *state;

	assert_string_equal(query(world, V2, "SELECT * FROM Msvm_SystemComponent"), "");
	assert_string_equal(query(world, V2, "SELECT * FROM Msvm_ElementConformsToProfile"), "");
	for (size_t i = 0; i < count_of(rows); i++) {
		struct cim_object_path *path = association_path(world, NULL, &rows[i]);
		const struct cim_enumeration_request request = {
			.ns = V2,
			.class_name = rows[i].class_name,
		};
		struct cim_enumeration *listing = open_listing(world, &request);
		bool found = false;

		for (; cim_enumeration_peek(listing); cim_enumeration_advance(listing))
			found |= cim_path_equal(cim_instance_path(cim_enumeration_peek(listing)),
						path);
		cim_enumeration_close(&listing);
		assert_true(found);
	}
}

/* --- What clients ask --- */

static void queries_of_published_scripts_find_the_exchange(void **state)
{
	struct world *world = *state;
	const char *component = expand(world, COMPONENT "\n");
	const char *settings = expand(world, COMPONENT_SETTINGS "\n");

	for (size_t n = 0; n < count_of(namespaces); n++) {
		const char *ns = namespaces[n];

		assert_string_equal(query(world, ns,
					  "Associators of {" VM_SYSTEM "} Where "
					  "AssocClass=Msvm_SystemDevice "
					  "ResultClass=Msvm_KvpExchangeComponent"),
				    component);
		assert_string_equal(query(world, ns,
					  "ASSOCIATORS OF {" VM_SYSTEM "} WHERE "
					  "ResultClass=Msvm_KvpExchangeComponent"),
				    component);
		assert_string_equal(query(world, ns,
					  "ASSOCIATORS OF {" COMPONENT "} WHERE "
					  "ResultClass=Msvm_KvpExchangeComponentSettingData"),
				    settings);
		assert_string_equal(query(world, ns,
					  "ASSOCIATORS OF {" COMPONENT "} WHERE "
					  "AssocClass=Msvm_SettingsDefineState"),
				    settings);
		assert_string_equal(query(world, ns,
					  "ASSOCIATORS OF {" VM_SYSTEM "} WHERE "
					  "AssocClass=Msvm_SettingsDefineState"),
				    expand(world, VM_SETTINGS "\n"));
		assert_string_equal(query(world, ns,
					  "SELECT * FROM Msvm_KvpExchangeComponent "
					  "WHERE SystemName='<VM>'"),
				    component);
		assert_string_equal(query(world, ns,
					  "SELECT * FROM Msvm_ComputerSystem WHERE "
					  "ElementName='vm' AND Caption='Virtual Machine'"),
				    expand(world, VM_SYSTEM "\n"));
		assert_string_equal(query(world, ns,
					  "SELECT * FROM CIM_ConcreteJob WHERE "
					  "InstanceId='<JOB>'"),
				    expand(world, JOB "\n"));
		assert_string_equal(
			query(world, ns, "SELECT * FROM Msvm_VirtualSystemManagementService"),
			expand(world, SERVICE "\n"));
	}
}

static void everything_around_a_vm_is_listed_once(void **state)
{
	struct world *world = *state;

	assert_string_equal(query(world, V2, "ASSOCIATORS OF {" COMPONENT "}"),
			    expand(world, VM_SYSTEM "\n" COMPONENT_SETTINGS "\n"));
	assert_string_equal(query(world, V2, "ASSOCIATORS OF {" VM_SYSTEM "}"),
			    expand(world, JOB "\n" COMPONENT "\n" HOST_SYSTEM "\n" VM_CAPABILITIES
					      "\n" SERVICE "\n" VM_SETTINGS "\n"));
}

static void another_defined(struct exchange_vm_call *call)
{
	*(volatile bool *)call->context = true;
}

/* A VM without a channel. */
static struct vm *define_another(struct world *world)
{
	volatile bool finished = false;
	struct exchange_vm_call call = {
		.verb = VM_DEFINE,
		.name = "other",
		.principal = admin,
		.finished = another_defined,
		.context = (void *)&finished,
	};

	exchange_change_vm(host_exchange(world->host->host), &call);
	while (!finished)
		uv_run(&world->host->loop, UV_RUN_NOWAIT);
	return vm_registry_find(host_vms(world->host->host), "other");
}

static void a_vm_has_its_own_jobs_alone(void **state)
{
	struct world *world = *state;
	struct vm *first = world->vm;
	static const char jobs[] = "ASSOCIATORS OF {" VM_SYSTEM "} "
				   "WHERE ResultClass=Msvm_ConcreteJob";

	world->vm = define_another(world);
	assert_string_equal(query(world, V2, jobs), "");
	vm_release(&world->vm);
	world->vm = first;
	assert_string_equal(query(world, V2, jobs), expand(world, JOB "\n"));
	assert_string_equal(query(world, V2,
				  "ASSOCIATORS OF {" JOB "} "
				  "WHERE ResultClass=Msvm_ComputerSystem"),
			    expand(world, VM_SYSTEM "\n"));
}

/* --- What stands at the ends --- */

static void the_settings_of_a_vm_name_it(void **state)
{
	struct world *world = *state;
	const struct cim_instance *settings = get(world, V2, VM_SETTINGS);

	assert_string_equal(text_of(settings, PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(settings, PROPERTY_VIRTUAL_SYSTEM_IDENTIFIER),
			    vm_id_text(world->vm));
	assert_string_equal(text_of(settings, PROPERTY_VIRTUAL_SYSTEM_TYPE),
			    "Microsoft:Hyper-V:System:Realized");
	assert_true(cim_get_value(settings, PROPERTY_CREATION_TIME)->is_set);
	assert_string_equal(query(world, V2, "SELECT * FROM CIM_VirtualSystemSettingData"),
			    expand(world, VM_SETTINGS "\n"));
	settings = get(world, V1, VM_SETTINGS);
	assert_string_equal(text_of(settings, PROPERTY_SYSTEM_NAME), vm_id_text(world->vm));
	assert_int_equal(cim_get_value(settings, PROPERTY_SETTING_TYPE)->uint, 3);
	assert_int_equal(cim_get_value(settings, PROPERTY_VIRTUAL_SYSTEM_TYPE)->uint, 301);
}

static void capabilities_say_what_is_offered(void **state)
{
	struct world *world = *state;
	const struct cim_instance *service = get(world, V2, SERVICE_CAPABILITIES);
	const struct cim_value *methods =
		cim_get_value(service, PROPERTY_ASYNCHRONOUS_METHODS_SUPPORTED);

	assert_int_equal(methods->array.count, 3);
	assert_int_equal(methods->array.item[0].uint, 32785);
	assert_string_equal(query(world, V2, "SELECT * FROM CIM_Capabilities"),
			    expand(world, VM_CAPABILITIES "\n" SERVICE_CAPABILITIES "\n"));
	assert_string_equal(query(world, V1, "SELECT * FROM CIM_Capabilities"),
			    expand(world, SERVICE_CAPABILITIES "\n"));
}

static void current_settings_are_told_as_such(void **state)
{
	struct world *world = *state;
	const struct cim_enumeration_request request = { .ns = V2,
							 .class_name = "Msvm_ElementSettingData" };
	struct cim_enumeration *listing = open_listing(world, &request);
	const struct cim_instance *association = cim_enumeration_peek(listing);

	assert_int_equal(cim_get_value(association, PROPERTY_IS_CURRENT)->uint, 1);
	assert_int_equal(cim_get_value(association, PROPERTY_IS_DEFAULT)->uint, 1);
	assert_int_equal(cim_get_value(association, PROPERTY_IS_NEXT)->uint, 0);
	cim_enumeration_close(&listing);
}

static void the_service_manages_what_it_affects(void **state)
{
	struct world *world = *state;
	const struct cim_enumeration_request request = {
		.ns = V2,
		.class_name = "Msvm_ServiceAffectsElement",
	};
	struct cim_enumeration *listing = open_listing(world, &request);
	const struct cim_value *effects =
		cim_get_value(cim_enumeration_peek(listing), PROPERTY_ELEMENT_EFFECTS);

	assert_int_equal(effects->array.item[0].uint, 5);
	cim_enumeration_close(&listing);
}

static void negotiated_4_0(struct vm_status *status, void *context)
{
	status->contact = VM_CONTACT_OPEN;
	status->message = (struct okvp_version){ 4, 0 };
}

static void assert_status(struct world *world, const char *ns, uint64_t first, const char *text)
{
	const struct cim_instance *component = get(world, ns, COMPONENT);
	const struct cim_value *codes = cim_get_value(component, PROPERTY_OPERATIONAL_STATUS);
	const struct cim_value *texts = cim_get_value(component, PROPERTY_STATUS_DESCRIPTIONS);

	assert_int_equal(codes->array.count, 2);
	assert_int_equal(codes->array.item[0].uint, first);
	assert_int_equal(codes->array.item[1].uint, 32775);
	assert_string_equal(texts->array.item[0].string.bytes, text);
	assert_string_equal(texts->array.item[1].string.bytes,
			    "Protocol version: negotiated 4.0, expected 5.0");
}

static void an_older_protocol_is_told_as_the_namespace_has_it(void **state)
{
	struct world *world = *state;

	vm_update_status(world->vm, negotiated_4_0, NULL);
	assert_status(world, V1, 3, "Degraded");
	assert_status(world, V2, 2, "OK");
	assert_status(world, CL, 2, "OK");
}

/* --- Many --- */

#define MANY 10000

struct many {
	struct exchange_vm_call call;
	char name[16];
	atomic_uint *done;
};

static void one_defined(struct exchange_vm_call *call)
{
	struct many *one = call->context;

	atomic_fetch_add(one->done, 1);
}

static void define_many(struct world *world)
{
	struct many *many = calloc(MANY, sizeof(*many));
	atomic_uint done = 0;

	for (size_t i = 0; i < MANY; i++) {
		snprintf(many[i].name, sizeof(many[i].name), "vm%zu", i);
		many[i].done = &done;
		many[i].call = (struct exchange_vm_call){
			.verb = VM_DEFINE,
			.name = many[i].name,
			.principal = admin,
			.finished = one_defined,
			.context = &many[i],
		};
		exchange_change_vm(host_exchange(world->host->host), &many[i].call);
	}
	while (atomic_load(&done) < MANY)
		uv_run(&world->host->loop, UV_RUN_NOWAIT);
	free(many);
}

static void the_vms_of_a_host_are_listed_one_by_one_however_many(void **state)
{
	struct world *world = *state;
	const struct cim_enumeration_request request = {
		.ns = V2,
		.source = path_of(world, V2, HOST_SYSTEM),
		.result_class = "Msvm_ComputerSystem",
	};
	struct cim_enumeration *listing;
	size_t count = 0;

	define_many(world);
	listing = open_listing(world, &request);
	for (; cim_enumeration_peek(listing); cim_enumeration_advance(listing), count++)
		assert_true(arena_size(cim_enumeration_peek(listing)->arena) < 65536);
	cim_enumeration_close(&listing);
	assert_int_equal(count, MANY + 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(every_association_leads_both_ways_in_every_namespace),
		test(every_association_is_found_by_its_ends),
		test(every_association_is_a_reference_of_both_its_ends),
		test(every_association_is_in_the_listing_of_its_class),
		test(queries_of_published_scripts_find_the_exchange),
		test(everything_around_a_vm_is_listed_once),
		test(a_vm_has_its_own_jobs_alone),
		test(the_settings_of_a_vm_name_it),
		test(capabilities_say_what_is_offered),
		test(current_settings_are_told_as_such),
		test(the_service_manages_what_it_affects),
		test(an_older_protocol_is_told_as_the_namespace_has_it),
		test(the_vms_of_a_host_are_listed_one_by_one_however_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
