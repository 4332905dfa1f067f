/* SPDX-License-Identifier: MIT */
/* test_bridge.c -- cuse/bridge, between a host and a daemon that are the test. */
#include "cuse/bridge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/openkvp/host_end.h"

struct fixture {
	struct bridge *bridge;
	struct host_end host;
	uint64_t now_ms;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->bridge = bridge_create();
	f->host.session = bridge_session(f->bridge);
	f->host.epoch = 0xE0;
	f->now_ms = 1000;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	okvp_frame_reader_done(&f->host.reader);
	bridge_free(&f->bridge);
	assert_null(f->bridge);
	free(f);
	return 0;
}

static bool daemon_registers(struct fixture *f)
{
	uint8_t message[OKVP_HV_MESSAGE_SIZE];

	memset(message, 0x55, sizeof(message)); /* what the daemon leaves to chance */
	message[0] = OKVP_HV_REGISTER1;
	return bridge_daemon_wrote(f->bridge, message);
}

/* Reads the message that waits for the daemon, which must be there. */
static struct okvp_kvp_message daemon_reads(struct fixture *f, uint8_t operation)
{
	struct okvp_kvp_message message;
	const uint8_t *bytes;

	bridge_advance(f->bridge, f->now_ms);
	bytes = bridge_to_daemon(f->bridge);
	assert_non_null(bytes);
	assert_true(okvp_hv_read_request(bytes, &message, NULL));
	assert_int_equal(message.operation, operation);
	bridge_daemon_read(f->bridge);
	return message;
}

static bool daemon_replies(struct fixture *f, uint32_t status)
{
	const struct okvp_kvp_message message = { .operation = OKVP_KVP_SET };
	uint8_t bytes[OKVP_HV_MESSAGE_SIZE];

	assert_true(okvp_hv_write_reply(&message, status, bytes, NULL));
	return bridge_daemon_wrote(f->bridge, bytes);
}

static void assert_nothing_for_daemon(struct fixture *f)
{
	bridge_advance(f->bridge, f->now_ms);
	assert_null(bridge_to_daemon(f->bridge));
}

/* A daemon and a host that are ready for requests. */
static void everybody_is_ready(struct fixture *f)
{
	bridge_daemon_opened(f->bridge);
	assert_true(daemon_registers(f));
	daemon_reads(f, OKVP_HV_REGISTER1);
	host_agrees(&f->host);
}

static void a_daemon_registers_and_is_told_the_version(void **state)
{
	struct fixture *f = *state;
	struct okvp_kvp_message message;

	assert_int_equal(bridge_state(f->bridge), BRIDGE_NO_DAEMON);
	bridge_daemon_opened(f->bridge);
	assert_int_equal(bridge_state(f->bridge), BRIDGE_REGISTERING);
	assert_nothing_for_daemon(f);
	assert_true(daemon_registers(f));
	assert_int_equal(bridge_state(f->bridge), BRIDGE_REGISTERING);
	message = daemon_reads(f, OKVP_HV_REGISTER1);

	assert_int_equal(message.item.value_length, 3);
	assert_memory_equal(message.storage.value, "3.1", 3);
	assert_int_equal(bridge_state(f->bridge), BRIDGE_READY);
	assert_nothing_for_daemon(f);
}

static void the_host_is_not_answered_before_the_daemon_is_ready(void **state)
{
	struct fixture *f = *state;

	host_sends_hello(&f->host);
	expect_silence(&f->host);
	bridge_daemon_opened(f->bridge);
	daemon_registers(f);
	expect_silence(&f->host);
	daemon_reads(f, OKVP_HV_REGISTER1);

	expect_hello_answer(&f->host, f->host.sequence);
}

static void a_request_is_passed_on_and_its_status_comes_back(void **state)
{
	struct fixture *f = *state;
	struct okvp_kvp_message message;

	everybody_is_ready(f);
	host_sends_set(&f->host, "color", "green");
	message = daemon_reads(f, OKVP_KVP_SET);
	assert_memory_equal(message.storage.key, "color", 5);
	assert_memory_equal(message.storage.value, "green", 5);
	expect_silence(&f->host);
	assert_true(daemon_replies(f, OKVP_IC_NO_MORE_ITEMS));

	expect_answer(&f->host, f->host.sequence, OKVP_IC_NO_MORE_ITEMS);
}

static void an_item_that_the_daemon_found_comes_back(void **state)
{
	struct fixture *f = *state;
	struct okvp_kvp_message message = {
		.operation = OKVP_KVP_ENUMERATE,
		.item = { .key = "k", .key_length = 1, .value = "v", .value_length = 1 }
	};
	uint8_t reply[OKVP_HV_MESSAGE_SIZE];
	struct host_answer answer;

	everybody_is_ready(f);
	host_sends_enumerate(&f->host, 5);
	assert_int_equal(daemon_reads(f, OKVP_KVP_ENUMERATE).index, 5);
	assert_true(okvp_hv_write_reply(&message, OKVP_IC_OK, reply, NULL));
	assert_true(bridge_daemon_wrote(f->bridge, reply));

	answer = expect_answer(&f->host, f->host.sequence, OKVP_IC_OK);
	assert_true(okvp_kvp_message_read(answer.body, answer.header.size, &message, NULL));
	assert_memory_equal(message.storage.key, "k", 1);
	assert_memory_equal(message.storage.value, "v", 1);
}

static void a_reply_that_cannot_be_read_is_a_failure(void **state)
{
	struct fixture *f = *state;
	uint8_t reply[OKVP_HV_MESSAGE_SIZE] = { 0 };

	everybody_is_ready(f);
	host_sends_enumerate(&f->host, 0);
	daemon_reads(f, OKVP_KVP_ENUMERATE);
	reply[20] = 0xFF; /* no UTF-8 */
	assert_true(bridge_daemon_wrote(f->bridge, reply));

	expect_answer(&f->host, f->host.sequence, OKVP_IC_FAIL);
}

static void the_addresses_that_the_daemon_knows_come_back(void **state)
{
	static const char mac[] = "00:15:5D:01:02:03";
	struct fixture *f = *state;
	uint8_t reply[OKVP_HV_MESSAGE_SIZE] = { 0 };
	struct okvp_ip_message message;
	struct host_answer answer;
	const uint8_t *bytes;

	everybody_is_ready(f);
	host_sends_ip(&f->host, OKVP_KVP_GET_IP, mac);
	bridge_advance(f->bridge, f->now_ms);
	bytes = bridge_to_daemon(f->bridge);
	assert_non_null(bytes);
	assert_int_equal(bytes[0], OKVP_KVP_GET_IP);
	assert_string_equal((const char *)bytes + 4, mac);
	bridge_daemon_read(f->bridge);
	strcpy((char *)reply + 4, mac);
	strcpy((char *)reply + 262, "192.0.2.10;");
	assert_true(bridge_daemon_wrote(f->bridge, reply));

	answer = expect_answer(&f->host, f->host.sequence, OKVP_IC_OK);
	assert_true(okvp_ip_message_read(answer.body, answer.header.size, answer.header.message,
					 &message, NULL));
	assert_string_equal(message.adapter.id, mac);
	assert_int_equal(message.adapter.addresses.count, 1);
	assert_memory_equal(message.adapter.addresses.address[0].bytes, "\xC0\x00\x02\x0A", 4);
}

static void an_adapter_that_the_daemon_does_not_know_is_answered_so(void **state)
{
	struct fixture *f = *state;
	uint8_t reply[OKVP_HV_MESSAGE_SIZE];

	everybody_is_ready(f);
	host_sends_ip(&f->host, OKVP_KVP_GET_IP, "00:00:00:00:00:00");
	bridge_advance(f->bridge, f->now_ms);
	bridge_daemon_read(f->bridge);
	assert_true(
		okvp_hv_write_reply(&(struct okvp_kvp_message){ 0 }, OKVP_IC_FAIL, reply, NULL));
	assert_true(bridge_daemon_wrote(f->bridge, reply));

	expect_answer(&f->host, f->host.sequence, OKVP_IC_FAIL);
}

static void addresses_are_not_set(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	host_sends_ip(&f->host, OKVP_KVP_SET_IP, "00:15:5D:01:02:03");
	assert_nothing_for_daemon(f);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_NOT_SUPPORTED);
}

static void one_request_is_with_the_daemon_at_a_time(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	host_sends_set(&f->host, "a", "1");
	host_sends_set(&f->host, "b", "2");
	assert_memory_equal(daemon_reads(f, OKVP_KVP_SET).storage.key, "a", 1);
	assert_nothing_for_daemon(f);
	daemon_replies(f, OKVP_IC_OK);
	expect_answer(&f->host, f->host.sequence - 1, OKVP_IC_OK);
	assert_memory_equal(daemon_reads(f, OKVP_KVP_SET).storage.key, "b", 1);
}

static void a_pool_that_does_not_exist_never_reaches_the_daemon(void **state)
{
	struct fixture *f = *state;
	struct okvp_kvp_message message = { .operation = OKVP_KVP_ENUMERATE, .pool = 5 };
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];

	everybody_is_ready(f);
	assert_true(okvp_kvp_message_write(&message, body, NULL));
	host_sends_ic(&f->host, OKVP_IC_KVP, body, sizeof(body));
	assert_nothing_for_daemon(f);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_INVALID_ARGUMENT);
}

static void a_text_too_long_for_the_daemon_is_refused(void **state)
{
	struct fixture *f = *state;
	char value[3 * 1000 + 1];

	for (size_t i = 0; i < 1000; i++)
		memcpy(value + 3 * i, "\xE8\xAA\x9E", 4);
	everybody_is_ready(f);
	host_sends_set(&f->host, "long", value);
	assert_nothing_for_daemon(f);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_INVALID_ARGUMENT);
}

static void a_daemon_that_goes_fails_its_request(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	host_sends_set(&f->host, "a", "1");
	daemon_reads(f, OKVP_KVP_SET);
	bridge_daemon_closed(f->bridge);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_FAIL);
	assert_int_equal(bridge_state(f->bridge), BRIDGE_NO_DAEMON);
}

static void the_host_begins_anew_with_the_next_daemon(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	bridge_daemon_closed(f->bridge);
	expect_wake(&f->host);
	host_sends_set(&f->host, "lost", "1"); /* it has not heard of that yet */
	f->host.epoch++;
	host_sends_hello(&f->host);
	assert_nothing_for_daemon(f);
	expect_silence(&f->host);
	bridge_daemon_opened(f->bridge);
	daemon_registers(f);
	expect_silence(&f->host);
	daemon_reads(f, OKVP_HV_REGISTER1);
	expect_hello_answer(&f->host, f->host.sequence);

	host_agrees(&f->host);
	host_sends_set(&f->host, "again", "2");
	assert_memory_equal(daemon_reads(f, OKVP_KVP_SET).storage.key, "again", 5);
}

static void a_host_that_was_not_answered_is_not_woken(void **state)
{
	struct fixture *f = *state;

	bridge_daemon_opened(f->bridge);
	host_sends_hello(&f->host);
	bridge_daemon_closed(f->bridge);
	expect_silence(&f->host);
}

static void a_daemon_that_registers_again_begins_anew(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	assert_true(daemon_registers(f));
	assert_int_equal(bridge_state(f->bridge), BRIDGE_REGISTERING);
	daemon_reads(f, OKVP_HV_REGISTER1);
	assert_int_equal(bridge_state(f->bridge), BRIDGE_READY);
	expect_wake(&f->host);
}

static void what_a_daemon_writes_out_of_turn_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_false(daemon_registers(f));
	bridge_daemon_opened(f->bridge);
	assert_false(daemon_replies(f, OKVP_IC_OK));
	daemon_registers(f);
	daemon_reads(f, OKVP_HV_REGISTER1);
	assert_false(daemon_replies(f, OKVP_IC_OK));
	host_agrees(&f->host);
	host_sends_set(&f->host, "a", "1");
	bridge_advance(f->bridge, f->now_ms);
	assert_false(daemon_replies(f, OKVP_IC_OK)); /* it has not read the request */
}

static void a_request_without_reply_is_given_up_and_its_late_reply_dropped(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	assert_int_equal(bridge_time_left(f->bridge, f->now_ms), -1);
	host_sends_set(&f->host, "a", "1");
	daemon_reads(f, OKVP_KVP_SET);
	assert_int_equal(bridge_time_left(f->bridge, f->now_ms), BRIDGE_DAEMON_MS);
	f->now_ms += BRIDGE_DAEMON_MS;
	assert_int_equal(bridge_time_left(f->bridge, f->now_ms), 0);
	assert_nothing_for_daemon(f);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_FAIL);

	host_sends_set(&f->host, "b", "2");
	daemon_reads(f, OKVP_KVP_SET);
	assert_true(daemon_replies(f, OKVP_IC_NO_MORE_ITEMS)); /* to the first */
	expect_silence(&f->host);
	assert_true(daemon_replies(f, OKVP_IC_OK));
	expect_answer(&f->host, f->host.sequence, OKVP_IC_OK);
}

static void a_request_that_was_never_read_is_taken_back(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	host_sends_set(&f->host, "a", "1");
	bridge_advance(f->bridge, f->now_ms);
	assert_non_null(bridge_to_daemon(f->bridge));
	f->now_ms += BRIDGE_DAEMON_MS;
	assert_nothing_for_daemon(f);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_FAIL);
	assert_false(daemon_replies(f, OKVP_IC_OK));
}

static void an_answer_for_a_host_that_began_anew_is_dropped(void **state)
{
	struct fixture *f = *state;

	everybody_is_ready(f);
	host_sends_set(&f->host, "a", "1");
	daemon_reads(f, OKVP_KVP_SET);
	f->host.epoch++;
	host_agrees(&f->host);
	host_sends_set(&f->host, "b", "2");
	assert_nothing_for_daemon(f);
	daemon_replies(f, OKVP_IC_OK);
	expect_silence(&f->host);

	assert_memory_equal(daemon_reads(f, OKVP_KVP_SET).storage.key, "b", 1);
	daemon_replies(f, OKVP_IC_OK);
	expect_answer(&f->host, f->host.sequence, OKVP_IC_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_daemon_registers_and_is_told_the_version),
		TEST(the_host_is_not_answered_before_the_daemon_is_ready),
		TEST(a_request_is_passed_on_and_its_status_comes_back),
		TEST(an_item_that_the_daemon_found_comes_back),
		TEST(a_reply_that_cannot_be_read_is_a_failure),
		TEST(the_addresses_that_the_daemon_knows_come_back),
		TEST(an_adapter_that_the_daemon_does_not_know_is_answered_so),
		TEST(addresses_are_not_set),
		TEST(one_request_is_with_the_daemon_at_a_time),
		TEST(a_pool_that_does_not_exist_never_reaches_the_daemon),
		TEST(a_text_too_long_for_the_daemon_is_refused),
		TEST(a_daemon_that_goes_fails_its_request),
		TEST(the_host_begins_anew_with_the_next_daemon),
		TEST(a_host_that_was_not_answered_is_not_woken),
		TEST(a_daemon_that_registers_again_begins_anew),
		TEST(what_a_daemon_writes_out_of_turn_is_refused),
		TEST(a_request_without_reply_is_given_up_and_its_late_reply_dropped),
		TEST(a_request_that_was_never_read_is_taken_back),
		TEST(an_answer_for_a_host_that_began_anew_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
