/* SPDX-License-Identifier: MIT */
/* kvp_message.h -- the messages of the key-value exchange, versions 3.0 and 4.0: the body of an IC
 * message of type OKVP_IC_KVP.
 *
 *	0   u8  operation, u8 pool
 *	4   SET:       u32 type, u32 key bytes, u32 value bytes, key[512], value[2048]
 *	    DELETE:    u32 key bytes, key[512]
 *	    ENUMERATE: u32 index, then as SET
 *
 * Texts are UTF-16LE; their byte counts include a NUL. A guest answers in place: the same message
 * with the status in the IC header. The Linux driver writes its answer into the request's bytes,
 * neither clears them nor ends a text with a NUL, and never looks at a longer request: so every
 * request has its full size, OKVP_KVP_MESSAGE_SIZE, and is zero-filled.
 *
 * GET (0) is not offered: no guest implements it. */
#pragma once
#include "openkvp/item.h"
#include "openkvp/linkage.h"
#include "openkvp/pool.h"

OKVP_BEGIN_DECLS

#define OKVP_KVP_MESSAGE_SIZE 2580
#define OKVP_KVP_KEY_FIELD    512 /* bytes of UTF-16LE with NUL */
#define OKVP_KVP_VALUE_FIELD  2048

enum okvp_kvp_operation {
	OKVP_KVP_GET = 0,
	OKVP_KVP_SET = 1,
	OKVP_KVP_DELETE = 2,
	OKVP_KVP_ENUMERATE = 3,
	OKVP_KVP_GET_IP = 4,
	OKVP_KVP_SET_IP = 5,
};

/* Value types on the wire, after the Windows registry's. */
enum okvp_reg_type {
	OKVP_REG_SZ = 1,
	OKVP_REG_EXPAND_SZ = 2,
	OKVP_REG_DWORD = 4,
	OKVP_REG_QWORD = 11,
};

/* A message in host form. key and value of the item point into storage after reading. */
struct okvp_kvp_message {
	uint8_t operation; /* enum okvp_kvp_operation */
	uint8_t pool;      /* any value may come from the wire */
	uint32_t index;    /* ENUMERATE */
	struct okvp_item item;
	struct {
		char key[OKVP_KVP_KEY_FIELD / 2 * 3], value[OKVP_KVP_VALUE_FIELD / 2 * 3];
	} storage; /* the longest UTF-8 that the fields can hold */
};

/* Writes a message at its full size; ENUMERATE with an item only when one is there (an answer).
 * OKVP_TOO_LONG when a text does not fit, OKVP_INVALID_TEXT when it is not UTF-8 or holds a NUL,
 * OKVP_WRONG_TYPE when the value of a U32 is no such number; OKVP_UNSUPPORTED for another
 * operation. */
bool okvp_kvp_message_write(const struct okvp_kvp_message *message,
			    uint8_t out[OKVP_AT_LEAST OKVP_KVP_MESSAGE_SIZE],
			    struct okvp_error *err);

/* Reads a request (in the guest) or an answer (on the host). Numbers become decimal text. A text
 * ends at its first NUL or its byte count, whichever comes first. OKVP_INVALID when it is too short
 * or a count exceeds its field, OKVP_INVALID_TEXT for UTF-16 that is not valid, OKVP_UNSUPPORTED
 * for an operation that is not drawn above or a value's type that is not listed. On the host, look
 * at the status first: in an answer that says "failed", Linux may leave counts of no meaning. */
bool okvp_kvp_message_read(const uint8_t *body, size_t size, struct okvp_kvp_message *ret_message,
			   struct okvp_error *err);

OKVP_END_DECLS
