/* SPDX-License-Identifier: MIT */
/* guid.h -- GUIDs: of virtual machines, and time-ordered ones for jobs. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define GUID_TEXT_SIZE 37 /* 8-4-4-4-12 hexadecimal digits and a NUL */

struct guid {
	uint8_t bytes[16]; /* in the order in which the text shows them */
};

/* Reads a GUID with or without braces and hyphens, in any case. */
bool guid_from_text(const char *text, struct guid *ret_guid);

/* Upper case, without braces; returns out. */
const char *guid_to_text(const struct guid *guid, char out[static GUID_TEXT_SIZE]);

bool guid_equal(const struct guid *a, const struct guid *b);

/* A random one (version 4). */
struct guid guid_random(void);

/* One that is greater than every one made before in this process, and than those made earlier
 * (version 7: begins with the time in milliseconds). */
struct guid guid_time_ordered(void);
