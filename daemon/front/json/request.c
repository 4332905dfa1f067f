/* SPDX-License-Identifier: MIT */
/* request.c -- what several handlers need to know of a request. */
#include "front/json/request.h"

#include <stdlib.h>
#include <string.h>

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

bool api_query_number(struct api_request *request, const char *name, unsigned int most,
		      unsigned int *ret_number, struct okvp_error *err)
{
	const char *given = http_query(request->exchange, name);
	unsigned long number;

	*ret_number = 0;
	if (!given)
		return true;
	number = strtoul(given, NULL, 10);
	if (*given == '\0' || given[strspn(given, "0123456789")] != '\0' || number > most)
		return okvp_fail(err, OKVP_INVALID, "'%s' is not a number from 0 to %u", name,
				 most);
	*ret_number = (unsigned int)number;
	return true;
}
