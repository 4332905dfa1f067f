/* SPDX-License-Identifier: MIT */
/* attempts.h -- a guest's program looks for its host again and again: how long it pauses between
 * two attempts, and what it says of them. */
#pragma once
#include <stdint.h>

#include "openkvp/error.h"

#define ATTEMPTS_FIRST_PAUSE_MS 100
#define ATTEMPTS_LAST_PAUSE_MS  5000
#define ATTEMPTS_CONTACT_MS     10000 /* after so much of it the pauses begin anew */

/* Begins with zero: at once, and nothing said. */
struct attempts {
	int pause_ms;           /* before the next one */
	struct okvp_error told; /* the trouble that was logged last */
};

/* An attempt has failed, or what it led to has ended after so many milliseconds of contact (0:
 * there was none). Logs why, once for as long as it does not change, and makes the pause longer. */
void attempts_ended(struct attempts *attempts, uint64_t contact_ms, const struct okvp_error *why);
