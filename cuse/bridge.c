/* SPDX-License-Identifier: MIT */
/* bridge.c -- registration, and one request after the other. */
#include "cuse/bridge.h"

#include <assert.h>
#include <stdlib.h>

#include "openkvp/ic_message.h"

#define DRIVER_VERSION "3.1" /* the daemon's IntegrationServicesVersion */

struct bridge {
	struct okvp_guest_session *session;
	enum bridge_state state;

	uint8_t message[OKVP_HV_MESSAGE_SIZE]; /* for the daemon */
	bool waiting;                          /* to be read */

	struct okvp_kvp_message request; /* of the host */
	bool outstanding;
	uint64_t deadline_ms;
	unsigned int late; /* replies that come too late: they belong to requests given up */
};

struct bridge *bridge_create(void)
{
	struct bridge *bridge = calloc(1, sizeof(*bridge));

	if (!bridge)
		return NULL;
	bridge->session = okvp_guest_session_create();
	if (!bridge->session) {
		free(bridge);
		return NULL;
	}
	okvp_guest_session_set_ready(bridge->session, false);
	okvp_guest_session_serve_ip(bridge->session);
	return bridge;
}

void bridge_free(struct bridge **bridge)
{
	if (!*bridge)
		return;
	okvp_guest_session_free(&(*bridge)->session);
	free(*bridge);
	*bridge = NULL;
}

enum bridge_state bridge_state(const struct bridge *bridge)
{
	return bridge->state;
}

struct okvp_guest_session *bridge_session(struct bridge *bridge)
{
	return bridge->session;
}

static void answer(struct bridge *bridge, uint32_t status)
{
	bridge->outstanding = false;
	okvp_guest_session_answer(bridge->session, &bridge->request, status);
}

/* A host that has agreed with one daemon begins anew with the next, which may know nothing: it is
 * woken, and its greeting waits until that one is ready. */
static void enter(struct bridge *bridge, enum bridge_state state)
{
	bool host_agreed = okvp_guest_session_state(bridge->session) != OKVP_GUEST_WAITING;

	if (bridge->outstanding)
		answer(bridge, OKVP_IC_FAIL);
	bridge->state = state;
	bridge->waiting = false;
	bridge->late = 0;
	okvp_guest_session_set_ready(bridge->session, state == BRIDGE_READY);
	if (host_agreed)
		okvp_guest_session_wake(bridge->session);
}

void bridge_daemon_opened(struct bridge *bridge)
{
	enter(bridge, BRIDGE_REGISTERING);
}

void bridge_daemon_closed(struct bridge *bridge)
{
	enter(bridge, BRIDGE_NO_DAEMON);
}

static void take_registration(struct bridge *bridge)
{
	enter(bridge, BRIDGE_REGISTERING);
	okvp_hv_write_register_answer(DRIVER_VERSION, bridge->message);
	bridge->waiting = true;
}

static void take_ip_reply(struct bridge *bridge, const uint8_t message[static OKVP_HV_MESSAGE_SIZE])
{
	struct okvp_ip_message reply = *okvp_guest_session_ip(bridge->session);
	uint32_t status;

	if (!okvp_hv_read_ip_reply(message, &reply, &status, NULL))
		status = OKVP_IC_FAIL;
	bridge->outstanding = false;
	okvp_guest_session_answer_ip(bridge->session, &reply, status);
}

static void take_reply(struct bridge *bridge, const uint8_t message[static OKVP_HV_MESSAGE_SIZE])
{
	uint32_t status;

	if (bridge->late > 0) {
		bridge->late--;
		return;
	}
	if (bridge->request.operation == OKVP_KVP_GET_IP) {
		take_ip_reply(bridge, message);
		return;
	}
	if (!okvp_hv_read_reply(message, &bridge->request, &status, NULL))
		status = OKVP_IC_FAIL;
	answer(bridge, status);
}

/* A reply begins with its error code, whose low byte may be that of a registration: what a daemon
 * that owes a reply writes is one. */
bool bridge_daemon_wrote(struct bridge *bridge, const uint8_t message[static OKVP_HV_MESSAGE_SIZE])
{
	bool owes_reply = bridge->late > 0 || (bridge->outstanding && !bridge->waiting);

	if (bridge->state == BRIDGE_NO_DAEMON)
		return false;
	if (owes_reply)
		take_reply(bridge, message);
	else if (okvp_hv_is_register(message))
		take_registration(bridge);
	else
		return false;
	return true;
}

const uint8_t *bridge_to_daemon(const struct bridge *bridge)
{
	return bridge->waiting ? bridge->message : NULL;
}

void bridge_daemon_read(struct bridge *bridge)
{
	assert(bridge->waiting);
	bridge->waiting = false;
	if (bridge->state == BRIDGE_REGISTERING)
		enter(bridge, BRIDGE_READY);
}

static bool write_request(struct bridge *bridge)
{
	if (bridge->request.operation == OKVP_KVP_GET_IP)
		return okvp_hv_write_ip_request(okvp_guest_session_ip(bridge->session),
						bridge->message, NULL);
	return okvp_hv_write_request(&bridge->request, bridge->message, NULL);
}

/* The daemon uses the pool's number as an index without looking at it. To set addresses it looks
 * for a network adapter of Hyper-V, and there is none. */
static uint32_t pass_on(struct bridge *bridge)
{
	if (bridge->request.operation == OKVP_KVP_SET_IP)
		return OKVP_IC_NOT_SUPPORTED;
	if (bridge->request.pool >= OKVP_POOL_COUNT || !write_request(bridge))
		return OKVP_IC_INVALID_ARGUMENT;
	bridge->waiting = true;
	return OKVP_IC_OK;
}

static void give_up_request(struct bridge *bridge)
{
	if (bridge->waiting)
		bridge->waiting = false; /* it never read it */
	else
		bridge->late++;
	answer(bridge, OKVP_IC_FAIL);
}

void bridge_advance(struct bridge *bridge, uint64_t now_ms)
{
	if (bridge->outstanding && now_ms >= bridge->deadline_ms)
		give_up_request(bridge);
	while (!bridge->outstanding && okvp_guest_session_next(bridge->session, &bridge->request)) {
		uint32_t status = pass_on(bridge);

		bridge->outstanding = true;
		bridge->deadline_ms = now_ms + BRIDGE_DAEMON_MS;
		if (status != OKVP_IC_OK)
			answer(bridge, status);
	}
}

int bridge_time_left(const struct bridge *bridge, uint64_t now_ms)
{
	if (!bridge->outstanding)
		return -1;
	return now_ms >= bridge->deadline_ms ? 0 : (int)(bridge->deadline_ms - now_ms);
}
