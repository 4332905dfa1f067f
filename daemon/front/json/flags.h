/* SPDX-License-Identifier: MIT */
/* flags.h -- what is special about an item, by its names in docs/api.md. */
#pragma once
#include "base/text.h"
#include "openkvp/error.h"

/* Adds the flag with a name; OKVP_INVALID: there is none. */
bool api_flag_add(const char *name, size_t length, unsigned int *flags, struct okvp_error *err);

/* Writes them as an array of strings. */
void api_flags_write(struct text *out, unsigned int flags);
