/* SPDX-License-Identifier: MIT */
/* users.h -- the users file: who has a password, and which role.
 *
 * One line each: name:role:hash, the hash as crypt(5) writes it (yescrypt when made here). Empty
 * lines and those that begin with '#' are kept and mean nothing. The file is replaced by rename, so
 * that a reader sees the old or the new one; its mode is 0640. */
#pragma once
#include <stddef.h>

#include "auth/principal.h"
#include "openkvp/error.h"

#define USERS_NAME_MAX     64   /* bytes: letters, digits, '.', '_', '-', '@' */
#define USERS_PASSWORD_MAX 256  /* bytes */
#define USERS_MAX          4096 /* lines that name a user */

struct user {
	char name[USERS_NAME_MAX + 1];
	enum role role;
};

/* All users, malloc'ed; a missing file is an empty list. A line that is no user's is OKVP_CORRUPT
 * and named. */
bool users_list(const char *path, struct user **ret_users, size_t *ret_count,
		struct okvp_error *err);

/* Whether users_list() would list them: what is broken is nobody's, so that users_verify() passes
 * it over. */
bool users_check(const char *path, struct okvp_error *err);

/* Adds a user or gives an existing one another role and password. */
bool users_put(const char *path, const char *name, enum role role, const char *password,
	       struct okvp_error *err);

/* OKVP_NOT_FOUND when there is no such user. */
bool users_remove(const char *path, const char *name, struct okvp_error *err);

/* Whether a name and a password are right; takes the same time when the name is unknown. This costs
 * milliseconds on purpose: see credentials.h. OKVP_DENIED when not. */
bool users_verify(const char *path, const char *name, const char *password,
		  struct principal *ret_principal, struct okvp_error *err);
