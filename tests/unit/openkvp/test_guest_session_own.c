/* SPDX-License-Identifier: MIT */
/* test_guest_session_own.c -- openkvp/guest_session: openkvp's own protocol, and IP information in
 * Hyper-V's */
#include "openkvp/guest_session.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_end.h"
#include "openkvp/link_message.h"

static uint8_t bytes[OKVP_OWN_BODY_MAX];

static int open_host(void **state)
{
	static struct host_end host;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 251);
	host_end_init(&host);
	okvp_guest_session_offer(host.session, OKVP_OWN_VERSION);
	*state = &host;
	return 0;
}

static int close_host(void **state)
{
	host_end_done(*state);
	return 0;
}

static void expect_own_answer(struct host_end *host, uint16_t version)
{
	struct okvp_link_message answer;
	struct okvp_frame frame;

	host_reads(host);
	assert_true(okvp_frame_reader_next(&host->reader, &frame));
	assert_true(okvp_link_message_read(frame.payload, frame.length, &answer, NULL));
	assert_int_equal(answer.type, OKVP_LINK_HELLO_ANSWER);
	assert_int_equal(answer.lowest, version);
	assert_int_equal(answer.highest, version);
}

static void greet(struct host_end *host)
{
	host_sends_hello(host);
	expect_own_answer(host, 1);
}

/* A message whose body is the first bytes of all. */
static void host_sends_own(struct host_end *host, uint32_t type, size_t length)
{
	const struct okvp_own_message message = { type, ++host->sequence, bytes, length };
	size_t offset = 0;

	do {
		uint8_t head[OKVP_OWN_HEAD_SIZE];
		size_t piece = okvp_own_write_head(&message, host->epoch, offset, head);

		assert_true(okvp_guest_session_receive(host->session, head, sizeof(head), NULL));
		if (piece > 0)
			assert_true(okvp_guest_session_receive(host->session, bytes + offset, piece,
							       NULL));
		offset += piece;
	} while (offset < length);
}

static void expect_own_request(struct host_end *host, uint32_t type, size_t length)
{
	struct okvp_own_message message;

	assert_true(okvp_guest_session_next_own(host->session, &message));
	assert_int_equal(message.type, type);
	assert_int_equal(message.sequence, host->sequence);
	assert_int_equal(message.length, length);
	assert_memory_equal(message.body, bytes, length);
}

static void expect_no_own_request(struct host_end *host)
{
	struct okvp_own_message message;

	assert_false(okvp_guest_session_next_own(host->session, &message));
}

static void guest_sends(struct host_end *host, uint32_t type, size_t length)
{
	const struct okvp_own_message message = { type, 0, bytes, length };

	assert_true(okvp_guest_session_send(host->session, &message, NULL));
}

/* The next message from the guest, which the host puts together. */
static void expect_own_message(struct host_end *host, uint32_t type, size_t length)
{
	struct okvp_own_assembly assembly = { 0 };
	struct okvp_own_message message;
	struct okvp_link_message piece;
	struct okvp_frame frame;

	host_reads(host);
	do {
		assert_true(okvp_frame_reader_next(&host->reader, &frame));
		assert_int_equal(frame.epoch, host->epoch);
		assert_true(okvp_link_message_read(frame.payload, frame.length, &piece, NULL));
		assert_int_equal(piece.type, OKVP_LINK_OWN);
	} while (!okvp_own_assemble(&assembly, &piece, frame.sequence, &message, NULL));
	assert_int_equal(message.type, type);
	assert_int_equal(message.length, length);
	assert_memory_equal(message.body, bytes, length);
	okvp_own_assembly_done(&assembly);
}

static void a_host_that_knows_it_is_answered_with_it(void **state)
{
	struct host_end *host = *state;

	assert_int_equal(okvp_guest_session_own(host->session), 0);
	greet(host);
	assert_int_equal(okvp_guest_session_own(host->session), 1);
	expect_state(host, OKVP_GUEST_OPEN, 0);
	expect_silence(host);
}

static void a_host_that_does_not_know_it_negotiates(void **state)
{
	struct host_end *host = *state;
	uint8_t hello[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 0, hello);
	host_sends(host, hello, sizeof(hello));
	expect_own_answer(host, 0);
	host_sends_offer(host, &host_offer);
	expect_answer(host, host->sequence, OKVP_IC_OK);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void each_greeting_is_counted(void **state)
{
	struct host_end *host = *state;
	uint64_t before = okvp_guest_session_greeting(host->session), after;

	greet(host);
	after = okvp_guest_session_greeting(host->session);
	assert_true(before != after);
	greet(host);
	assert_true(after != okvp_guest_session_greeting(host->session));
	host->epoch++;
	greet(host);
	assert_int_equal(okvp_guest_session_own(host->session), 1);
}

static void a_request_is_given_out_once(void **state)
{
	struct host_end *host = *state;

	greet(host);
	host_sends_own(host, OKVP_OWN_READ, 8);
	assert_false(okvp_guest_session_wants_input(host->session));
	expect_own_request(host, OKVP_OWN_READ, 8);
	assert_true(okvp_guest_session_wants_input(host->session));
	expect_no_own_request(host);
}

static void long_messages_go_both_ways(void **state)
{
	static const size_t lengths[] = { 0, 1, OKVP_OWN_PIECE_MAX, OKVP_OWN_PIECE_MAX + 1,
					  OKVP_OWN_BODY_MAX };
	struct host_end *host = *state;

	greet(host);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		host_sends_own(host, OKVP_OWN_BATCH, lengths[i]);
		expect_own_request(host, OKVP_OWN_BATCH, lengths[i]);
		guest_sends(host, OKVP_OWN_CHANGED, lengths[i]);
		expect_own_message(host, OKVP_OWN_CHANGED, lengths[i]);
	}
	expect_silence(host);
}

static void requests_that_came_together_are_given_out_one_by_one(void **state)
{
	struct host_end *host = *state;
	uint8_t all[3 * OKVP_OWN_HEAD_SIZE];

	greet(host);
	for (uint32_t i = 0; i < 3; i++) {
		const struct okvp_own_message message = { OKVP_OWN_READ + i, i, NULL, 0 };

		okvp_own_write_head(&message, host->epoch, 0, all + i * OKVP_OWN_HEAD_SIZE);
	}
	assert_true(okvp_guest_session_receive(host->session, all, sizeof(all), NULL));
	for (uint32_t i = 0; i < 3; i++) {
		host->sequence = i;
		expect_own_request(host, OKVP_OWN_READ + i, 0);
	}
	expect_no_own_request(host);
}

static void a_host_that_does_not_read_gets_no_more_answers(void **state)
{
	struct host_end *host = *state;

	greet(host);
	host_sends_own(host, OKVP_OWN_READ, 8);
	guest_sends(host, OKVP_OWN_READ + OKVP_OWN_ANSWER, 200000);
	expect_no_own_request(host);
	assert_false(okvp_guest_session_wants_input(host->session));
	expect_own_message(host, OKVP_OWN_READ + OKVP_OWN_ANSWER, 200000);
	expect_own_request(host, OKVP_OWN_READ, 8);
}

static void a_message_longer_than_allowed_is_not_sent(void **state)
{
	const struct okvp_own_message message = { OKVP_OWN_CHANGED, 0, bytes,
						  OKVP_OWN_BODY_MAX + 1 };
	struct host_end *host = *state;
	struct okvp_error err;

	greet(host);
	assert_false(okvp_guest_session_send(host->session, &message, &err));
	assert_int_equal(err.status, OKVP_LIMIT);
	expect_silence(host);
}

static void own_messages_of_another_epoch_are_dropped(void **state)
{
	struct host_end *host = *state;

	greet(host);
	host->epoch++;
	host_sends_own(host, OKVP_OWN_READ, 8);
	expect_no_own_request(host);
}

static void a_new_epoch_forgets_half_a_message(void **state)
{
	struct host_end *host = *state;
	const struct okvp_own_message message = { OKVP_OWN_BATCH, 1, bytes, 100000 };
	uint8_t head[OKVP_OWN_HEAD_SIZE];
	size_t piece;

	greet(host);
	piece = okvp_own_write_head(&message, host->epoch, 0, head);
	assert_true(okvp_guest_session_receive(host->session, head, sizeof(head), NULL));
	assert_true(okvp_guest_session_receive(host->session, bytes, piece, NULL));
	host->epoch++;
	greet(host);
	host_sends_own(host, OKVP_OWN_READ, 8);
	expect_own_request(host, OKVP_OWN_READ, 8);
}

static void hyper_vs_messages_are_not_taken_meanwhile(void **state)
{
	struct host_end *host = *state;

	greet(host);
	host_sends_offer(host, &host_offer);
	host_sends_set(host, "k", "v");
	expect_no_request(host);
	expect_silence(host);
}

/* --- IP information, in Hyper-V's messages --- */

static void host_asks_for_addresses(struct host_end *host, const char *adapter)
{
	uint8_t hello[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 0, hello);
	host_sends(host, hello, sizeof(hello));
	expect_own_answer(host, 0);
	host_sends_offer(host, &host_offer);
	expect_answer(host, host->sequence, OKVP_IC_OK);
	host_sends_ip(host, OKVP_KVP_GET_IP, adapter);
}

static void addresses_are_asked_for_and_answered(void **state)
{
	struct host_end *host = *state;
	struct okvp_ip_message answer;
	struct host_answer got;

	okvp_guest_session_serve_ip(host->session);
	host_asks_for_addresses(host, "00:15:5D:01:02:03");
	assert_true(okvp_guest_session_next(host->session, &host->request));
	assert_int_equal(host->request.operation, OKVP_KVP_GET_IP);
	answer = *okvp_guest_session_ip(host->session);
	assert_string_equal(answer.adapter.id, "00:15:5D:01:02:03");
	assert_true(okvp_address_from_text("192.0.2.1", 9, &answer.adapter.addresses.address[0]));
	answer.adapter.addresses.count = 1;
	okvp_guest_session_answer_ip(host->session, &answer, OKVP_IC_OK);
	got = expect_answer(host, host->sequence, OKVP_IC_OK);
	assert_int_equal(got.header.size, OKVP_IP_TEXT_SIZE);
	assert_memory_equal(got.body + 260, "1\0009\0002\0.\0", 8);
}

static void an_adapter_that_is_not_there_is_answered_with_a_status(void **state)
{
	struct host_end *host = *state;

	okvp_guest_session_serve_ip(host->session);
	host_asks_for_addresses(host, "00:15:5D:01:02:03");
	assert_true(okvp_guest_session_next(host->session, &host->request));
	okvp_guest_session_answer_ip(host->session, NULL, OKVP_IC_NOT_FOUND);
	expect_answer(host, host->sequence, OKVP_IC_NOT_FOUND);
}

static void a_guest_that_does_not_serve_them_says_so(void **state)
{
	struct host_end *host = *state;

	host_asks_for_addresses(host, "00:15:5D:01:02:03");
	expect_no_request(host);
	expect_answer(host, host->sequence, OKVP_IC_NOT_SUPPORTED);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(a_host_that_knows_it_is_answered_with_it),
		test(a_host_that_does_not_know_it_negotiates),
		test(each_greeting_is_counted),
		test(a_request_is_given_out_once),
		test(long_messages_go_both_ways),
		test(requests_that_came_together_are_given_out_one_by_one),
		test(a_host_that_does_not_read_gets_no_more_answers),
		test(a_message_longer_than_allowed_is_not_sent),
		test(own_messages_of_another_epoch_are_dropped),
		test(a_new_epoch_forgets_half_a_message),
		test(hyper_vs_messages_are_not_taken_meanwhile),
		test(addresses_are_asked_for_and_answered),
		test(an_adapter_that_is_not_there_is_answered_with_a_status),
		test(a_guest_that_does_not_serve_them_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
