/* SPDX-License-Identifier: MIT */
/* serve.h -- the bridge as a service: a device on one side, the host on the other. */
#pragma once
#include "openkvp/error.h"

/* Serves until SIGTERM or SIGINT; device_fd as device_create() has it, connect as
 * connector_create(). False when it could not begin, or the device is gone. */
bool serve(int device_fd, const char *connect, struct okvp_error *err);
