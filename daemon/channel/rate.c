/* SPDX-License-Identifier: MIT */
/* rate.c -- counting what comes from a guest, second by second. */
#include "channel/rate.h"

#include <stdio.h>

void rate_add(struct rate *rate, uint64_t now_ms, uint64_t messages, uint64_t bytes)
{
	if (now_ms - rate->since_ms >= RATE_PERIOD_MS)
		*rate = (struct rate){ .since_ms = now_ms };
	rate->messages += messages;
	rate->bytes += bytes;
}

void rate_add_asked(struct rate *rate, uint64_t messages, uint64_t bytes)
{
	rate->asked_messages += messages;
	rate->asked_bytes += bytes;
}

static bool is_over(uint64_t came, unsigned int limit)
{
	return limit > 0 && came > limit;
}

uint64_t rate_pause_ms(const struct rate *rate, const struct channel_settings *settings,
		       uint64_t now_ms)
{
	uint64_t end_ms = rate->since_ms + RATE_PERIOD_MS;

	if (!is_over(rate->messages, settings->message_rate) &&
	    !is_over(rate->bytes, settings->byte_rate))
		return 0;
	return now_ms < end_ms ? end_ms - now_ms : 0;
}

/* What was asked for may have come from bytes of an earlier period. */
static bool is_mostly_unasked(uint64_t came, uint64_t asked, unsigned int limit)
{
	return is_over(came, limit) && came > asked && came - asked > limit / 2;
}

bool rate_is_excess(const struct rate *rate, const struct channel_settings *settings,
		    uint64_t now_ms, char ret_text[static RATE_TEXT_SIZE])
{
	static const char text[] = "the guest sent %llu %s within %llu ms; "
				   "%s takes %u from one guest in a second";
	unsigned long long within = now_ms - rate->since_ms;

	if (is_mostly_unasked(rate->messages, rate->asked_messages, settings->message_rate))
		snprintf(ret_text, RATE_TEXT_SIZE, text, (unsigned long long)rate->messages,
			 "messages", within, "guest_message_rate", settings->message_rate);
	else if (is_mostly_unasked(rate->bytes, rate->asked_bytes, settings->byte_rate))
		snprintf(ret_text, RATE_TEXT_SIZE, text, (unsigned long long)rate->bytes, "bytes",
			 within, "guest_byte_rate", settings->byte_rate);
	else
		return false;
	return true;
}
