/* SPDX-License-Identifier: MIT */
/* principal.h -- who makes a request, and what he may do. */
#pragma once
#include <stdbool.h>

/* Each role may do what the ones before it may. */
#define ROLE_LIST(X)      /* X(name, text) */                           \
	X(NONE, "none")   /* nobody, or somebody without a right */     \
	X(READ, "read")   /* Get, Enumerate, list */                    \
	X(WRITE, "write") /* the methods and verbs that change items */ \
	X(ADMIN, "admin") /* VMs, users, settings of the service */

enum role {
#define X(name, text) ROLE_##name,
	ROLE_LIST(X)
#undef X
		ROLE_COUNT
};

#define PRINCIPAL_NAME_SIZE 128

struct principal {
	char name[PRINCIPAL_NAME_SIZE]; /* "" before anybody is known */
	enum role role;
};

const char *role_name(enum role role);
bool role_from_name(const char *name, enum role *ret_role);
