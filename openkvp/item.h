/* SPDX-License-Identifier: MIT */
/* item.h -- one key-value pair, as guest and host exchange it. */
#pragma once
#include "openkvp/error.h"
#include "openkvp/linkage.h"

#include <stddef.h>
#include <stdint.h>

OKVP_BEGIN_DECLS

/* Limits of an exchanged item, in UTF-16 units: the fields of the wire less a NUL. */
#define OKVP_KEY_UNITS   255
#define OKVP_VALUE_UNITS 1023

/* What a Linux guest can hold: bytes of UTF-8 in a pool file's record, less a NUL. */
#define OKVP_LINUX_KEY_BYTES   511
#define OKVP_LINUX_VALUE_BYTES 2047

/* Limits of an item that stays on the host (Msvm_KvpExchangeComponentSettingData.HostOnlyItems). */
#define OKVP_HOST_ONLY_KEY_BYTES   512
#define OKVP_HOST_ONLY_VALUE_BYTES 16384

/* How a value travels. Management and guests know text only; the host's own numbers are U32. */
enum okvp_type {
	OKVP_TEXT, /* REG_SZ */
	OKVP_U32,  /* REG_DWORD; the item's value is its decimal text */
};

/* Length-counted UTF-8, borrowed from whoever made the item, without a NUL at the end; fixed-size
 * fields exist only in pool files and on the wire. */
struct okvp_item {
	const char *key, *value;
	uint16_t key_length, value_length; /* bytes */
	enum okvp_type type;
};

/* Checks an item that a host wants to give to a guest: a key of 1 to OKVP_KEY_UNITS (OKVP_INVALID
 * when it is empty), a value of 0 to OKVP_VALUE_UNITS (OKVP_TOO_LONG says how many there are);
 * valid UTF-8 without NUL or another character that XML 1.0 cannot carry (OKVP_INVALID_TEXT says
 * where). The message names the key. */
bool okvp_item_check(const struct okvp_item *item, struct okvp_error *err);

/* The same for an item that stays on the host: OKVP_HOST_ONLY_KEY_BYTES and _VALUE_BYTES. */
bool okvp_item_check_host_only(const struct okvp_item *item, struct okvp_error *err);

/* Whether both keys are the same, byte for byte. */
bool okvp_item_same_key(const struct okvp_item *a, const struct okvp_item *b);

/* Longest text that okvp_key_text() writes, with its NUL. */
#define OKVP_KEY_TEXT_SIZE 68

/* A key for a message or a log line: at most 64 bytes, cut at the end of a character and then
 * marked "...", control characters and what is not UTF-8 shown as '?'. Returns out. */
const char *okvp_key_text(const char *key, size_t length,
			  char out[OKVP_AT_LEAST OKVP_KEY_TEXT_SIZE]);

OKVP_END_DECLS
