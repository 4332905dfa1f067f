/* SPDX-License-Identifier: MIT */
/* test_session_own.c -- channel/session: openkvp's own protocol. */
#include "session_fixture.h"

#include <stdlib.h>
#include <unistd.h>

static uint8_t body[OKVP_OWN_BODY_MAX];

static int open_own_session(void **state)
{
	struct fixture *fixture;

	open_session(state);
	fixture = *state;
	okvp_guest_session_offer(fixture->guest, OKVP_OWN_VERSION);
	return 0;
}

static struct wire_writer begin(void)
{
	return wire_writer_on(body, sizeof(body));
}

/* Sends what was written as a message, and carries it over. */
static void guest_sends(struct fixture *fixture, uint32_t type, uint32_t sequence,
			const struct wire_writer *out)
{
	const struct okvp_own_message message = { type, sequence, body, out->at };

	assert_true(okvp_guest_session_send(fixture->guest, &message, NULL));
	carry(fixture);
}

static struct okvp_own_message expect_request(struct fixture *fixture, uint32_t type)
{
	struct okvp_own_message message;

	assert_true(okvp_guest_session_next_own(fixture->guest, &message));
	assert_int_equal(message.type, type);
	return message;
}

static void put_record(struct wire_writer *out, const char *key, const char *value)
{
	const struct okvp_own_record record = { .item = { .key = key,
							  .value = value,
							  .key_length = (uint16_t)strlen(key),
							  .value_length =
								  (uint16_t)strlen(value) } };

	okvp_own_write_record(out, &record);
}

static void a_guest_that_knows_it_is_open_when_it_has_said_how_it_stands(void **state)
{
	struct fixture *fixture = *state;
	struct channel_abilities abilities;

	session_begin(fixture->session);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_NEGOTIATING);
	contact(fixture);
	assert_int_equal(session_own_version(fixture->session), 1);
	assert_int_equal(session_message_version(fixture->session).major, 0);
	assert_int_equal(fixture->stands, 1);
	abilities = session_abilities(fixture->session);
	assert_int_equal(abilities.batch, 128);
	assert_int_equal(abilities.key_bytes, 511);
	assert_int_equal(abilities.value_bytes, 2047);
	assert_true(abilities.set_ip);
	assert_false(abilities.get_ip);
}

static void one_that_never_says_how_it_stands_is_lost(void **state)
{
	struct fixture *fixture = *state;

	session_begin(fixture->session);
	carry(fixture);
	run_until_told(fixture, CHANNEL_CONNECTED); /* backs off */
	assert_non_null(strstr(fixture->reason, "does not say"));
}

static void a_batch_is_sent_and_answered_as_a_whole(void **state)
{
	const struct okvp_own_record changes[] = {
		{ .item = { .key = "a", .key_length = 1, .value = "1", .value_length = 1 } },
		{ .item = { .key = "b", .key_length = 1 }, .flags = OKVP_RECORD_REMOVE },
	};
	struct fixture *fixture = *state;
	struct okvp_own_batch_answer answer = { .count = 2 };
	struct okvp_own_message request;
	struct wire_writer out = begin();
	struct okvp_own_record record;
	struct okvp_own_batch batch;

	contact(fixture);
	assert_true(session_send_batch(fixture->session, OKVP_POOL_EXTERNAL, changes, 2, NULL));
	assert_false(session_ready(fixture->session, CHANNEL_BATCH));
	assert_true(session_ready(fixture->session, CHANNEL_READ));
	request = expect_request(fixture, OKVP_OWN_BATCH);
	assert_true(okvp_own_read_batch(request.body, request.length, &batch, NULL));
	assert_int_equal(batch.pool, OKVP_POOL_EXTERNAL);
	assert_int_equal(batch.count, 2);
	assert_true(okvp_own_next_record(&batch.records, &record));
	assert_true(okvp_own_next_record(&batch.records, &record));
	assert_int_equal(record.flags, OKVP_RECORD_REMOVE);
	okvp_own_write_batch_answer(&out, &answer);
	guest_sends(fixture, OKVP_OWN_BATCH + OKVP_OWN_ANSWER, request.sequence, &out);
	assert_int_equal(fixture->batches, 1);
	assert_int_equal(fixture->status_count, 2);
	assert_int_equal(fixture->status[1], OKVP_IC_OK);
	assert_true(session_ready(fixture->session, CHANNEL_BATCH));
}

/* A batch of two, answered so; what is told of both. */
static void answer_two(struct fixture *fixture, const struct okvp_own_batch_answer *answer,
		       uint32_t first, uint32_t second)
{
	const struct okvp_own_record changes[2] = {
		{ .item = { .key = "a", .key_length = 1 } },
		{ .item = { .key = "b", .key_length = 1 } },
	};
	struct okvp_own_message request;
	struct wire_writer out = begin();

	assert_true(session_send_batch(fixture->session, OKVP_POOL_EXTERNAL, changes, 2, NULL));
	request = expect_request(fixture, OKVP_OWN_BATCH);
	okvp_own_write_batch_answer(&out, answer);
	guest_sends(fixture, OKVP_OWN_BATCH + OKVP_OWN_ANSWER, request.sequence, &out);
	assert_int_equal(fixture->status_count, 2);
	assert_int_equal(fixture->status[0], first);
	assert_int_equal(fixture->status[1], second);
}

static void a_batch_that_failed_says_why_of_each_change(void **state)
{
	const struct okvp_own_batch_answer one = {
		OKVP_IC_INVALID_ARGUMENT, 2, { OKVP_IC_CANCELLED, OKVP_IC_INVALID_ARGUMENT }
	};
	const struct okvp_own_batch_answer sloppy = { OKVP_IC_FAIL,
						      2,
						      { OKVP_IC_OK, OKVP_IC_FAIL } };
	const struct okvp_own_batch_answer all = { .status = OKVP_IC_DISK_FULL };
	const struct okvp_own_batch_answer nobody = { OKVP_IC_CANCELLED,
						      2,
						      { OKVP_IC_CANCELLED, OKVP_IC_OK } };
	struct fixture *fixture = *state;

	contact(fixture);
	answer_two(fixture, &one, OKVP_IC_CANCELLED, OKVP_IC_INVALID_ARGUMENT);
	answer_two(fixture, &sloppy, OKVP_IC_CANCELLED, OKVP_IC_FAIL);
	answer_two(fixture, &all, OKVP_IC_DISK_FULL, OKVP_IC_DISK_FULL);
	answer_two(fixture, &nobody, OKVP_IC_FAIL, OKVP_IC_FAIL);
}

static void a_long_batch_goes_in_several_frames(void **state)
{
	static char value[OKVP_LINUX_VALUE_BYTES];
	struct okvp_own_record changes[128];
	struct fixture *fixture = *state;
	struct okvp_own_message request;
	struct okvp_own_batch batch;

	memset(value, 'v', sizeof(value));
	for (size_t i = 0; i < 128; i++)
		changes[i] = (struct okvp_own_record){
			.item = { .key = "k",
				  .key_length = 1,
				  .value = value,
				  .value_length = sizeof(value) },
		};
	contact(fixture);
	assert_true(session_send_batch(fixture->session, OKVP_POOL_EXTERNAL, changes, 128, NULL));
	request = expect_request(fixture, OKVP_OWN_BATCH);
	assert_true(okvp_own_read_batch(request.body, request.length, &batch, NULL));
	assert_int_equal(batch.count, 128);
}

static void answer_reading(struct fixture *fixture, uint32_t total, uint32_t first, const char *key)
{
	struct okvp_own_read_answer answer = {
		.pool = OKVP_POOL_GUEST, .digest = 7, .total = total, .first = first
	};
	struct okvp_own_message request = expect_request(fixture, OKVP_OWN_READ);
	struct wire_writer out = begin();
	struct okvp_own_read read;

	assert_true(okvp_own_read_read(request.body, request.length, &read, NULL));
	assert_int_equal(read.pool, OKVP_POOL_GUEST);
	assert_int_equal(read.first, first);
	answer.count = key != NULL;
	okvp_own_write_read_answer(&out, &answer);
	if (key)
		put_record(&out, key, "1");
	guest_sends(fixture, OKVP_OWN_READ + OKVP_OWN_ANSWER, request.sequence, &out);
}

static void a_pool_is_read_in_parts(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	session_read(fixture->session, OKVP_POOL_GUEST, 0);
	answer_reading(fixture, 2, 0, "a");
	assert_string_equal(fixture->keys, "a=1;");
	assert_true(fixture->part.has_digest);
	assert_int_equal(fixture->part.digest, 7);
	assert_false(fixture->part.end);
	session_read(fixture->session, OKVP_POOL_GUEST, 1);
	answer_reading(fixture, 2, 1, "b");
	assert_true(fixture->part.end);
	session_read(fixture->session, OKVP_POOL_GUEST, 2);
	answer_reading(fixture, 9, 2, NULL);
	assert_true(fixture->part.end);
}

static void a_reading_that_fails_ends(void **state)
{
	const struct okvp_own_read_answer answer = { .status = OKVP_IC_FAIL };
	struct fixture *fixture = *state;
	struct wire_writer out = begin();
	struct okvp_own_message request;

	contact(fixture);
	session_read(fixture->session, OKVP_POOL_GUEST, 0);
	request = expect_request(fixture, OKVP_OWN_READ);
	okvp_own_write_read_answer(&out, &answer);
	guest_sends(fixture, OKVP_OWN_READ + OKVP_OWN_ANSWER, request.sequence, &out);
	assert_true(fixture->part.end);
	assert_false(fixture->part.readable);
	assert_int_equal(fixture->part.status, OKVP_IC_FAIL);
}

static void requests_of_all_kinds_are_outstanding_together(void **state)
{
	const struct okvp_adapter adapter = { .id = "00:15:5D:01:02:03" };
	const struct okvp_own_result done = { OKVP_IC_NOT_FOUND, "no such adapter", 15 };
	struct fixture *fixture = *state;
	struct okvp_own_message batch, read, ip;
	struct wire_writer out = begin();
	uint32_t sequence;

	contact(fixture);
	send_set(fixture);
	batch = expect_request(fixture, OKVP_OWN_BATCH);
	session_read(fixture->session, OKVP_POOL_GUEST, 0);
	read = expect_request(fixture, OKVP_OWN_READ);
	assert_true(session_send_ip(fixture->session, OKVP_KVP_SET_IP, &adapter, NULL));
	ip = expect_request(fixture, OKVP_OWN_SET_IP);
	sequence = ip.sequence;
	okvp_own_write_result(&out, &done);
	guest_sends(fixture, OKVP_OWN_SET_IP + OKVP_OWN_ANSWER, sequence, &out);
	assert_int_equal(fixture->ips, 1);
	assert_int_equal(fixture->ip_status, OKVP_IC_NOT_FOUND);
	assert_string_equal(fixture->ip_text, "no such adapter");
	assert_int_equal(fixture->batches + fixture->parts, 0);
	assert_int_equal(batch.sequence + 1, read.sequence);
}

static void an_adapter_must_be_named_by_its_mac(void **state)
{
	const struct okvp_adapter adapter = { .id = "{2A34B1C2-FD73-4043-8A5B-DD2159BC743F}" };
	struct fixture *fixture = *state;
	struct okvp_error err;

	contact(fixture);
	assert_false(session_send_ip(fixture->session, OKVP_KVP_SET_IP, &adapter, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	assert_false(session_send_ip(fixture->session, OKVP_KVP_GET_IP, &adapter, &err));
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
}

static void what_the_guest_says_by_itself_is_told(void **state)
{
	const struct okvp_own_changed changed = { .pool = OKVP_POOL_GUEST, .after = 5, .come = 1 };
	struct fixture *fixture = *state;
	struct wire_writer out = begin();
	int heard;

	contact(fixture);
	heard = fixture->heard;
	okvp_own_write_changed(&out, &changed);
	put_record(&out, "a", "1");
	guest_sends(fixture, OKVP_OWN_CHANGED, 0, &out);
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->keys, "a=1;");
	out = begin();
	okvp_own_write_adapters_head(&out, 0);
	guest_sends(fixture, OKVP_OWN_ADAPTERS, 0, &out);
	assert_int_equal(fixture->adapters, 1);
	out = begin();
	guest_sends(fixture, OKVP_OWN_HEARTBEAT, 0, &out);
	guest_sends(fixture, OKVP_LINK_OWN + 15, 0, &out); /* of a version to come */
	assert_int_equal(fixture->heard - heard, 4);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
}

static void a_silent_guest_is_lost_and_comes_back(void **state)
{
	struct fixture *fixture = *state;

	contact(fixture);
	run_until_told(fixture, CHANNEL_LOST);
	assert_non_null(strstr(fixture->reason, "no sign of life"));
	while (session_state(fixture->session) != CHANNEL_OPEN) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
		if (okvp_guest_session_own(fixture->guest) > 0)
			contact(fixture);
	}
}

static void a_guest_that_lives_and_does_not_answer_is_lost(void **state)
{
	struct fixture *fixture = *state;
	struct wire_writer out = begin();

	contact(fixture);
	send_set(fixture);
	for (int turns = 0; fixture->told == CHANNEL_OPEN && turns < 10000; turns++) {
		guest_sends(fixture, OKVP_OWN_HEARTBEAT, 0, &out);
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	assert_int_equal(fixture->told, CHANNEL_LOST);
	assert_non_null(strstr(fixture->reason, "no answer"));
}

static void answers_to_nothing_are_nonsense(void **state)
{
	const struct okvp_own_batch_answer answer = { .count = 0 };
	struct fixture *fixture = *state;
	struct wire_writer out = begin();

	contact(fixture);
	okvp_own_write_batch_answer(&out, &answer);
	for (int i = 0; i < 100 && session_state(fixture->session) == CHANNEL_OPEN; i++)
		guest_sends(fixture, OKVP_OWN_BATCH + OKVP_OWN_ANSWER, 99, &out);
	assert_int_equal(session_state(fixture->session), CHANNEL_LOST);
	assert_int_equal(fixture->batches, 0);
}

static void a_message_without_end_loses_the_contact(void **state)
{
	const struct okvp_own_message message = { OKVP_OWN_CHANGED, 0, body, sizeof(body) };
	static uint8_t frame[OKVP_FRAME_SIZE_MAX];
	struct fixture *fixture = *state;
	struct wire_reader epoch;
	size_t piece;

	contact(fixture);
	send_set(fixture);
	epoch = wire_reader_on(fixture->last + 4, 4);
	piece = okvp_own_write_head(&message, wire_read_u32(&epoch), 0, frame);
	for (int i = 0; i < 3000 && session_state(fixture->session) == CHANNEL_OPEN; i++)
		session_receive(fixture->session, frame, OKVP_OWN_HEAD_SIZE + piece);
	run_until_told(fixture, CHANNEL_LOST);
	assert_int_equal(fixture->changes, 0);
}

static void hello_that_was_said_twice_may_be_answered_twice(void **state)
{
	struct fixture *fixture = *state;
	uint8_t hello[4096];

	session_begin(fixture->session);
	memcpy(hello, fixture->last, 36);
	for (int i = 0; i < 100; i++)
		okvp_guest_session_receive(fixture->guest, hello, 36, NULL);
	contact(fixture);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_own_session, close_session)
	const struct CMUnitTest tests[] = {
		test(a_guest_that_knows_it_is_open_when_it_has_said_how_it_stands),
		test(one_that_never_says_how_it_stands_is_lost),
		test(a_batch_is_sent_and_answered_as_a_whole),
		test(a_batch_that_failed_says_why_of_each_change),
		test(a_long_batch_goes_in_several_frames),
		test(a_pool_is_read_in_parts),
		test(a_reading_that_fails_ends),
		test(requests_of_all_kinds_are_outstanding_together),
		test(an_adapter_must_be_named_by_its_mac),
		test(what_the_guest_says_by_itself_is_told),
		test(a_silent_guest_is_lost_and_comes_back),
		test(a_guest_that_lives_and_does_not_answer_is_lost),
		test(answers_to_nothing_are_nonsense),
		test(a_message_without_end_loses_the_contact),
		test(hello_that_was_said_twice_may_be_answered_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
