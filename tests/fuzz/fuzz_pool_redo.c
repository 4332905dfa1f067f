/* SPDX-License-Identifier: MIT */
/* fuzz_pool_redo.c -- a redo file of unknown origin, on a pool file that it may fit. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "openkvp/frame.h"
#include "openkvp/pool_redo.h"
#include "openkvp/wire.h"

#define POOL_SIZE (4 * OKVP_RECORD_SIZE)

static int file_with(const uint8_t *data, size_t size)
{
	int fd = memfd_create("redo", MFD_CLOEXEC);

	assert(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

/* What was read is written in the same sense. */
static void save_again(const struct pool_redo *redo)
{
	struct pool_redo again;
	int fd = memfd_create("again", MFD_CLOEXEC);

	assert(fd >= 0 && pool_redo_save(redo, fd, 0600, NULL));
	assert(pool_redo_load(fd, &again, NULL) && again.bytes);
	assert(again.extent_count == redo->extent_count && again.new_size == redo->new_size);
	for (size_t i = 0; i < redo->extent_count; i++) {
		const struct pool_extent *a = &redo->extent[i], *b = &again.extent[i];

		assert(a->offset == b->offset && a->length == b->length);
		assert(memcmp(a->new_bytes, b->new_bytes, a->length) == 0);
		assert(memcmp(a->old_bytes, b->old_bytes, a->old_length) == 0);
	}
	pool_redo_done(&again);
	close(fd);
}

static void replay(const struct pool_redo *redo)
{
	size_t room = redo->new_size > redo->old_size ? redo->new_size : redo->old_size;
	uint8_t *bytes;

	if (room > POOL_SIZE)
		return;
	bytes = calloc(1, 2 * room + 1);
	for (size_t size = 0; size <= room; size += OKVP_RECORD_SIZE / 2) {
		size_t reached, after;

		if (!pool_redo_fits(redo, bytes, size, &reached))
			continue;
		assert(reached <= size && (size - reached) % OKVP_RECORD_SIZE == 0);
		after = pool_redo_overlay(redo, bytes, size, reached);
		assert(after - redo->new_size == size - reached);
		assert(pool_redo_fits(redo, bytes, after, &reached));
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 8);
	struct wire_writer head = wire_writer_on(bytes, 8);
	struct pool_redo redo;
	int fd;

	/* A right magic and checksum: the rest is what is to be tried. */
	memcpy(bytes + 8, data, size);
	wire_write_u32(&head, POOL_REDO_MAGIC);
	wire_write_u32(&head, okvp_crc32c(data, size));
	fd = file_with(bytes, size + 8);
	if (pool_redo_load(fd, &redo, NULL) && redo.bytes) {
		save_again(&redo);
		replay(&redo);
	}
	pool_redo_done(&redo);
	close(fd);
	free(bytes);
	return 0;
}
