/* SPDX-License-Identifier: MIT */
/* hub.h -- for channel/: what the channels of a daemon share. */
#pragma once
#include "channel/vsock_port.h"
#include "channel/watch.h"

struct channel_hub {
	uv_loop_t *loop;
	struct watch *watch;
	struct vsock_port *vsock_port;
	uint32_t port; /* of vsock */
	int group;     /* of sockets that listen; -1: the process's */
};
