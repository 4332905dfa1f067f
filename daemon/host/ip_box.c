/* SPDX-License-Identifier: MIT */
/* ip_box.c -- GET_IP and SET_IP on one channel, in openkvp's protocol or Hyper-V's. */
#include "host/ip_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/adapter_text.h"
#include "openkvp/scoped.h"

/* --- Readers --- */

static void tell_reader(struct ip_reader *reader, const struct okvp_adapter *adapter,
			const struct okvp_error *why)
{
	reader->done(reader->context, adapter, why);
	free(reader);
}

static struct ip_reader *take_first(struct ip_box *box)
{
	struct ip_reader *first = box->readers;

	box->readers = first->next;
	box->count--;
	return first;
}

static void end_reader(struct ip_box *box, const struct okvp_adapter *adapter,
		       const struct okvp_error *why)
{
	box->reading = false;
	tell_reader(take_first(box), adapter, why);
}

static bool may_ask(const struct ip_box *box, struct okvp_error *err)
{
	struct okvp_version version;

	if (!box->channel)
		return okvp_fail(err, OKVP_UNAVAILABLE, "the guest is not in contact");
	version = channel_message_version(box->channel);
	if (!channel_abilities(box->channel).get_ip)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "a guest with the message version %u.%u cannot be asked for one "
				 "adapter",
				 version.major, version.minor);
	if (box->count >= IP_READERS_MAX)
		return okvp_fail(err, OKVP_BUSY, "%d ask this guest already", IP_READERS_MAX);
	return true;
}

void ip_box_read(struct ip_box *box, const char *mac, ip_reader_done *done, void *context)
{
	struct ip_reader *reader, **last = &box->readers;
	struct okvp_error err;

	if (!may_ask(box, &err)) {
		done(context, NULL, &err);
		return;
	}
	reader = xcalloc(1, sizeof(*reader));
	snprintf(reader->id, sizeof(reader->id), "%s", mac);
	reader->done = done;
	reader->context = context;
	while (*last)
		last = &(*last)->next;
	*last = reader;
	box->count++;
}

static void send_reading(struct ip_box *box)
{
	struct okvp_adapter adapter = { 0 };
	struct okvp_error err;

	snprintf(adapter.id, sizeof(adapter.id), "%s", box->readers->id);
	if (channel_send_ip(box->channel, OKVP_KVP_GET_IP, &adapter, &err))
		box->reading = true;
	else
		end_reader(box, NULL, &err);
}

static void reading_answered(struct ip_box *box, uint32_t status,
			     const struct okvp_adapter *adapter)
{
	const char *id = box->readers->id;
	struct okvp_error err;
	char text[64];

	if (status == OKVP_IC_OK && adapter) {
		end_reader(box, adapter, NULL);
		return;
	}
	if (status == OKVP_IC_NOT_FOUND)
		okvp_fail(&err, OKVP_NOT_FOUND, "the guest has no adapter with the MAC %s", id);
	else /* which is how Linux says the same */
		okvp_fail(&err, OKVP_NOT_FOUND,
			  "asked for the adapter with the MAC %s, the guest answered %s", id,
			  okvp_ic_status_text(status, text));
	end_reader(box, NULL, &err);
}

/* --- Setups --- */

static void end_setup(struct ip_box *box, const char *reason)
{
	struct stored_item *setup scoped(stored_item_release) = take(box->setup);

	guest_network_settled(box->network, vm_id(box->vm), setup, reason);
}

static bool send_setup(struct ip_box *box, struct okvp_error *err)
{
	struct okvp_item item = stored_item_view(box->setup);
	struct okvp_adapter adapter;

	if (!channel_abilities(box->channel).set_ip)
		return okvp_fail(err, OKVP_UNSUPPORTED, "this guest sets up no adapters");
	if (!adapter_from_text(item.value, item.value_length, &adapter, err))
		return false;
	snprintf(adapter.id, sizeof(adapter.id), "%.*s", item.key_length, item.key);
	return channel_send_ip(box->channel, OKVP_KVP_SET_IP, &adapter, err);
}

static void setup_answered(struct ip_box *box, uint32_t status, const char *text)
{
	char reason[400], shown[64];

	snprintf(reason, sizeof(reason), "the guest answered %s%s%s",
		 okvp_ic_status_text(status, shown), *text ? ": " : "", text);
	end_setup(box, status == OKVP_IC_OK ? NULL : reason);
}

/* --- Turns --- */

void ip_box_begin(struct ip_box *box, struct channel *channel)
{
	box->channel = channel;
}

void ip_box_end(struct ip_box *box, const char *why)
{
	struct okvp_error err;

	okvp_fail(&err, OKVP_UNAVAILABLE, "the guest is not in contact: %s", why);
	box->channel = NULL;
	stored_item_release(&box->setup);
	while (box->readers)
		end_reader(box, NULL, &err);
}

void ip_box_send(struct ip_box *box)
{
	struct okvp_error err;

	while (!box->setup && !box->reading && channel_ready(box->channel, CHANNEL_IP)) {
		box->setup = guest_network_next(box->network, vm_id(box->vm));
		if (box->setup && !send_setup(box, &err))
			end_setup(box, err.message);
		else if (!box->setup && box->readers)
			send_reading(box);
		else
			return;
	}
}

void ip_box_answered(struct ip_box *box, uint32_t status, const struct okvp_adapter *adapter,
		     const char *text)
{
	if (box->setup)
		setup_answered(box, status, text);
	else if (box->reading)
		reading_answered(box, status, adapter);
}
