/* SPDX-License-Identifier: MIT */
/* duration.h -- how long something may last: xs:duration in requests and answers. */
#pragma once
#include "front/wsman/call.h"

/* Reads a duration in milliseconds; more than a day is a day. What is none gives one of two faults:
 * a point in time is unsupported, all else, a duration that is over at once among it, is invalid.
 */
bool wsman_duration_read(struct wsman_call *call, const struct xml_element *element,
			 enum wsman_fault_id invalid, enum wsman_fault_id unsupported,
			 unsigned int *ret_ms, struct wsman_fault *fault);

void wsman_duration_write(struct text *out, unsigned int ms);
