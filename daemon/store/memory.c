/* SPDX-License-Identifier: MIT */
/* memory.c -- the backend that keeps nothing: what the store has in memory is all there is. */
#include "store/backend.h"

#include <stddef.h>

static bool memory_open(const char *path, struct backend **ret_backend, struct okvp_error *err)
{
	*ret_backend = NULL;
	return true;
}

static bool memory_load(struct backend *backend, const struct row_sink *sink,
			struct okvp_error *err)
{
	return true;
}

static bool memory_write(struct backend *backend, const struct row *rows, size_t count,
			 struct okvp_error *err)
{
	return true;
}

static void memory_close(struct backend **backend)
{
}

const struct backend_kind memory_backend = {
	.name = "memory",
	.open = memory_open,
	.load = memory_load,
	.write = memory_write,
	.close = memory_close,
};
