/* SPDX-License-Identifier: MIT */
/* request.c -- what several handlers need to know of a request. */
#include "front/json/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void release_vm(void *vm)
{
	vm_release(&(struct vm *){ vm });
}

bool api_take_vm(struct api_request *request, struct vm *vm, const char *name,
		 struct okvp_error *err)
{
	if (!vm)
		return okvp_fail(err, OKVP_NOT_FOUND, "no such VM: '%s'", name);
	arena_defer(request->arena, release_vm, vm);
	request->vm = vm;
	return true;
}

static void release_snapshot(void *snapshot)
{
	snapshot_release(&(struct snapshot *){ snapshot });
}

struct snapshot *api_snapshot(struct api_request *request, struct okvp_error *err)
{
	struct snapshot *snapshot = vm_snapshot(request->vm);

	if (snapshot)
		arena_defer(request->arena, release_snapshot, snapshot);
	else
		okvp_fail(err, OKVP_NOT_FOUND, "the VM was undefined meanwhile");
	return snapshot;
}

bool api_query_number(struct api_request *request, const char *name, uint64_t most,
		      uint64_t *ret_number, struct okvp_error *err)
{
	const char *given = http_query(request->exchange, name);
	uint64_t number;

	*ret_number = 0;
	if (!given)
		return true;
	errno = 0;
	number = strtoull(given, NULL, 10);
	if (*given == '\0' || given[strspn(given, "0123456789")] != '\0' || errno != 0 ||
	    number > most)
		return okvp_fail(err, OKVP_INVALID, "'%s' is not a number from 0 to %ju", name,
				 (uintmax_t)most);
	*ret_number = number;
	return true;
}

static const struct api_pool pools[] = {
	{ "external", SPACE_EXTERNAL },
	{ "host-only", SPACE_HOST_ONLY },
};

const struct api_pool *api_find_pool(const struct api_request *request, struct okvp_error *err)
{
	for (size_t i = 0; i < count_of(pools); i++)
		if (strcmp(pools[i].name, request->part[1]) == 0)
			return &pools[i];
	okvp_fail(err, OKVP_NOT_FOUND, "no such pool: '%s'; there are '%s' and '%s'",
		  request->part[1], pools[0].name, pools[1].name);
	return NULL;
}

const struct stored_item *api_find_item(const struct api_request *request,
					const struct snapshot *snapshot, enum item_space space,
					const char *key, struct okvp_error *err)
{
	const struct stored_item *item = snapshot_find(snapshot, space, key, strlen(key));
	char shown[OKVP_KEY_TEXT_SIZE];

	if (!item)
		okvp_fail(err, OKVP_NOT_FOUND, "not there: '%s'",
			  okvp_key_text(key, strlen(key), shown));
	return item;
}

bool api_check_secrets(const struct api_request *request, struct okvp_error *err)
{
	const struct principal *principal = &request->http->principal;

	if (principal->role >= ROLE_WRITE)
		return true;
	return okvp_fail(err, OKVP_DENIED, "secrets are shown to the role '%s'; '%s' has '%s'",
			 role_name(ROLE_WRITE), principal->name, role_name(principal->role));
}
