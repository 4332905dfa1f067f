/* SPDX-License-Identifier: MIT */
/* credentials.h -- passwords that come with every request, checked once.
 *
 * A pair that was right is remembered for some minutes, under a keyed hash and never in clear; it
 * is forgotten as soon as the users file changes. A line of that file that is nobody's is told to
 * the log, once. What is not remembered is checked by a thread of its own, and a wrong one is
 * answered a second later, without a thread that sleeps. */
#pragma once
#include "auth/principal.h"
#include "openkvp/error.h"

struct credentials;

struct credentials_settings {
	const char *users_path;
	unsigned int remember_ms, wrong_password_delay_ms;
};

bool credentials_create(const struct credentials_settings *settings,
			struct credentials **ret_credentials, struct okvp_error *err);

/* Answers all who wait (as wrong) and ends the thread. */
void credentials_free(struct credentials **credentials);

/* Looks a pair up among those remembered. */
bool credentials_known(struct credentials *credentials, const char *name, const char *password,
		       struct principal *ret_principal);

/* Checks a pair and calls done on the thread of the credentials: principal NULL when it is wrong.
 * At most 256 wait; OKVP_BUSY beyond that, and done is not called. */
bool credentials_check(struct credentials *credentials, const char *name, const char *password,
		       void (*done)(void *context, const struct principal *principal),
		       void *context, struct okvp_error *err);
