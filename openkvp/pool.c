/* SPDX-License-Identifier: MIT */
/* pool.c -- names and writers of the five pools. */
#include "openkvp/pool.h"

#include <strings.h>

static const struct {
	const char *name;
	enum okvp_side writer;
} pools[] = {
#define X(name, number, text, writer) [number] = { text, OKVP_SIDE_##writer },
	OKVP_POOL_LIST(X)
#undef X
};

/* A pool may be any number: it often comes from the wire. */
static bool exists(enum okvp_pool pool)
{
	return (unsigned int)pool < OKVP_POOL_COUNT;
}

enum okvp_side okvp_pool_writer(enum okvp_pool pool)
{
	return exists(pool) ? pools[pool].writer : OKVP_SIDE_NONE;
}

const char *okvp_pool_name(enum okvp_pool pool)
{
	return exists(pool) ? pools[pool].name : "unknown";
}

static bool is_number(const char *name, int number)
{
	return name[0] == '0' + number && name[1] == '\0';
}

bool okvp_pool_from_name(const char *name, enum okvp_pool *ret_pool)
{
	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++) {
		if (strcasecmp(name, pools[pool].name) == 0 || is_number(name, pool)) {
			*ret_pool = (enum okvp_pool)pool;
			return true;
		}
	}
	return false;
}
