/* SPDX-License-Identifier: MIT */
/* value.c -- values byte by byte, however large: .../items/{pool}/{key}/value,
 * .../guest/{key}/value
 */
#include "front/json/request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "front/json/flags.h"
#include "front/json/large.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

static void answer_value(struct api_request *request, const struct snapshot *snapshot,
			 enum item_space space, const struct stored_item *item)
{
	struct okvp_error error;
	struct text value = { 0 };

	if (((item->flags & ITEM_SECRET) && !api_check_secrets(request, &error)) ||
	    !api_large_join(snapshot, space, item, &value, &error))
		api_fail(request, &error, NULL, NULL);
	else
		http_answer(request->exchange, 200, "application/octet-stream", &value);
}

static void get_value(struct api_request *request, enum item_space space, const char *key)
{
	struct okvp_error error;
	const struct snapshot *snapshot = api_snapshot(request, &error);
	const struct stored_item *item =
		snapshot ? api_find_item(request, snapshot, space, key, &error) : NULL;

	if (item)
		answer_value(request, snapshot, space, item);
	else
		api_fail(request, &error, NULL, NULL);
}

void api_get_value(struct api_request *request)
{
	struct okvp_error error;
	const struct api_pool *pool = api_find_pool(request, &error);

	if (pool)
		get_value(request, pool->space, request->part[2]);
	else
		api_fail(request, &error, NULL, NULL);
}

/* What programs of the guest publish, and what it says of itself. */
static void guest_refreshed(void *context)
{
	struct api_request *request = context;
	const char *key = request->part[1];
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(request->vm);
	bool intrinsic = snapshot && !snapshot_find(snapshot, SPACE_GUEST, key, strlen(key)) &&
			 snapshot_find(snapshot, SPACE_INTRINSIC, key, strlen(key));

	get_value(request, intrinsic ? SPACE_INTRINSIC : SPACE_GUEST, key);
}

void api_get_guest_value(struct api_request *request)
{
	api_refresh(request, guest_refreshed);
}

/* --- Putting --- */

/* A value on its way; lives in the request's arena. */
struct put {
	struct api_request *request;
	const char *key;
	enum item_space space;
	bool flagged, numbered;
	unsigned int flags;
	struct okvp_item *items; /* malloc'ed, released by the arena */
	size_t count;
	struct exchange_call call;
	struct exchange_change *change;
	uint64_t if_generation;
};

static bool read_flags(struct put *put, struct okvp_error *err)
{
	const char *list = http_query(put->request->exchange, "flags");

	put->flagged = list != NULL;
	while (list && *list) {
		size_t length = strcspn(list, ",");

		if (!api_flag_add(list, length, &put->flags, err))
			return false;
		list += length + (list[length] == ',');
	}
	return true;
}

static bool read_split(struct put *put, struct okvp_error *err)
{
	const char *split = http_query(put->request->exchange, "split");

	put->numbered = split != NULL;
	return !split || strcmp(split, "numbered") == 0 ||
	       okvp_fail(err, OKVP_INVALID, "'split' can be 'numbered' and nothing else");
}

static bool read_parameters(struct put *put, struct okvp_error *err)
{
	struct api_request *request = put->request;

	if (!read_flags(put, err) || !read_split(put, err) ||
	    !api_query_number(request, "if_generation", INT64_MAX, &put->if_generation, err))
		return false;
	if (http_query(request->exchange, "if_generation"))
		put->call.if_generation = &put->if_generation;
	return true;
}

static void add_change(struct put *put, const struct okvp_item *item)
{
	put->change[put->call.count++] = (struct exchange_change){
		.verb = EXCHANGE_PUT,
		.space = put->space,
		.item = *item,
		.flagged = put->flagged,
		.flags = put->flags,
	};
}

/* A value that stays on the host may be larger than an exchanged one before it is split. */
static bool fits_host_only(const struct put *put, struct okvp_item *ret_item)
{
	const struct http_request *http = put->request->http;

	if (put->space != SPACE_HOST_ONLY || http->body_length > OKVP_HOST_ONLY_VALUE_BYTES ||
	    strlen(put->key) > UINT16_MAX)
		return false;
	*ret_item = (struct okvp_item){
		.key = put->key,
		.key_length = (uint16_t)strlen(put->key),
		.value = http->body,
		.value_length = (uint16_t)http->body_length,
	};
	return okvp_item_check_host_only(ret_item, NULL) &&
	       !okvp_large_read_head(ret_item, &(struct okvp_large_head){ 0 });
}

static void release_items(void *items)
{
	free(items);
}

static bool make_value(struct put *put, struct okvp_error *err)
{
	const struct http_request *http = put->request->http;
	struct okvp_item whole, *items;
	size_t count;

	if (fits_host_only(put, &whole)) {
		put->change = arena_new(http->arena, struct exchange_change);
		add_change(put, &whole);
		return true;
	}
	if (!okvp_large_split(put->key, strlen(put->key), http->body, http->body_length, &items,
			      &count, err))
		return false;
	arena_defer(http->arena, release_items, items);
	put->change = arena_array(http->arena, struct exchange_change, count);
	for (size_t i = 0; i < count; i++)
		add_change(put, &items[i]);
	return true;
}

/* --- Numbered pieces: KEY.0, KEY.1 ... --- */

static bool check_numbered(const struct put *put, struct okvp_error *err)
{
	const struct http_request *http = put->request->http;

	if (put->space != SPACE_EXTERNAL)
		return okvp_fail(err, OKVP_INVALID, "what stays on the host is not numbered");
	if (http->body_length == 0)
		return okvp_fail(err, OKVP_INVALID, "the request has no body");
	if (http->body_length > OKVP_LARGE_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "the value has %zu bytes; %d is the most",
				 http->body_length, OKVP_LARGE_MAX);
	if (strlen(put->key) > OKVP_LINUX_KEY_BYTES)
		return okvp_fail(err, OKVP_TOO_LONG, "the key has %zu bytes; %d is the most",
				 strlen(put->key), OKVP_LINUX_KEY_BYTES);
	if (!okvp_utf8_valid(http->body, http->body_length))
		return okvp_fail(err, OKVP_INVALID_TEXT, "the value is no text in UTF-8");
	return true;
}

static struct okvp_item numbered_item(struct arena *arena, const char *key, size_t number,
				      const char *value, size_t length)
{
	const char *name = arena_printf(arena, "%s.%zu", key, number);

	return (struct okvp_item){
		.key = name,
		.key_length = (uint16_t)strlen(name),
		.value = value,
		.value_length = (uint16_t)length,
	};
}

static bool make_numbered(struct put *put, struct okvp_error *err)
{
	const struct http_request *http = put->request->http;
	size_t count = 0;

	if (!check_numbered(put, err))
		return false;
	put->call.numbered = put->key;
	put->change = arena_array(http->arena, struct exchange_change, OKVP_LARGE_PIECES_MAX);
	for (size_t at = 0, length; at < http->body_length; at += length) {
		struct okvp_item item;

		length = okvp_large_piece(http->body + at, http->body_length - at);
		item = numbered_item(http->arena, put->key, count++, http->body + at, length);
		add_change(put, &item);
	}
	return true;
}

void api_put_value(struct api_request *request)
{
	struct put *put = arena_new(request->arena, struct put);
	struct okvp_error error;
	const struct api_pool *pool = api_find_pool(request, &error);

	put->request = request;
	put->key = request->part[2];
	put->space = pool ? pool->space : SPACE_EXTERNAL;
	put->call = (struct exchange_call){
		.vm = request->vm,
		.kind = JOB_BATCH,
		.one_value = true,
		.principal = request->http->principal,
		.finished = api_batch_finished,
		.context = request,
	};
	if (!pool || !read_parameters(put, &error) ||
	    !(put->numbered ? make_numbered(put, &error) : make_value(put, &error))) {
		api_fail(request, &error, NULL, NULL);
		return;
	}
	put->call.changes = put->change;
	exchange_submit(host_exchange(request->host), &put->call);
}
