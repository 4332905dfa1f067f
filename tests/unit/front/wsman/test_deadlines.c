/* SPDX-License-Identifier: MIT */
/* test_deadlines.c -- front/wsman/deadlines: operations that take time */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "talk.h"

#define COMPONENT URI_V2 "Msvm_KvpExchangeComponent"
#define COMPONENT_SELECTORS                                                                  \
	SELECTORS(SELECTOR("CreationClassName", "Msvm_KvpExchangeComponent")                 \
			  SELECTOR("DeviceID", "Microsoft:" VM(1) "\\2A34B1C2")              \
				  SELECTOR("SystemCreationClassName", "Msvm_ComputerSystem") \
					  SELECTOR("SystemName", VM(1)))
#define SHORT "<w:OperationTimeout>PT0.02S</w:OperationTimeout>"

static void an_operation_may_end_later(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, GET, COMPONENT, COMPONENT_SELECTORS, "");
	assert_int_equal(talk->answers, 0);

	talk->fake->ready(talk->fake->held);

	assert_int_equal(talk->answers, 1);
	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_count(talk, "<p:GuestExchangeItems>"), 2);
}

static void a_client_is_told_when_his_time_is_over(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, GET, COMPONENT, SHORT COMPONENT_SELECTORS, "");
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "w:TimedOut");

	talk->fake->ready(talk->fake->held); /* the operation has its memory still */
	assert_int_equal(talk->answers, 1);

	talk->fake->hold = false;
	talk_ask(talk, GET, COMPONENT, COMPONENT_SELECTORS, "");
	assert_int_equal(talk->status, 200);
}

/* The fake of a service counts walks that nobody ended. */
static void a_listing_that_comes_too_late_is_closed(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, ENUMERATE, URI_V2 "*", SHORT,
		 "<n:Enumerate><w:Filter Dialect=\"" DIALECT_WQL "\">ASSOCIATORS OF "
		 "{Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='" VM(
			 1) "'} WHERE ResultClass = "
			    "Msvm_KvpExchangeComponent</w:Filter></n:Enumerate>");
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "w:TimedOut");

	talk->fake->ready(talk->fake->held);
	assert_int_equal(talk->answers, 1);
}

static void each_client_has_a_time_of_his_own(void **state)
{
	struct talk *patient = *state, *hasty = talk_other(patient);
	struct cim_operation *held;

	patient->fake->hold = true;
	talk_ask(patient, GET, COMPONENT, COMPONENT_SELECTORS, "");
	held = patient->fake->held;
	talk_ask(hasty, GET, COMPONENT, SHORT COMPONENT_SELECTORS, "");
	talk_wait(hasty);
	assert_string_equal(talk_fault(hasty), "w:TimedOut");
	assert_int_equal(patient->answers, 0);

	patient->fake->ready(held);
	assert_int_equal(patient->status, 200);
	patient->fake->ready(patient->fake->held);
	talk_other_free(&hasty);
}

/* Whoever abandons one operation after another waits like everybody else at last. */
static void so_many_operations_are_abandoned_and_no_more(void **state)
{
	enum { MOST = 64 };
	struct talk *talk = *state, *others[MOST];
	struct cim_operation *held[MOST];
	uint64_t asked_ms;

	talk->fake->hold = true;
	for (int i = 0; i < MOST; i++) {
		others[i] = talk_other(talk);
		talk_ask(others[i], GET, COMPONENT, SHORT COMPONENT_SELECTORS, "");
		held[i] = talk->fake->held;
		talk_wait(others[i]);
		assert_string_equal(talk_fault(others[i]), "w:TimedOut");
	}
	asked_ms = clock_monotonic_ms();
	talk_ask(talk, GET, COMPONENT, SHORT COMPONENT_SELECTORS, "");
	while (clock_monotonic_ms() < asked_ms + 60)
		;
	talk->fake->ready(talk->fake->held);
	assert_int_equal(talk->status, 200);

	for (int i = 0; i < MOST; i++) {
		talk->fake->ready(held[i]);
		talk_other_free(&others[i]);
	}
	talk_ask(talk, GET, COMPONENT, SHORT COMPONENT_SELECTORS, "");
	talk_wait(talk);
	assert_string_equal(talk_fault(talk), "w:TimedOut");
	talk->fake->ready(talk->fake->held);
}

static void the_end_of_the_service_ends_an_operation_that_waits(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, GET, COMPONENT, COMPONENT_SELECTORS, "");

	wsman_free(&talk->wsman);

	assert_string_equal(talk_fault(talk), "a:EndpointUnavailable");
	talk->fake->ready(talk->fake->held);
	assert_int_equal(talk->answers, 1);
}

static void an_instance_may_go_before_an_operation_ends(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, GET, COMPONENT, COMPONENT_SELECTORS, "");
	talk->fake->vms = 0;

	talk->fake->ready(talk->fake->held);

	assert_string_equal(talk_fault(talk), "a:DestinationUnreachable");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_operation_may_end_later),
		test(a_client_is_told_when_his_time_is_over),
		test(a_listing_that_comes_too_late_is_closed),
		test(each_client_has_a_time_of_his_own),
		test(so_many_operations_are_abandoned_and_no_more),
		test(the_end_of_the_service_ends_an_operation_that_waits),
		test(an_instance_may_go_before_an_operation_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
