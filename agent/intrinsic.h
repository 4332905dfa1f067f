/* SPDX-License-Identifier: MIT */
/* intrinsic.h -- the machine's own facts (pool 2), as the Linux daemon tells them: the same ten
 * items in the same order and form. */
#pragma once
#include "openkvp/item.h"

#include <stdio.h>

#define INTRINSIC_COUNT 10

struct intrinsic;

/* Learns what does not change. The name look-up, which may take long without a name server, goes on
 * by itself; until it ends the machine is known by its bare name. */
struct intrinsic *intrinsic_create(void);
void intrinsic_free(struct intrinsic **intrinsic);

/* Waits until the name look-up has ended. */
void intrinsic_wait(struct intrinsic *intrinsic);

/* A descriptor that is readable once when the look-up has found the name: read eight bytes. -1 when
 * there is none. */
int intrinsic_descriptor(const struct intrinsic *intrinsic);

/* The item at an index, borrowed until the next call; false past the last one. Addresses are those
 * of this moment. */
bool intrinsic_item(struct intrinsic *intrinsic, size_t index, struct okvp_item *ret_item);

/* The value of a variable in an os-release(5) file, unquoted; false when it is not there. A value
 * that does not fit is cut at the end of a character. */
bool intrinsic_read_os_release(FILE *in, const char *name, char *value, size_t room);
