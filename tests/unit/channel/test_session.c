/* SPDX-License-Identifier: MIT */
/* test_session.c -- channel/session: the stream, HELLO, and Hyper-V's messages. */
#include "session_fixture.h"

#include <unistd.h>

#include "channel/session_core.h"
#include "openkvp/frame.h"
#include "openkvp/ip_message.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

static void carry_until_open(struct fixture *fixture)
{
	while (session_state(fixture->session) != CHANNEL_OPEN) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
		carry(fixture);
	}
}

static void a_guest_that_answers_is_negotiated_with(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	assert_int_equal(session_framework_version(fixture->session).major, 3);
	assert_int_equal(session_message_version(fixture->session).major, 4);
	assert_true(session_ready(fixture->session, CHANNEL_BATCH));
}

static void a_request_is_answered_once_and_one_is_outstanding(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	contact(fixture);
	send_set(fixture);
	assert_false(session_ready(fixture->session, CHANNEL_BATCH));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_memory_equal(request.item.key, "k", 1);
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_EXISTS);
	carry(fixture);
	assert_int_equal(fixture->batches, 1);
	assert_int_equal(fixture->status[0], OKVP_IC_EXISTS);
	assert_true(session_ready(fixture->session, CHANNEL_BATCH));
}

static void an_enumerated_item_comes_with_its_answer(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	contact(fixture);
	session_read(fixture->session, OKVP_POOL_GUEST, 3);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_int_equal(request.operation, OKVP_KVP_ENUMERATE);
	assert_int_equal(request.pool, OKVP_POOL_GUEST);
	assert_int_equal(request.index, 3);
	request.item =
		(struct okvp_item){ .key = "key", .key_length = 3, .value = "", .type = OKVP_TEXT };
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	carry(fixture);
	assert_int_equal(fixture->parts, 1);
	assert_int_equal(fixture->part.pool, OKVP_POOL_GUEST);
	assert_int_equal(fixture->part.first, 3);
	assert_true(fixture->part.readable);
	assert_false(fixture->part.end);
	assert_string_equal(fixture->keys, "key=;");
}

static void the_end_of_a_pool_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	contact(fixture);
	session_read(fixture->session, OKVP_POOL_AUTO, 0);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_NO_MORE_ITEMS);
	carry(fixture);
	assert_true(fixture->part.end);
	assert_int_equal(fixture->part.status, OKVP_IC_NO_MORE_ITEMS);
	assert_string_equal(fixture->keys, "");
}

static void a_removal_is_a_delete(void **state)
{
	const struct okvp_own_record change = { .item = { .key = "k", .key_length = 1 },
						.flags = OKVP_RECORD_REMOVE };
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	contact(fixture);
	assert_true(
		session_send_batch(fixture->session, OKVP_POOL_AUTO_EXTERNAL, &change, 1, NULL));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_int_equal(request.operation, OKVP_KVP_DELETE);
	assert_int_equal(request.pool, OKVP_POOL_AUTO_EXTERNAL);
}

static void an_item_that_the_wire_cannot_carry_is_not_sent(void **state)
{
	static char many[OKVP_VALUE_UNITS + 1];
	const struct okvp_own_record change = {
		.item = { .key = "k",
			  .key_length = 1,
			  .value = many,
			  .value_length = sizeof(many) },
	};
	struct fixture *fixture = *state;
	struct okvp_error err;

	memset(many, 'x', sizeof(many));
	contact(fixture);
	assert_false(session_send_batch(fixture->session, OKVP_POOL_EXTERNAL, &change, 1, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_true(session_ready(fixture->session, CHANNEL_BATCH));
}

static void what_such_a_guest_can_hold_and_do_is_known(void **state)
{
	struct fixture *fixture = *state;
	struct channel_abilities abilities;

	assert_int_equal(session_abilities(fixture->session).batch, 0);
	contact(fixture);
	abilities = session_abilities(fixture->session);
	assert_int_equal(session_own_version(fixture->session), 0);
	assert_int_equal(abilities.batch, 1);
	assert_int_equal(abilities.key_bytes, 511);
	assert_int_equal(abilities.value_bytes, 2047);
	assert_true(abilities.get_ip && abilities.set_ip);
}

static void addresses_are_asked_for(void **state)
{
	const struct okvp_adapter adapter = { .id = "00:15:5D:01:02:03" };
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;
	struct okvp_ip_message answer;

	okvp_guest_session_serve_ip(fixture->guest);
	contact(fixture);
	assert_true(session_send_ip(fixture->session, OKVP_KVP_GET_IP, &adapter, NULL));
	assert_false(session_ready(fixture->session, CHANNEL_BATCH));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	answer = *okvp_guest_session_ip(fixture->guest);
	assert_string_equal(answer.adapter.id, adapter.id);
	answer.adapter.dhcp = true;
	okvp_guest_session_answer_ip(fixture->guest, &answer, OKVP_IC_OK);
	carry(fixture);
	assert_int_equal(fixture->ips, 1);
	assert_int_equal(fixture->ip_status, OKVP_IC_OK);
	assert_true(fixture->ip_has_adapter && fixture->ip_adapter.dhcp);
}

static void a_guest_that_refuses_addresses_is_told_of(void **state)
{
	const struct okvp_adapter adapter = { .id = "00:15:5D:01:02:03" };
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	okvp_guest_session_serve_ip(fixture->guest);
	contact(fixture);
	assert_true(session_send_ip(fixture->session, OKVP_KVP_SET_IP, &adapter, NULL));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_int_equal(request.operation, OKVP_KVP_SET_IP);
	okvp_guest_session_answer_ip(fixture->guest, NULL, OKVP_IC_NOT_FOUND);
	carry(fixture);
	assert_int_equal(fixture->ip_status, OKVP_IC_NOT_FOUND);
	assert_false(fixture->ip_has_adapter);
}

static void no_answer_in_time_loses_the_contact_and_it_comes_back(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	fixture->deaf = true;
	send_set(fixture);
	run_until_told(fixture, CHANNEL_LOST);
	assert_non_null(strstr(fixture->reason, "no answer"));
	fixture->deaf = false;
	carry_until_open(fixture);
	assert_int_equal(fixture->batches, 0);
}

static void a_late_answer_of_an_earlier_epoch_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;
	const uint8_t *bytes;
	uint8_t late[8192];
	size_t size;

	contact(fixture);
	send_set(fixture);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	bytes = okvp_guest_session_output(fixture->guest, &size);
	memcpy(late, bytes, size);
	okvp_guest_session_sent(fixture->guest, size);
	session_end(fixture->session, "gone");
	contact(fixture);
	send_set(fixture);
	session_receive(fixture->session, late, size);
	assert_int_equal(fixture->batches, 0);
	assert_false(session_ready(fixture->session, CHANNEL_BATCH));
}

/* An IC message from the guest in the epoch and sequence of the host's last frame. */
static void answer_last(struct fixture *fixture, const struct okvp_ic_header *header,
			const uint8_t *body)
{
	const size_t length = OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + header->size;
	struct wire_reader last = wire_reader_on(fixture->last, sizeof(fixture->last));
	uint8_t frame[256], *payload = frame + OKVP_FRAME_HEADER_SIZE;
	struct okvp_frame fields = { .length = length };

	wire_skip(&last, 4);
	fields.epoch = wire_read_u32(&last);
	fields.sequence = wire_read_u32(&last);
	okvp_frame_write_header(&fields, frame);
	okvp_link_write_pipe_header(OKVP_IC_HEADER_SIZE + header->size, payload);
	okvp_ic_write_header(header, payload + OKVP_LINK_HEADER_SIZE);
	memcpy(payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, header->size);
	session_receive(fixture->session, frame, OKVP_FRAME_HEADER_SIZE + length);
}

static void a_guest_without_a_common_version_is_refused(void **state)
{
	static const uint8_t no_versions[8];
	const struct okvp_ic_header header = {
		.type = OKVP_IC_NEGOTIATE,
		.size = sizeof(no_versions),
		.flags = OKVP_IC_RESPONSE,
	};
	struct fixture *fixture = *state;

	fixture->deaf = true;
	session_begin(fixture->session);
	okvp_guest_session_receive(fixture->guest, fixture->last, fixture->sent, NULL);
	carry(fixture);
	answer_last(fixture, &header, no_versions);
	assert_int_equal(session_state(fixture->session), CHANNEL_REFUSED);
}

static void silence_is_said_once(void **state)
{
	struct fixture *fixture = *state;

	fixture->deaf = true;
	session_begin(fixture->session);
	assert_int_equal(session_state(fixture->session), CHANNEL_CONNECTED);
	assert_string_equal(fixture->reason, "");
	while (fixture->reason[0] == '\0')
		uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_non_null(strstr(fixture->reason, "nobody answers"));
}

static void garbage_before_an_answer_does_no_harm(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;
	uint8_t garbage[300];

	memset(garbage, 'O', sizeof(garbage));
	contact(fixture);
	session_receive(fixture->session, garbage, sizeof(garbage));
	send_set(fixture);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	carry(fixture);
	assert_int_equal(fixture->batches, 1);
}

/* Says the same answer until the host has enough of it. */
static void flood(struct fixture *fixture)
{
	struct okvp_kvp_message request;
	uint8_t answer[8192];
	const uint8_t *bytes;
	size_t size;

	send_set(fixture);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	bytes = okvp_guest_session_output(fixture->guest, &size);
	memcpy(answer, bytes, size);
	okvp_guest_session_sent(fixture->guest, size);
	for (int i = 0; i < 100 && session_state(fixture->session) == CHANNEL_OPEN; i++)
		session_receive(fixture->session, answer, size);
}

static void a_flood_that_answers_nothing_loses_the_contact(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	flood(fixture);
	assert_int_equal(fixture->batches, 1);
	assert_int_equal(session_state(fixture->session), CHANNEL_LOST);
}

static void a_contact_that_is_lost_again_and_again_is_tried_ever_later(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	flood(fixture);
	assert_int_equal(fixture->session->back_off_ms, 2000); /* the next, after one second */
	while (session_state(fixture->session) != CHANNEL_OPEN) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
		carry(fixture);
	}
	flood(fixture);
	assert_int_equal(fixture->session->back_off_ms, 4000);
	session_end(fixture->session, "gone");
	contact(fixture);
	assert_int_equal(fixture->session->back_off_ms, 0);
}

static void a_guest_that_says_too_much_is_not_read_and_that_is_told(void **state)
{
	uint8_t wake[OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE];
	const struct okvp_frame frame = { .length = OKVP_LINK_HEADER_SIZE };
	struct fixture *fixture = *state;

	okvp_frame_write_header(&frame, wake);
	okvp_link_write_wake(wake + OKVP_FRAME_HEADER_SIZE);
	fixture->session->settings.message_rate = 10;
	contact(fixture);
	for (int i = 0; i < 11; i++)
		session_receive(fixture->session, wake, sizeof(wake));
	assert_true(fixture->paused);
	assert_non_null(strstr(fixture->excess, "guest_message_rate takes 10"));
	while (fixture->paused) /* until the second is over */
		uv_run(&fixture->loop, UV_RUN_ONCE);
}

static void a_guest_that_starts_anew_is_negotiated_with_again(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	send_set(fixture);
	usleep(1100 * 1000); /* it is greeted once a second */
	okvp_guest_session_wake(fixture->guest);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
	assert_true(session_ready(fixture->session, CHANNEL_BATCH));
	assert_int_equal(fixture->batches, 0);
}

static void a_guest_that_starts_anew_again_is_greeted_when_the_second_is_over(void **state)
{
	struct fixture *fixture = *state;
	size_t sent;

	contact(fixture);
	send_set(fixture);
	sent = fixture->sent;
	for (int i = 0; i < 3; i++) {
		okvp_guest_session_wake(fixture->guest);
		carry(fixture);
	}
	assert_int_equal(session_state(fixture->session), CHANNEL_LOST);
	assert_int_equal(fixture->sent, sent);
	carry_until_open(fixture);
	assert_int_equal(fixture->batches, 0);
}

static void a_guest_that_wakes_late_is_greeted_at_once(void **state)
{
	struct fixture *fixture = *state;

	fixture->deaf = true;
	session_begin(fixture->session);
	fixture->deaf = false;
	okvp_guest_session_wake(fixture->guest);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_session, close_session)
	const struct CMUnitTest tests[] = {
		test(a_guest_that_answers_is_negotiated_with),
		test(a_request_is_answered_once_and_one_is_outstanding),
		test(an_enumerated_item_comes_with_its_answer),
		test(the_end_of_a_pool_is_told),
		test(a_removal_is_a_delete),
		test(an_item_that_the_wire_cannot_carry_is_not_sent),
		test(what_such_a_guest_can_hold_and_do_is_known),
		test(addresses_are_asked_for),
		test(a_guest_that_refuses_addresses_is_told_of),
		test(no_answer_in_time_loses_the_contact_and_it_comes_back),
		test(a_late_answer_of_an_earlier_epoch_is_dropped),
		test(a_guest_without_a_common_version_is_refused),
		test(silence_is_said_once),
		test(garbage_before_an_answer_does_no_harm),
		test(a_guest_that_starts_anew_is_negotiated_with_again),
		test(a_guest_that_starts_anew_again_is_greeted_when_the_second_is_over),
		test(a_guest_that_wakes_late_is_greeted_at_once),
		test(a_flood_that_answers_nothing_loses_the_contact),
		test(a_contact_that_is_lost_again_and_again_is_tried_ever_later),
		test(a_guest_that_says_too_much_is_not_read_and_that_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
