/* SPDX-License-Identifier: MIT */
/* signals.h -- the signals that end a program, as something that poll(2) sees. */
#pragma once

/* A descriptor that is readable once SIGTERM or SIGINT has come; -1 with errno on failure. From now
 * on neither they nor a peer that has gone while it is written to (SIGPIPE) end the process. */
int signals_open(void);
