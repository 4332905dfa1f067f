/* SPDX-License-Identifier: MIT */
/* large_value.h -- a value that no item can hold, as several items: its pieces and a head.
 *
 *	key            value
 *	KEY            openkvp-large 1 SIZE COUNT CRC FORM       the head
 *	KEY#CRC.0      the first piece
 *	KEY#CRC.1      the second one, and so on up to COUNT - 1
 *
 * SIZE is that of the whole value in bytes, COUNT the number of pieces, CRC the CRC-32C of the
 * value in eight small hexadecimal digits. FORM is "text" when the pieces, one behind the other,
 * are the value; "base64" when each piece is the Base64 of a part of it.
 *
 * The checksum is in the names of the pieces, so that those of another value of the same key never
 * mix with them. Whoever writes puts the new pieces first, then the head, and removes the old
 * pieces last: a reader finds the old value or the new one, or notices that pieces are missing, and
 * never a part of a value. */
#pragma once
#include "openkvp/item.h"
#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

#define OKVP_LARGE_MAX 1048576 /* bytes of a value */

/* Pieces of such a value: of Base64, which needs the most. */
#define OKVP_LARGE_PIECES_MAX 1371

/* A piece's key is so much longer than the value's; both are limited as keys are. */
#define OKVP_LARGE_KEY_EXTRA 14

/* --- Writing --- */

/* Makes items of a value, in the order in which they are to be written: a single one where the
 * value fits, else its pieces and its head. They are one allocation: free() it. OKVP_TOO_LONG, or a
 * key that no item may have. */
bool okvp_large_split(const char *key, size_t key_length, const void *value, size_t size,
		      struct okvp_item **ret_items, size_t *ret_count, struct okvp_error *err);

/* How many bytes of a text, which is valid UTF-8, one item takes: whole characters, and no more
 * than any guest can hold and tell. */
size_t okvp_large_piece(const char *text, size_t length);

/* --- Reading --- */

struct okvp_large_head {
	uint32_t size, count, checksum;
	bool base64;
};

/* Whether an item is the head of a large value. */
bool okvp_large_read_head(const struct okvp_item *item, struct okvp_large_head *ret_head);

/* Whether a key is that of a piece of the value under another key. */
bool okvp_large_is_piece(const struct okvp_item *head_item, const struct okvp_large_head *head,
			 const char *key, size_t key_length);

/* Of keys that have the form of a piece's, KEY#CRC.N, or of any that is numbered, KEY.N: how long
 * KEY is. 0: the key has another form. */
size_t okvp_large_piece_of(const char *key, size_t key_length);
size_t okvp_large_number_of(const char *key, size_t key_length);

/* Puts the value of a head together; find() says whether there is an item with a key, and may lend
 * it until the next call. The value is malloc'ed, and a NUL behind it. OKVP_WRONG_STATE: pieces are
 * missing, and how many, or are not those of this value; they may be on their way. */
bool okvp_large_join(const struct okvp_item *head_item,
		     bool (*find)(void *context, const char *key, size_t key_length,
				  struct okvp_item *ret_item),
		     void *context, char **ret_value, size_t *ret_size, struct okvp_error *err);

OKVP_END_DECLS
