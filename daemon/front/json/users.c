/* SPDX-License-Identifier: MIT */
/* users.c -- /v1/users. Hashing a password takes milliseconds on purpose, and each change rewrites
 * the file, so these handlers run on the worker, one after another. */
#include "front/json/request.h"

#include <stdlib.h>
#include <string.h>

#include "auth/users.h"
#include "base/memory.h"
#include "front/json/read.h"
#include "openkvp/scoped.h"

static void free_users(struct user **users)
{
	free(take(*users));
}

bool api_list_users(struct api_request *request, struct text *body, struct okvp_error *err)
{
	scoped(free_users) struct user *users = NULL;
	size_t count;

	if (!users_list(request->settings->users_path, &users, &count, err))
		return false;
	text_literal(body, "{\"users\":[");
	for (size_t i = 0; i < count; i++) {
		text_puts(body, i > 0 ? ",{\"name\":" : "{\"name\":");
		text_json(body, users[i].name, strlen(users[i].name));
		text_printf(body, ",\"role\":\"%s\"}", role_name(users[i].role));
	}
	text_literal(body, "]}");
	return true;
}

bool api_put_user(struct api_request *request, struct text *body, struct okvp_error *err)
{
	json_t *name = NULL, *role = NULL, *password = NULL;
	const struct api_member members[] = {
		{ "name", &name, API_STRING, API_NEEDED },
		{ "role", &role, API_STRING, API_NEEDED },
		{ "password", &password, API_STRING, API_NEEDED },
	};
	const char *name_text, *role_text, *password_text;
	enum role number;

	if (!api_read_body(request->http, members, count_of(members), err) ||
	    !api_read_text(name, "name", &name_text, err) ||
	    !api_read_text(role, "role", &role_text, err) ||
	    !api_read_text(password, "password", &password_text, err))
		return false;
	if (!role_from_name(role_text, &number))
		return okvp_fail(err, OKVP_INVALID,
				 "no such role: '%s'; a role is read, write or admin", role_text);
	return users_put(request->settings->users_path, name_text, number, password_text, err);
}

bool api_remove_user(struct api_request *request, struct text *body, struct okvp_error *err)
{
	return users_remove(request->settings->users_path, request->part[0], err);
}
