/* SPDX-License-Identifier: MIT */
/* host_end.c -- a host for tests of a guest session. */
#include "host_end.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/link_message.h"

const struct okvp_negotiation host_offer = {
	.framework_count = 2,
	.framework = { { 1, 0 }, { 3, 0 } },
	.message_count = 3,
	.message = { { 3, 0 }, { 4, 0 }, { 5, 0 } },
};

void host_end_init(struct host_end *host)
{
	*host = (struct host_end){ .session = okvp_guest_session_create(), .epoch = 0xE0 };
	assert_non_null(host->session);
}

void host_end_done(struct host_end *host)
{
	okvp_guest_session_free(&host->session);
	okvp_frame_reader_done(&host->reader);
}

void host_sends(struct host_end *host, const void *payload, size_t length)
{
	static uint8_t bytes[OKVP_FRAME_SIZE_MAX];
	struct okvp_frame frame = { .epoch = host->epoch,
				    .sequence = ++host->sequence,
				    .length = length };

	okvp_frame_write_header(&frame, bytes);
	memcpy(bytes + OKVP_FRAME_HEADER_SIZE, payload, length);
	assert_true(okvp_guest_session_receive(host->session, bytes,
					       OKVP_FRAME_HEADER_SIZE + length, NULL));
}

void host_sends_hello(struct host_end *host)
{
	uint8_t hello[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 1, hello);
	host_sends(host, hello, sizeof(hello));
}

void host_sends_ic(struct host_end *host, uint16_t type, const void *body, size_t size)
{
	static uint8_t payload[OKVP_FRAME_PAYLOAD_MAX];
	struct okvp_ic_header header = { .type = type,
					 .size = (uint16_t)size,
					 .transaction = 9,
					 .flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST };

	if (type != OKVP_IC_NEGOTIATE) {
		header.framework = (struct okvp_version){ 3, 0 };
		header.message = (struct okvp_version){ 4, 0 };
	}
	okvp_link_write_pipe_header(OKVP_IC_HEADER_SIZE + size, payload);
	okvp_ic_write_header(&header, payload + OKVP_LINK_HEADER_SIZE);
	memcpy(payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, size);
	host_sends(host, payload, OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + size);
}

void host_sends_offer(struct host_end *host, const struct okvp_negotiation *offer)
{
	uint8_t body[64];

	host_sends_ic(host, OKVP_IC_NEGOTIATE, body,
		      okvp_negotiation_write(offer, body, sizeof(body)));
}

static void send_message(struct host_end *host, const struct okvp_kvp_message *message)
{
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];

	assert_true(okvp_kvp_message_write(message, body, NULL));
	host_sends_ic(host, OKVP_IC_KVP, body, sizeof(body));
}

void host_sends_set(struct host_end *host, const char *key, const char *value)
{
	struct okvp_kvp_message message = {
		.operation = OKVP_KVP_SET,
		.item = { .key = key,
			  .value = value,
			  .key_length = (uint16_t)strlen(key),
			  .value_length = (uint16_t)strlen(value) },
	};

	send_message(host, &message);
}

void host_sends_enumerate(struct host_end *host, uint32_t index)
{
	struct okvp_kvp_message message = { .operation = OKVP_KVP_ENUMERATE,
					    .pool = OKVP_POOL_GUEST,
					    .index = index };

	send_message(host, &message);
}

void host_sends_ip(struct host_end *host, uint8_t operation, const char *adapter)
{
	static const struct okvp_version v4 = { 4, 0 };
	static uint8_t body[OKVP_IP_SIZE_MAX];
	struct okvp_ip_message message = { .operation = operation, .pool = OKVP_POOL_GUEST };

	strcpy(message.adapter.id, adapter);
	assert_int_equal(okvp_ip_message_write(&message, v4, body, NULL), OKVP_IP_TEXT_SIZE);
	host_sends_ic(host, OKVP_IC_KVP, body, OKVP_IP_TEXT_SIZE);
}

void host_agrees(struct host_end *host)
{
	host_sends_hello(host);
	expect_hello_answer(host, host->sequence);
	host_sends_offer(host, &host_offer);
	expect_answer(host, host->sequence, OKVP_IC_OK);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

void host_reads(struct host_end *host)
{
	size_t size;
	const uint8_t *output = okvp_guest_session_output(host->session, &size);

	assert_true(okvp_frame_reader_feed(&host->reader, output, size, NULL));
	okvp_guest_session_sent(host->session, size);
}

static struct okvp_link_message expect_frame(struct host_end *host, uint32_t epoch,
					     uint32_t sequence, enum okvp_link_type type)
{
	struct okvp_link_message message;
	struct okvp_frame frame;

	host_reads(host);
	assert_true(okvp_frame_reader_next(&host->reader, &frame));
	assert_int_equal(host->reader.skipped, 0);
	assert_int_equal(frame.epoch, epoch);
	assert_int_equal(frame.sequence, sequence);
	assert_true(okvp_link_message_read(frame.payload, frame.length, &message, NULL));
	assert_int_equal(message.type, type);
	return message;
}

void expect_hello_answer(struct host_end *host, uint32_t sequence)
{
	struct okvp_link_message answer =
		expect_frame(host, host->epoch, sequence, OKVP_LINK_HELLO_ANSWER);

	assert_int_equal(answer.lowest, 0);
	assert_int_equal(answer.highest, 0);
}

void expect_wake(struct host_end *host)
{
	expect_frame(host, 0, 0, OKVP_LINK_WAKE);
}

struct host_answer expect_answer(struct host_end *host, uint32_t sequence, uint32_t status)
{
	struct okvp_link_message message =
		expect_frame(host, host->epoch, sequence, OKVP_LINK_PIPE);
	struct host_answer answer;

	assert_true(okvp_ic_read(message.body, message.length, &answer.header, &answer.body, NULL));
	assert_int_equal(message.length, OKVP_IC_HEADER_SIZE + answer.header.size);
	assert_int_equal(answer.header.status, status);
	assert_int_equal(answer.header.transaction, 9);
	assert_int_equal(answer.header.flags, OKVP_IC_TRANSACTION | OKVP_IC_RESPONSE);
	return answer;
}

void expect_silence(struct host_end *host)
{
	struct okvp_frame frame;

	host_reads(host);
	assert_false(okvp_frame_reader_next(&host->reader, &frame));
	assert_false(okvp_frame_reader_partial(&host->reader));
}

void expect_state(struct host_end *host, enum okvp_guest_state state, uint16_t version)
{
	assert_int_equal(okvp_guest_session_state(host->session), state);
	assert_int_equal(okvp_guest_session_version(host->session).major, version);
	assert_int_equal(okvp_guest_session_version(host->session).minor, 0);
}

void expect_request(struct host_end *host, uint8_t operation, const char *key)
{
	assert_true(okvp_guest_session_next(host->session, &host->request));
	assert_int_equal(host->request.operation, operation);
	assert_int_equal(host->request.item.key_length, strlen(key));
	assert_memory_equal(host->request.item.key, key, strlen(key));
}

void expect_no_request(struct host_end *host)
{
	assert_false(okvp_guest_session_next(host->session, &host->request));
}

void guest_answers(struct host_end *host, uint32_t status)
{
	okvp_guest_session_answer(host->session, &host->request, status);
}
