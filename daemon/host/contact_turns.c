/* SPDX-License-Identifier: MIT */
/* contact_turns.c -- whose turn it is to use the channel, and when it is looked at again. */
#include "host/contact_state.h"

#include <stdlib.h>

bool contact_tells(const struct contact *contact)
{
	return channel_own_version(contact->channel) > 0;
}

static void send_guest_reading(struct contact *contact)
{
	guest_pools_send(&contact->guest);
	if (contact_tells(contact))
		mirror_send(&contact->mirror);
}

/* Where one request is outstanding at a time, what was committed goes first; the rest of the host's
 * pools and the reading of the guest's take turns. */
void contact_send_next(struct contact *contact)
{
	if (!contact->open)
		return;
	outbox_send_committed(&contact->outbox);
	ip_box_send(&contact->ip);
	contact->guest_next = !contact->guest_next;
	if (contact->guest_next)
		send_guest_reading(contact);
	outbox_send_rest(&contact->outbox);
	if (!contact->guest_next)
		send_guest_reading(contact);
}

static void timer_ran(uv_timer_t *timer);

/* A guest that tells what changes is looked at again only where something was put off. */
static void set_mirror_timer(struct contact *contact)
{
	uint64_t due = contact_tells(contact) ? mirror_due(&contact->mirror) : 0;

	if (due > 0)
		uv_timer_start(&contact->timer, timer_ran, due, 0);
}

/* The first poll comes at a random moment, so that guests that came together are not polled
 * together. */
void contact_start_polling(struct contact *contact)
{
	unsigned int interval = contact->parts.settings->poll_interval_ms;

	uv_timer_start(&contact->timer, timer_ran, interval / 2 + (unsigned int)random() % interval,
		       interval);
}

void contact_advance(struct contact *contact)
{
	contact_send_next(contact);
	if (contact->open)
		set_mirror_timer(contact);
}

static void timer_ran(uv_timer_t *timer)
{
	struct contact *contact = timer->data;

	if (contact->open && !contact_tells(contact))
		guest_pools_want(&contact->guest);
	contact_advance(contact);
}

void contact_refresh(struct contact *contact, unsigned int max_age_ms, void (*done)(void *context),
		     void *context)
{
	guest_pools_refresh(&contact->guest, max_age_ms, done, context);
	contact_send_next(contact);
}

void contact_setup_waits(struct contact *contact)
{
	contact_send_next(contact);
}

void contact_read_adapter(struct contact *contact, const char *mac, ip_reader_done *done,
			  void *context)
{
	ip_box_read(&contact->ip, mac, done, context);
	contact_send_next(contact);
}
