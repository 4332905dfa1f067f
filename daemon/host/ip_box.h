/* SPDX-License-Identifier: MIT */
/* ip_box.h -- for host/contact: what one guest is asked about its network adapters, and how they
 * are to be set up, one request after another. */
#pragma once
#include "channel/channel.h"
#include "host/guest_network_core.h"

#define IP_READERS_MAX 64 /* that wait at a time */

/* Who asked for an adapter is told once: what the guest has (borrowed), or why that is not known.
 */
typedef void ip_reader_done(void *context, const struct okvp_adapter *adapter,
			    const struct okvp_error *why);

struct ip_reader {
	char id[OKVP_ADAPTER_ID_SIZE];
	ip_reader_done *done;
	void *context;
	struct ip_reader *next;
};

struct ip_box {
	struct vm *vm;                 /* borrowed */
	struct guest_network *network; /* borrowed */
	struct channel *channel;       /* borrowed; NULL: nobody is in contact */
	struct ip_reader *readers;     /* first come first */
	size_t count;                  /* of readers */
	bool reading;                  /* the first reader's answer is awaited */
	struct stored_item *setup;     /* whose answer is awaited; NULL: none */
};

void ip_box_begin(struct ip_box *box, struct channel *channel);

/* All who wait are told why there is no answer; setups go on to wait. */
void ip_box_end(struct ip_box *box, const char *why);

/* Asks for an adapter by its MAC. */
void ip_box_read(struct ip_box *box, const char *mac, ip_reader_done *done, void *context);

/* Sends what waits, if it can be sent now: setups first. */
void ip_box_send(struct ip_box *box);

/* The outstanding request was answered. */
void ip_box_answered(struct ip_box *box, uint32_t status, const struct okvp_adapter *adapter,
		     const char *text);
