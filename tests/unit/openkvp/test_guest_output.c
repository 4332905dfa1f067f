/* SPDX-License-Identifier: MIT */
/* test_guest_output.c -- openkvp/guest_output */
#include "openkvp/guest_output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/frame.h"

/* A frame whose payload is so many times a byte. */
static void add(struct guest_output *output, uint8_t byte, size_t length)
{
	uint8_t *out = guest_output_add(output, OKVP_FRAME_HEADER_SIZE + length);
	const struct okvp_frame frame = { .sequence = byte, .length = length };

	assert_non_null(out);
	okvp_frame_write_header(&frame, out);
	memset(out + OKVP_FRAME_HEADER_SIZE, byte, length);
}

/* Reads so many bytes as the peer would. */
static void read_some(struct guest_output *output, struct okvp_frame_reader *peer, size_t size)
{
	size_t waiting;
	const uint8_t *bytes = guest_output_bytes(output, &waiting);

	assert_true(size <= waiting);
	assert_true(okvp_frame_reader_feed(peer, bytes, size, NULL));
	guest_output_sent(output, size);
}

static void expect_frame(struct okvp_frame_reader *peer, uint8_t byte, size_t length)
{
	struct okvp_frame frame;

	assert_true(okvp_frame_reader_next(peer, &frame));
	assert_int_equal(frame.sequence, byte);
	assert_int_equal(frame.length, length);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(frame.payload[i], byte);
}

static void nothing_holds_no_memory(void **state)
{
	struct guest_output output = { 0 };
	size_t size;

	assert_null(guest_output_bytes(&output, &size));
	assert_int_equal(size, 0);
	add(&output, 1, 100);
	guest_output_sent(&output, 120);
	assert_null(output.bytes);
}

static void a_stream_that_never_ends_takes_no_more_and_more_memory(void **state)
{
	struct okvp_frame_reader peer = { 0 };
	struct guest_output output = { 0 };
	size_t most = 0;

	add(&output, 0, 1000);
	for (int i = 1; i < 1000; i++) {
		add(&output, (uint8_t)i, 1000);
		read_some(&output, &peer, 1020);
		expect_frame(&peer, (uint8_t)(i - 1), 1000);
		most = output.room > most ? output.room : most;
	}
	assert_in_range(most, 1, 8192);
	guest_output_done(&output);
	okvp_frame_reader_done(&peer);
}

static void what_is_dropped_tears_no_frame(void **state)
{
	for (size_t sent = 0; sent < 3 * 120; sent++) {
		struct okvp_frame_reader peer = { 0 };
		struct guest_output output = { 0 };
		struct okvp_frame frame;
		size_t size;

		for (uint8_t i = 0; i < 3; i++)
			add(&output, i, 100);
		read_some(&output, &peer, sent);
		guest_output_drop(&output);
		add(&output, 9, 10);
		guest_output_bytes(&output, &size);
		read_some(&output, &peer, size);
		for (uint8_t i = 0; i < (sent + 119) / 120; i++)
			expect_frame(&peer, i, 100);
		expect_frame(&peer, 9, 10);
		assert_false(okvp_frame_reader_next(&peer, &frame));
		assert_int_equal(peer.skipped, 0);
		assert_null(output.bytes);
		okvp_frame_reader_done(&peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_holds_no_memory),
		cmocka_unit_test(a_stream_that_never_ends_takes_no_more_and_more_memory),
		cmocka_unit_test(what_is_dropped_tears_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
