/* SPDX-License-Identifier: MIT */
/* provider_world.c -- all providers over a host on a store in memory. */
#include "provider_world.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "openkvp/scoped.h"
#include "provider/providers.h"

int open_world_without_items(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	open_host((void **)&world->host);
	world->service = cim_service_create(providers, world->host->host);
	world->arena = arena_create();
	world->vm = define_vm(world->host);
	*state = world;
	return 0;
}

int open_world(void **state)
{
	struct exchange_change item = change_of(EXCHANGE_ADD, "color", "blue");
	struct change change = { .call.kind = JOB_ADD };
	struct world *world;

	open_world_without_items(state);
	world = *state;
	submit(world->host, world->vm, &change, &item, 1);
	guid_to_text(&change.call.job, world->job);
	return 0;
}

int close_world(void **state)
{
	struct world *world = *state;

	vm_release(&world->vm);
	arena_free(&world->arena);
	cim_service_free(&world->service);
	close_host((void **)&world->host);
	free(world);
	return 0;
}

const char *expand(struct world *world, const char *pattern)
{
	const struct {
		const char *word, *text;
	} words[] = {
		{ "<HOST>", host_name(world->host->host) },
		{ "<VM>", vm_id_text(world->vm) },
		{ "<JOB>", world->job },
	};
	scoped(text_done) struct text text = { 0 };

	while (*pattern) {
		size_t i = 0;

		while (i < count_of(words) &&
		       strncmp(pattern, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i < count_of(words)) {
			text_puts(&text, words[i].text);
			pattern += strlen(words[i].word);
		} else {
			text_putc(&text, *pattern++);
		}
	}
	return arena_text(world->arena, text.bytes, text.length);
}

const struct cim_object_path *path_of(struct world *world, const char *ns, const char *pattern)
{
	struct cim_object_path *path = arena_new(world->arena, struct cim_object_path);
	const char *text = expand(world, pattern);
	struct okvp_error err;

	if (!cim_path_from_text(world->arena, text, strlen(text), path, &err))
		fail_msg("%s: %s", text, err.message);
	path->ns = ns;
	return path;
}

struct cim_enumeration *open_listing(struct world *world,
				     const struct cim_enumeration_request *request)
{
	struct cim_enumeration *listing;
	struct cim_error err;

	if (!cim_enumeration_open(world->service, request, &listing, &err))
		fail_msg("%s", err.message);
	return listing;
}

const char *read_all(struct world *world, struct cim_enumeration *listing)
{
	scoped(text_done) struct text text = { 0 };
	const struct cim_instance *instance;

	for (; (instance = cim_enumeration_peek(listing)); cim_enumeration_advance(listing)) {
		struct cim_object_path path = *cim_instance_path(instance);

		path.ns = NULL;
		text_printf(&text, "%s\n", cim_path_to_text(world->arena, &path, NULL));
	}
	cim_enumeration_close(&listing);
	return arena_text(world->arena, text.bytes ? text.bytes : "", text.length);
}

const char *query(struct world *world, const char *ns, const char *pattern)
{
	const char *text = expand(world, pattern);
	const struct cim_enumeration_request request = {
		.ns = ns,
		.query = text,
		.query_length = strlen(text),
	};

	return read_all(world, open_listing(world, &request));
}

static void finished(struct cim_operation *operation)
{
	atomic_store((atomic_bool *)operation->binding, true);
}

struct cim_operation *begin(struct world *world, const struct principal *user)
{
	struct cim_operation *operation = arena_new(world->arena, struct cim_operation);

	operation->service = world->service;
	operation->arena = world->arena;
	operation->principal = *user;
	operation->peer = "test";
	operation->finished = finished;
	operation->binding = arena_new(world->arena, atomic_bool);
	return operation;
}

void wait_for(struct world *world, struct cim_operation *operation)
{
	while (!atomic_load((atomic_bool *)operation->binding))
		uv_run(&world->host->loop, UV_RUN_NOWAIT);
}

const struct cim_instance *get(struct world *world, const char *ns, const char *pattern)
{
	struct cim_operation *operation = begin(world, &admin);

	cim_get(operation, path_of(world, ns, pattern));
	wait_for(world, operation);
	if (operation->error.status != CIM_STATUS_OK)
		fail_msg("%s", operation->error.message);
	return operation->instance;
}

bool is_set(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	return value && value->is_set;
}

const char *text_of(const struct cim_instance *instance, enum cim_property_id id)
{
	assert_true(is_set(instance, id));
	return cim_get_value(instance, id)->string.bytes;
}

uint64_t number_of(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	assert_true(is_set(instance, id));
	return value->is_array ? value->array.item[0].uint : value->uint;
}
