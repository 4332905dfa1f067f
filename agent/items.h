/* SPDX-License-Identifier: MIT */
/* items.h -- the verbs for guest programs and people: get, set, delete, list. */
#pragma once
#include "openkvp/item.h"
#include "openkvp/pool.h"

struct items_request {
	const char *folder;
	bool pool_given;
	enum okvp_pool pool;
	bool all, json;
	const char *key, *value;
	const char *file; /* of a value: "-" is standard input or output; NULL: none */
};

/* Prints the value of a key in the pool given, else in what the host has set (pool 0) or tells of
 * itself (pool 3), or leaves it in the file. OKVP_WRONG_STATE: it is large and not all there. */
bool items_get(const struct items_request *request, struct okvp_error *err);

/* Sets or deletes in the pool given, else in what this machine publishes (pool 1). What no item can
 * hold is split. */
bool items_set(const struct items_request *request, struct okvp_error *err);
bool items_delete(const struct items_request *request, struct okvp_error *err);

/* Prints the items of the pool given, else of pool 0, or of all. */
bool items_list(const struct items_request *request, struct okvp_error *err);
