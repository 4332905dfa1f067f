/* SPDX-License-Identifier: MIT */
/* deadlines.h -- calls whose operations take time, and the patience of their clients; inside
 * wsman/. A thread of its own refuses those that are over (DSP0226 section 5.4.6.4). */
#pragma once
#include "front/wsman/call.h"

struct wsman_deadlines;

struct wsman_deadlines *wsman_deadlines_create(void);

/* Calls that still wait are refused, because the service is stopping. */
void wsman_deadlines_free(struct wsman_deadlines **deadlines);
