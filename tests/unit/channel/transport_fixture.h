/* SPDX-License-Identifier: MIT */
/* transport_fixture.h -- a loop, a hub, a folder for sockets, and a transport whose events are
 * counted. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "channel/transport.h"

#define TEST_PORT 5870

struct fixture {
	uv_loop_t loop;
	uv_timer_t tick;
	struct channel_hub hub;
	char folder[64];
	char path[100]; /* of a socket in the folder */
	struct transport *transport;
	int connected, closed, faults;
	char received[64], reason[300], fault[300]; /* fault "": none */
};

/* For cmocka; *state is a struct fixture. */
int prepare_transport(void **state);
int clean_up_transport(void **state);

void open_transport(struct fixture *fixture, const struct transport_kind *kind, const char *rest);

/* A listening socket at a path, and one that is connected to it. */
int listen_at(const char *path);
int connect_to(const char *path);

/* Runs the loop until something is so; for some seconds at most. */
#define run_until(fixture, condition)                                      \
	do {                                                               \
		for (int turns = 0; !(condition) && turns < 1000; turns++) \
			run_a_while(fixture);                              \
		assert_true(condition);                                    \
	} while (0)

/* Runs until something happens, or for some milliseconds. */
void run_a_while(struct fixture *fixture);

/* Runs what is due now. */
void run_once(struct fixture *fixture);
