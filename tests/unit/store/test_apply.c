/* SPDX-License-Identifier: MIT */
/* test_apply.c -- store/apply: defining, setting and undefining VMs; limits and the rest are in
 * test_apply_items.c */
#include "world.h"

static const struct snapshot *now(void **state)
{
	return vm_number(*state, 1);
}

/* --- Defining --- */

static void a_vm_that_is_defined_is_there(void **state)
{
	assert_string_equal(now(state)->settings->name, "web1");
	assert_int_equal(now(state)->generation, 1);
	assert_int_equal(rows_of(*state, ROW_VM), 1);
}

static void defining_the_same_again_changes_nothing(void **state)
{
	const struct snapshot *before = now(state);

	assert_true(apply(*state, definition(1, "web1")));

	assert_ptr_equal(now(state), before);
	assert_int_equal(((struct world *)*state)->rows.count, 0);
}

static void a_guid_that_is_taken_is_refused(void **state)
{
	assert_false(apply(*state, definition(1, "web2")));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "the GUID 00000000-0000-0000-0000-000000000001 is taken by VM 'web1'");
}

static void a_name_that_is_taken_is_refused_whatever_its_case(void **state)
{
	assert_false(apply(*state, definition(2, "WEB1")));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "the name 'web1' is taken by VM 00000000-0000-0000-0000-000000000001");
}

static void the_name_in_another_case_is_that_of_the_vm(void **state)
{
	assert_false(apply(*state, definition(1, "WEB1")));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "the name 'WEB1' is taken by VM 'web1'");
}

static void another_channel_is_another_definition(void **state)
{
	struct change_list *list = list_for(1);

	change_list_define(list, "web1", "unix:/other");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "VM 'web1' is defined already, without a channel");
}

static void the_channel_that_a_vm_has_is_told(void **state)
{
	struct change_list *list = list_for(2);

	change_list_define(list, "web2", "unix:/road");
	assert_true(apply(*state, list));
	assert_false(apply(*state, definition(2, "web2")));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "VM 'web2' is defined already, with the channel 'unix:/road'");
}

static struct change_list *definition_with(unsigned int vm, const char *name, const char *channel)
{
	struct change_list *list = list_for(vm);

	change_list_define(list, name, channel);
	return list;
}

static void a_channel_leads_to_one_vm(void **state)
{
	struct change_list *list = list_for(1);

	assert_true(apply(*state, definition_with(2, "web2", "unix:/x")));
	assert_false(apply(*state, definition_with(3, "web3", "unix:/x")));
	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "the channel 'unix:/x' is that of VM 'web2'");
	change_list_set(list, &(struct vm_settings_change){ .channel = "unix:/x" });
	assert_false(apply(*state, list));
	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "the channel 'unix:/x' is that of VM 'web2'");
}

static void a_channel_that_was_given_up_is_free(void **state)
{
	struct change_list *list = list_for(2);

	assert_true(apply(*state, definition_with(2, "web2", "unix:/x")));
	change_list_set(list, &(struct vm_settings_change){ .channel = "" });
	assert_true(apply(*state, list));

	assert_true(apply(*state, definition_with(3, "web3", "unix:/x")));
}

static void a_name_must_be_text_of_bounded_length(void **state)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_false(apply(*state, definition(2, name)));
	assert_refused((struct world *)*state, OKVP_INVALID,
		       "a VM's name has 1 to 255 bytes, not 256");
	assert_false(apply(*state, definition(2, "")));
	assert_int_equal(failure(*state)->error.status, OKVP_INVALID);
	assert_false(apply(*state, definition(2, "\xFF")));
	assert_int_equal(failure(*state)->error.status, OKVP_INVALID_TEXT);
	name[255] = '\0';
	assert_true(apply(*state, definition(2, name)));
}

static void the_number_of_vms_is_limited(void **state)
{
	((struct world *)*state)->limits.vms = 2;
	assert_true(apply(*state, definition(2, "web2")));

	assert_false(apply(*state, definition(3, "web3")));

	assert_refused((struct world *)*state, OKVP_LIMIT,
		       "this host would hold 3 VMs; 2 is the most");
}

static void each_vm_is_younger_than_the_one_before(void **state)
{
	struct world *world = *state;

	world->now_us = -5; /* the clock was set back */
	assert_true(apply(world, definition(2, "web2")));

	assert_true(vm_number(world, 2)->settings->created_us > now(state)->settings->created_us);
}

static void a_vm_can_be_defined_with_items(void **state)
{
	struct change_list *list = definition(2, "web2");

	add(list, "a", "1");
	assert_true(apply(*state, list));

	assert_items(vm_number(*state, 2), "a=1");
	assert_int_equal(vm_number(*state, 2)->generation, 1);
	assert_int_equal(snapshot_find(vm_number(*state, 2), SPACE_EXTERNAL, "a", 1)->generation,
			 1);
}

static void a_refused_definition_leaves_no_vm(void **state)
{
	struct change_list *list = definition(2, "web2");

	modify(list, "a", "1");
	assert_false(apply(*state, list));

	assert_null(vm_number(*state, 2));
	assert_null(state_find_name(&((struct world *)*state)->state, "web2"));
}

/* --- Settings --- */

static void settings_change_with_a_generation(void **state)
{
	struct change_list *list = list_for(1);

	change_list_set(list, &(struct vm_settings_change){ .name = "web2",
							    .channel = "unix:/x",
							    .exchange_enabled = &(bool){ false } });
	assert_true(apply(*state, list));

	assert_string_equal(now(state)->settings->name, "web2");
	assert_string_equal(now(state)->settings->channel, "unix:/x");
	assert_false(now(state)->settings->exchange_enabled);
	assert_true(now(state)->settings->host_items);
	assert_int_equal(now(state)->generation, 2);
	assert_int_equal(now(state)->settings->created_us,
			 list->outcome.before->settings->created_us);
	assert_ptr_equal(state_find_name(&((struct world *)*state)->state, "Web2"), now(state));
	assert_null(state_find_name(&((struct world *)*state)->state, "web1"));
}

static void settings_that_are_the_same_change_nothing(void **state)
{
	struct change_list *list = list_for(1);

	change_list_set(list, &(struct vm_settings_change){ .name = "web1",
							    .channel = "",
							    .exchange_enabled = &(bool){ true },
							    .host_items = &(bool){ true } });
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->generation, 1);
}

static void a_vm_can_take_its_own_name_in_another_case(void **state)
{
	struct change_list *list = list_for(1);

	change_list_set(list, &(struct vm_settings_change){ .name = "WEB1" });
	assert_true(apply(*state, list));

	assert_string_equal(now(state)->settings->name, "WEB1");
	assert_ptr_equal(state_find_name(&((struct world *)*state)->state, "web1"), now(state));
}

static void a_vm_cannot_take_the_name_of_another(void **state)
{
	struct change_list *list = list_for(2);

	assert_true(apply(*state, definition(2, "web2")));
	change_list_set(list, &(struct vm_settings_change){ .name = "Web1" });
	assert_false(apply(*state, list));

	assert_int_equal(failure(*state)->error.status, OKVP_EXISTS);
	assert_string_equal(vm_number(*state, 2)->settings->name, "web2");
}

/* --- Conditions on the VM --- */

static void a_vm_that_is_not_there_is_not_found(void **state)
{
	struct change_list *list = list_for(7);

	put(list, "a", "1");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_NOT_FOUND,
		       "no such VM: 00000000-0000-0000-0000-000000000007");
}

static void another_generation_is_a_conflict(void **state)
{
	struct change_list *list = list_for(1), *right = list_for(1);

	change_list_if_generation(list, 7);
	put(list, "a", "1");
	assert_false(apply(*state, list));
	assert_refused((struct world *)*state, OKVP_CONFLICT, "the VM is at generation 1, not 7");
	assert_int_equal(list->outcome.generation, 1);

	change_list_if_generation(right, 1);
	put(right, "a", "1");
	assert_true(apply(*state, right));
}

/* --- Undefining --- */

static void a_vm_with_items_is_not_undefined_by_accident(void **state)
{
	struct change_list *list = list_for(1), *really = list_for(1);

	change_list_undefine(list, false);
	assert_false(apply(*state, list));
	assert_refused((struct world *)*state, OKVP_BUSY, "VM 'web1' still has 3 items");

	change_list_undefine(really, true);
	assert_true(apply(*state, really));
	assert_null(now(state));
	assert_null(state_find_name(&((struct world *)*state)->state, "web1"));
	assert_int_equal(rows_of(*state, ROW_VM_DROP), 1);
	assert_int_equal(((struct world *)*state)->rows.count, 1);
	assert_null(really->outcome.after);
}

static void what_is_known_of_the_guest_is_no_obstacle(void **state)
{
	struct change_list *guest = list_for(1), *list = list_for(1);

	know_guest(guest, SPACE_GUEST, "ip", "10.0.0.1", 77);
	assert_true(apply(*state, guest));
	change_list_undefine(list, false);

	assert_true(apply(*state, list));
}

int main(void)
{
#define test(name, setup) cmocka_unit_test_setup_teardown(name, setup, free_world)
	const struct CMUnitTest tests[] = {
		test(a_vm_that_is_defined_is_there, make_world),
		test(defining_the_same_again_changes_nothing, make_world),
		test(a_guid_that_is_taken_is_refused, make_world),
		test(a_name_that_is_taken_is_refused_whatever_its_case, make_world),
		test(the_name_in_another_case_is_that_of_the_vm, make_world),
		test(another_channel_is_another_definition, make_world),
		test(the_channel_that_a_vm_has_is_told, make_world),
		test(a_channel_leads_to_one_vm, make_world),
		test(a_channel_that_was_given_up_is_free, make_world),
		test(a_name_must_be_text_of_bounded_length, make_world),
		test(the_number_of_vms_is_limited, make_world),
		test(each_vm_is_younger_than_the_one_before, make_world),
		test(a_vm_can_be_defined_with_items, make_world),
		test(a_refused_definition_leaves_no_vm, make_world),
		test(settings_change_with_a_generation, make_world),
		test(settings_that_are_the_same_change_nothing, make_world),
		test(a_vm_can_take_its_own_name_in_another_case, make_world),
		test(a_vm_cannot_take_the_name_of_another, make_world),
		test(a_vm_that_is_not_there_is_not_found, make_world),
		test(another_generation_is_a_conflict, make_world),
		test(a_vm_with_items_is_not_undefined_by_accident, make_world_with_items),
		test(what_is_known_of_the_guest_is_no_obstacle, make_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
