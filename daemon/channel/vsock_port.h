/* SPDX-License-Identifier: MIT */
/* vsock_port.h -- the port at which guests call by AF_VSOCK. One serves all VMs: who calls, the
 * hypervisor says, by the CID. Calls count only from the ports below 1024, which are for the
 * privileged programs of a guest. */
#pragma once
#include <uv.h>

#include "openkvp/error.h"

struct vsock_port;

/* A VM that may call. */
struct vsock_caller {
	uint32_t cid;
	/* A connected socket, which the receiver takes. */
	void (*called)(void *context, int fd);
	void *context;
};

/* Nothing is opened before the first VM is added. */
struct vsock_port *vsock_port_create(uv_loop_t *loop, uint32_t number);

/* When no VM is left. The memory goes when the loop has run once more. */
void vsock_port_free(struct vsock_port **port);

/* The caller is borrowed until it is removed. OKVP_BUSY when another VM has the CID, or another
 * program the port; OKVP_UNAVAILABLE where there is no AF_VSOCK. */
bool vsock_port_add(struct vsock_port *port, const struct vsock_caller *caller,
		    struct okvp_error *err);
void vsock_port_remove(struct vsock_port *port, const struct vsock_caller *caller);
