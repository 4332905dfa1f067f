/* SPDX-License-Identifier: MIT */
/* test_frame.c -- openkvp/frame */
#include "openkvp/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Memory that ends when a test says so; the linker puts this in realloc()'s place. */
static bool memory_ends;

void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_realloc(void *pointer, size_t size)
{
	return memory_ends ? NULL : __real_realloc(pointer, size);
}

static int open_reader(void **state)
{
	memory_ends = false;
	*state = calloc(1, sizeof(struct okvp_frame_reader));
	return *state ? 0 : -1;
}

static int close_reader(void **state)
{
	okvp_frame_reader_done(*state);
	free(*state);
	return 0;
}

/* Writes a frame; its size. */
static size_t write_frame(uint8_t *out, uint32_t epoch, uint32_t sequence, const void *payload,
			  size_t length)
{
	struct okvp_frame frame = { .epoch = epoch, .sequence = sequence, .length = length };

	okvp_frame_write_header(&frame, out);
	memcpy(out + OKVP_FRAME_HEADER_SIZE, payload, length);
	return OKVP_FRAME_HEADER_SIZE + length;
}

static void expect_frame(struct okvp_frame_reader *reader, uint32_t epoch, uint32_t sequence,
			 const void *payload, size_t length)
{
	struct okvp_frame frame;

	assert_true(okvp_frame_reader_next(reader, &frame));
	assert_int_equal(frame.epoch, epoch);
	assert_int_equal(frame.sequence, sequence);
	assert_int_equal(frame.length, length);
	assert_memory_equal(frame.payload, payload, length);
}

static void expect_no_frame(struct okvp_frame_reader *reader)
{
	struct okvp_frame frame;

	assert_false(okvp_frame_reader_next(reader, &frame));
}

static void feed(struct okvp_frame_reader *reader, const void *bytes, size_t size)
{
	assert_true(okvp_frame_reader_feed(reader, bytes, size, NULL));
}

static void the_checksum_is_castagnolis(void **state)
{
	static const uint8_t zeros[32];
	uint8_t ones[32];

	memset(ones, 0xFF, sizeof(ones));
	assert_int_equal(okvp_crc32c("", 0), 0);
	assert_int_equal(okvp_crc32c("123456789", 9), 0xE3069283);
	assert_int_equal(okvp_crc32c(zeros, sizeof(zeros)), 0x8A9136AA); /* RFC 3720, B.4 */
	assert_int_equal(okvp_crc32c(ones, sizeof(ones)), 0x62A8AB43);
}

static void a_header_has_its_layout(void **state)
{
	static const uint8_t expected[] = {
		'O', 'V', 'K', 'P', 4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 1, 0
	};
	struct okvp_frame frame = { .epoch = 0x01020304,
				    .sequence = 0x05060708,
				    .length = OKVP_FRAME_PAYLOAD_MAX };
	uint8_t header[OKVP_FRAME_HEADER_SIZE];
	uint32_t crc = okvp_crc32c(expected, sizeof(expected));

	okvp_frame_write_header(&frame, header);
	assert_memory_equal(header, expected, sizeof(expected));
	for (int i = 0; i < 4; i++)
		assert_int_equal(header[16 + i], crc >> 8 * i & 0xFF);
}

static void a_frame_is_read_back(void **state)
{
	uint8_t bytes[64];

	feed(*state, bytes, write_frame(bytes, 7, 9, "payload", 7));
	expect_frame(*state, 7, 9, "payload", 7);
	expect_no_frame(*state);
}

static void a_frame_may_come_byte_by_byte(void **state)
{
	uint8_t bytes[64];
	size_t size = write_frame(bytes, 7, 9, "payload", 7);

	for (size_t i = 0; i < size; i++) {
		expect_no_frame(*state);
		assert_int_equal(okvp_frame_reader_partial(*state), i > 0);
		feed(*state, bytes + i, 1);
	}
	expect_frame(*state, 7, 9, "payload", 7);
}

static void several_frames_may_come_at_once(void **state)
{
	uint8_t bytes[128];
	size_t size = write_frame(bytes, 1, 1, "one", 3);

	size += write_frame(bytes + size, 1, 2, "", 0);
	size += write_frame(bytes + size, 1, 3, "three", 5);
	feed(*state, bytes, size - 2);
	expect_frame(*state, 1, 1, "one", 3);
	expect_frame(*state, 1, 2, "", 0);
	expect_no_frame(*state);
	feed(*state, bytes + size - 2, 2);
	expect_frame(*state, 1, 3, "three", 5);
}

static void the_largest_frame_is_read(void **state)
{
	uint8_t *bytes = malloc(OKVP_FRAME_SIZE_MAX), *payload = calloc(1, OKVP_FRAME_PAYLOAD_MAX);
	size_t size = write_frame(bytes, 1, 2, payload, OKVP_FRAME_PAYLOAD_MAX);

	for (size_t at = 0; at < size; at += 4096) {
		expect_no_frame(*state);
		feed(*state, bytes + at, size - at < 4096 ? size - at : 4096);
	}
	expect_frame(*state, 1, 2, payload, OKVP_FRAME_PAYLOAD_MAX);
	free(payload);
	free(bytes);
}

static void what_belongs_to_no_frame_is_skipped_and_counted(void **state)
{
	struct okvp_frame_reader *reader = *state;
	uint8_t bytes[128] = "OVKO OVKPgarbageOVK"; /* false starts in it */
	size_t garbage = strlen((const char *)bytes);
	size_t size = garbage + write_frame(bytes + garbage, 1, 2, "x", 1);

	feed(reader, bytes, size);
	expect_frame(reader, 1, 2, "x", 1);
	assert_int_equal(reader->skipped, garbage);
}

static void a_damaged_header_is_no_frame(void **state)
{
	for (size_t at = 0; at < OKVP_FRAME_HEADER_SIZE; at++) {
		uint8_t bytes[64];
		size_t size = write_frame(bytes, 1, 2, "abc", 3);

		bytes[at] ^= 0x10;
		feed(*state, bytes, size);
		expect_no_frame(*state);
	}
}

static void a_frame_that_claims_too_much_is_none(void **state)
{
	uint8_t bytes[64];
	size_t size = write_frame(bytes, 1, 2, "", 0);
	uint32_t crc;

	bytes[12] = 1; /* 65537 */
	bytes[14] = 1;
	crc = okvp_crc32c(bytes, 16);
	for (int i = 0; i < 4; i++)
		bytes[16 + i] = (uint8_t)(crc >> 8 * i);
	size += write_frame(bytes + size, 3, 4, "", 0);
	feed(*state, bytes, size);
	expect_frame(*state, 3, 4, "", 0);
}

static void half_a_frame_that_is_given_up_hides_nothing(void **state)
{
	uint8_t bytes[128];
	size_t half = write_frame(bytes, 1, 1, "of an earlier connection", 24) - 10;
	size_t size = half + write_frame(bytes + half, 2, 1, "", 0);

	feed(*state, bytes, half + 5);
	expect_no_frame(*state);
	okvp_frame_reader_give_up(*state);
	expect_no_frame(*state);
	assert_true(okvp_frame_reader_partial(*state));
	feed(*state, bytes + half + 5, size - half - 5);
	expect_frame(*state, 2, 1, "", 0);
	expect_no_frame(*state);
	assert_false(okvp_frame_reader_partial(*state));
	okvp_frame_reader_give_up(*state);
	assert_false(okvp_frame_reader_partial(*state));
}

static void an_idle_reader_holds_no_memory(void **state)
{
	struct okvp_frame_reader *reader = *state;
	uint8_t bytes[64];
	size_t size = write_frame(bytes, 1, 2, "abc", 3);

	feed(reader, bytes, 0);
	assert_null(reader->buffer);
	feed(reader, "-", 1);
	feed(reader, bytes, size);
	assert_non_null(reader->buffer);
	expect_frame(reader, 1, 2, "abc", 3);
	expect_no_frame(reader);
	assert_null(reader->buffer);
	assert_int_equal(reader->skipped, 1);
}

static void the_end_of_memory_is_reported_and_survived(void **state)
{
	static const uint8_t zeros[8192];
	struct okvp_error err;
	uint8_t bytes[64];
	size_t size = write_frame(bytes, 1, 2, "abc", 3);

	memory_ends = true;
	assert_false(okvp_frame_reader_feed(*state, bytes, size, &err));
	assert_int_equal(err.status, OKVP_NO_MEMORY);
	memory_ends = false;
	feed(*state, bytes, 10);
	memory_ends = true;
	assert_false(okvp_frame_reader_feed(*state, zeros, sizeof(zeros), &err));
	feed(*state, bytes + 10, size - 10);
	expect_frame(*state, 1, 2, "abc", 3);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_reader, close_reader)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checksum_is_castagnolis),
		cmocka_unit_test(a_header_has_its_layout),
		test(a_frame_is_read_back),
		test(a_frame_may_come_byte_by_byte),
		test(several_frames_may_come_at_once),
		test(the_largest_frame_is_read),
		test(what_belongs_to_no_frame_is_skipped_and_counted),
		test(a_damaged_header_is_no_frame),
		test(a_frame_that_claims_too_much_is_none),
		test(half_a_frame_that_is_given_up_hides_nothing),
		test(an_idle_reader_holds_no_memory),
		test(the_end_of_memory_is_reported_and_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
