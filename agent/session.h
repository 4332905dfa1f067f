/* SPDX-License-Identifier: MIT */
/* session.h -- one connection to the host: reads, answers and writes until it ends. */
#pragma once
#include "agent/pools.h"

enum session_end {
	SESSION_LOST,   /* the host has gone */
	SESSION_STOPPED /* a signal came */
};

struct session_result {
	enum session_end end;
	uint64_t contact_ms;   /* since a version was negotiated; 0: it never was */
	struct okvp_error why; /* SESSION_LOST */
};

/* Serves a connected, non-blocking descriptor, which stays the caller's, until it ends or until
 * signal_fd is readable. What was written to the pools is put on disk in time. */
struct session_result session_run(int fd, int signal_fd, struct pools *pools);
