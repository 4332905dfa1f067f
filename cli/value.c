/* SPDX-License-Identifier: MIT */
/* value.c -- openkvp item get, put --file, put-ignition; openkvp guest get. */
#include "cli/value.h"

#include <string.h>

#include "base/file.h"
#include "cli/display.h"
#include "cli/item.h"
#include "cli/job.h"
#include "openkvp/scoped.h"

#define VALUE_MAX 1048576 /* bytes: openkvpd takes no larger value */

#define IGNITION_KEY "ignition.config"

/* --- Putting --- */

static bool read_value(struct cli *cli, const char *path, struct text *ret_value,
		       struct okvp_error *err)
{
	if (strcmp(path, "-") == 0)
		return file_read_stream(cli->in, "standard input", VALUE_MAX, ret_value, err);
	return file_read(path, VALUE_MAX, ret_value, err);
}

static void add_parameter(struct text *path, const char *name, const char *value)
{
	text_printf(path, "%c%s=%s", strchr(path->bytes, '?') ? '&' : '?', name, value);
}

/* Puts a value to a path, which is taken up to its parameters. */
static enum exit_code put(struct cli *cli, struct text *path, const struct text *value)
{
	const struct arguments *arguments = cli->arguments;
	scoped(text_done) struct text flags = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	uint64_t generation, wait_s = 0;
	struct okvp_error error;
	enum exit_code code;

	if (!arguments_number(arguments, OPTION_IF_GENERATION, INT64_MAX, &generation, &error) ||
	    !arguments_number(arguments, OPTION_WAIT, UINT32_MAX, &wait_s, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	if (item_check_flags(cli) != EXIT_DONE)
		return EXIT_USAGE;
	if (item_flags(cli, "", &flags))
		add_parameter(path, "flags", flags.length > 0 ? flags.bytes : "");
	if (arguments->given[OPTION_IF_GENERATION])
		add_parameter(path, "if_generation", arguments->given[OPTION_IF_GENERATION]);
	code = cli_ask(cli, "PUT", path->bytes, value, &reply);
	if (code != EXIT_DONE)
		return code;
	return job_follow(cli, member_text(reply.json, "job"),
			  arguments->given[OPTION_WAIT] ? &wait_s : NULL);
}

enum exit_code value_put(struct cli *cli)
{
	const struct arguments *arguments = cli->arguments;
	scoped(text_done) struct text path = { 0 }, value = { 0 };
	struct okvp_error error;

	if (!read_value(cli, arguments->given[OPTION_FILE], &value, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	cli_vm_path(cli, &path, item_pool(cli));
	path_add(&path, arguments->words[1]);
	text_literal(&path, "/value");
	return put(cli, &path, &value);
}

/* What Ignition cannot read would only be noticed when the guest boots. */
static bool check_ignition(const struct text *value, struct okvp_error *err)
{
	json_error_t where;
	json_t *tree = json_loadb(value->bytes, value->length, 0, &where);
	bool has_version = json_is_object(tree) && json_object_get(tree, "ignition");

	json_decref(tree);
	if (!tree)
		return okvp_fail(err, OKVP_INVALID,
				 "no Ignition configuration: line %d is no JSON: %s", where.line,
				 where.text);
	return has_version || okvp_fail(err, OKVP_INVALID,
					"no Ignition configuration: it has no member 'ignition'");
}

enum exit_code item_put_ignition(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 }, value = { 0 };
	const char *file = cli->arguments->words[1];
	struct okvp_error error;

	if (!read_value(cli, file, &value, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	if (!check_ignition(&value, &error))
		return cli_fail(cli, EXIT_USAGE, "%s: %s", file, error.message);
	cli_vm_path(cli, &path, "/items/external/" IGNITION_KEY "/value?split=numbered");
	return put(cli, &path, &value);
}

/* --- Getting --- */

/* Prints a value as it is, for programs; on a terminal with what it might obey escaped. */
static void print_value(struct cli *cli, const struct text *value)
{
	scoped(text_done) struct text shown = { 0 };

	if (cli->terminal > 0)
		display_add(&shown, value->bytes ? value->bytes : "", value->length);
	else
		text_add(&shown, value->bytes ? value->bytes : "", value->length);
	if (shown.length > 0)
		fwrite(shown.bytes, 1, shown.length, cli->out);
	fputc('\n', cli->out);
}

static enum exit_code keep_value(struct cli *cli, const struct text *value)
{
	const char *path = cli->arguments->given[OPTION_FILE];
	struct okvp_error error;

	if (!path)
		print_value(cli, value);
	else if (strcmp(path, "-") == 0)
		fwrite(value->length > 0 ? value->bytes : "", 1, value->length, cli->out);
	else if (!file_write(path, value->bytes, value->length, &error))
		return cli_fail(cli, EXIT_REFUSED, "%s", error.message);
	return EXIT_DONE;
}

static enum exit_code get(struct cli *cli, struct text *path)
{
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	text_literal(path, "/value");
	code = cli_get(cli, path->bytes, &reply);
	return code == EXIT_DONE ? keep_value(cli, &reply.body) : code;
}

static enum exit_code print_item_json(struct cli *cli, struct text *path)
{
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	if (cli->arguments->given[OPTION_FILE])
		return cli_fail(cli, EXIT_USAGE, "'--json' and '--file' exclude each other");
	if (cli->arguments->given[OPTION_SECRETS])
		text_literal(path, "?secrets=1");
	code = cli_get(cli, path->bytes, &reply);
	if (code == EXIT_DONE)
		cli_print_json(cli, &reply);
	return code;
}

enum exit_code item_get(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 };

	cli_vm_path(cli, &path, item_pool(cli));
	path_add(&path, cli->arguments->words[1]);
	return cli->arguments->given[OPTION_JSON] ? print_item_json(cli, &path) : get(cli, &path);
}

enum exit_code guest_get(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 };

	if (cli->arguments->given[OPTION_JSON])
		return cli_fail(cli, EXIT_USAGE, "'guest list --json' prints values as JSON");
	cli_vm_path(cli, &path, "/guest");
	path_add(&path, cli->arguments->words[1]);
	return get(cli, &path);
}
