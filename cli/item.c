/* SPDX-License-Identifier: MIT */
/* item.c -- openkvp item: what management gives to a VM. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/item.h"
#include "cli/job.h"
#include "cli/value.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

#define INPUT_MAX ((size_t)64 << 10) /* bytes of a value that is one item; openkvpd takes less */

const char *item_pool(struct cli *cli)
{
	return cli->arguments->given[OPTION_HOST_ONLY] ? "/items/host-only" : "/items/external";
}

/* --- Flags --- */

static const struct {
	enum option option;
	const char *name;
} flags[] = {
	{ OPTION_SECRET, "secret" },
	{ OPTION_ONCE, "once" },
	{ OPTION_TRANSIENT, "transient" },
};

bool item_flags(struct cli *cli, const char *quote, struct text *ret_list)
{
	const struct arguments *arguments = cli->arguments;
	const char *between = "";

	for (size_t i = 0; i < count_of(flags); i++)
		if (arguments->given[flags[i].option]) {
			text_printf(ret_list, "%s%s%s%s", between, quote, flags[i].name, quote);
			between = ",";
		}
	return arguments->given[OPTION_PLAIN] || ret_list->length > 0;
}

enum exit_code item_check_flags(struct cli *cli)
{
	scoped(text_done) struct text list = { 0 };

	item_flags(cli, "", &list);
	if (cli->arguments->given[OPTION_PLAIN] && list.length > 0)
		return cli_fail(cli, EXIT_USAGE, "'--plain' and '--%.*s' exclude each other",
				(int)strcspn(list.bytes, ","), list.bytes);
	return EXIT_DONE;
}

/* --- Batches: add, modify, put, remove, clear --- */

/* Sends a batch and says what became of it. members: of the request, without braces. */
static enum exit_code change(struct cli *cli, const struct text *members)
{
	const struct arguments *arguments = cli->arguments;
	scoped(text_done) struct text path = { 0 }, body = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	uint64_t generation = 0, wait_s = 0;
	struct okvp_error error;
	enum exit_code code;

	if (!arguments_number(arguments, OPTION_IF_GENERATION, INT64_MAX, &generation, &error) ||
	    !arguments_number(arguments, OPTION_WAIT, UINT32_MAX, &wait_s, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	text_printf(&body, "{%s", members->bytes);
	if (arguments->given[OPTION_IF_GENERATION]) {
		text_literal(&body, ",\"if_generation\":");
		text_u64(&body, generation);
	}
	text_putc(&body, '}');
	cli_vm_path(cli, &path, item_pool(cli));
	code = cli_ask(cli, "POST", path.bytes, &body, &reply);
	if (code != EXIT_DONE)
		return code;
	return job_follow(cli, member_text(reply.json, "job"),
			  arguments->given[OPTION_WAIT] ? &wait_s : NULL);
}

/* Appends what standard input holds, as a string of JSON. */
static enum exit_code add_input(struct cli *cli, struct text *members)
{
	scoped(text_done) struct text value = { 0 };
	struct okvp_error error;

	if (!file_read_stream(cli->in, "standard input", INPUT_MAX, &value, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	if (!okvp_utf8_valid(value.bytes, value.length))
		return cli_fail(cli, EXIT_USAGE, "standard input is not valid UTF-8");
	text_json(members, value.bytes, value.length);
	return EXIT_DONE;
}

/* Sends a batch of the pairs on the command line; "-" as a value stands for standard input. */
static enum exit_code change_pairs(struct cli *cli, const char *verb)
{
	const char *const *word = cli->arguments->words + 1, *const *end = word +
									   cli->arguments->count -
									   1;
	scoped(text_done) struct text members = { 0 }, list = { 0 };
	bool input_used = false, flagged = item_flags(cli, "\"", &list);

	if (item_check_flags(cli) != EXIT_DONE)
		return EXIT_USAGE;
	text_printf(&members, "\"%s\":[", verb);
	for (; word < end; word += 2) {
		text_puts(&members, word == cli->arguments->words + 1 ? "{\"key\":" : ",{\"key\":");
		text_json(&members, word[0], strlen(word[0]));
		text_literal(&members, ",\"value\":");
		if (strcmp(word[1], "-") != 0) {
			text_json(&members, word[1], strlen(word[1]));
		} else {
			enum exit_code code =
				input_used ? cli_fail(cli, EXIT_USAGE,
						      "standard input can be one value only")
					   : add_input(cli, &members);

			if (code != EXIT_DONE)
				return code;
			input_used = true;
		}
		if (flagged)
			text_printf(&members, ",\"flags\":[%s]", list.length > 0 ? list.bytes : "");
		text_putc(&members, '}');
	}
	text_putc(&members, ']');
	return change(cli, &members);
}

enum exit_code item_add(struct cli *cli)
{
	return change_pairs(cli, "add");
}

enum exit_code item_modify(struct cli *cli)
{
	return change_pairs(cli, "modify");
}

enum exit_code item_put(struct cli *cli)
{
	return cli->arguments->given[OPTION_FILE] ? value_put(cli) : change_pairs(cli, "put");
}

enum exit_code item_remove(struct cli *cli)
{
	scoped(text_done) struct text members = { 0 };

	text_literal(&members, "\"remove\":");
	for (size_t i = 1; i < cli->arguments->count; i++) {
		const char *key = cli->arguments->words[i];

		text_putc(&members, i == 1 ? '[' : ',');
		text_json(&members, key, strlen(key));
	}
	text_putc(&members, ']');
	return change(cli, &members);
}

enum exit_code item_clear(struct cli *cli)
{
	scoped(text_done) struct text members = { 0 };

	text_literal(&members, "\"clear\":true");
	return change(cli, &members);
}

/* --- Looking at items --- */

/* A key that is gone here, but perhaps not in the guest, has no value. */
static bool is_removal(const json_t *item)
{
	return !json_object_get(item, "value");
}

static void show_delivery(struct text *out, const json_t *item)
{
	const char *reason = member_text(item, "reason");

	if (is_removal(item))
		text_literal(out, "removal ");
	table_value(out, json_object_get(item, "delivery"));
	if (*reason)
		text_literal(out, ": ");
	display_add(out, reason, strlen(reason));
}

static void show_changed(struct text *out, const json_t *item)
{
	table_time(out, item, "changed");
}

static void show_flags(struct text *out, const json_t *item)
{
	const json_t *list = json_object_get(item, "flags");

	if (json_array_size(list) == 0)
		text_putc(out, '-');
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			text_putc(out, ',');
		table_value(out, json_array_get(list, i));
	}
}

void item_show_value(struct text *out, const json_t *item)
{
	const json_t *value = json_object_get(item, "value");
	const json_t *size = json_object_get(item, "size");

	if (json_is_integer(size))
		text_printf(out, "(%" JSON_INTEGER_FORMAT " bytes)", json_integer_value(size));
	else if (value && json_is_null(value))
		text_literal(out, "(secret)");
	else
		table_value(out, value);
}

enum exit_code item_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "KEY", .member = "key", .gives_way = true },
		{ .title = "VALUE", .show = item_show_value, .gives_way = true },
		{ .title = "FLAGS", .show = show_flags },
		{ .title = "CHANGED", .show = show_changed },
		{ .title = "DELIVERY", .show = show_delivery },
	};
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;
	json_t *items;

	cli_vm_path(cli, &path, item_pool(cli));
	if (cli->arguments->given[OPTION_SECRETS])
		text_literal(&path, "?secrets=1");
	code = cli_get(cli, path.bytes, &reply);
	if (code != EXIT_DONE || cli_print_json(cli, &reply))
		return code;
	items = json_object_get(reply.json, "items");
	json_array_extend(items, json_object_get(reply.json, "removing"));
	cli_print_table(cli, columns, count_of(columns), items);
	return EXIT_DONE;
}
