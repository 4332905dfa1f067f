/* SPDX-License-Identifier: MIT */
/* test_session.c -- channel/session, against libopenkvp's guest end on a stream made of memory. */
#include "channel/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "openkvp/frame.h"
#include "openkvp/guest_session.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

struct fixture {
	uv_loop_t loop;
	struct session *session;
	struct okvp_guest_session *guest;
	bool deaf, paused; /* the guest gets nothing */
	size_t sent;       /* bytes from the host */
	enum channel_state told;
	char reason[200];
	struct okvp_kvp_message answer;
	uint32_t status;
	bool readable;
	int answers;
	uint8_t last[4096]; /* the host's last frame */
};

static bool to_guest(void *context, const void *bytes, size_t size)
{
	struct fixture *fixture = context;

	fixture->sent += size;
	memcpy(fixture->last, bytes, size < sizeof(fixture->last) ? size : sizeof(fixture->last));
	if (!fixture->deaf)
		okvp_guest_session_receive(fixture->guest, bytes, size, NULL);
	return true;
}

static void pause_stream(void *context, bool paused)
{
	struct fixture *fixture = context;

	fixture->paused = paused;
}

static void reconnect(void *context)
{
	fail_msg("the session wants a new stream");
}

static void state_told(void *context, enum channel_state state, const char *reason)
{
	struct fixture *fixture = context;

	fixture->told = state;
	snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
}

static void answered(void *context, const struct okvp_kvp_message *answer, uint32_t status,
		     bool readable)
{
	struct fixture *fixture = context;

	fixture->answer = *answer;
	fixture->status = status;
	fixture->readable = readable;
	fixture->answers++;
}

static void fault_told(void *context, const char *reason)
{
	fail_msg("a session knows of no fault");
}

static const struct channel_settings quick = {
	.answer_timeout_ms = 30,
	.negotiation_timeout_ms = 30,
	.silence_notice_ms = 1,
};

static int open_session(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct channel_events events = { state_told, answered, fault_told, fixture };
	const struct session_stream stream = { to_guest, pause_stream, reconnect, fixture };

	uv_loop_init(&fixture->loop);
	fixture->guest = okvp_guest_session_create();
	fixture->session = session_create(&fixture->loop, &quick, &events, &stream);
	*state = fixture;
	return 0;
}

static int close_session(void **state)
{
	struct fixture *fixture = *state;

	session_close(&fixture->session);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	okvp_guest_session_free(&fixture->guest);
	free(fixture);
	return 0;
}

/* Carries what the guest has to say to the host. */
static void carry(struct fixture *fixture)
{
	const uint8_t *bytes;
	uint8_t copy[8192];
	size_t size;

	while ((bytes = okvp_guest_session_output(fixture->guest, &size))) {
		size = size < sizeof(copy) ? size : sizeof(copy);
		memcpy(copy, bytes, size);
		okvp_guest_session_sent(fixture->guest, size);
		session_receive(fixture->session, copy, size);
	}
}

/* Lets the loop's timers run until a state is told. */
static void run_until(struct fixture *fixture, enum channel_state state)
{
	for (int turns = 0; fixture->told != state && turns < 10000; turns++)
		uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_int_equal(fixture->told, state);
}

static void carry_until_open(struct fixture *fixture)
{
	while (session_state(fixture->session) != CHANNEL_OPEN) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
		carry(fixture);
	}
}

static void contact(struct fixture *fixture)
{
	session_begin(fixture->session);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
}

static void send_set(struct fixture *fixture)
{
	const struct okvp_kvp_message request = {
		.operation = OKVP_KVP_SET,
		.item = { .key = "k", .key_length = 1, .value = "v", .value_length = 1 },
	};

	assert_true(session_send(fixture->session, &request, NULL));
}

static void a_guest_that_answers_is_negotiated_with(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	assert_int_equal(session_framework_version(fixture->session).major, 3);
	assert_int_equal(session_message_version(fixture->session).major, 4);
	assert_true(session_ready(fixture->session));
}

static void a_request_is_answered_once_and_one_is_outstanding(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;

	contact(fixture);
	send_set(fixture);
	assert_false(session_ready(fixture->session));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_memory_equal(request.item.key, "k", 1);
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_EXISTS);
	carry(fixture);
	assert_int_equal(fixture->answers, 1);
	assert_int_equal(fixture->status, OKVP_IC_EXISTS);
	assert_true(session_ready(fixture->session));
}

static void an_enumerated_item_comes_with_its_answer(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request = { .operation = OKVP_KVP_ENUMERATE,
					    .pool = 1,
					    .index = 3 };

	contact(fixture);
	assert_true(session_send(fixture->session, &request, NULL));
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	assert_int_equal(request.index, 3);
	request.item =
		(struct okvp_item){ .key = "key", .key_length = 3, .value = "", .type = OKVP_TEXT };
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	carry(fixture);
	assert_true(fixture->readable);
	assert_memory_equal(fixture->answer.item.key, "key", 3);
	assert_int_equal(fixture->answer.item.value_length, 0);
}

static void no_answer_in_time_loses_the_contact_and_it_comes_back(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	fixture->deaf = true;
	send_set(fixture);
	run_until(fixture, CHANNEL_LOST);
	assert_non_null(strstr(fixture->reason, "no answer"));
	fixture->deaf = false;
	carry_until_open(fixture);
	assert_int_equal(fixture->answers, 0);
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
	assert_int_equal(fixture->answers, 0);
	assert_false(session_ready(fixture->session));
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
	assert_int_equal(fixture->answers, 1);
}

static void a_flood_that_answers_nothing_loses_the_contact(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_kvp_message request;
	uint8_t answer[8192];
	const uint8_t *bytes;
	size_t size;

	contact(fixture);
	send_set(fixture);
	assert_true(okvp_guest_session_next(fixture->guest, &request));
	okvp_guest_session_answer(fixture->guest, &request, OKVP_IC_OK);
	bytes = okvp_guest_session_output(fixture->guest, &size);
	memcpy(answer, bytes, size);
	okvp_guest_session_sent(fixture->guest, size);
	for (int i = 0; i < 100 && session_state(fixture->session) == CHANNEL_OPEN; i++)
		session_receive(fixture->session, answer, size);
	assert_int_equal(fixture->answers, 1);
	assert_int_equal(session_state(fixture->session), CHANNEL_LOST);
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
	assert_true(session_ready(fixture->session));
	assert_int_equal(fixture->answers, 0);
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
	assert_int_equal(fixture->answers, 0);
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
		test(no_answer_in_time_loses_the_contact_and_it_comes_back),
		test(a_late_answer_of_an_earlier_epoch_is_dropped),
		test(a_guest_without_a_common_version_is_refused),
		test(silence_is_said_once),
		test(garbage_before_an_answer_does_no_harm),
		test(a_guest_that_starts_anew_is_negotiated_with_again),
		test(a_guest_that_starts_anew_again_is_greeted_when_the_second_is_over),
		test(a_guest_that_wakes_late_is_greeted_at_once),
		test(a_flood_that_answers_nothing_loses_the_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
