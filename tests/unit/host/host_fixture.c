/* SPDX-License-Identifier: MIT */
/* host_fixture.c -- a host on a store in memory, and a guest at a unix socket. */
#include "host_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/delivery.h"
#include "openkvp/scoped.h"
#include "own_guest.h"

const struct principal writer = { .name = "writer", .role = ROLE_WRITE };
const struct principal admin = { .name = "admin", .role = ROLE_ADMIN };

static const struct host_settings settings = {
	.store = { .vms = 20000,
		   .items = 1000,
		   .item_bytes = 100000,
		   .host_only_items = 10,
		   .lazy_ms = 50 },
	.hub.socket_group = -1,
	.channel = { .answer_timeout_ms = 200,
		     .silence_timeout_ms = 60000,
		     .negotiation_timeout_ms = 1000,
		     .silence_notice_ms = 60000 },
	.guest_data_max_age_ms = 1000,
	.guest_read_wait_ms = 500,
	.guest_poll_interval_ms = 60000,
	.guest_items = 8,
	.guest_bytes = 1000,
	.jobs_max = 100,
	.adapter_setups = { 2, 3 },
	.client_objects = { 6, 8 },
	.modify_not_found = JOB_INVALID_PARAMETER,
};

int open_host(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct okvp_error err;

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	uv_loop_init(&fixture->loop);
	strcpy(fixture->folder, "/tmp/openkvp-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->address, sizeof(fixture->address), "unix-listen:%s/vm", fixture->folder);
	if (!host_open(&fixture->loop, &settings, &fixture->host, &err))
		fail_msg("%s", err.message);
	*state = fixture;
	return 0;
}

static void guest_closed(uv_handle_t *handle)
{
	struct guest *guest = handle->data;

	okvp_guest_session_free(&guest->session);
}

int close_host(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->guest.open)
		uv_close((uv_handle_t *)&fixture->guest.pipe, guest_closed);
	host_close(&fixture->host);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

/* --- The guest --- */

static size_t find(const struct guest *guest, uint8_t pool, const struct okvp_item *item)
{
	size_t i = 0;

	while (i < guest->count &&
	       (guest->item[i].pool != pool || strlen(guest->item[i].key) != item->key_length ||
		memcmp(guest->item[i].key, item->key, item->key_length) != 0))
		i++;
	return i;
}

const char *guest_value(const struct guest *guest, uint8_t pool, const char *key)
{
	size_t i = find(guest, pool,
			&(struct okvp_item){ .key = key, .key_length = (uint16_t)strlen(key) });

	return i < guest->count ? guest->item[i].value : NULL;
}

void guest_put(struct guest *guest, uint8_t pool, const char *key, const char *value)
{
	const struct okvp_item item = { .key = key, .key_length = (uint16_t)strlen(key) };
	size_t i = find(guest, pool, &item);

	assert_true(i < GUEST_ITEMS_MAX);
	guest->item[i].pool = pool;
	snprintf(guest->item[i].key, sizeof(guest->item[i].key), "%s", key);
	snprintf(guest->item[i].value, sizeof(guest->item[i].value), "%s", value);
	guest->count += i == guest->count;
}

static void remove_at(struct guest *guest, size_t i)
{
	guest->count--;
	memmove(&guest->item[i], &guest->item[i + 1], (guest->count - i) * sizeof(guest->item[0]));
}

void guest_remove(struct guest *guest, uint8_t pool, const char *key)
{
	size_t i = find(guest, pool,
			&(struct okvp_item){ .key = key, .key_length = (uint16_t)strlen(key) });

	assert_true(i < guest->count);
	remove_at(guest, i);
}

static void note(struct guest *guest, const char *verb, const struct okvp_kvp_message *request)
{
	size_t length = strlen(guest->log);

	if (request->pool == OKVP_POOL_EXTERNAL)
		snprintf(guest->log + length, sizeof(guest->log) - length, "%s %.*s;", verb,
			 request->item.key_length, request->item.key);
}

static uint32_t serve_set(struct guest *guest, const struct okvp_kvp_message *request)
{
	char key[64], value[64];

	snprintf(key, sizeof(key), "%.*s", request->item.key_length, request->item.key);
	snprintf(value, sizeof(value), "%.*s", request->item.value_length, request->item.value);
	note(guest, "set", request);
	if (guest->refuses && strcmp(guest->refuses, key) == 0)
		return OKVP_IC_FAIL;
	guest_put(guest, request->pool, key, value);
	return OKVP_IC_OK;
}

static uint32_t serve_delete(struct guest *guest, const struct okvp_kvp_message *request)
{
	size_t i = find(guest, request->pool, &request->item);

	note(guest, "delete", request);
	if (i == guest->count)
		return OKVP_IC_NO_MORE_ITEMS;
	remove_at(guest, i);
	return OKVP_IC_OK;
}

static uint32_t serve_enumerate(struct guest *guest, struct okvp_kvp_message *request)
{
	uint32_t left = request->index;

	for (size_t i = 0; i < guest->count; i++) {
		if (guest->item[i].pool != request->pool || left-- > 0)
			continue;
		request->item.key = guest->item[i].key;
		request->item.key_length = (uint16_t)strlen(guest->item[i].key);
		request->item.value = guest->item[i].value;
		request->item.value_length = (uint16_t)strlen(guest->item[i].value);
		return OKVP_IC_OK;
	}
	return OKVP_IC_NO_MORE_ITEMS;
}

uint32_t guest_apply(struct guest *guest, struct okvp_kvp_message *request)
{
	switch (request->operation) {
	case OKVP_KVP_SET:
		return serve_set(guest, request);
	case OKVP_KVP_DELETE:
		return serve_delete(guest, request);
	default:
		return serve_enumerate(guest, request);
	}
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
	static char buffer[65536];

	*ret_buffer = uv_buf_init(buffer, sizeof(buffer));
}

void guest_write(struct guest *guest)
{
	const uint8_t *bytes;
	size_t size;

	while ((bytes = okvp_guest_session_output(guest->session, &size))) {
		uv_buf_t out = uv_buf_init((char *)(uintptr_t)bytes, (unsigned int)size);
		int written = uv_try_write((uv_stream_t *)&guest->pipe, &out, 1);

		assert_true(written > 0);
		okvp_guest_session_sent(guest->session, (size_t)written);
	}
}

static void read_host(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct guest *guest = stream->data;
	struct okvp_kvp_message request;

	if (count <= 0)
		return;
	okvp_guest_session_receive(guest->session, buffer->base, (size_t)count, NULL);
	while (!guest->silent && okvp_guest_session_next(guest->session, &request))
		okvp_guest_session_answer(guest->session, &request, guest_apply(guest, &request));
	own_guest_stand(guest);
	own_guest_serve(guest);
	guest_write(guest);
	if (!okvp_guest_session_wants_input(guest->session))
		uv_read_stop(stream); /* until it speaks again */
}

void guest_speak(struct guest *guest)
{
	guest->silent = false;
	own_guest_serve(guest);
	guest_write(guest);
	uv_read_start((uv_stream_t *)&guest->pipe, give_buffer, read_host);
}

static void guest_connected(uv_connect_t *request, int status)
{
	assert_int_equal(status, 0);
	uv_read_start(request->handle, give_buffer, read_host);
}

void connect_guest(struct fixture *fixture, struct vm *vm)
{
	struct guest *guest = &fixture->guest;

	guest->session = okvp_guest_session_create();
	guest->greeting = 0;
	if (guest->own)
		okvp_guest_session_offer(guest->session, OKVP_OWN_VERSION);
	uv_pipe_init(&fixture->loop, &guest->pipe, 0);
	guest->pipe.data = guest;
	guest->open = true;
	uv_pipe_connect(&guest->connect, &guest->pipe, strchr(fixture->address, '/'),
			guest_connected);
	run_until(fixture, vm_status(vm).contact == VM_CONTACT_OPEN);
}

void disconnect_guest(struct fixture *fixture, struct vm *vm)
{
	uv_close((uv_handle_t *)&fixture->guest.pipe, guest_closed);
	fixture->guest.open = false;
	run_until(fixture, vm_status(vm).contact == VM_CONTACT_NONE && !fixture->guest.session);
}

/* --- The host --- */

static void vm_changed(struct exchange_vm_call *call)
{
	__atomic_store_n((bool *)call->context, true, __ATOMIC_RELEASE);
}

enum okvp_status call_vm(struct fixture *fixture, struct exchange_vm_call call)
{
	bool finished = false;

	if (call.principal.role == ROLE_NONE)
		call.principal = admin;
	call.finished = vm_changed;
	call.context = &finished;
	exchange_change_vm(host_exchange(fixture->host), &call);
	while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	return call.error.status;
}

bool has_socket(const struct fixture *fixture)
{
	return access(strchr(fixture->address, '/'), F_OK) == 0;
}

struct vm *define_vm(struct fixture *fixture)
{
	const struct exchange_vm_call define = { .verb = VM_DEFINE,
						 .name = "vm",
						 .channel = fixture->address };

	assert_int_equal(call_vm(fixture, define), OKVP_OK);
	run_until(fixture, has_socket(fixture));
	return vm_registry_find(host_vms(fixture->host), "VM");
}

static void change_finished(struct exchange_call *call)
{
	struct change *change = call->context;

	change->finished = true;
}

void submit(struct fixture *fixture, struct vm *vm, struct change *change,
	    const struct exchange_change *changes, size_t count)
{
	if (change->call.principal.role == ROLE_NONE)
		change->call.principal = writer;
	change->call.vm = vm;
	change->call.changes = changes;
	change->call.count = count;
	change->call.finished = change_finished;
	change->call.context = change;
	change->finished = false;
	exchange_submit(host_exchange(fixture->host), &change->call);
	while (!*(volatile bool *)&change->finished)
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

struct exchange_change change_of(enum exchange_verb verb, const char *key, const char *value)
{
	return (struct exchange_change){
		.verb = verb,
		.space = SPACE_EXTERNAL,
		.item = { .key = key,
			  .key_length = (uint16_t)strlen(key),
			  .value = value,
			  .value_length = value ? (uint16_t)strlen(value) : 0 },
	};
}

struct job job_of(struct fixture *fixture, const struct change *change)
{
	static char text[1200];
	struct arena *arena scoped(arena_free) = arena_create();
	struct job job;

	assert_true(change->call.has_job);
	assert_true(jobs_find(host_jobs(fixture->host), &change->call.job, arena, &job));
	snprintf(text, sizeof(text), "%s", job.text);
	job.text = text;
	return job;
}

bool has_ended(struct fixture *fixture, const struct change *change)
{
	return job_of(fixture, change).state != JOB_RUNNING;
}

struct delivery_view delivery_of(struct vm *vm, const char *key)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);
	struct stored_item *item = snapshot_find(snapshot, SPACE_EXTERNAL, key, strlen(key));

	if (!item)
		item = snapshot_find_tombstone(snapshot, key, strlen(key));
	assert_non_null(item);
	return delivery_look(vm, snapshot, item);
}
