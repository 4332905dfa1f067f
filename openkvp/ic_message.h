/* SPDX-License-Identifier: MIT */
/* ic_message.h -- the header of Hyper-V's integration-component messages, and version negotiation.
 *
 *	0   u16 framework major, u16 minor
 *	4   u16 type               enum okvp_ic_type
 *	6   u16 message major, u16 minor
 *	10  u16 size               of the body
 *	12  u32 status             enum okvp_ic_status; 0 in a request
 *	16  u8  transaction
 *	17  u8  flags              OKVP_IC_TRANSACTION ...
 *	18  u16 reserved
 *	20  body
 *
 * Negotiation (type 0, all versions in the header 0):
 *
 *	20  u16 framework count, u16 message count, u32 reserved
 *	28  { u16 major, u16 minor } frameworks, then messages
 *
 * The host lists what it offers; the guest answers counts 1 and 1 and its choice, or other counts
 * when nothing fits. */
#pragma once
#include "openkvp/error.h"
#include "openkvp/linkage.h"

#include <stddef.h>
#include <stdint.h>

OKVP_BEGIN_DECLS

#define OKVP_IC_HEADER_SIZE  20
#define OKVP_IC_MESSAGE_MAX  13312 /* largest message of a Hyper-V pipe */
#define OKVP_IC_VERSIONS_MAX 16    /* versions of one kind that a negotiation may list */

enum okvp_ic_type {
	OKVP_IC_NEGOTIATE = 0,
	OKVP_IC_KVP = 2,
};

enum { OKVP_IC_TRANSACTION = 1, OKVP_IC_REQUEST = 2, OKVP_IC_RESPONSE = 4 };

enum okvp_ic_status {
	OKVP_IC_OK = 0,
	OKVP_IC_FAIL = 0x80004005,
	OKVP_IC_NO_MORE_ITEMS = 0x80070103, /* Linux: also "no such item" and "too long" */
	OKVP_IC_NOT_SUPPORTED = 0x80070032,
	OKVP_IC_NOT_FOUND = 0x80041002,
	OKVP_IC_INVALID_ARGUMENT = 0x80070057,
	OKVP_IC_EXISTS = 0x80070050,
	OKVP_IC_DISK_FULL = 0x80070070,
	OKVP_IC_NOT_CONNECTED = 0x8007048F,
	OKVP_IC_LOCKED = 0x800704F7,
	OKVP_IC_CANCELLED = 0x800704C7, /* one of a batch, not made because another could not be */
};

struct okvp_version {
	uint16_t major, minor;
};

struct okvp_ic_header {
	struct okvp_version framework, message;
	uint16_t type, size;
	uint32_t status;
	uint8_t transaction, flags;
};

struct okvp_negotiation {
	uint16_t framework_count, message_count;
	struct okvp_version framework[OKVP_IC_VERSIONS_MAX], message[OKVP_IC_VERSIONS_MAX];
};

/* A text for a status that a guest answered: "0x80004005 (failed)". */
const char *okvp_ic_status_text(uint32_t status, char out[OKVP_AT_LEAST 64]);

/* Reads a message; the body is borrowed and has header.size bytes. OKVP_INVALID when it is shorter
 * than it says. */
bool okvp_ic_read(const uint8_t *bytes, size_t size, struct okvp_ic_header *ret_header,
		  const uint8_t **ret_body, struct okvp_error *err);

void okvp_ic_write_header(const struct okvp_ic_header *header,
			  uint8_t out[OKVP_AT_LEAST OKVP_IC_HEADER_SIZE]);

bool okvp_negotiation_read(const uint8_t *body, size_t size, struct okvp_negotiation *ret_list,
			   struct okvp_error *err);

/* Writes the body of a negotiation; its bytes, 0 when it does not fit. */
size_t okvp_negotiation_write(const struct okvp_negotiation *list, uint8_t *out, size_t room);

/* A guest's choice: of its own lists, each the best first, the first that the host offers. False,
 * and counts of 0 in the answer, when there is no pair. */
bool okvp_negotiation_choose(const struct okvp_negotiation *offered,
			     const struct okvp_negotiation *known,
			     struct okvp_negotiation *ret_answer);

OKVP_END_DECLS
