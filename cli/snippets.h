/* SPDX-License-Identifier: MIT */
/* snippets.h -- what a hypervisor, or the guest, must be told for a channel. */
#pragma once
#include <stdbool.h>

#include "base/text.h"

#define SNIPPETS_PORT 5870 /* of vsock, unless openkvpd is told otherwise */

struct snippet {
	const char *name;  /* "qemu" */
	const char *title; /* "QEMU" */
	const char *roads; /* the kinds of channel that it can serve: "unix: unix-listen: vsock:" */
	bool shell;        /* its lines are arguments of a command line */
	/* Appends the lines for a channel of one of these kinds: "unix:", "/run/web1.sock". */
	void (*write)(struct text *out, const char *road, const char *rest);
};

/* Ends with a row without a name. */
extern const struct snippet snippets[];

/* NULL: there is no such hypervisor. */
const struct snippet *snippet_find(const char *name);

/* Appends a hypervisor's snippet for a channel; false, and nothing, when it has no such road. */
bool snippet_write(const struct snippet *snippet, struct text *out, const char *channel);

/* Appends the snippets of all hypervisors, each under its title, and the agent's command. */
void snippets_write_all(struct text *out, const char *vm, const char *channel, unsigned int port);
