/* SPDX-License-Identifier: MIT */
/* host_link.h -- the connection to the host: opened, and opened again whenever it is lost. */
#pragma once
#include <poll.h>

#include "openkvp/guest_session.h"

struct host_link;

/* address as connector_create() has it; the session stays the caller's. */
bool host_link_create(const char *address, struct okvp_guest_session *session,
		      struct host_link **ret_link, struct okvp_error *err);
void host_link_free(struct host_link **link);

/* The address, for messages. */
const char *host_link_name(const struct host_link *link);

/* What to poll(2) for, and the milliseconds until host_link_turn() has something to do even if
 * nothing is reported; -1 for never. */
struct pollfd host_link_poll(const struct host_link *link);
int host_link_time_left(const struct host_link *link);

/* Takes what poll(2) has reported (0: nothing): makes a connection, reads from it, or notices that
 * it is gone. */
void host_link_turn(struct host_link *link, short reported);

/* Writes what waits, as far as it goes. */
void host_link_write(struct host_link *link);
