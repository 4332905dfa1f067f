/* SPDX-License-Identifier: MIT */
/* items.c -- /v1/vms/{vm}/items/{pool}: the items that management gives to a VM. */
#include "front/json/request.h"

#include <string.h>

#include "base/memory.h"
#include "front/json/read.h"
#include "front/json/write.h"
#include "openkvp/scoped.h"

/* The pools that management writes, as paths name them. */
static const struct pool {
	const char *name;
	enum item_space space;
} pools[] = {
	{ "external", SPACE_EXTERNAL },
	{ "host-only", SPACE_HOST_ONLY },
};

/* The pool of a request's path; NULL is OKVP_NOT_FOUND. */
static const struct pool *find_pool(const struct api_request *request, struct okvp_error *err)
{
	for (size_t i = 0; i < count_of(pools); i++)
		if (strcmp(pools[i].name, request->part[1]) == 0)
			return &pools[i];
	okvp_fail(err, OKVP_NOT_FOUND, "no such pool: '%s'; there are '%s' and '%s'",
		  request->part[1], pools[0].name, pools[1].name);
	return NULL;
}

static void write_item(struct text *out, struct vm *vm, const struct snapshot *snapshot,
		       enum item_space space, const struct stored_item *item)
{
	struct delivery_view delivery;

	if (space == SPACE_HOST_ONLY) {
		api_write_item(out, item, NULL);
		return;
	}
	delivery = delivery_look(vm, snapshot, item);
	if (item->removed)
		api_write_tombstone(out, item, &delivery);
	else
		api_write_item(out, item, &delivery);
}

static void write_items(struct text *out, struct vm *vm, const struct snapshot *snapshot,
			enum item_space space, const struct item_set *items)
{
	text_putc(out, '[');
	for (size_t i = 0; i < items->count; i++) {
		if (i > 0)
			text_putc(out, ',');
		write_item(out, vm, snapshot, space, items->item[i]);
	}
	text_putc(out, ']');
}

bool api_list_items(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct pool *pool = find_pool(request, err);
	const struct snapshot *snapshot = pool ? api_snapshot(request, err) : NULL;
	const struct item_set *items;

	if (!snapshot)
		return false;
	items = snapshot->space[pool->space];
	text_reserve(body, 256 + items->bytes + 128 * items->count);
	text_printf(body, "{\"vm\":\"%s\",\"pool\":\"%s\",\"generation\":", vm_id_text(request->vm),
		    pool->name);
	text_u64(body, snapshot->generation);
	text_literal(body, ",\"acknowledged\":");
	text_u64(body, snapshot->acknowledged);
	text_literal(body, ",\"items\":");
	write_items(body, request->vm, snapshot, pool->space, items);
	text_literal(body, ",\"removing\":");
	if (pool->space == SPACE_EXTERNAL)
		write_items(body, request->vm, snapshot, pool->space, snapshot->tombstones);
	else
		text_literal(body, "[]");
	text_putc(body, '}');
	return true;
}

bool api_get_item(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct pool *pool = find_pool(request, err);
	const struct snapshot *snapshot = pool ? api_snapshot(request, err) : NULL;
	const char *key = request->part[2];
	char shown[OKVP_KEY_TEXT_SIZE];
	const struct stored_item *item;

	if (!snapshot)
		return false;
	item = snapshot_find(snapshot, pool->space, key, strlen(key));
	if (!item)
		return okvp_fail(err, OKVP_NOT_FOUND, "not there: '%s'",
				 okvp_key_text(key, strlen(key), shown));
	write_item(body, request->vm, snapshot, pool->space, item);
	return true;
}

/* --- One batch of changes --- */

/* The members of a batch that list changes. */
static const struct verb {
	const char *member;
	enum exchange_verb verb;
	enum job_kind kind; /* of a batch that has no other */
} verbs[] = {
	{ "add", EXCHANGE_ADD, JOB_ADD },
	{ "modify", EXCHANGE_MODIFY, JOB_MODIFY },
	{ "put", EXCHANGE_PUT, JOB_BATCH },
	{ "remove", EXCHANGE_REMOVE, JOB_REMOVE },
};

/* A batch on its way; lives in the request's arena. */
struct batch {
	struct api_request *request;
	struct exchange_call call;
	struct exchange_change change[EXCHANGE_BATCH_MAX];
	uint64_t if_generation;
};

/* Reads one change: a key and a value; of a removal, a key alone. */
static bool read_one(json_t *entry, enum exchange_verb verb, struct okvp_item *ret_item,
		     struct okvp_error *err)
{
	json_t *key = NULL, *value = NULL;
	const struct api_member members[] = {
		{ "key", &key, API_STRING, API_NEEDED },
		{ "value", &value, API_STRING, API_NEEDED },
	};

	if (verb == EXCHANGE_REMOVE)
		return json_is_string(entry) ? api_read_item(entry, NULL, ret_item, err)
					     : okvp_fail(err, OKVP_WRONG_TYPE, "not a string");
	return api_read_members(entry, members, count_of(members), err) &&
	       api_read_item(key, value, ret_item, err);
}

static bool read_changes(struct batch *batch, const struct verb *verb, const json_t *list,
			 struct okvp_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct exchange_change *change = &batch->change[batch->call.count++];

		change->verb = verb->verb;
		change->space = batch->call.cleared_space;
		if (!read_one(json_array_get(list, i), verb->verb, &change->item, err))
			return okvp_fail_in(err, "entry %zu of '%s'", i + 1, verb->member);
	}
	return true;
}

/* Says what kind of job a batch is: that of its only verb, if it has only one. */
static enum job_kind kind_of(json_t *const lists[static count_of(verbs)], bool clear)
{
	const struct verb *only = NULL;

	for (size_t i = 0; i < count_of(verbs); i++) {
		if (json_array_size(lists[i]) == 0)
			continue;
		if (only || clear)
			return JOB_BATCH;
		only = &verbs[i];
	}
	return only ? only->kind : JOB_REMOVE; /* a mere "clear" */
}

static bool read_batch(struct batch *batch, struct okvp_error *err)
{
	json_t *lists[count_of(verbs)] = { NULL }, *clear = NULL, *if_generation = NULL;
	struct api_member members[count_of(verbs) + 2] = {
		{ "clear", &clear, API_BOOLEAN, API_OPTIONAL },
		{ "if_generation", &if_generation, API_NUMBER, API_OPTIONAL },
	};
	size_t total = 0;

	for (size_t i = 0; i < count_of(verbs); i++)
		members[2 + i] =
			(struct api_member){ verbs[i].member, &lists[i], API_LIST, API_OPTIONAL };
	if (!api_read_body(batch->request->http, members, count_of(members), err))
		return false;
	for (size_t i = 0; i < count_of(verbs); i++)
		total += json_array_size(lists[i]);
	if (total > EXCHANGE_BATCH_MAX)
		return okvp_fail(err, OKVP_LIMIT, "%zu changes in one batch; %d is the most", total,
				 EXCHANGE_BATCH_MAX);
	batch->call.clear = json_is_true(clear);
	if (total == 0 && !batch->call.clear)
		return okvp_fail(err, OKVP_INVALID, "nothing to change");
	for (size_t i = 0; i < count_of(verbs); i++)
		if (!read_changes(batch, &verbs[i], lists[i], err))
			return false;
	batch->call.kind = kind_of(lists, batch->call.clear);
	batch->if_generation = (uint64_t)json_integer_value(if_generation);
	batch->call.if_generation = if_generation ? &batch->if_generation : NULL;
	return true;
}

static void finished(struct exchange_call *call)
{
	struct batch *batch = call->context;
	char job[GUID_TEXT_SIZE];
	struct text body = { 0 };

	if (call->error.status != OKVP_OK) {
		api_fail(batch->request, &call->error, &call->keys,
			 call->has_job ? &call->job : NULL);
		return;
	}
	text_printf(&body, "{\"job\":\"%s\",\"generation\":", guid_to_text(&call->job, job));
	text_u64(&body, call->generation);
	text_putc(&body, '}');
	api_answer_body(batch->request, 200, &body);
}

void api_change_items(struct api_request *request)
{
	struct batch *batch = arena_new(request->arena, struct batch);
	struct okvp_error error;
	const struct pool *pool = find_pool(request, &error);

	batch->request = request;
	batch->call = (struct exchange_call){
		.vm = request->vm,
		.changes = batch->change,
		.cleared_space = pool ? pool->space : SPACE_EXTERNAL,
		.principal = request->http->principal,
		.finished = finished,
		.context = batch,
	};
	if (!pool || !read_batch(batch, &error))
		api_fail(request, &error, NULL, NULL);
	else
		exchange_submit(host_exchange(request->host), &batch->call);
}
