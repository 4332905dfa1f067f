/* SPDX-License-Identifier: MIT */
/* rate.h -- for session.c: how much a guest sends in a second, and how much of that nobody asked
 * for. */
#pragma once
#include "channel/channel.h"

#define RATE_PERIOD_MS 1000
#define RATE_TEXT_SIZE 160

/* All zeros is a guest that has sent nothing. */
struct rate {
	uint64_t since_ms; /* the period's begin */
	uint64_t messages, bytes;
	uint64_t asked_messages, asked_bytes; /* of these, answers that were waited for */
};

/* Counts what came; what came in an earlier period counts no more. */
void rate_add(struct rate *rate, uint64_t now_ms, uint64_t messages, uint64_t bytes);

/* Notes that of what was counted last this much was asked for. */
void rate_add_asked(struct rate *rate, uint64_t messages, uint64_t bytes);

/* For how long no more is read; 0: it is. */
uint64_t rate_pause_ms(const struct rate *rate, const struct channel_settings *settings,
		       uint64_t now_ms);

/* Whether more than half of what a guest may send came unasked when it was met with a pause. Then
 * the text names the limit, and what came. */
bool rate_is_excess(const struct rate *rate, const struct channel_settings *settings,
		    uint64_t now_ms, char ret_text[static RATE_TEXT_SIZE]);
