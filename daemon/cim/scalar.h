/* SPDX-License-Identifier: MIT */
/* scalar.h -- a scalar as the text that DSP0201 (and DSP0004 for a DATETIME) gives it. */
#pragma once
#include "base/text.h"
#include "cim/value.h"

/* Appends a set scalar (no REFERENCE): TRUE, -5, 20261120104207.123456+000; strings as they are,
 * not escaped. */
void cim_scalar_write(struct text *out, const struct cim_value *value);
