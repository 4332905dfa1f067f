/* SPDX-License-Identifier: MIT */
/* link_message.h -- what the payload of a frame is: a Hyper-V pipe message, or one of openkvp's
 * own.
 *
 *	0  u32 type    enum okvp_link_type
 *	4  u32 size    OKVP_LINK_PIPE: bytes that follow (Hyper-V's pipe header, type 1)
 *	   u32 flags   own messages
 *	8  body
 *
 * HELLO and its answer have the same body:
 *
 *	8   u16 lowest, u16 highest   own protocol versions offered; the answer: chosen, twice
 *	12  u32 reserved              0
 *
 * WAKE, from a guest in epoch 0, has no body: "I am new here and know no epoch". A host says HELLO
 * then, instead of waiting for an answer that will not come: a port into a guest stays open when
 * the program behind it starts anew.
 *
 * Own version 0 means: Hyper-V's messages only. The host sends HELLO after each connect, again and
 * again until it is answered; whatever the guest sends carries the epoch of the latest HELLO. With
 * version 1 all else is in own_message.h. */
#pragma once
#include "openkvp/error.h"
#include "openkvp/linkage.h"

#include <stddef.h>
#include <stdint.h>

OKVP_BEGIN_DECLS

enum okvp_link_type {
	OKVP_LINK_PIPE = 1,
	OKVP_LINK_HELLO = 0x4F4B0001,
	OKVP_LINK_HELLO_ANSWER = 0x4F4B0002,
	OKVP_LINK_WAKE = 0x4F4B0003,
	OKVP_LINK_OWN = 0x4F4B0010, /* stands for this and all above, up to OKVP_LINK_OWN_LAST */
};

#define OKVP_LINK_OWN_LAST    0x4F4BFFFFu
#define OKVP_LINK_HEADER_SIZE 8
#define OKVP_LINK_HELLO_SIZE  16

struct okvp_link_message {
	enum okvp_link_type type;
	uint16_t lowest, highest; /* HELLO and HELLO_ANSWER */
	uint32_t own_type, flags; /* OWN: enum okvp_own_type; OKVP_OWN_MORE */
	const uint8_t *body; /* PIPE: an IC message; OWN: what it holds, or a piece. Borrowed */
	size_t length;
};

/* Reads a payload; OKVP_INVALID when it is none of the above or is too short for what it says. */
bool okvp_link_message_read(const uint8_t *payload, size_t length,
			    struct okvp_link_message *ret_message, struct okvp_error *err);

/* Writes the header for a pipe message of so many bytes. */
void okvp_link_write_pipe_header(size_t length, uint8_t out[OKVP_AT_LEAST OKVP_LINK_HEADER_SIZE]);

void okvp_link_write_wake(uint8_t out[OKVP_AT_LEAST OKVP_LINK_HEADER_SIZE]);

void okvp_link_write_hello(enum okvp_link_type type, uint16_t lowest, uint16_t highest,
			   uint8_t out[OKVP_AT_LEAST OKVP_LINK_HELLO_SIZE]);

/* The version that the answer to an offer chooses: the greatest that both know, from 0 on for
 * whoever answers; 0 when there is none. */
uint16_t okvp_link_choose(uint16_t lowest, uint16_t highest, uint16_t known);

OKVP_END_DECLS
