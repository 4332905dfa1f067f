/* SPDX-License-Identifier: MIT */
/* guest_network.h -- how the network adapters of guests are to be set up.
 *
 * A setup is kept in the store, as an object, until the guest has answered it, whatever the answer:
 * it is tried once, in the contact that there is or at the beginning of the next one. For each
 * adapter the last setup counts; one that is overtaken ends with the one that overtook it. How many
 * may wait is limited, for each user and in all. */
#pragma once
#include "auth/principal.h"
#include "host/job.h"
#include "host/vm.h"
#include "openkvp/adapter.h"

struct guest_network;

#define GUEST_NETWORK_MAX 16 /* adapters of one call */

/* The caller fills it in and keeps it, and all that it borrows, until finished() was called: once,
 * on any thread, possibly before the call returns. */
struct guest_network_call {
	struct vm *vm;
	const struct okvp_adapter *adapters; /* each with an id of its own */
	size_t count;
	struct principal principal;

	/* The outcome; a call that is refused has no job. */
	bool has_job;
	struct guid job;
	struct okvp_error error;

	void (*finished)(struct guest_network_call *call);
	void *context; /* the caller's */

	struct guest_network *network; /* its own */
};

void guest_network_configure(struct guest_network *network, struct guest_network_call *call);

/* Asks the guest for an adapter, by its MAC, with GET_IP_INFO: done is told once, on the loop's
 * thread, what the guest has (borrowed) or why that is not known; at the latest when the guest
 * misses its deadline. One that tells of its adapters by itself need not be asked: vm_adapters().
 */
void guest_network_read(struct guest_network *network, struct vm *vm,
			const char mac[static OKVP_MAC_TEXT_SIZE],
			void (*done)(void *context, const struct okvp_adapter *adapter,
				     const struct okvp_error *why),
			void *context);

/* Reads what a client calls an adapter: its MAC, in any form, or its GUID, alone or at the end of
 * an InstanceID ("Microsoft:GuestNetwork\VM\ADAPTER"). */
bool guest_network_read_id(const char *text, char ret_id[static OKVP_ADAPTER_ID_SIZE],
			   struct okvp_error *err);
