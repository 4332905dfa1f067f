/* SPDX-License-Identifier: MIT */
/* pool_file.c -- what callers do with a pool file: look, and change. */
#include "openkvp/pool_file.h"

#include <stdlib.h>

#include "openkvp/pool_backing.h"

struct okvp_pool_file {
	struct pool_backing backing;
	bool begun; /* the locks are held until the caller ends that */
};

bool okvp_pool_file_open(const char *folder, enum okvp_pool pool, bool read_only,
			 struct okvp_pool_file **ret_file, struct okvp_error *err)
{
	struct okvp_pool_file *file = calloc(1, sizeof(*file));

	if (!file)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for a pool file");
	if (!pool_backing_open(&file->backing, folder, pool, read_only, err)) {
		free(file);
		return false;
	}
	*ret_file = file;
	return true;
}

void okvp_pool_file_close(struct okvp_pool_file **file)
{
	if (*file)
		pool_backing_close(&(*file)->backing);
	free(*file);
	*file = NULL;
}

bool okvp_pool_file_begin(struct okvp_pool_file *file, struct okvp_error *err)
{
	file->begun = pool_backing_begin(&file->backing, err);
	return file->begun;
}

void okvp_pool_file_end(struct okvp_pool_file *file)
{
	file->begun = false;
	pool_backing_end(&file->backing);
}

/* What is seen between begin and end is up to date. */
static bool look(struct okvp_pool_file *file, struct okvp_error *err)
{
	return file->begun || pool_backing_refresh(&file->backing, err);
}

static bool begin_change(struct okvp_pool_file *file, struct okvp_error *err)
{
	return file->begun || pool_backing_begin(&file->backing, err);
}

static void end_change(struct okvp_pool_file *file)
{
	if (!file->begun)
		pool_backing_end(&file->backing);
}

bool okvp_pool_file_count(struct okvp_pool_file *file, size_t *ret_count, struct okvp_error *err)
{
	if (!look(file, err))
		return false;
	*ret_count = file->backing.image.count;
	return true;
}

bool okvp_pool_file_at(struct okvp_pool_file *file, size_t index, struct okvp_item *ret_item,
		       struct okvp_error *err)
{
	const struct pool_image *image = &file->backing.image;

	if (!look(file, err))
		return false;
	if (index >= image->count)
		return okvp_fail(err, OKVP_NOT_FOUND, "the pool has no item %zu", index);
	okvp_record_read(pool_image_record(image, index), ret_item);
	return true;
}

bool okvp_pool_file_each(struct okvp_pool_file *file,
			 void (*each)(void *context, const struct okvp_item *item), void *context,
			 struct okvp_error *err)
{
	const struct pool_image *image = &file->backing.image;

	if (!look(file, err))
		return false;
	for (size_t place = 0; place < image->count; place++) {
		struct okvp_item item;

		okvp_record_read(pool_image_record(image, place), &item);
		each(context, &item);
	}
	return true;
}

uint64_t okvp_pool_file_version(const struct okvp_pool_file *file)
{
	return file->backing.loads;
}

static bool fail_not_found(const char *key, size_t length, struct okvp_error *err)
{
	char text[OKVP_KEY_TEXT_SIZE];

	return okvp_fail(err, OKVP_NOT_FOUND, "no item '%s'", okvp_key_text(key, length, text));
}

bool okvp_pool_file_get(struct okvp_pool_file *file, const char *key, size_t key_length,
			struct okvp_item *ret_item, struct okvp_error *err)
{
	const struct pool_image *image = &file->backing.image;
	size_t place;

	if (!look(file, err))
		return false;
	place = pool_image_find(image, key, key_length);
	if (place == POOL_IMAGE_NONE)
		return fail_not_found(key, key_length, err);
	okvp_record_read(pool_image_record(image, place), ret_item);
	return true;
}

bool okvp_pool_file_set(struct okvp_pool_file *file, const struct okvp_item *item,
			struct okvp_error *err)
{
	return okvp_pool_file_apply(file, &(struct okvp_pool_change){ .item = *item }, 1, err);
}

bool okvp_pool_file_delete(struct okvp_pool_file *file, const char *key, size_t key_length,
			   struct okvp_error *err)
{
	struct pool_image *image = &file->backing.image;
	bool ok;

	if (!begin_change(file, err))
		return false;
	ok = pool_image_remove(image, key, key_length) || fail_not_found(key, key_length, err);
	pool_image_compact(image);
	ok = ok && pool_backing_commit(&file->backing, err);
	end_change(file);
	return ok;
}

static bool check_changes(const struct okvp_pool_change *changes, size_t count,
			  struct okvp_error *err)
{
	uint8_t record[OKVP_RECORD_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct okvp_item *item = &changes[i].item;
		char key[OKVP_KEY_TEXT_SIZE];

		if (!changes[i].remove && !okvp_record_write(item, record, err))
			return okvp_fail_in(err, "'%s'",
					    okvp_key_text(item->key, item->key_length, key));
	}
	return true;
}

static bool has_secrets(const struct okvp_pool_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].secret && !changes[i].remove)
			return true;
	return false;
}

static bool make_changes(struct pool_image *image, const struct okvp_pool_change *changes,
			 size_t count, struct okvp_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct okvp_item *item = &changes[i].item;

		if (changes[i].remove)
			pool_image_remove(image, item->key, item->key_length);
		else if (!pool_image_set(image, item, err))
			return false;
	}
	pool_image_compact(image);
	return true;
}

bool okvp_pool_file_apply(struct okvp_pool_file *file, const struct okvp_pool_change *changes,
			  size_t count, struct okvp_error *err)
{
	bool ok;

	if (!check_changes(changes, count, err) || !begin_change(file, err))
		return false;
	ok = (!has_secrets(changes, count) || pool_backing_make_private(&file->backing, err)) &&
	     make_changes(&file->backing.image, changes, count, err) &&
	     pool_backing_commit(&file->backing, err);
	end_change(file);
	return ok;
}

bool okvp_pool_file_sync(struct okvp_pool_file *file, struct okvp_error *err)
{
	return pool_backing_sync(&file->backing, err);
}
