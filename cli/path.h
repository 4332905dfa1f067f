/* SPDX-License-Identifier: MIT */
/* path.h -- paths of the JSON API, made of names that may hold anything. */
#pragma once
#include "base/text.h"

/* Appends "/" and a name as one segment of a path, encoded. */
void path_add(struct text *path, const char *name);
