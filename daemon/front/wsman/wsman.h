/* SPDX-License-Identifier: MIT */
/* wsman.h -- WS-Management (DSP0226 and its CIM binding, DSP0227), as WinRM speaks it.
 *
 * Identify; Get and Put; Enumerate, Pull and Release; Subscribe, Renew and Unsubscribe, whose
 * events are pulled; the methods of classes; the classes themselves. Answers follow the family of
 * resource URIs that the request used (WMI's or DMTF's) and its encoding (UTF-8 or UTF-16). */
#pragma once
#include "cim/enumeration.h"
#include "cim/event.h"
#include "front/http_server.h"

struct wsman;

struct wsman_settings {
	struct cim_service *service;
	struct cim_enumerations *enumerations;
	struct cim_events *events;
	size_t envelope_max; /* bytes of an answer, also when the client would take more */
};

struct wsman *wsman_create(const struct wsman_settings *settings);
void wsman_free(struct wsman **wsman);

/* Ends subscriptions whose time is over; call now and then. */
void wsman_expire(struct wsman *wsman);

#define WSMAN_ROUTES 3

/* Fills in the routes: POST /wsman, /wsman/ and /wsman-anon/identify. */
void wsman_routes(struct wsman *wsman, struct http_route ret_routes[static WSMAN_ROUTES]);

/* --- Without HTTP --- */

/* A request as any transport has it. Everything lives until it is done. */
struct wsman_message {
	struct arena *arena;
	const char *content_type, *user_agent; /* NULL: not said */
	const char *body;
	size_t length;
	struct principal principal;
	const char *peer;
	bool secure;
	/* Takes the answer; called once, at once or later, on any thread. */
	void (*answer)(const struct wsman_message *message, unsigned int status,
		       const char *content_type, struct text *body);
	/* Nothing but waiting goes on from here, perhaps for long: a client who sends no more may
	 * be given up. NULL: not wanted. */
	void (*may_give_up)(const struct wsman_message *message);
	/* Whether the client has gone before the answer. NULL: the transport does not notice. */
	bool (*gone)(const struct wsman_message *message);
	/* Nothing of the message is needed any more; called once, after the answer. NULL: not
	 * wanted. */
	void (*done)(const struct wsman_message *message);
	void *context;
};

/* Answers a request. A principal without a name may only identify. */
void wsman_serve(struct wsman *wsman, const struct wsman_message *message);
