/* SPDX-License-Identifier: MIT */
/* adapters.h -- this machine's network adapters and their addresses. */
#pragma once
#include "openkvp/adapter.h"

/* An adapter, and how the system knows it. */
struct machine_adapter {
	unsigned int index;  /* of the interface */
	unsigned int master; /* of the bridge or bond that it belongs to; 0: none */
	struct okvp_adapter adapter;
};

struct machine_adapters {
	size_t count, room;
	struct machine_adapter *list; /* by index */
};

/* Asks the kernel for all that have a MAC, but for loopback and ports of bridges and bonds that
 * have no addresses of their own; at most OKVP_ADAPTERS_MAX. */
bool adapters_read(struct machine_adapters *ret_adapters, struct okvp_error *err);

/* The first with this MAC; NULL: none. */
const struct machine_adapter *adapters_find(const struct machine_adapters *adapters,
					    const char *mac);

void adapters_done(struct machine_adapters *adapters);

/* Takes the servers of a resolv.conf(5); those on this machine are of no use to others. */
void adapters_read_dns(const char *path, struct okvp_address_list *list);
