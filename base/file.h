/* SPDX-License-Identifier: MIT */
/* file.h -- whole files: read up to a bound, written as a whole or not at all. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "openkvp/error.h"

/* Reads all that a stream holds; name is for messages. OKVP_TOO_LONG: more than most bytes. */
bool file_read_stream(FILE *in, const char *name, size_t most, struct text *ret_text,
		      struct okvp_error *err);

/* The same of a file. */
bool file_read(const char *path, size_t most, struct text *ret_text, struct okvp_error *err);

/* Puts a file in place: at no moment a part of it has that name. A new file is its owner's alone,
 * one that was there keeps its mode. What is no file (a pipe, a device, a link) is written to. */
bool file_write(const char *path, const void *bytes, size_t size, struct okvp_error *err);
