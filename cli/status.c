/* SPDX-License-Identifier: MIT */
/* status.c -- openkvp status: the service at a glance. */
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "openkvp/scoped.h"

static void show_listeners(struct text *out, const json_t *status)
{
	const json_t *listeners = json_object_get(status, "listeners");

	for (size_t i = 0; i < json_array_size(listeners); i++) {
		if (i > 0)
			text_literal(out, ", ");
		table_value(out, json_array_get(listeners, i));
	}
}

enum exit_code show_status(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "Version", .member = "version" },
		{ .title = "Uptime, seconds", .member = "uptime_s" },
		{ .title = "Store", .member = "store" },
		{ .title = "Listeners", .show = show_listeners },
		{ .title = "VMs", .member = "vms" },
		{ .title = "In contact", .member = "in_contact" },
		{ .title = "Jobs", .member = "jobs" },
		{ .title = "Commits", .member = "commits" },
	};
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code = cli_get(cli, "/v1/status", &reply);

	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		cli_print_one(cli, columns, count_of(columns), reply.json);
	return code;
}
