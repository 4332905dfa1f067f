/* SPDX-License-Identifier: MIT */
/* own_server.c -- docs/protocol.md, "openkvp's own protocol", as the guest has it. */
#include "agent/own_server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/adapters.h"
#include "agent/netlink.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define NETWORK_PAUSE_MS 100
#define RETRY_PAUSE_MS   5000 /* of a pool: to look at it takes as long while it is locked */
#define ADAPTERS_MAX     OKVP_OWN_PIECE_MAX /* the host keeps no more */

static bool is_spoken(const struct own_server *server)
{
	return okvp_guest_session_own(server->session) > 0;
}

static int time_left(uint64_t due_ms)
{
	uint64_t now = clock_monotonic_ms();

	return due_ms > now ? (int)(due_ms - now) : 0;
}

/* --- Sending --- */

static void send_message(struct own_server *server, uint32_t type, uint32_t sequence,
			 const void *body, size_t length)
{
	const struct okvp_own_message message = { type, sequence, body, length };
	struct okvp_error err;

	server->said_ms = clock_monotonic_ms();
	if (!okvp_guest_session_send(server->session, &message, &err))
		log_warning("host", "%s", err.message);
}

static void answer_with_text(struct own_server *server, uint32_t type, uint32_t sequence,
			     uint32_t status, const char *text)
{
	const struct okvp_own_result result = {
		.status = status,
		.text = text,
		.text_length = (uint16_t)strnlen(text, OKVP_OWN_TEXT_MAX),
	};
	uint8_t body[OKVP_OWN_RESULT_SIZE_MAX];
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	okvp_own_write_result(&out, &result);
	send_message(server, type + OKVP_OWN_ANSWER, sequence, body, out.at);
}

static void answer_with_status(struct own_server *server, const struct okvp_own_message *request,
			       uint32_t status)
{
	answer_with_text(server, request->type, request->sequence, status, "");
}

/* --- Pools --- */

/* A pool cannot be read: the host is told when it can. */
static void put_off(struct own_server *server, enum okvp_pool pool, const struct okvp_error *why)
{
	if (!server->pool[pool].unread)
		log_warning("disk", "%s; tried again every %d s", why->message,
			    RETRY_PAUSE_MS / 1000);
	server->pool[pool].dirty = server->pool[pool].unread = true;
	server->pool[pool].retry_ms = clock_monotonic_ms() + RETRY_PAUSE_MS;
}

static bool list(struct own_server *server, enum okvp_pool pool, struct listing *ret_listing)
{
	struct okvp_error err;

	if (time_left(server->pool[pool].retry_ms) > 0)
		return false;
	if (pools_list(server->pools, pool, ret_listing, &err))
		return true;
	put_off(server, pool, &err);
	listing_done(ret_listing);
	return false;
}

/* The host is about to be told what a listing holds. */
static void note_told(struct own_server *server, enum okvp_pool pool, const struct listing *listing)
{
	known_take(&server->pool[pool].known, listing);
	server->pool[pool].version = pools_version(server->pools, pool);
	server->pool[pool].dirty = server->pool[pool].unread = false;
}

/* Says how all pools stand. */
static void stand(struct own_server *server)
{
	struct okvp_own_state state = {
		.key_bytes = OKVP_LINUX_KEY_BYTES,
		.value_bytes = OKVP_LINUX_VALUE_BYTES,
		.abilities = setup_is_possible() ? OKVP_OWN_CAN_SET_IP : 0,
	};
	uint8_t body[OKVP_OWN_STATE_SIZE];
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	for (enum okvp_pool pool = 0; pool < OKVP_OWN_POOLS; pool++) {
		scoped(listing_done) struct listing listing = { 0 };

		state.pool[pool].count = OKVP_OWN_UNREAD_COUNT;
		state.pool[pool].digest = OKVP_OWN_UNREAD_DIGEST;
		if (!list(server, pool, &listing))
			continue;
		note_told(server, pool, &listing);
		state.pool[pool].count = (uint32_t)listing.count;
		state.pool[pool].digest = listing.digest;
	}
	okvp_own_write_state(&out, &state);
	send_message(server, OKVP_OWN_STATE, 0, body, sizeof(body));
}

static void send_change(struct own_server *server, struct okvp_own_changed *changed,
			const struct listing *listing)
{
	scoped(text_done) struct text body = { 0 };
	struct wire_writer out;
	const char *records;
	size_t size;

	records = listing_records(listing, changed->at, changed->at + changed->come, &size);
	if (OKVP_OWN_CHANGED_SIZE + size > OKVP_OWN_BODY_MAX) {
		changed->untold = true;
		changed->at = changed->gone = changed->come = 0;
		size = 0;
	}
	text_reserve(&body, OKVP_OWN_CHANGED_SIZE + size);
	out = wire_writer_on(body.bytes, OKVP_OWN_CHANGED_SIZE + size);
	okvp_own_write_changed(&out, changed);
	wire_write_bytes(&out, records, size);
	send_message(server, OKVP_OWN_CHANGED, 0, body.bytes, out.at);
}

/* Tells what is different in a pool from what the host knows. */
static void tell_pool(struct own_server *server, enum okvp_pool pool)
{
	scoped(listing_done) struct listing listing = { 0 };
	struct okvp_own_changed changed = { .pool = pool, .untold = server->pool[pool].unread };
	struct difference difference = { 0 };

	if (!list(server, pool, &listing))
		return;
	if (!changed.untold)
		difference = known_compare(&server->pool[pool].known, &listing);
	if (changed.untold || difference.gone > 0 || difference.come > 0) {
		changed.before = server->pool[pool].known.digest;
		changed.after = listing.digest;
		changed.count = (uint32_t)listing.count;
		changed.at = (uint32_t)difference.at;
		changed.gone = (uint32_t)difference.gone;
		changed.come = (uint32_t)difference.come;
		send_change(server, &changed, &listing);
	}
	note_told(server, pool, &listing);
}

/* --- What the host asks --- */

/* What the batch made of the pool is known without reading it, unless somebody else has been there
 * since it was listed. */
static void follow_batch(struct own_server *server, struct okvp_own_batch *batch)
{
	enum okvp_pool pool = batch->pool;
	struct okvp_own_record record;

	while (okvp_own_next_record(&batch->records, &record))
		known_apply(&server->pool[pool].known, &record);
	if (pools_version(server->pools, pool) != server->pool[pool].version)
		server->pool[pool].dirty = true;
}

static void answer_batch(struct own_server *server, const struct okvp_own_message *request)
{
	uint8_t body[OKVP_OWN_BATCH_ANSWER_SIZE(OKVP_OWN_BATCH_MAX)];
	struct wire_writer out = wire_writer_on(body, sizeof(body));
	struct okvp_own_batch_answer answer;
	struct okvp_own_batch batch, again;

	if (!okvp_own_read_batch(request->body, request->length, &batch, NULL)) {
		answer_with_status(server, request, OKVP_IC_INVALID_ARGUMENT);
		return;
	}
	again = batch;
	pools_apply(server->pools, &batch, &answer);
	if (answer.status == OKVP_IC_OK)
		follow_batch(server, &again);
	okvp_own_write_batch_answer(&out, &answer);
	send_message(server, request->type + OKVP_OWN_ANSWER, request->sequence, body, out.at);
}

/* How many records from one on go into a message. */
static size_t count_fitting(const struct listing *listing, size_t first)
{
	size_t end = first, room = OKVP_OWN_BODY_MAX - OKVP_OWN_READ_ANSWER_SIZE;

	while (end < listing->count && listing->offset[end + 1] - listing->offset[first] <= room)
		end++;
	return end - first;
}

static void answer_reading(struct own_server *server, const struct okvp_own_message *request)
{
	scoped(listing_done) struct listing listing = { 0 };
	scoped(text_done) struct text body = { 0 };
	struct okvp_own_read_answer answer = { .status = OKVP_IC_OK };
	struct okvp_own_read read;
	struct wire_writer out;
	const char *records;
	size_t size;

	if (!okvp_own_read_read(request->body, request->length, &read, NULL)) {
		answer_with_status(server, request, OKVP_IC_INVALID_ARGUMENT);
		return;
	}
	if (!list(server, read.pool, &listing)) {
		answer_with_status(server, request, OKVP_IC_FAIL);
		return;
	}
	answer.pool = read.pool;
	answer.digest = listing.digest;
	answer.total = (uint32_t)listing.count;
	answer.first = read.first;
	if (read.first < listing.count)
		answer.count = (uint32_t)count_fitting(&listing, read.first);
	records = listing_records(&listing, read.first, read.first + answer.count, &size);
	text_reserve(&body, OKVP_OWN_READ_ANSWER_SIZE + size);
	out = wire_writer_on(body.bytes, OKVP_OWN_READ_ANSWER_SIZE + size);
	okvp_own_write_read_answer(&out, &answer);
	wire_write_bytes(&out, records, size);
	send_message(server, request->type + OKVP_OWN_ANSWER, request->sequence, body.bytes,
		     out.at);
}

static uint32_t setup_status(enum okvp_status status)
{
	switch (status) {
	case OKVP_OK:
		return OKVP_IC_OK;
	case OKVP_NOT_FOUND:
		return OKVP_IC_NOT_FOUND;
	case OKVP_UNSUPPORTED:
		return OKVP_IC_NOT_SUPPORTED;
	default:
		return OKVP_IC_FAIL;
	}
}

/* One adapter is set up at a time; the answer comes when that is over. */
static void begin_setup(struct own_server *server, const struct okvp_own_message *request)
{
	struct okvp_adapter *wanted = xmalloc(sizeof(*wanted));
	struct okvp_error err = { .status = OKVP_OK };

	if (!okvp_own_read_adapter(request->body, request->length, wanted, &err)) {
		answer_with_status(server, request, OKVP_IC_INVALID_ARGUMENT);
	} else if (server->setup) {
		answer_with_text(server, request->type, request->sequence, OKVP_IC_FAIL,
				 "another adapter is being set up");
	} else if (setup_begin(wanted, &server->setup, &err)) {
		server->setup_sequence = request->sequence;
		server->setup_greeting = server->greeting;
	} else {
		log_warning("network", "an adapter was not set up: %s", err.message);
		answer_with_text(server, request->type, request->sequence, setup_status(err.status),
				 err.message);
	}
	free(wanted);
}

/* Who was greeted anew meanwhile has forgotten the request. */
static void follow_setup(struct own_server *server)
{
	struct okvp_error err;

	if (!server->setup || !setup_turn(server->setup, &err))
		return;
	setup_free(&server->setup);
	if (err.status == OKVP_OK)
		log_info("network", "an adapter was set up as the host wants it");
	else
		log_warning("network", "an adapter was not set up: %s", err.message);
	if (server->setup_greeting == server->greeting)
		answer_with_text(server, OKVP_OWN_SET_IP, server->setup_sequence,
				 setup_status(err.status),
				 err.status == OKVP_OK ? "" : err.message);
}

static void answer_requests(struct own_server *server)
{
	struct okvp_own_message request;

	while (okvp_guest_session_next_own(server->session, &request)) {
		if (request.type == OKVP_OWN_BATCH)
			answer_batch(server, &request);
		else if (request.type == OKVP_OWN_READ)
			answer_reading(server, &request);
		else if (request.type == OKVP_OWN_SET_IP)
			begin_setup(server, &request);
		else if (okvp_own_is_request(request.type))
			answer_with_status(server, &request, OKVP_IC_NOT_SUPPORTED);
	}
}

/* --- The network --- */

static void write_adapters(const struct machine_adapters *adapters, struct wire_writer *out)
{
	size_t count = 0, end = OKVP_OWN_PIECE_MAX;
	struct wire_writer head = *out;

	okvp_own_write_adapters_head(out, 0);
	for (size_t i = 0; i < adapters->count; i++) {
		struct wire_writer with = *out;

		okvp_own_write_adapter(&with, &adapters->list[i].adapter);
		if (!wire_written(&with) || with.at > end)
			break; /* the rest has no room */
		*out = with;
		count++;
	}
	okvp_own_write_adapters_head(&head, count);
}

static void tell_adapters(struct own_server *server)
{
	struct machine_adapters adapters = { 0 };
	uint8_t *body = xmalloc(ADAPTERS_MAX);
	struct wire_writer out = wire_writer_on(body, ADAPTERS_MAX);
	struct okvp_error err;

	server->adapters_dirty = false;
	if (adapters_read(&adapters, &err)) {
		write_adapters(&adapters, &out);
		send_message(server, OKVP_OWN_ADAPTERS, 0, body, out.at);
	} else {
		log_warning("network", "%s", err.message);
	}
	adapters_done(&adapters);
	free(body);
}

/* --- Turns --- */

static void open_watches(struct own_server *server)
{
	struct okvp_error err;

	if (server->watching)
		return;
	server->watching = true;
	server->network_fd = netlink_open_events();
	if (!watch_open(pools_folder(server->pools), &server->watch, &err))
		log_warning("disk", "%s: changes by others are not told to the host", err.message);
}

/* The host has greeted this guest: it is told everything that it does not ask for. */
static void answer_greeting(struct own_server *server)
{
	uint64_t greeting = okvp_guest_session_greeting(server->session);

	if (greeting == server->greeting)
		return;
	server->greeting = greeting;
	open_watches(server);
	stand(server);
	tell_adapters(server);
}

void own_server_poll(const struct own_server *server, struct pollfd polls[static OWN_DESCRIPTORS])
{
	bool watching = is_spoken(server) && server->watching;
	int fds[OWN_DESCRIPTORS] = {
		[OWN_WATCH] = server->watch ? watch_descriptor(server->watch) : -1,
		[OWN_NETWORK] = server->network_fd,
		[OWN_FACTS] = pools_facts_descriptor(server->pools),
		[OWN_SETUP] = server->setup ? setup_descriptor(server->setup) : -1,
	};

	for (size_t i = 0; i < OWN_DESCRIPTORS; i++)
		polls[i] = (struct pollfd){ .fd = watching ? fds[i] : -1, .events = POLLIN };
}

/* Other writers' changes have another version than what was listed; our own have not. */
static void take_file_events(struct own_server *server)
{
	bool changed[OKVP_POOL_COUNT];
	struct okvp_error err;

	watch_read(server->watch, changed);
	for (enum okvp_pool pool = 0; pool < OKVP_OWN_POOLS; pool++) {
		if (!changed[pool] || server->pool[pool].dirty)
			continue;
		if (!pools_look(server->pools, pool, &err))
			put_off(server, pool, &err);
		else if (pools_version(server->pools, pool) != server->pool[pool].version)
			server->pool[pool].dirty = true;
	}
}

static void take_events(struct own_server *server,
			const struct pollfd polls[static OWN_DESCRIPTORS])
{
	eventfd_t ignored;

	if (polls[OWN_WATCH].revents)
		take_file_events(server);
	if (polls[OWN_FACTS].revents) {
		eventfd_read(polls[OWN_FACTS].fd, &ignored);
		server->pool[OKVP_POOL_AUTO].dirty = true;
	}
	if (polls[OWN_NETWORK].revents) {
		netlink_drain(server->network_fd);
		if (!server->adapters_dirty)
			server->adapters_due_ms = clock_monotonic_ms() + NETWORK_PAUSE_MS;
		server->adapters_dirty = true;
	}
}

static bool may_tell(const struct own_server *server)
{
	size_t waiting;

	okvp_guest_session_output(server->session, &waiting);
	return waiting == 0;
}

/* What changes while the host does not read is told together, when it does. */
static void tell_news(struct own_server *server)
{
	if (server->adapters_dirty && clock_monotonic_ms() >= server->adapters_due_ms &&
	    may_tell(server)) {
		tell_adapters(server);
		server->pool[OKVP_POOL_AUTO].dirty = true;
	}
	for (enum okvp_pool pool = 0; pool < OKVP_OWN_POOLS; pool++)
		if (server->pool[pool].dirty && time_left(server->pool[pool].retry_ms) == 0 &&
		    may_tell(server))
			tell_pool(server, pool);
	if (clock_monotonic_ms() - server->said_ms >= OKVP_OWN_HEARTBEAT_MS && may_tell(server))
		send_message(server, OKVP_OWN_HEARTBEAT, 0, NULL, 0);
}

void own_server_turn(struct own_server *server, const struct pollfd polls[static OWN_DESCRIPTORS])
{
	if (!is_spoken(server))
		return;
	answer_greeting(server);
	answer_requests(server);
	take_events(server, polls);
	follow_setup(server);
	tell_news(server);
}

static int sooner(int a, int b)
{
	return a < b ? a : b;
}

int own_server_due(const struct own_server *server)
{
	int due;

	if (!is_spoken(server) || !may_tell(server))
		return -1;
	due = time_left(server->said_ms + OKVP_OWN_HEARTBEAT_MS);
	for (size_t pool = 0; pool < OKVP_OWN_POOLS; pool++)
		if (server->pool[pool].dirty)
			due = sooner(due, time_left(server->pool[pool].retry_ms));
	if (server->setup)
		due = sooner(due, setup_time_left(server->setup));
	if (server->adapters_dirty)
		due = sooner(due, time_left(server->adapters_due_ms));
	return due;
}

void own_server_done(struct own_server *server)
{
	setup_free(&server->setup);
	watch_close(&server->watch);
	if (server->watching && server->network_fd >= 0)
		close(server->network_fd);
	for (size_t pool = 0; pool < OKVP_OWN_POOLS; pool++)
		known_done(&server->pool[pool].known);
}
