/* SPDX-License-Identifier: MIT */
/* show.h -- values and qualifiers of the schema as documentation prints them. */
#pragma once
#include "base/text.h"
#include "cim/schema.h"

/* "6" for 6 and for { 6 }, "a, b" for { "a", "b" }; nothing for NULL. */
void show_value(struct text *out, const struct cim_value *value);

/* "Key", "MaxLen(64)" */
void show_qualifier(struct text *out, const struct cim_qualifier *qualifier);

void assert_shown(const struct cim_value *value, const char *expected);
