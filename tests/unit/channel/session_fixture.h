/* SPDX-License-Identifier: MIT */
/* session_fixture.h -- for tests of channel/session: a session, and libopenkvp's guest end on a
 * stream made of memory. */
#pragma once
#include "channel/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/guest_session.h"

struct fixture {
	uv_loop_t loop;
	struct session *session;
	struct okvp_guest_session *guest;
	bool deaf, paused;  /* deaf: the guest gets nothing */
	size_t sent;        /* bytes from the host, in all */
	uint8_t last[4096]; /* the host's last frame, or its beginning */

	/* What the host was told. */
	enum channel_state told;
	char reason[200], excess[200];
	int heard, batches, parts, ips, stands, changes, adapters;
	uint32_t status[OKVP_OWN_BATCH_MAX]; /* of the last batch */
	size_t status_count;
	struct channel_part part;
	char keys[200]; /* "a=1;b=2;" of the last part, or change */
	struct okvp_own_changed changed;
	struct okvp_own_state state;
	uint32_t ip_status;
	bool ip_has_adapter;
	struct okvp_adapter ip_adapter;
	char ip_text[300];
};

int open_session(void **state);
int close_session(void **state);

/* Carries what the guest has to say to the host. */
void carry(struct fixture *fixture);

/* Lets the loop's timers run until a state is told. */
void run_until_told(struct fixture *fixture, enum channel_state state);

/* Has both agree on a protocol: the guest's offer says which. */
void contact(struct fixture *fixture);

/* Sends one change, k=v, of pool 0. */
void send_set(struct fixture *fixture);
