/* SPDX-License-Identifier: MIT */
/* attempts.c -- pauses that double, trouble that is told once. */
#include "base/attempts.h"

#include <string.h>

#include "base/log.h"

static void tell(struct attempts *attempts, const struct okvp_error *why)
{
	if (strcmp(why->message, attempts->told.message) == 0)
		return;
	log_warning("", "%s", why->message);
	attempts->told = *why;
}

static void lengthen_pause(struct attempts *attempts)
{
	attempts->pause_ms =
		attempts->pause_ms == 0 ? ATTEMPTS_FIRST_PAUSE_MS : 2 * attempts->pause_ms;
	if (attempts->pause_ms > ATTEMPTS_LAST_PAUSE_MS)
		attempts->pause_ms = ATTEMPTS_LAST_PAUSE_MS;
}

void attempts_ended(struct attempts *attempts, uint64_t contact_ms, const struct okvp_error *why)
{
	if (contact_ms > 0)
		attempts->told.message[0] = '\0';
	if (contact_ms >= ATTEMPTS_CONTACT_MS)
		attempts->pause_ms = 0;
	tell(attempts, why);
	lengthen_pause(attempts);
}
