/* SPDX-License-Identifier: MIT */
/* test_guest_session_anew.c -- openkvp/guest_session: hosts that begin anew, wait, or flood */
#include "openkvp/guest_session.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "host_end.h"

static int open_host(void **state)
{
	static struct host_end host;

	host_end_init(&host);
	*state = &host;
	return 0;
}

static int close_host(void **state)
{
	host_end_done(*state);
	return 0;
}

static void more_requests_than_four_are_dropped(void **state)
{
	struct host_end *host = *state;
	uint32_t first;

	host_agrees(host);
	first = host->sequence + 1;
	for (int i = 0; i < 6; i++)
		host_sends_set(host, "k", "v");
	for (uint32_t i = 0; i < 4; i++) {
		expect_request(host, OKVP_KVP_SET, "k");
		guest_answers(host, OKVP_IC_OK);
		expect_answer(host, first + i, OKVP_IC_OK);
	}
	expect_no_request(host);
}

static void a_host_that_does_not_read_loses_answers(void **state)
{
	struct host_end *host = *state;
	size_t full, still;

	host_agrees(host);
	for (int i = 0; i < 1000; i++)
		host_sends_hello(host);
	okvp_guest_session_output(host->session, &full);
	host_sends_hello(host);
	host_sends_set(host, "k", "v");
	expect_request(host, OKVP_KVP_SET, "k");
	guest_answers(host, OKVP_IC_OK);
	okvp_guest_session_output(host->session, &still);
	assert_int_equal(full, still);
	assert_in_range(full, 1, 32768);
	host_reads(host);
	for (struct okvp_frame frame; okvp_frame_reader_next(&host->reader, &frame);)
		;
	host_sends_hello(host);
	expect_hello_answer(host, host->sequence);
}

static void a_repeated_hello_changes_nothing(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "k", "v");
	host_sends_hello(host);
	expect_hello_answer(host, host->sequence);
	expect_state(host, OKVP_GUEST_OPEN, 4);
	expect_request(host, OKVP_KVP_SET, "k");
}

static void frames_of_another_epoch_are_dropped(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host->epoch++;
	host_sends_set(host, "k", "v");
	host_sends_offer(host, &host_offer);
	expect_no_request(host);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void a_new_epoch_starts_anew(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "old", "");
	host->epoch++;
	host_sends_hello(host);
	expect_state(host, OKVP_GUEST_HELLO, 0);
	expect_no_request(host);
	expect_hello_answer(host, host->sequence);
	expect_silence(host);
}

static void the_answer_to_a_request_of_an_old_epoch_is_dropped(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "old", "");
	expect_request(host, OKVP_KVP_SET, "old");
	host->epoch++;
	host_agrees(host);
	host_sends_set(host, "new", "");
	expect_no_request(host); /* or the answer below would be taken for its */
	guest_answers(host, OKVP_IC_FAIL);
	expect_silence(host);
	expect_request(host, OKVP_KVP_SET, "new");
	guest_answers(host, OKVP_IC_OK);
	expect_answer(host, host->sequence, OKVP_IC_OK);
}

static void a_new_epoch_does_not_tear_a_frame(void **state)
{
	struct host_end *host = *state;
	struct okvp_frame frame;
	size_t size;

	host_agrees(host);
	for (int i = 0; i < 2; i++) {
		host_sends_set(host, "k", "v");
		expect_request(host, OKVP_KVP_SET, "k");
		guest_answers(host, OKVP_IC_OK);
	}
	assert_true(okvp_frame_reader_feed(
		&host->reader, okvp_guest_session_output(host->session, &size), 30, NULL));
	okvp_guest_session_sent(host->session, 30);
	host->epoch++;
	host_sends_hello(host);
	host_reads(host);
	assert_true(okvp_frame_reader_next(&host->reader, &frame));
	assert_int_equal(frame.epoch, host->epoch - 1);
	expect_hello_answer(host, host->sequence);
	expect_silence(host);
}

static void a_new_negotiation_drops_requests(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "given", "");
	host_sends_set(host, "waiting", "");
	expect_request(host, OKVP_KVP_SET, "given");
	host_sends_offer(host, &host_offer);
	expect_answer(host, host->sequence, OKVP_IC_OK);
	guest_answers(host, OKVP_IC_OK);
	expect_silence(host);
	expect_no_request(host);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void while_not_ready_nothing_is_answered(void **state)
{
	struct host_end *host = *state;

	okvp_guest_session_set_ready(host->session, false);
	host_sends_hello(host);
	host_sends_hello(host);
	host_sends_offer(host, &host_offer);
	host_sends_offer(host, &host_offer);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_WAITING, 0);
	okvp_guest_session_set_ready(host->session, true);
	expect_hello_answer(host, 2);
	expect_answer(host, 4, OKVP_IC_OK);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void requests_wait_while_not_ready(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	okvp_guest_session_set_ready(host->session, false);
	expect_state(host, OKVP_GUEST_WAITING, 4);
	host_sends_set(host, "k", "v");
	expect_no_request(host);
	okvp_guest_session_set_ready(host->session, true);
	expect_silence(host);
	expect_request(host, OKVP_KVP_SET, "k");
}

static void a_new_epoch_while_not_ready_forgets_the_old_negotiation(void **state)
{
	struct host_end *host = *state;

	host_sends_hello(host);
	expect_hello_answer(host, 1);
	okvp_guest_session_set_ready(host->session, false);
	host_sends_offer(host, &host_offer);
	host->epoch++;
	host_sends_hello(host);
	okvp_guest_session_set_ready(host->session, true);
	expect_hello_answer(host, 3);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_HELLO, 0);
}

static void a_reset_forgets_all_but_what_was_given_out(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "old", "");
	expect_request(host, OKVP_KVP_SET, "old");
	host_sends_hello(host);
	assert_true(okvp_guest_session_receive(host->session, "OVKP", 4, NULL));
	assert_true(okvp_guest_session_partial(host->session));
	okvp_guest_session_reset(host->session);
	assert_false(okvp_guest_session_partial(host->session));
	expect_silence(host);
	expect_state(host, OKVP_GUEST_WAITING, 0);
	host_agrees(host);
	host_sends_set(host, "new", "");
	expect_no_request(host);
	guest_answers(host, OKVP_IC_OK);
	expect_silence(host);
	expect_request(host, OKVP_KVP_SET, "new");
}

static void a_reset_forgets_answers_that_are_due(void **state)
{
	struct host_end *host = *state;

	okvp_guest_session_set_ready(host->session, false);
	host_sends_hello(host);
	host_sends_offer(host, &host_offer);
	okvp_guest_session_reset(host->session);
	okvp_guest_session_set_ready(host->session, true);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_WAITING, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(more_requests_than_four_are_dropped),
		test(a_host_that_does_not_read_loses_answers),
		test(a_repeated_hello_changes_nothing),
		test(frames_of_another_epoch_are_dropped),
		test(a_new_epoch_starts_anew),
		test(the_answer_to_a_request_of_an_old_epoch_is_dropped),
		test(a_new_epoch_does_not_tear_a_frame),
		test(a_new_negotiation_drops_requests),
		test(while_not_ready_nothing_is_answered),
		test(requests_wait_while_not_ready),
		test(a_new_epoch_while_not_ready_forgets_the_old_negotiation),
		test(a_reset_forgets_all_but_what_was_given_out),
		test(a_reset_forgets_answers_that_are_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
