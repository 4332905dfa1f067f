/* SPDX-License-Identifier: MIT */
/* bridge.h -- between a host and a Linux distribution's own daemon: what the kernel's driver does
 * on Hyper-V, without I/O.
 *
 *	NO_DAEMON    nobody has the device open; the host waits
 *	REGISTERING  somebody has; its registration, or that it reads the answer, is awaited
 *	READY        the host's requests pass, one at a time
 *
 * After each registration the host negotiates, and sends all that it has for the guest: with a
 * daemon before this one it may have agreed, this one may have lost everything since. What the
 * daemon cannot do is answered here: pools that do not exist, and SET_IP_INFO.
 *
 * The host's bytes go in and out through bridge_session(), the daemon's messages through the calls
 * below; after either, bridge_advance() moves on what can move. */
#pragma once
#include "openkvp/guest_session.h"
#include "openkvp/hv_message.h"

/* A daemon that does not reply to a request within this time has failed it, as on Hyper-V. */
#define BRIDGE_DAEMON_MS 30000

struct bridge;

enum bridge_state { BRIDGE_NO_DAEMON, BRIDGE_REGISTERING, BRIDGE_READY };

/* NULL when there is no memory. */
struct bridge *bridge_create(void);
void bridge_free(struct bridge **bridge);

enum bridge_state bridge_state(const struct bridge *bridge);

/* The host's stream: for everything but set_ready, next and answer, which are the bridge's. */
struct okvp_guest_session *bridge_session(struct bridge *bridge);

/* A daemon has opened the device, or closed it: then the request that it had has failed. */
void bridge_daemon_opened(struct bridge *bridge);
void bridge_daemon_closed(struct bridge *bridge);

/* Takes what the daemon wrote; false (EINVAL for the daemon) when it is out of turn. */
bool bridge_daemon_wrote(struct bridge *bridge, const uint8_t message[static OKVP_HV_MESSAGE_SIZE]);

/* The message for the daemon to read, or NULL; and that it has read it. */
const uint8_t *bridge_to_daemon(const struct bridge *bridge);
void bridge_daemon_read(struct bridge *bridge);

/* Passes on the host's next request if there is one, and gives up one that has waited too long.
 * now_ms is a monotonic time. */
void bridge_advance(struct bridge *bridge, uint64_t now_ms);

/* Milliseconds until bridge_advance() has a request to give up; -1 for none. */
int bridge_time_left(const struct bridge *bridge, uint64_t now_ms);
