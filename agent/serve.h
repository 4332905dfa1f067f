/* SPDX-License-Identifier: MIT */
/* serve.h -- the agent as a service: finds the host, serves it, and finds it again. */
#pragma once
#include "openkvp/error.h"

/* Serves until SIGTERM or SIGINT; connect as connector_create() has it. False when it could not
 * begin. */
bool serve(const char *folder, const char *connect, struct okvp_error *err);
