/* SPDX-License-Identifier: MIT */
/* vsock.h -- the road to the host by AF_VSOCK. */
#pragma once
#include <stdint.h>

#include "openkvp/error.h"

#define VSOCK_PORT 5870 /* where openkvpd listens, unless told otherwise */
#define VSOCK_HOST 2    /* the CID of every guest's host */

struct vsock_place {
	uint32_t cid, port;
};

/* Whether this machine has a vsock. */
bool vsock_exists(void);

/* Reads what stands behind "vsock": "", ":CID" or ":CID:PORT". */
bool vsock_read_place(const char *text, struct vsock_place *ret_place);

/* Reads what stands behind "vsock-listen": "" or ":PORT". */
bool vsock_read_port(const char *text, uint32_t *ret_port);

/* Connects; the descriptor does not block. Does so from a port below 1024: the host hears no other,
 * since any program of a guest can have those. OKVP_DENIED without the right to one,
 * OKVP_UNAVAILABLE when nobody is there. */
bool vsock_connect(const struct vsock_place *place, int *ret_fd, struct okvp_error *err);

/* A descriptor that listens for the host at a port. */
bool vsock_listen(uint32_t port, int *ret_fd, struct okvp_error *err);

/* Takes a connection from it. OKVP_UNAVAILABLE when there is none that comes from the host. */
bool vsock_accept(int listener, int *ret_fd, struct okvp_error *err);
