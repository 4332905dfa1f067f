/* SPDX-License-Identifier: MIT */
/* scalar.h -- a scalar as the text that DSP0201 (and DSP0004 for a DATETIME) gives it. */
#pragma once
#include "base/text.h"
#include "cim/value.h"

/* Appends a set scalar (no REFERENCE): TRUE, -5, 20261120104207.123456+000; strings as they are,
 * not escaped; an embedded instance as embedded.h has it, not escaped either. */
void cim_scalar_write(struct text *out, const struct cim_value *value);
