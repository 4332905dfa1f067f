/* SPDX-License-Identifier: MIT */
/* vm.c -- openkvp vm: define, look at, change and undefine virtual machines. */
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/snippets.h"
#include "openkvp/scoped.h"

/* Why there is no contact, or what is wrong with the one there is. */
static void show_reason(struct text *out, const json_t *vm)
{
	const char *reason = member_text(vm, "reason");

	if (*reason == '\0')
		reason = member_text(vm, "trouble");
	display_add(out, reason, strlen(reason));
}

enum exit_code vm_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "NAME", .member = "name" },
		{ .title = "POWER", .member = "power" },
		{ .title = "CONTACT", .member = "contact" },
		{ .title = "VERSION", .member = "message_version" },
		{ .title = "ITEMS", .member = "items", .right = true },
		{ .title = "PENDING", .member = "outstanding", .right = true },
		{ .title = "REASON", .show = show_reason, .gives_way = true },
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

/* Prints what one hypervisor must be told, and nothing else. */
static enum exit_code print_snippet(struct cli *cli, const json_t *vm)
{
	const char *name = cli->arguments->given[OPTION_SNIPPET];
	const char *channel = member_text(vm, "channel");
	const struct snippet *snippet = snippet_find(name);
	scoped(text_done) struct text lines = { 0 };

	if (!snippet)
		return cli_fail(cli, EXIT_USAGE, "'--snippet' is %s",
				option_texts[OPTION_SNIPPET].argument);
	if (!snippet_write(snippet, &lines, channel))
		return cli_fail(cli, EXIT_REFUSED, "%s has no road for the channel '%s'; it has %s",
				snippet->name, channel, snippet->roads);
	fputs(lines.bytes, cli->out);
	return EXIT_DONE;
}

/* Prints what every hypervisor must be told. */
static enum exit_code print_snippets(struct cli *cli, const json_t *vm)
{
	scoped(reply_done) struct reply reply = { 0 };
	scoped(text_done) struct text lines = { 0 };
	enum exit_code code = cli_get(cli, "/v1/status", &reply);

	if (code != EXIT_DONE)
		return code;
	snippets_write_all(
		&lines, member_text(vm, "name"), member_text(vm, "channel"),
		(unsigned int)json_integer_value(json_object_get(reply.json, "vsock_port")));
	fputs(lines.bytes, cli->out);
	return EXIT_DONE;
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
		{ .title = "Allow secrets", .member = "allow_secrets" },
		{ .title = "Power", .member = "power" },
		{ .title = "Contact", .member = "contact" },
		{ .title = "Reason", .member = "reason" },
		{ .title = "Trouble", .member = "trouble" },
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
	if (code != EXIT_DONE || cli_print_json(cli, &reply))
		return code;
	if (cli->arguments->given[OPTION_SNIPPET])
		return print_snippet(cli, reply.json);
	cli_print_one(cli, columns, count_of(columns), reply.json);
	return print_snippets(cli, reply.json);
}

/* Says what is wrong with the VM's channel. It is tried again, so this is no error. */
static void warn_of_fault(struct cli *cli, const json_t *vm)
{
	if (json_is_true(json_object_get(vm, "fault")))
		cli_fail(cli, EXIT_DONE, "done, but no guest can come: %s; it is tried again",
			 member_text(vm, "reason"));
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
	if (code != EXIT_DONE)
		return code;
	warn_of_fault(cli, reply.json);
	if (!cli_print_json(cli, &reply))
		fprintf(cli->out, "%s: %s\n", reply.status == 201 ? "defined" : "was there already",
			member_text(reply.json, "id"));
	return EXIT_DONE;
}

static enum exit_code change(struct cli *cli, const struct text *body)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	cli_vm_path(cli, &path, "");
	code = cli_ask(cli, "PATCH", path.bytes, body, &reply);
	if (code != EXIT_DONE)
		return code;
	warn_of_fault(cli, reply.json);
	cli_print_json(cli, &reply);
	return EXIT_DONE;
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
	if (!add_switch(cli, &body, "allow_secrets", OPTION_ALLOW_SECRETS))
		return cli_fail(cli, EXIT_USAGE, "'--allow-secrets' is on or off");
	if (body.length == 1)
		return cli_fail(cli, EXIT_USAGE, "nothing to change");
	text_putc(&body, '}');
	return change(cli, &body);
}

static enum exit_code set_channel(struct cli *cli, const char *address)
{
	scoped(text_done) struct text body = { 0 };

	text_putc(&body, '{');
	add_text_member(&body, "channel", address);
	text_putc(&body, '}');
	return change(cli, &body);
}

enum exit_code vm_attach(struct cli *cli)
{
	const char *address = cli->arguments->words[1];

	if (*address == '\0')
		return cli_fail(cli, EXIT_USAGE, "an address is needed; vm detach takes one away");
	return set_channel(cli, address);
}

enum exit_code vm_detach(struct cli *cli)
{
	return set_channel(cli, "");
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
