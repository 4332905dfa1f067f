/* SPDX-License-Identifier: MIT */
/* bridge_loop.h -- runs a bridge between a stream to the host and a daemon that connects to a
 * SOCK_SEQPACKET socket instead of opening a device. */
#pragma once
#include "cuse/bridge.h"

/* Descriptors that do not block; -1 is none. */
struct bridge_ends {
	int host;
	int listener, daemon; /* of the device; daemon is opened and closed here */
	int signal;           /* readable: stop */
};

enum bridge_loop_end { BRIDGE_HOST_LOST, BRIDGE_STOPPED };

/* Serves a new connection of the host until it goes or a signal comes. */
enum bridge_loop_end bridge_run(struct bridge *bridge, struct bridge_ends *ends);
