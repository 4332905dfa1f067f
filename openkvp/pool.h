/* SPDX-License-Identifier: MIT */
/* pool.h -- the five pools of the exchange and who may write them. */
#pragma once
#include <stdbool.h>

#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

#define OKVP_POOL_LIST(X)                /* X(name, number, text, writer) */                 \
	X(EXTERNAL, 0, "external", HOST) /* what management added: host to guest */          \
	X(GUEST, 1, "guest", GUEST)      /* what guest programs publish: to the host */      \
	X(AUTO, 2, "auto", GUEST)        /* the guest's own facts, computed: to the host */  \
	X(AUTO_EXTERNAL, 3, "auto-external", HOST) /* the host's own facts: host to guest */ \
	X(AUTO_INTERNAL, 4, "auto-internal", NONE) /* never exchanged */

enum okvp_pool {
#define X(name, number, text, writer) OKVP_POOL_##name = number,
	OKVP_POOL_LIST(X)
#undef X
		OKVP_POOL_COUNT
};

enum okvp_side { OKVP_SIDE_NONE, OKVP_SIDE_HOST, OKVP_SIDE_GUEST };

/* Which side fills a pool. */
enum okvp_side okvp_pool_writer(enum okvp_pool pool);

/* "external", "guest", ... */
const char *okvp_pool_name(enum okvp_pool pool);

/* Reads a pool from its name or number ("external", "0"); without case. */
bool okvp_pool_from_name(const char *name, enum okvp_pool *ret_pool);

OKVP_END_DECLS
