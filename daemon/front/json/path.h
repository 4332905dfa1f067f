/* SPDX-License-Identifier: MIT */
/* path.h -- matches a request's path against a pattern such as "/v1/vms/{vm}/items/{pool}". */
#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "openkvp/error.h"

#define API_PARTS_MAX 3

/* Whether a path (as it came, not decoded) has the pattern's segments; a {part} stands for any one
 * that is not empty. */
bool api_path_match(const char *pattern, const char *raw_path);

/* Decodes what stands for the {parts} of a pattern that matches, in their order; the others are
 * NULL. OKVP_INVALID for a malformed %XX or a NUL. */
bool api_path_parts(const char *pattern, const char *raw_path, struct arena *arena,
		    const char *ret_part[static API_PARTS_MAX], struct okvp_error *err);
