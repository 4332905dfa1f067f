/* SPDX-License-Identifier: MIT */
/* principal.c -- names of the roles. */
#include "auth/principal.h"

#include <string.h>

static const char *const names[] = {
#define X(name, text) [ROLE_##name] = text,
	ROLE_LIST(X)
#undef X
};

const char *role_name(enum role role)
{
	return names[role];
}

bool role_from_name(const char *name, enum role *ret_role)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (strcmp(names[role], name) != 0)
			continue;
		*ret_role = (enum role)role;
		return true;
	}
	return false;
}
