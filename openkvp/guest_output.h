/* SPDX-License-Identifier: MIT */
/* guest_output.h -- whole frames that wait to be sent. Not installed. */
#pragma once
#include "openkvp/error.h"

#include <stddef.h>
#include <stdint.h>

/* All zeros is none; it holds memory only while something waits. */
struct guest_output {
	uint8_t *bytes; /* owned */
	size_t sent, end, room;
};

/* Room for so many bytes, whole frames, behind what waits: the caller fills it in. NULL when there
 * is no memory. */
uint8_t *guest_output_add(struct guest_output *output, size_t size);

/* What waits; and how much of it was written to the stream. */
const uint8_t *guest_output_bytes(const struct guest_output *output, size_t *ret_size);
void guest_output_sent(struct guest_output *output, size_t size);

/* Drops what the peer has not begun to read; the rest of a frame that it has must follow, or the
 * stream would be torn. */
void guest_output_drop(struct guest_output *output);

/* Drops everything: the stream is another. */
void guest_output_done(struct guest_output *output);
