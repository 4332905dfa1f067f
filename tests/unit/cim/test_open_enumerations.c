/* SPDX-License-Identifier: MIT */
/* test_open_enumerations.c -- cim/enumeration: listings between two requests */
#include "cim/enumeration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define FOREVER 3600000

static const struct principal alice = { .name = "alice" }, bob = { .name = "bob" };

static struct cim_enumerations *enumerations;
static const void *binding = "one";
static struct cim_error err;
static char context[CIM_CONTEXT_SIZE];

static int tear_down(void **state)
{
	cim_enumerations_free(&enumerations);
	return world_tear_down(state);
}

static void create(size_t per_user, size_t in_all, unsigned int idle_ms)
{
	struct cim_enumerations_limits limits = { per_user, in_all, idle_ms };

	enumerations = cim_enumerations_create(&limits);
}

/* Opens a listing and keeps it; what keep() says. On failure nothing stays open. */
static bool keep(struct world *world, const struct principal *user)
{
	struct cim_enumeration_request request = { .class_name = "Msvm_ComputerSystem" };
	struct cim_enumeration *enumeration = NULL;
	void *data = strdup("data");
	bool kept;

	assert_true(cim_enumeration_open(world->service, &request, &enumeration, &err));
	*context = '\0';
	kept = cim_enumerations_keep(enumerations, binding, user, &enumeration, &data, context,
				     &err);
	assert_true(kept == !enumeration);
	assert_true(kept == !data);
	cim_enumeration_close(&enumeration);
	free(data);
	return kept;
}

static bool take_out(const struct principal *user)
{
	struct cim_enumeration *enumeration;
	void *data;

	if (!cim_enumerations_take(enumerations, binding, user, context, &enumeration, &data, &err))
		return false;
	assert_non_null(cim_enumeration_peek(enumeration));
	assert_string_equal(data, "data");
	cim_enumerations_drop(enumerations, context);
	cim_enumeration_close(&enumeration);
	free(data);
	return true;
}

static void what_is_kept_can_be_taken_once(void **state)
{
	create(2, 2, FOREVER);
	assert_true(keep(*state, &alice));
	assert_true(take_out(&alice));
	assert_false(take_out(&alice));
	assert_int_equal(err.status, CIM_STATUS_INVALID_ENUMERATION_CONTEXT);
}

static void what_one_binding_keeps_another_does_not_get(void **state)
{
	create(2, 2, FOREVER);
	assert_true(keep(*state, &alice));
	binding = "other";
	assert_false(take_out(&alice));
	binding = "one";
	assert_true(take_out(&alice));
}

static void contexts_cannot_be_guessed_from_each_other(void **state)
{
	char first[CIM_CONTEXT_SIZE];

	create(2, 2, FOREVER);
	assert_true(keep(*state, &alice));
	memcpy(first, context, sizeof(first));
	assert_true(keep(*state, &alice));
	assert_string_not_equal(first, context);
	assert_int_equal(strlen(context), strlen("uuid:") + 36);
	assert_memory_equal(context, "uuid:", 5);
}

static void a_listing_belongs_to_its_user(void **state)
{
	create(2, 2, FOREVER);
	assert_true(keep(*state, &alice));
	assert_false(take_out(&bob));
	assert_int_equal(err.status, CIM_STATUS_INVALID_ENUMERATION_CONTEXT);
	assert_true(take_out(&alice));
}

static void an_unknown_context_is_refused(void **state)
{
	create(2, 2, FOREVER);
	strcpy(context, "");
	assert_false(take_out(&alice));
	strcpy(context, "uuid:00000000-0000-0000-0000-000000000000");
	assert_false(take_out(&alice));
}

static void a_user_has_a_limit(void **state)
{
	create(2, 9, FOREVER);
	assert_true(keep(*state, &alice));
	assert_true(keep(*state, &alice));
	assert_false(keep(*state, &alice));
	assert_int_equal(err.status, CIM_STATUS_SERVER_LIMITS_EXCEEDED);
	assert_string_equal(err.message, "2 of 2 enumerations of user 'alice' are open");
	assert_true(keep(*state, &bob));
	assert_true(take_out(&bob));
}

static void all_users_together_have_a_limit(void **state)
{
	create(9, 2, FOREVER);
	assert_true(keep(*state, &alice));
	assert_true(keep(*state, &bob));
	assert_false(keep(*state, &bob));
	assert_int_equal(err.status, CIM_STATUS_SERVER_LIMITS_EXCEEDED);
	assert_string_equal(err.message, "2 of 2 enumerations are open");
}

static void what_is_taken_out_makes_room(void **state)
{
	create(1, 9, FOREVER);
	for (int i = 0; i < 100; i++) {
		assert_true(keep(*state, &alice));
		assert_true(take_out(&alice));
	}
}

static void what_nobody_asks_for_is_closed(void **state)
{
	struct world *world = *state;

	create(9, 9, 0);
	assert_true(keep(world, &alice));
	assert_int_equal(world->walks_open, 1);
	cim_enumerations_expire(enumerations);
	assert_int_equal(world->walks_open, 0);
	assert_false(take_out(&alice));
}

static void an_expired_listing_is_not_given_out_and_takes_no_room(void **state)
{
	struct world *world = *state;

	create(1, 1, 0);
	assert_true(keep(world, &alice));
	assert_false(take_out(&alice));
	assert_true(keep(world, &alice));
	assert_true(keep(world, &bob));
	assert_int_equal(world->walks_open, 1);
}

static void what_is_in_use_does_not_expire_and_keeps_its_context_and_its_place(void **state)
{
	struct world *world = *state;
	char before[CIM_CONTEXT_SIZE];
	struct cim_enumeration *enumeration;
	void *data;

	create(1, 9, FOREVER);
	assert_true(keep(world, &alice));
	assert_true(cim_enumerations_take(enumerations, binding, &alice, context, &enumeration,
					  &data, &err));
	cim_enumerations_expire(enumerations);
	assert_non_null(cim_enumeration_peek(enumeration));
	memcpy(before, context, sizeof(before));
	assert_false(keep(world, &alice));
	assert_int_equal(err.status, CIM_STATUS_SERVER_LIMITS_EXCEEDED);
	memcpy(context, before, sizeof(context));
	assert_true(cim_enumerations_keep(enumerations, binding, &alice, &enumeration, &data,
					  context, &err));
	assert_string_equal(context, before);
	assert_true(take_out(&alice));
}

static void two_requests_cannot_use_the_same_at_once(void **state)
{
	struct cim_enumeration *enumeration, *none = NULL;
	void *data, *nothing = NULL;

	create(9, 9, FOREVER);
	assert_true(keep(*state, &alice));
	assert_true(cim_enumerations_take(enumerations, binding, &alice, context, &enumeration,
					  &data, &err));

	assert_false(cim_enumerations_take(enumerations, binding, &alice, context, &none, &nothing,
					   &err));
	assert_int_equal(err.status, CIM_STATUS_INVALID_ENUMERATION_CONTEXT);
	assert_int_equal(err.detail, CIM_DETAIL_IN_USE);
	assert_false(
		cim_enumerations_take(enumerations, binding, &bob, context, &none, &nothing, &err));
	assert_int_equal(err.detail, CIM_DETAIL_NONE);

	assert_true(cim_enumerations_keep(enumerations, binding, &alice, &enumeration, &data,
					  context, &err));
	assert_true(take_out(&alice));
}

static void those_taken_out_of_the_middle_leave_the_others(void **state)
{
	char contexts[3][CIM_CONTEXT_SIZE];

	create(9, 9, FOREVER);
	for (int i = 0; i < 3; i++) {
		assert_true(keep(*state, &alice));
		memcpy(contexts[i], context, sizeof(context));
	}
	for (int i = 0; i < 3; i++) {
		memcpy(context, contexts[(i + 1) % 3], sizeof(context));
		assert_true(take_out(&alice));
	}
	assert_true(keep(*state, &alice));
}

static void whatever_is_open_is_closed_at_the_end(void **state)
{
	struct world *world = *state;

	create(9, 9, FOREVER);
	assert_true(keep(world, &alice));
	assert_true(keep(world, &bob));
	cim_enumerations_free(&enumerations);
	assert_null(enumerations);
	assert_int_equal(world->walks_open, 0);
	cim_enumerations_free(&enumerations);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(what_is_kept_can_be_taken_once),
		test(what_one_binding_keeps_another_does_not_get),
		test(contexts_cannot_be_guessed_from_each_other),
		test(a_listing_belongs_to_its_user),
		test(an_unknown_context_is_refused),
		test(a_user_has_a_limit),
		test(all_users_together_have_a_limit),
		test(what_is_taken_out_makes_room),
		test(what_nobody_asks_for_is_closed),
		test(an_expired_listing_is_not_given_out_and_takes_no_room),
		test(what_is_in_use_does_not_expire_and_keeps_its_context_and_its_place),
		test(two_requests_cannot_use_the_same_at_once),
		test(those_taken_out_of_the_middle_leave_the_others),
		test(whatever_is_open_is_closed_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
