/* SPDX-License-Identifier: MIT */
/* setup_plan.h -- how an adapter is set up with what this system has: a file to write, and commands
 * to run behind it, one after another until one fails. Nothing is done here. */
#pragma once
#include <stdbool.h>

#include "agent/adapters.h"
#include "base/text.h"

/* Who looks after the network, the first that is there:
 *
 *	NetworkManager     a connection of its own in system-connections, brought up
 *	systemd-networkd   a .network file, and the interface configured anew
 *	iproute2           ip, without DHCP, until the next boot; DNS servers in resolv.conf(5)
 */
enum network_manager { MANAGER_NONE, MANAGER_NETWORK_MANAGER, MANAGER_NETWORKD, MANAGER_IPROUTE2 };

/* root: "", or a folder in which the system is looked for. */
enum network_manager network_manager_find(const char *root);

#define PLAN_WORDS_MAX 12

struct plan_command {
	char *words[PLAN_WORDS_MAX]; /* ends with NULL; owned */
};

struct setup_plan {
	char *path; /* of the file; NULL: none */
	struct text content;
	bool is_public; /* all may read the file */
	struct plan_command *command;
	size_t count, room;
};

/* Plans how the adapter that is there becomes as wanted. Without an address of IPv6 that family
 * stays as it is. OKVP_UNSUPPORTED: this manager cannot do that. */
bool setup_plan_make(enum network_manager manager, const struct machine_adapter *now,
		     const struct okvp_adapter *wanted, struct setup_plan *ret_plan,
		     struct okvp_error *err);

void setup_plan_done(struct setup_plan *plan);
