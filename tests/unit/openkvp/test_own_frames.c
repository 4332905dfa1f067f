/* SPDX-License-Identifier: MIT */
/* test_own_frames.c -- openkvp/own_message: messages taken apart into frames and put together */
#include "openkvp/own_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Memory that ends when a test says so; the linker puts this in its place. */
static bool memory_ends;

void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_realloc(void *pointer, size_t size)
{
	return memory_ends ? NULL : __real_realloc(pointer, size);
}

struct fixture {
	uint8_t sent[OKVP_OWN_BODY_MAX + 1];
	struct okvp_own_assembly assembly;
	struct okvp_own_message got;
	struct okvp_error err;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	for (size_t i = 0; i < sizeof(fixture->sent); i++)
		fixture->sent[i] = (uint8_t)(i * 31 / 7);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	memory_ends = false;
	okvp_own_assembly_done(&fixture->assembly);
	free(fixture);
	return 0;
}

/* The piece of a message of so many bytes that begins at an offset, taken through its frame. */
static bool take_piece(struct fixture *fixture, uint32_t type, uint32_t sequence, size_t length,
		       size_t *offset)
{
	const struct okvp_own_message message = { type, sequence, fixture->sent, length };
	static uint8_t bytes[OKVP_FRAME_SIZE_MAX];
	size_t size = okvp_own_write_head(&message, 0xE0, *offset, bytes);
	struct okvp_frame_reader reader = { 0 };
	struct okvp_link_message piece;
	struct okvp_frame frame;
	bool complete;

	memcpy(bytes + OKVP_OWN_HEAD_SIZE, fixture->sent + *offset, size);
	assert_true(okvp_frame_reader_feed(&reader, bytes, OKVP_OWN_HEAD_SIZE + size, NULL));
	assert_true(okvp_frame_reader_next(&reader, &frame));
	assert_int_equal(frame.epoch, 0xE0);
	assert_int_equal(frame.sequence, sequence);
	assert_true(okvp_link_message_read(frame.payload, frame.length, &piece, NULL));
	complete = okvp_own_assemble(&fixture->assembly, &piece, frame.sequence, &fixture->got,
				     &fixture->err);
	if (complete && fixture->got.length > 0)
		assert_memory_equal(fixture->got.body, fixture->sent, fixture->got.length);
	okvp_frame_reader_done(&reader);
	*offset += size;
	return complete;
}

/* All of a message; how many pieces it had. It has to be complete with the last. */
static size_t take(struct fixture *fixture, uint32_t type, uint32_t sequence, size_t length)
{
	size_t offset = 0, pieces = 1;

	while (!take_piece(fixture, type, sequence, length, &offset)) {
		assert_int_equal(fixture->err.status, OKVP_OK);
		assert_true(offset < length);
		pieces++;
	}
	assert_int_equal(offset, length);
	assert_int_equal(fixture->got.type, type);
	assert_int_equal(fixture->got.sequence, sequence);
	assert_int_equal(fixture->got.length, length);
	return pieces;
}

static void a_message_goes_in_as_few_frames_as_it_needs(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(take(fixture, OKVP_OWN_HEARTBEAT, 0, 0), 1);
	assert_int_equal(take(fixture, OKVP_OWN_READ, 3, 8), 1);
	assert_int_equal(take(fixture, OKVP_OWN_BATCH, 4, OKVP_OWN_PIECE_MAX), 1);
	assert_int_equal(take(fixture, OKVP_OWN_BATCH, 5, OKVP_OWN_PIECE_MAX + 1), 2);
	assert_int_equal(take(fixture, OKVP_OWN_BATCH, 6, 200000), 4);
	assert_int_equal(take(fixture, OKVP_OWN_BATCH, 7, OKVP_OWN_BODY_MAX), 17);
	assert_int_equal(take(fixture, OKVP_OWN_HEARTBEAT, 0, 0), 1);
	assert_null(fixture->assembly.bytes);
}

static void a_message_that_is_too_long_is_dropped_to_its_end(void **state)
{
	struct fixture *fixture = *state;
	size_t offset = 0, failures = 0;

	while (offset < OKVP_OWN_BODY_MAX + 1) {
		assert_false(
			take_piece(fixture, OKVP_OWN_CHANGED, 0, OKVP_OWN_BODY_MAX + 1, &offset));
		failures += fixture->err.status == OKVP_LIMIT;
	}
	assert_int_equal(failures, 1);
	assert_int_equal(take(fixture, OKVP_OWN_CHANGED, 0, 40), 1);
}

static void a_message_between_the_pieces_takes_their_place(void **state)
{
	struct fixture *fixture = *state;
	size_t offset = 0;

	assert_false(take_piece(fixture, OKVP_OWN_BATCH, 1, 100000, &offset));
	assert_int_equal(take(fixture, OKVP_OWN_HEARTBEAT, 0, 0), 1);
	offset = 0;
	assert_false(take_piece(fixture, OKVP_OWN_BATCH, 2, 100000, &offset));
	assert_int_equal(take(fixture, OKVP_OWN_BATCH, 3, 100000), 2);
}

static void when_memory_ends_the_message_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct okvp_link_message piece = { .type = OKVP_LINK_OWN,
					   .own_type = OKVP_OWN_BATCH,
					   .flags = OKVP_OWN_MORE,
					   .body = fixture->sent,
					   .length = 10 };

	memory_ends = true;
	assert_false(
		okvp_own_assemble(&fixture->assembly, &piece, 1, &fixture->got, &fixture->err));
	assert_int_equal(fixture->err.status, OKVP_NO_MEMORY);
	memory_ends = false;
	piece.flags = 0;
	assert_false(
		okvp_own_assemble(&fixture->assembly, &piece, 1, &fixture->got, &fixture->err));
	assert_int_equal(fixture->err.status, OKVP_OK);
	assert_true(okvp_own_assemble(&fixture->assembly, &piece, 2, &fixture->got, NULL));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_message_goes_in_as_few_frames_as_it_needs),
		test(a_message_that_is_too_long_is_dropped_to_its_end),
		test(a_message_between_the_pieces_takes_their_place),
		test(when_memory_ends_the_message_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
