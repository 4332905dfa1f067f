/* SPDX-License-Identifier: MIT */
/* file_store.h -- a store in a file, with VM 1, "web1", and all that it has published. */
#pragma once
#include "pictures.h"

#include "folder.h"

struct fixture {
	char *folder, *path;
	struct store *store;
	struct pictures pictures;
};

static inline bool open_store(struct fixture *f, struct okvp_error *err)
{
	struct store_events events = pictures_events(&f->pictures);

	return store_open(f->path, &roomy, &events, &f->store, err);
}

static inline int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = folder_make();
	f->path = xprintf("%s/test.db", f->folder);
	assert_true(open_store(f, NULL));
	assert_true(store_apply(f->store, definition(1, "web1"), NULL, NULL));
	*state = f;
	return 0;
}

static inline int end(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	pictures_done(&f->pictures);
	folder_remove(&f->folder);
	free(f->path);
	free(f);
	return 0;
}

static inline void reopen(struct fixture *f)
{
	store_close(&f->store);
	pictures_done(&f->pictures);
	assert_true(open_store(f, NULL));
}

/* The store is the same before and after it was closed. */
static inline void assert_lasts(struct fixture *f)
{
	char *before, *after;

	store_close(&f->store);
	before = pictures_text(&f->pictures);
	assert_true(open_store(f, NULL));
	after = pictures_text(&f->pictures);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static inline void apply(struct fixture *f, struct change_list *list)
{
	struct okvp_error err;

	if (!store_apply(f->store, list, NULL, &err))
		fail_msg("%s", err.message);
}

static inline const struct snapshot *vm(struct fixture *f)
{
	return f->pictures.vm[1];
}
