/* SPDX-License-Identifier: MIT */
/* pool_image.h -- the records of a pool file in memory, by place and by key. Not installed. */
#pragma once
#include "openkvp/pool_file.h"

#define POOL_IMAGE_NONE SIZE_MAX

/* What is known of a record besides its bytes. */
struct pool_slot {
	size_t previous; /* the record before it with the same key, or POOL_IMAGE_NONE */
	bool removed;    /* until pool_image_compact() */
	bool touched;    /* differs from the file */
};

/* All zeros is an empty image. */
struct pool_image {
	uint8_t *records; /* as in the file: garbage behind a NUL included */
	struct pool_slot *slot;
	size_t count, room;
	bool changed;                      /* touched, or shorter than the file */
	size_t touched_begin, touched_end; /* no record outside is touched */
	size_t *table, table_size;         /* hash of a key -> its last record + 1; 0 is free */
};

void pool_image_done(struct pool_image *image);

/* Makes room for so many records; OKVP_NO_MEMORY leaves the image as it was. */
bool pool_image_reserve(struct pool_image *image, size_t count, struct okvp_error *err);

/* Begins anew with the first count records of those that the caller put into records. */
bool pool_image_index(struct pool_image *image, size_t count, struct okvp_error *err);

uint8_t *pool_image_record(const struct pool_image *image, size_t place);

/* The last record with a key, or POOL_IMAGE_NONE. */
size_t pool_image_find(const struct pool_image *image, const char *key, size_t length);

/* Sets a value in place or in a new record at the end; touches nothing when the value is the same.
 * After a failure the image is good for nothing but pool_image_done() and pool_image_index(). */
bool pool_image_set(struct pool_image *image, const struct okvp_item *item, struct okvp_error *err);

/* Marks all records with a key as removed; whether there was one. */
bool pool_image_remove(struct pool_image *image, const char *key, size_t length);

/* Moves the records that are left together. What moves is zero-padded. */
void pool_image_compact(struct pool_image *image);

/* The next run of touched records at or behind *place, which then stands behind the run; how many
 * records it has, 0 for no more. */
size_t pool_image_touched(const struct pool_image *image, size_t *place, size_t *ret_begin);

/* The file now holds what the image does. */
void pool_image_clean(struct pool_image *image);
