/* SPDX-License-Identifier: MIT */
/* vm.c -- openkvp vm: define, look at, change and undefine virtual machines. */
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "openkvp/scoped.h"

enum exit_code vm_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "NAME", .member = "name" },
		{ .title = "POWER", .member = "power" },
		{ .title = "CONTACT", .member = "contact" },
		{ .title = "VERSION", .member = "message_version" },
		{ .title = "ITEMS", .member = "items", .right = true },
		{ .title = "PENDING", .member = "outstanding", .right = true },
		{ .title = "REASON", .member = "reason", .gives_way = true },
	};
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code = cli_get(cli, "/v1/vms", &reply);

	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		cli_print_table(cli, columns, count_of(columns),
				json_object_get(reply.json, "vms"));
	return code;
}

static void show_created(struct text *out, const json_t *vm)
{
	table_time(out, vm, "created");
}

static void show_last_contact(struct text *out, const json_t *vm)
{
	table_time(out, vm, "last_contact");
}

static void show_guest_read(struct text *out, const json_t *vm)
{
	table_time(out, vm, "guest_read");
}

enum exit_code vm_show(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "Name", .member = "name" },
		{ .title = "GUID", .member = "id" },
		{ .title = "Channel", .member = "channel" },
		{ .title = "Created", .show = show_created },
		{ .title = "Exchange", .member = "exchange_enabled" },
		{ .title = "Host items", .member = "host_items" },
		{ .title = "Power", .member = "power" },
		{ .title = "Contact", .member = "contact" },
		{ .title = "Reason", .member = "reason" },
		{ .title = "Framework version", .member = "framework_version" },
		{ .title = "Message version", .member = "message_version" },
		{ .title = "Connected, seconds", .member = "connected_s" },
		{ .title = "Last contact", .show = show_last_contact },
		{ .title = "Guest read", .show = show_guest_read },
		{ .title = "Items", .member = "items" },
		{ .title = "Host-only items", .member = "host_only_items" },
		{ .title = "Pending", .member = "outstanding" },
		{ .title = "Generation", .member = "generation" },
		{ .title = "Acknowledged", .member = "acknowledged" },
	};
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	cli_vm_path(cli, &path, "");
	code = cli_get(cli, path.bytes, &reply);
	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		cli_print_one(cli, columns, count_of(columns), reply.json);
	return code;
}

static void add_text_member(struct text *body, const char *name, const char *value)
{
	text_printf(body, "%s\"%s\":", body->bytes[body->length - 1] == '{' ? "" : ",", name);
	text_json(body, value, strlen(value));
}

enum exit_code vm_define(struct cli *cli)
{
	const struct arguments *arguments = cli->arguments;
	scoped(text_done) struct text body = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	text_putc(&body, '{');
	add_text_member(&body, "name", arguments->words[0]);
	if (arguments->given[OPTION_ID])
		add_text_member(&body, "id", arguments->given[OPTION_ID]);
	if (arguments->given[OPTION_CHANNEL])
		add_text_member(&body, "channel", arguments->given[OPTION_CHANNEL]);
	text_putc(&body, '}');
	code = cli_ask(cli, "POST", "/v1/vms", &body, &reply);
	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		fprintf(cli->out, "%s: %s\n", reply.status == 201 ? "defined" : "was there already",
			member_text(reply.json, "id"));
	return code;
}

static enum exit_code change(struct cli *cli, const struct text *body)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	cli_vm_path(cli, &path, "");
	code = cli_ask(cli, "PATCH", path.bytes, body, &reply);
	if (code == EXIT_DONE)
		cli_print_json(cli, &reply);
	return code;
}

/* Adds a member for an option that says "on" or "off", if it is given. */
static bool add_switch(struct cli *cli, struct text *body, const char *name, enum option option)
{
	const char *given = cli->arguments->given[option];
	bool on = given && strcmp(given, "on") == 0;

	if (!given)
		return true;
	if (!on && strcmp(given, "off") != 0)
		return false;
	text_printf(body, "%s\"%s\":%s", body->bytes[body->length - 1] == '{' ? "" : ",", name,
		    on ? "true" : "false");
	return true;
}

enum exit_code vm_set(struct cli *cli)
{
	const char *channel = cli->arguments->given[OPTION_CHANNEL];
	scoped(text_done) struct text body = { 0 };

	text_putc(&body, '{');
	if (channel)
		add_text_member(&body, "channel", channel);
	if (!add_switch(cli, &body, "exchange_enabled", OPTION_EXCHANGE))
		return cli_fail(cli, EXIT_USAGE, "'--exchange' is on or off");
	if (!add_switch(cli, &body, "host_items", OPTION_HOST_ITEMS))
		return cli_fail(cli, EXIT_USAGE, "'--host-items' is on or off");
	if (body.length == 1)
		return cli_fail(cli, EXIT_USAGE, "nothing to change");
	text_putc(&body, '}');
	return change(cli, &body);
}

enum exit_code vm_rename(struct cli *cli)
{
	scoped(text_done) struct text body = { 0 };

	text_putc(&body, '{');
	add_text_member(&body, "name", cli->arguments->words[1]);
	text_putc(&body, '}');
	return change(cli, &body);
}

enum exit_code vm_undefine(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };

	cli_vm_path(cli, &path, cli->arguments->given[OPTION_ITEMS] ? "?items=1" : "");
	return cli_ask(cli, "DELETE", path.bytes, NULL, &reply);
}
