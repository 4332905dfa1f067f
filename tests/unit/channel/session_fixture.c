/* SPDX-License-Identifier: MIT */
/* session_fixture.c -- a session and its guest. */
#include "session_fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* A request that a test did not take makes room for the next. */
static bool to_guest(void *context, const void *bytes, size_t size)
{
	struct fixture *fixture = context;
	struct okvp_own_message ignored;

	while (!okvp_guest_session_wants_input(fixture->guest))
		okvp_guest_session_next_own(fixture->guest, &ignored);
	fixture->sent += size;
	memcpy(fixture->last, bytes, size < sizeof(fixture->last) ? size : sizeof(fixture->last));
	if (!fixture->deaf)
		okvp_guest_session_receive(fixture->guest, bytes, size, NULL);
	return true;
}

static void pause_stream(void *context, bool paused)
{
	struct fixture *fixture = context;

	fixture->paused = paused;
}

static void reconnect(void *context)
{
	fail_msg("the session wants a new stream");
}

static void state_told(void *context, enum channel_state state, const char *reason)
{
	struct fixture *fixture = context;

	fixture->told = state;
	snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
}

static void heard(void *context)
{
	struct fixture *fixture = context;

	fixture->heard++;
}

static void batch_told(void *context, const uint32_t *status, size_t count)
{
	struct fixture *fixture = context;

	assert_true(count <= OKVP_OWN_BATCH_MAX);
	memcpy(fixture->status, status, count * sizeof(*status));
	fixture->status_count = count;
	fixture->batches++;
}

static void note_item(struct fixture *fixture, const struct okvp_item *item)
{
	size_t length = strlen(fixture->keys);

	snprintf(fixture->keys + length, sizeof(fixture->keys) - length, "%.*s=%.*s;",
		 item->key_length, item->key, item->value_length, item->value);
}

static void part_told(void *context, struct channel_part *part)
{
	struct fixture *fixture = context;
	struct okvp_item item;

	fixture->keys[0] = '\0';
	while (channel_part_next(part, &item))
		note_item(fixture, &item);
	fixture->part = *part;
	fixture->parts++;
}

static void ip_told(void *context, uint32_t status, const struct okvp_adapter *adapter,
		    const char *text)
{
	struct fixture *fixture = context;

	fixture->ip_status = status;
	fixture->ip_has_adapter = adapter;
	if (adapter)
		fixture->ip_adapter = *adapter;
	snprintf(fixture->ip_text, sizeof(fixture->ip_text), "%s", text);
	fixture->ips++;
}

static void stand_told(void *context, const struct okvp_own_state *state)
{
	struct fixture *fixture = context;

	fixture->state = *state;
	fixture->stands++;
}

static void excess_told(void *context, const char *what)
{
	struct fixture *fixture = context;

	snprintf(fixture->excess, sizeof(fixture->excess), "%s", what);
}

static void change_told(void *context, struct okvp_own_changed *changed)
{
	struct fixture *fixture = context;
	struct okvp_own_record record;

	fixture->keys[0] = '\0';
	while (okvp_own_next_record(&changed->records, &record))
		note_item(fixture, &record.item);
	fixture->changed = *changed;
	fixture->changes++;
}

static void adapters_told(void *context, const uint8_t *body, size_t length)
{
	struct fixture *fixture = context;

	fixture->adapters++;
}

static const struct channel_settings quick = {
	.answer_timeout_ms = 100,
	.silence_timeout_ms = 150,
	.negotiation_timeout_ms = 100,
	.silence_notice_ms = 1,
};

int open_session(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct channel_events events = {
		.state = state_told,
		.excess = excess_told,
		.heard = heard,
		.batch = batch_told,
		.part = part_told,
		.ip = ip_told,
		.stands = stand_told,
		.changed = change_told,
		.adapters = adapters_told,
		.context = fixture,
	};
	const struct session_stream stream = { to_guest, pause_stream, reconnect, fixture };

	uv_loop_init(&fixture->loop);
	fixture->guest = okvp_guest_session_create();
	fixture->session = session_create(&fixture->loop, &quick, &events, &stream);
	*state = fixture;
	return 0;
}

int close_session(void **state)
{
	struct fixture *fixture = *state;

	session_close(&fixture->session);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	okvp_guest_session_free(&fixture->guest);
	free(fixture);
	return 0;
}

void carry(struct fixture *fixture)
{
	const uint8_t *bytes;
	uint8_t copy[8192];
	size_t size;

	while ((bytes = okvp_guest_session_output(fixture->guest, &size))) {
		size = size < sizeof(copy) ? size : sizeof(copy);
		memcpy(copy, bytes, size);
		okvp_guest_session_sent(fixture->guest, size);
		session_receive(fixture->session, copy, size);
	}
}

void run_until_told(struct fixture *fixture, enum channel_state state)
{
	for (int turns = 0; fixture->told != state && turns < 10000; turns++)
		uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_int_equal(fixture->told, state);
}

static void say_how_it_stands(struct fixture *fixture)
{
	const struct okvp_own_state stands = {
		.key_bytes = OKVP_LINUX_KEY_BYTES,
		.value_bytes = OKVP_LINUX_VALUE_BYTES,
		.abilities = OKVP_OWN_CAN_SET_IP,
	};
	uint8_t body[OKVP_OWN_STATE_SIZE];
	struct wire_writer out = wire_writer_on(body, sizeof(body));
	struct okvp_own_message message = { OKVP_OWN_STATE, 0, body, sizeof(body) };

	okvp_own_write_state(&out, &stands);
	assert_true(okvp_guest_session_send(fixture->guest, &message, NULL));
}

void contact(struct fixture *fixture)
{
	session_begin(fixture->session);
	if (okvp_guest_session_own(fixture->guest) > 0)
		say_how_it_stands(fixture);
	carry(fixture);
	assert_int_equal(session_state(fixture->session), CHANNEL_OPEN);
}

void send_set(struct fixture *fixture)
{
	const struct okvp_own_record change = {
		.item = { .key = "k", .key_length = 1, .value = "v", .value_length = 1 },
	};

	assert_true(session_send_batch(fixture->session, OKVP_POOL_EXTERNAL, &change, 1, NULL));
}
