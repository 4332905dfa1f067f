/* SPDX-License-Identifier: MIT */
/* test_associated.c -- cim/associated: listings of what is associated with an instance */
#include "cim/enumeration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "openkvp/scoped.h"
#include "world.h"

static struct cim_error err;

#define VM(n) "0000000" #n "-AAAA-BBBB-CCCC-0123456789AB"
#define VM_PATH(n) \
	"Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" VM(n) "\""

static const struct cim_object_path *component_path(struct world *world, const char *vm)
{
	char *text = arena_printf(
		world->arena,
		"Msvm_KvpExchangeComponent.CreationClassName='Msvm_KvpExchangeComponent',"
		"SystemCreationClassName='Msvm_ComputerSystem',SystemName='%s',"
		"DeviceID='Microsoft:%s\\\\2A34B1C2'",
		vm, vm);

	return world_path(world, text);
}

static struct cim_enumeration *open_listing(struct world *world,
					    const struct cim_enumeration_request *request)
{
	struct cim_enumeration *listing;

	if (!cim_enumeration_open(world->service, request, &listing, &err))
		fail_msg("%s", err.message);
	return listing;
}

/* What tells a result apart, one for each line: the class, and the last character but three of its
 * VM's first part; of an association its class alone. */
static const char *read_all(struct world *world, struct cim_enumeration *listing)
{
	scoped(text_done) struct text text = { 0 };
	const struct cim_instance *instance;

	for (; (instance = cim_enumeration_peek(listing)); cim_enumeration_advance(listing)) {
		const struct cim_object_path *path = cim_instance_path(instance);
		const char *vm = cim_path_text_key(path, "SystemName");

		if (instance->class->id == MSVM_COMPUTER_SYSTEM)
			vm = cim_path_text_key(path, "Name");
		text_printf(&text, "%s%s%s\n", instance->class->name, vm ? " " : "",
			    vm && strlen(vm) == strlen(VM(1)) ? (char[]){ vm[7], '\0' }
			    : vm                              ? vm
							      : "");
	}
	cim_enumeration_close(&listing);
	assert_int_equal(world->walks_open, 0);
	return arena_text(world->arena, text.bytes ? text.bytes : "", text.length);
}

static const char *list(struct world *world, const struct cim_enumeration_request *request)
{
	return read_all(world, open_listing(world, request));
}

static const char *query(struct world *world, const char *text)
{
	const struct cim_enumeration_request request = { .query = text,
							 .query_length = strlen(text) };

	return list(world, &request);
}

static void assert_refused(struct world *world, const char *text, enum cim_status status,
			   const char *sentence)
{
	const struct cim_enumeration_request request = { .query = text,
							 .query_length = strlen(text) };
	struct cim_enumeration *listing;

	assert_false(cim_enumeration_open(world->service, &request, &listing, &err));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
	assert_int_equal(world->walks_open, 0);
}

/* --- Associators --- */

static void what_is_associated_is_listed_once(void **state)
{
	assert_string_equal(query(*state, "ASSOCIATORS OF {" VM_PATH(1) "}"),
			    "Msvm_KvpExchangeComponent 1\n"
			    "Msvm_ComputerSystem 0\n"
			    "Msvm_VirtualSystemManagementService HOST\n");
}

static void an_association_is_walked_from_either_end(void **state)
{
	struct world *world = *state;
	struct cim_enumeration_request request = { .source = component_path(world, VM(2)) };

	assert_string_equal(list(world, &request), "Msvm_ComputerSystem 2\n");
	assert_string_equal(query(world, "ASSOCIATORS OF {Msvm_VirtualSystemManagementService}"),
			    "Msvm_ComputerSystem 0\n"
			    "Msvm_ComputerSystem 1\n"
			    "Msvm_ComputerSystem 2\n");
}

static void classes_filter_with_their_subclasses(void **state)
{
	assert_string_equal(
		query(*state, "ASSOCIATORS OF {" VM_PATH(1) "} "
							    "WHERE ResultClass=CIM_LogicalDevice"),
		"Msvm_KvpExchangeComponent 1\n");
	assert_string_equal(
		query(*state, "ASSOCIATORS OF {" VM_PATH(1) "} "
							    "WHERE AssocClass=cim_systemcomponent"),
		"Msvm_KvpExchangeComponent 1\n");
	assert_string_equal(query(*state, "ASSOCIATORS OF {" VM_PATH(
						  1) "} "
						     "WHERE AssocClass=Msvm_ServiceAffectsElement"),
			    "Msvm_VirtualSystemManagementService HOST\n");
	assert_string_equal(query(*state,
				  "ASSOCIATORS OF {" VM_PATH(
					  1) "} WHERE "
					     "AssocClass=CIM_Dependency ResultClass=CIM_Service"),
			    "");
}

static void a_superclass_names_its_instance(void **state)
{
	assert_string_equal(query(*state, "ASSOCIATORS OF {CIM_System.CreationClassName="
					  "'Msvm_ComputerSystem',Name='" VM(
						  1) "'} "
						     "WHERE ResultClass=CIM_LogicalDevice"),
			    "Msvm_KvpExchangeComponent 1\n");
}

static void roles_tell_the_ends_apart(void **state)
{
	assert_string_equal(query(*state, "ASSOCIATORS OF {" VM_PATH(
						  0) "} "
						     "WHERE ResultClass=Msvm_ComputerSystem"),
			    "Msvm_ComputerSystem 1\nMsvm_ComputerSystem 2\n");
	assert_string_equal(
		query(*state, "ASSOCIATORS OF {" VM_PATH(
				      0) "} "
					 "WHERE ResultClass=Msvm_ComputerSystem Role=Dependent"),
		"");
	assert_string_equal(query(*state, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE ResultRole="
									"antecedent"),
			    "Msvm_ComputerSystem 0\n");
	assert_string_equal(
		query(*state, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE Role=PartComponent"), "");
}

static void qualifiers_may_be_required(void **state)
{
	assert_string_equal(
		query(*state, "ASSOCIATORS OF {" VM_PATH(
				      1) "} WHERE "
					 "ResultClass=CIM_LogicalDevice RequiredQualifier=dynamic "
					 "RequiredAssocQualifier=Association"),
		"Msvm_KvpExchangeComponent 1\n");
	assert_string_equal(query(*state,
				  "ASSOCIATORS OF {" VM_PATH(1) "} WHERE "
								"RequiredQualifier=Abstract"),
			    "");
	assert_string_equal(query(*state,
				  "ASSOCIATORS OF {" VM_PATH(1) "} WHERE "
								"RequiredAssocQualifier=Key"),
			    "");
}

static void associations_are_those_of_the_namespace_of_the_source(void **state)
{
	struct world *world = *state;
	const struct cim_enumeration_request request = {
		.ns = "root/HyperVCluster/v2",
		.source = world_path(world, "root/virtualization:" VM_PATH(1)),
		.result_class = "CIM_LogicalDevice",
	};
	struct cim_enumeration *listing = open_listing(world, &request);
	const struct cim_instance *instance = cim_enumeration_peek(listing);

	assert_string_equal(instance->class->ns->name, "root/virtualization");
	read_all(world, listing);
}

static void an_instance_that_is_gone_meanwhile_is_passed_over(void **state)
{
	struct world *world = *state;
	const char text[] = "ASSOCIATORS OF {Msvm_VirtualSystemManagementService}";
	const struct cim_enumeration_request request = { .query = text,
							 .query_length = strlen(text) };
	struct cim_enumeration *listing = open_listing(world, &request);

	world->vm_count = 1;
	assert_string_equal(read_all(world, listing), "Msvm_ComputerSystem 0\n");
}

static void ten_thousand_are_read_one_by_one(void **state)
{
	struct world *world = *state;
	const char text[] = "ASSOCIATORS OF {Msvm_VirtualSystemManagementService}";
	const struct cim_enumeration_request request = { .query = text,
							 .query_length = strlen(text) };
	struct cim_enumeration *listing;

	world->vm_count = 10000;
	listing = open_listing(world, &request);
	assert_int_equal(world->references_read, 0);
	for (size_t read = 1; read <= 3; read++) {
		assert_non_null(cim_enumeration_peek(listing));
		assert_true(arena_size(cim_enumeration_peek(listing)->arena) < 65536);
		cim_enumeration_advance(listing);
		assert_int_equal(world->references_read, read);
	}
	cim_enumeration_close(&listing);
	assert_int_equal(world->walks_open, 0);
}

/* --- Up to date --- */

static const char *list_fresh(struct world *world, const char *text)
{
	struct cim_enumeration_request request = { .query = text, .query_length = strlen(text) };
	struct cim_operation *operation = world_operation(world);

	cim_list(operation, &request);
	if (!world->finished)
		world->ready(operation);
	assert_int_equal(world->finished, 1);
	if (operation->error.status != CIM_STATUS_OK)
		return operation->error.message;
	return read_all(world, operation->enumeration);
}

static void an_associated_exchange_is_brought_up_to_date_first(void **state)
{
	struct world *world = *state;

	assert_string_equal(list_fresh(world, "ASSOCIATORS OF {" VM_PATH(1) "}"),
			    "Msvm_KvpExchangeComponent 1\n"
			    "Msvm_ComputerSystem 0\n"
			    "Msvm_VirtualSystemManagementService HOST\n");
	assert_int_equal(world->refreshed, 1);
}

static void a_listing_waits_for_what_is_brought_up_to_date(void **state)
{
	struct world *world = *state;

	world->refresh_waits = true;
	world->gone_after_refresh = true;
	assert_string_equal(list_fresh(world, "ASSOCIATORS OF {" VM_PATH(
						      1) "} "
							 "WHERE ResultClass=CIM_LogicalDevice"),
			    "");
	assert_int_equal(world->refreshed, 1);
}

static void nothing_else_is_brought_up_to_date(void **state)
{
	struct world *world = *state;

	list_fresh(world, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE ResultClass=CIM_Service");
	list_fresh(world, "ASSOCIATORS OF {Msvm_VirtualSystemManagementService}");
	list_fresh(world, "REFERENCES OF {" VM_PATH(1) "}");
	list_fresh(world, "SELECT * FROM Msvm_KvpExchangeComponent");
	assert_string_equal(list_fresh(world, "SELECT * FROM Nothing"),
			    "no class 'Nothing' in root/virtualization/v2");
	assert_int_equal(world->refreshed, 0);
	assert_int_equal(world->walks_open, 0);
}

/* --- References --- */

static void references_are_the_associations_themselves(void **state)
{
	struct world *world = *state;
	const char text[] = "REFERENCES OF {" VM_PATH(1) "} WHERE ResultClass=CIM_SystemDevice";
	const struct cim_enumeration_request request = { .query = text,
							 .query_length = strlen(text) };
	struct cim_enumeration *listing = open_listing(world, &request);
	const struct cim_instance *association = cim_enumeration_peek(listing);

	assert_string_equal(association->class->name, "Msvm_SystemDevice");
	assert_string_equal(
		cim_path_text_key(cim_get_value(association, PROPERTY_PART_COMPONENT)->reference,
				  "SystemName"),
		VM(1));
	cim_enumeration_advance(listing);
	assert_null(cim_enumeration_peek(listing));
	cim_enumeration_close(&listing);
}

static void references_are_filtered_by_class_and_role(void **state)
{
	assert_string_equal(query(*state, "REFERENCES OF {" VM_PATH(1) "}"),
			    "Msvm_SystemDevice\n"
			    "Msvm_SystemComponent\n"
			    "Msvm_HostedDependency\n"
			    "Msvm_ServiceAffectsElement\n");
	assert_string_equal(
		query(*state, "REFERENCES OF {" VM_PATH(1) "} WHERE Role=GroupComponent"),
		"Msvm_SystemDevice\nMsvm_SystemComponent\n");
	assert_string_equal(query(*state, "REFERENCES OF {" VM_PATH(1) "} WHERE Role=Antecedent"),
			    "");
	assert_string_equal(
		query(*state, "REFERENCES OF {" VM_PATH(
				      1) "} WHERE "
					 "RequiredQualifier=Aggregation ResultClass=CIM_Component"),
		"Msvm_SystemDevice\nMsvm_SystemComponent\n");
}

static void an_association_is_found_by_its_ends(void **state)
{
	struct world *world = *state;
	struct cim_object_path path = {
		.class_name = "CIM_ServiceAffectsElement",
		.keys =
			(struct cim_key[]){
				{ "AffectedElement", cim_reference(world_path(world, VM_PATH(1))) },
				{ "AffectingElement",
				  cim_reference(world_path(
					  world,
					  "Msvm_VirtualSystemManagementService.Name='VMMS',"
					  "CreationClassName='Msvm_VirtualSystemManagementService',"
					  "SystemName='host',"
					  "SystemCreationClassName='msvm_computersystem'")) },
			},
		.key_count = 2,
	};

	cim_get(world_operation(world), &path);
	assert_string_equal(world->operation.error.message, "");
	assert_string_equal(world->operation.instance->class->name, "Msvm_ServiceAffectsElement");
	((struct cim_key *)path.keys)[0].value = cim_reference(world_path(world, VM_PATH(9)));
	cim_get(world_operation(world), &path);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
}

static void associations_are_listed_like_other_instances(void **state)
{
	const struct cim_enumeration_request request = { .class_name = "CIM_Component" };

	assert_string_equal(list(*state, &request), "Msvm_SystemDevice\nMsvm_SystemDevice\n"
						    "Msvm_SystemDevice\nMsvm_SystemComponent\n"
						    "Msvm_SystemComponent\nMsvm_SystemComponent\n");
}

/* --- What is refused --- */

static void a_source_that_is_not_there_is_refused(void **state)
{
	assert_refused(*state, "ASSOCIATORS OF {" VM_PATH(9) "}", CIM_STATUS_NOT_FOUND,
		       "no instance Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\","
		       "Name=\"" VM(9) "\"");
	assert_refused(*state, "REFERENCES OF {Msvm_Nothing=@}", CIM_STATUS_INVALID_CLASS,
		       "no class 'Msvm_Nothing' in root/virtualization/v2");
	assert_refused(*state, "REFERENCES OF {root/other:A=@}", CIM_STATUS_INVALID_NAMESPACE,
		       "no namespace 'root/other'");
	assert_refused(*state, "REFERENCES OF {Msvm_ComputerSystem}", CIM_STATUS_INVALID_PARAMETER,
		       "Msvm_ComputerSystem=@: keys are missing: Name, CreationClassName");
}

static void classes_of_a_filter_must_exist(void **state)
{
	assert_refused(*state, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE ResultClass=Nothing",
		       CIM_STATUS_INVALID_CLASS, "no class 'Nothing' in root/virtualization/v2");
	assert_refused(*state, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE AssocClass=Nothing",
		       CIM_STATUS_INVALID_CLASS, "no class 'Nothing' in root/virtualization/v2");
}

static void queries_for_classes_are_refused(void **state)
{
	assert_refused(*state, "ASSOCIATORS OF {Msvm_ComputerSystem} WHERE SchemaOnly",
		       CIM_STATUS_INVALID_QUERY,
		       "SchemaOnly asks for classes; instances are listed here");
	assert_refused(*state, "ASSOCIATORS OF {" VM_PATH(1) "} WHERE ClassDefsOnly",
		       CIM_STATUS_INVALID_QUERY,
		       "ClassDefsOnly asks for classes; instances are listed here");
}

/* --- Classes --- */

static const char *classes_of(struct world *world, const char *text)
{
	const struct cim_class *const *classes;
	scoped(text_done) struct text names = { 0 };
	struct cim_query *parsed;
	struct okvp_error cause;
	size_t count;

	if (!cim_query_parse(world->arena, text, strlen(text), &parsed, &cause))
		fail_msg("%s", cause.message);
	if (!cim_associated_classes(world->service, world->arena, NULL,
				    cim_query_associations(parsed), &classes, &count, &err))
		return err.message;
	for (size_t i = 0; i < count; i++)
		text_printf(&names, "%s\n", classes[i]->name);
	return arena_text(world->arena, names.bytes ? names.bytes : "", names.length);
}

static void the_classes_of_results_are_told_once_each(void **state)
{
	assert_string_equal(classes_of(*state, "ASSOCIATORS OF "
					       "{Msvm_VirtualSystemManagementService} "
					       "WHERE ClassDefsOnly"),
			    "Msvm_ComputerSystem\n");
	assert_string_equal(classes_of(*state, "REFERENCES OF {" VM_PATH(1) "} WHERE ClassDefsOnly "
									    "Role=GroupComponent"),
			    "Msvm_SystemDevice\nMsvm_SystemComponent\n");
	assert_string_equal(classes_of(*state, "REFERENCES OF {" VM_PATH(9) "} "
									    "WHERE ClassDefsOnly"),
			    "no instance Msvm_ComputerSystem.CreationClassName="
			    "\"Msvm_ComputerSystem\",Name=\"" VM(9) "\"");
}

static void the_class_model_is_asked_without_instances(void **state)
{
	assert_string_equal(classes_of(*state, "ASSOCIATORS OF {Msvm_ComputerSystem} WHERE "
					       "SchemaOnly AssocClass=CIM_SystemDevice"),
			    "CIM_LogicalDevice\n");
	assert_string_equal(classes_of(*state, "REFERENCES OF {Msvm_ComputerSystem} WHERE "
					       "SchemaOnly ResultClass=CIM_SystemDevice"),
			    "CIM_SystemDevice\nMsvm_SystemDevice\n");
	assert_string_equal(classes_of(*state, "ASSOCIATORS OF {Msvm_Nothing} WHERE SchemaOnly"),
			    "no class 'Msvm_Nothing' in root/virtualization/v2");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(what_is_associated_is_listed_once),
		test(an_association_is_walked_from_either_end),
		test(classes_filter_with_their_subclasses),
		test(a_superclass_names_its_instance),
		test(roles_tell_the_ends_apart),
		test(qualifiers_may_be_required),
		test(associations_are_those_of_the_namespace_of_the_source),
		test(an_instance_that_is_gone_meanwhile_is_passed_over),
		test(ten_thousand_are_read_one_by_one),
		test(an_associated_exchange_is_brought_up_to_date_first),
		test(a_listing_waits_for_what_is_brought_up_to_date),
		test(nothing_else_is_brought_up_to_date),
		test(references_are_the_associations_themselves),
		test(references_are_filtered_by_class_and_role),
		test(an_association_is_found_by_its_ends),
		test(associations_are_listed_like_other_instances),
		test(a_source_that_is_not_there_is_refused),
		test(classes_of_a_filter_must_exist),
		test(queries_for_classes_are_refused),
		test(the_classes_of_results_are_told_once_each),
		test(the_class_model_is_asked_without_instances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
