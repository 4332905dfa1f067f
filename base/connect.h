/* SPDX-License-Identifier: MIT */
/* connect.h -- the road to the host: a virtio-serial port, a vsock or a unix socket. */
#pragma once
#include "openkvp/error.h"

#define CONNECT_PORT_NAME "org.openkvp.0"

struct connector;

/* address: "vsock", "vsock:CID", "vsock:CID:PORT" and "unix:PATH" connect, "vsock-listen",
 * "vsock-listen:PORT" and "unix-listen:PATH" wait for the host, "/dev/PATH" is a port. NULL stands
 * for the virtio-serial port named CONNECT_PORT_NAME, looked for each time, or where there is none
 * for "vsock". */
bool connector_create(const char *address, struct connector **ret_connector,
		      struct okvp_error *err);
void connector_free(struct connector **connector);

/* The address, for messages. */
const char *connector_name(const struct connector *connector);

/* A descriptor that is readable when the host is waiting; -1 when one has to try. */
int connector_listener(const struct connector *connector);

/* Opens a connection; the descriptor does not block. OKVP_UNAVAILABLE when nobody is there,
 * OKVP_BUSY when another program uses the port. */
bool connector_open(struct connector *connector, int *ret_fd, struct okvp_error *err);
