/* SPDX-License-Identifier: MIT */
/* items.c -- /v1/vms/{vm}/items/{pool}: the items that management gives to a VM. */
#include "front/json/request.h"

#include <string.h>

#include "base/memory.h"
#include "front/json/flags.h"
#include "front/json/read.h"
#include "front/json/write.h"
#include "openkvp/scoped.h"

/* How items are written: with or without secrets, and a large value as one. */
struct listing {
	struct vm *vm;
	const struct snapshot *snapshot;
	enum item_space space;
	struct large_values large;
	bool show_secrets;
};

static bool begin_listing(struct api_request *request, const struct snapshot *snapshot,
			  enum item_space space, struct listing *ret_listing,
			  struct okvp_error *err)
{
	uint64_t secrets;

	if (!api_query_number(request, "secrets", 1, &secrets, err) ||
	    (secrets && !api_check_secrets(request, err)))
		return false;
	*ret_listing = (struct listing){
		.vm = request->vm,
		.snapshot = snapshot,
		.space = space,
		.large = api_large_find(request->arena, snapshot->space[space]),
		.show_secrets = secrets,
	};
	return true;
}

/* In which order states come, the one that has come least far first. */
static const int progress[] = {
	[DELIVERY_REFUSED] = 0,
	[DELIVERY_STORED] = 1,
	[DELIVERY_SENT] = 2,
	[DELIVERY_ACKNOWLEDGED] = 3,
};

/* How far an item has come, with all the pieces that it is the head of. */
static struct delivery_view look(const struct listing *listing, const struct stored_item *item,
				 const struct large_value *large)
{
	const struct item_set *set = listing->snapshot->space[listing->space];
	struct delivery_view least = delivery_look(listing->vm, listing->snapshot, item);

	for (size_t i = 0; large && i < set->count; i++) {
		struct delivery_view piece;

		if (!api_large_has(large, set->item[i]))
			continue;
		piece = delivery_look(listing->vm, listing->snapshot, set->item[i]);
		if (progress[piece.state] < progress[least.state])
			least = piece;
	}
	return least;
}

static void write_item(struct text *out, const struct listing *listing,
		       const struct stored_item *item)
{
	const struct large_value *large = api_large_headed(&listing->large, item);
	struct delivery_view delivery;

	if (listing->space == SPACE_HOST_ONLY) {
		api_write_item(out, item, large, listing->show_secrets, NULL);
		return;
	}
	delivery = look(listing, item, large);
	if (item->removed)
		api_write_tombstone(out, item, &delivery);
	else
		api_write_item(out, item, large, listing->show_secrets, &delivery);
}

static void write_items(struct text *out, const struct listing *listing,
			const struct item_set *items)
{
	text_putc(out, '[');
	for (size_t i = 0; i < items->count; i++) {
		if (api_large_is_piece(&listing->large, items->item[i]))
			continue;
		if (out->bytes[out->length - 1] == '}')
			text_putc(out, ',');
		write_item(out, listing, items->item[i]);
	}
	text_putc(out, ']');
}

bool api_list_items(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct api_pool *pool = api_find_pool(request, err);
	const struct snapshot *snapshot = pool ? api_snapshot(request, err) : NULL;
	const struct item_set *items;
	struct listing listing;

	if (!snapshot || !begin_listing(request, snapshot, pool->space, &listing, err))
		return false;
	items = snapshot->space[pool->space];
	text_reserve(body, 256 + items->bytes + 128 * items->count);
	text_printf(body, "{\"vm\":\"%s\",\"pool\":\"%s\",\"generation\":", vm_id_text(request->vm),
		    pool->name);
	text_u64(body, snapshot->generation);
	text_literal(body, ",\"acknowledged\":");
	text_u64(body, snapshot->acknowledged);
	text_literal(body, ",\"items\":");
	write_items(body, &listing, items);
	text_literal(body, ",\"removing\":");
	if (pool->space == SPACE_EXTERNAL)
		write_items(body, &listing, snapshot->tombstones);
	else
		text_literal(body, "[]");
	text_putc(body, '}');
	return true;
}

bool api_get_item(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct api_pool *pool = api_find_pool(request, err);
	const struct snapshot *snapshot = pool ? api_snapshot(request, err) : NULL;
	const struct stored_item *item;
	struct listing listing;

	if (!snapshot || !begin_listing(request, snapshot, pool->space, &listing, err))
		return false;
	item = api_find_item(request, snapshot, pool->space, request->part[2], err);
	if (item)
		write_item(body, &listing, item);
	return item != NULL;
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

static bool read_flags(const json_t *list, struct exchange_change *change, struct okvp_error *err)
{
	change->flagged = list != NULL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *name = json_array_get(list, i);

		if (!json_is_string(name))
			return okvp_fail(err, OKVP_WRONG_TYPE, "'flags' are strings");
		if (!api_flag_add(json_string_value(name), json_string_length(name), &change->flags,
				  err))
			return false;
	}
	return true;
}

/* Reads one change: a key, a value and flags; of a removal, a key alone. */
static bool read_one(json_t *entry, struct exchange_change *change, struct okvp_error *err)
{
	json_t *key = NULL, *value = NULL, *flags = NULL;
	const struct api_member members[] = {
		{ "key", &key, API_STRING, API_NEEDED },
		{ "value", &value, API_STRING, API_NEEDED },
		{ "flags", &flags, API_LIST, API_OPTIONAL },
	};

	if (change->verb == EXCHANGE_REMOVE)
		return json_is_string(entry) ? api_read_item(entry, NULL, &change->item, err)
					     : okvp_fail(err, OKVP_WRONG_TYPE, "not a string");
	return api_read_members(entry, members, count_of(members), err) &&
	       api_read_item(key, value, &change->item, err) && read_flags(flags, change, err);
}

static bool read_changes(struct batch *batch, const struct verb *verb, const json_t *list,
			 struct okvp_error *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct exchange_change *change = &batch->change[batch->call.count++];

		change->verb = verb->verb;
		change->space = batch->call.cleared_space;
		if (!read_one(json_array_get(list, i), change, err))
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

void api_batch_finished(struct exchange_call *call)
{
	struct api_request *request = call->context;
	char job[GUID_TEXT_SIZE];
	struct text body = { 0 };

	if (call->error.status != OKVP_OK) {
		api_fail(request, &call->error, &call->keys, call->has_job ? &call->job : NULL);
		return;
	}
	text_printf(&body, "{\"job\":\"%s\",\"generation\":", guid_to_text(&call->job, job));
	text_u64(&body, call->generation);
	text_putc(&body, '}');
	api_answer_body(request, 200, &body);
}

void api_change_items(struct api_request *request)
{
	struct batch *batch = arena_new(request->arena, struct batch);
	struct okvp_error error;
	const struct api_pool *pool = api_find_pool(request, &error);

	batch->request = request;
	batch->call = (struct exchange_call){
		.vm = request->vm,
		.changes = batch->change,
		.cleared_space = pool ? pool->space : SPACE_EXTERNAL,
		.principal = request->http->principal,
		.finished = api_batch_finished,
		.context = request,
	};
	if (!pool || !read_batch(batch, &error))
		api_fail(request, &error, NULL, NULL);
	else
		exchange_submit(host_exchange(request->host), &batch->call);
}
