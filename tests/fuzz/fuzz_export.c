/* SPDX-License-Identifier: MIT */
/* fuzz_export.c -- anything that a listener answers to an indication: he has taken it, or there is
 * a sentence that says that he has not. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "indication/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct okvp_error err;

	if (!export_is_taken((const char *)data, size, &err))
		assert(strlen(err.message) > 0 && strlen(err.message) < 100);
	return 0;
}
