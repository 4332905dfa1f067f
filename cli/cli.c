/* SPDX-License-Identifier: MIT */
/* cli.c -- from the command line to the command, and from the answer to the exit status. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/display.h"
#include "cli/help.h"
#include "cli/prompt.h"
#include "openkvp/scoped.h"

enum exit_code cli_fail(struct cli *cli, enum exit_code code, const char *format, ...)
{
	const struct command *command = cli->arguments ? cli->arguments->command : NULL;
	scoped(text_done) struct text message = { 0 }, shown = { 0 };
	va_list args;

	va_start(args, format);
	text_vprintf(&message, format, args);
	va_end(args);
	display_add(&shown, message.bytes, message.length);
	fprintf(cli->err, "openkvp: %s%s%s\n", command ? command->name : "", command ? ": " : "",
		shown.length > 0 ? shown.bytes : "refused without a reason");
	return code;
}

/* A message that does not name the VM which the command is about gets it added. */
static bool names_vm(struct cli *cli, const char *message)
{
	scoped(text_done) struct text quoted = { 0 };

	if (!args_is(cli->arguments->command->args, 0, "VM"))
		return true;
	text_printf(&quoted, "'%s'", cli->arguments->words[0]);
	return strstr(message, quoted.bytes) != NULL;
}

/* An option's argument, else an environment variable that is set and not empty, else a default. */
static const char *setting(const struct arguments *arguments, enum option option,
			   const char *variable, const char *otherwise)
{
	const char *value = arguments->given[option];

	if (!value)
		value = getenv(variable);
	return value && *value ? value : otherwise;
}

enum exit_code cli_refused(struct cli *cli, const struct reply *reply)
{
	enum exit_code code = reply->status == 404 ? EXIT_NOT_FOUND : EXIT_REFUSED;
	const char *message = member_text(reply->json, "message");

	cli_print_json(cli, reply);
	if (reply->status == 401 && !setting(cli->arguments, OPTION_USER, "OPENKVP_USER", NULL))
		return cli_fail(cli, code, "%s; --user says who asks", message);
	if (names_vm(cli, message))
		return cli_fail(cli, code, "%s", message);
	return cli_fail(cli, code, "%s (vm '%s')", message, cli->arguments->words[0]);
}

enum exit_code cli_ask(struct cli *cli, const char *method, const char *path,
		       const struct text *body, struct reply *ret_reply)
{
	struct okvp_error error;

	if (!client_call(cli->client, method, path, body, ret_reply, &error))
		return cli_fail(cli, error.status == OKVP_UNAVAILABLE ? EXIT_NOBODY : EXIT_USAGE,
				"%s", error.message);
	if (ret_reply->status >= 400)
		return cli_refused(cli, ret_reply);
	return EXIT_DONE;
}

enum exit_code cli_get(struct cli *cli, const char *path, struct reply *ret_reply)
{
	return cli_ask(cli, "GET", path, NULL, ret_reply);
}

bool cli_print_json(struct cli *cli, const struct reply *reply)
{
	if (!cli->arguments->given[OPTION_JSON])
		return false;
	if (reply->body.length > 0) {
		fwrite(reply->body.bytes, 1, reply->body.length, cli->out);
		fputc('\n', cli->out);
	}
	return true;
}

void cli_print_table(struct cli *cli, const struct column *columns, size_t count,
		     const json_t *rows)
{
	scoped(text_done) struct text lines = { 0 };

	table_print(&lines, columns, count, rows, cli->terminal);
	fwrite(lines.bytes, 1, lines.length, cli->out);
}

void cli_print_one(struct cli *cli, const struct column *columns, size_t count,
		   const json_t *object)
{
	scoped(text_done) struct text lines = { 0 };

	table_print_one(&lines, columns, count, object);
	fwrite(lines.bytes, 1, lines.length, cli->out);
}

void cli_vm_path(struct cli *cli, struct text *ret_path, const char *rest)
{
	text_puts(ret_path, "/v1/vms");
	path_add(ret_path, cli->arguments->words[0]);
	text_puts(ret_path, rest);
}

struct client *cli_connect(const struct arguments *arguments, bool may_ask)
{
	const struct client_settings settings = {
		.server =
			setting(arguments, OPTION_SERVER, "OPENKVP_SERVER", CLIENT_DEFAULT_SERVER),
		.user = setting(arguments, OPTION_USER, "OPENKVP_USER", NULL),
		.password = getenv("OPENKVP_PASSWORD"),
		.cacert = arguments->given[OPTION_CACERT],
		.ask = may_ask ? prompt_password : NULL,
	};

	return client_create(&settings);
}

static enum exit_code run_command(struct cli *cli)
{
	enum exit_code code;

	cli->client = cli_connect(cli->arguments, true);
	code = cli->arguments->command->run(cli);
	client_free(&cli->client);
	return code;
}

static enum exit_code run(struct cli *cli)
{
	const struct arguments *arguments = cli->arguments;
	struct okvp_error error;

	if (arguments->given[OPTION_VERSION]) {
		fputs("openkvp " OPENKVP_VERSION "\n", cli->out);
		return EXIT_DONE;
	}
	if (arguments->given[OPTION_HELP])
		return help_print(cli, cli->out);
	if (arguments_check(arguments, &error))
		return run_command(cli);
	cli_fail(cli, EXIT_USAGE, "%s", error.message);
	help_print_usage(cli, cli->err);
	return EXIT_USAGE;
}

int cli_run(struct cli *cli, const char *const *argv, size_t count)
{
	scoped(arguments_done) struct arguments arguments = { 0 };
	struct okvp_error error;
	enum exit_code code;

	if (!arguments_read(argv, count, &arguments, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	cli->arguments = &arguments;
	code = run(cli);
	cli->arguments = NULL;
	if (fflush(cli->out) != 0 || ferror(cli->out))
		return cli_fail(cli, EXIT_REFUSED, "the output could not be written");
	return code;
}
