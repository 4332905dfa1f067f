/* SPDX-License-Identifier: MIT */
/* digest.h -- what tells whether both ends hold the same pool: a number of 64 bits.
 *
 * It is the sum, modulo 2^64, of SipHash-2-4 over u32 position, u16 key length, u16 value length,
 * key and value of each record, under the key 00 01 02 ... 0F. The position is the record's index
 * in pools whose order counts (GUEST, AUTO) and 0 in the others, which are sets. An empty pool has
 * the digest 0. */
#pragma once
#include "openkvp/item.h"
#include "openkvp/linkage.h"
#include "openkvp/pool.h"

OKVP_BEGIN_DECLS

/* What one record adds to the digest of its pool. */
uint64_t okvp_digest_of(enum okvp_pool pool, size_t index, const struct okvp_item *item);

/* SipHash-2-4 under that key. */
uint64_t okvp_siphash(const void *bytes, size_t size);

OKVP_END_DECLS
