/* SPDX-License-Identifier: MIT */
/* user.c -- openkvp user: who may come by http(s), with which role. */
#include <string.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/prompt.h"
#include "openkvp/scoped.h"

enum exit_code user_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "NAME", .member = "name" },
		{ .title = "ROLE", .member = "role" },
	};
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code = cli_get(cli, "/v1/users", &reply);

	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		cli_print_table(cli, columns, count_of(columns),
				json_object_get(reply.json, "users"));
	return code;
}

/* The first line of standard input. */
static enum exit_code read_password(struct cli *cli, char **ret_password)
{
	char line[PROMPT_MAX + 2];
	size_t length;

	if (!fgets(line, sizeof(line), cli->in))
		return cli_fail(cli, EXIT_USAGE, "standard input has no password");
	length = strcspn(line, "\n");
	if (length > PROMPT_MAX)
		return cli_fail(cli, EXIT_USAGE, "the password is too long");
	*ret_password = xstrndup(line, length);
	explicit_bzero(line, sizeof(line));
	return EXIT_DONE;
}

/* Asks twice, since nobody sees what he types. */
static enum exit_code ask_password(struct cli *cli, char **ret_password)
{
	scoped(prompt_forget) char *first = NULL, *second = NULL;
	struct okvp_error error;

	if (!prompt_hidden("New password: ", &first, &error) ||
	    !prompt_hidden("The same again: ", &second, &error))
		return cli_fail(cli, EXIT_USAGE, "%s; see --password-stdin", error.message);
	if (strcmp(first, second) != 0)
		return cli_fail(cli, EXIT_USAGE, "the passwords differ; nothing is changed");
	*ret_password = take(first);
	return EXIT_DONE;
}

static void forget_body(struct text *body)
{
	if (body->bytes)
		explicit_bzero(body->bytes, body->length);
	text_done(body);
}

enum exit_code user_add(struct cli *cli)
{
	const char *name = cli->arguments->words[0], *role = cli->arguments->given[OPTION_ROLE];
	scoped(prompt_forget) char *password = NULL;
	scoped(forget_body) struct text body = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	if (!role)
		return cli_fail(cli, EXIT_USAGE, "'--role' is missing: %s",
				option_texts[OPTION_ROLE].argument);
	code = cli->arguments->given[OPTION_PASSWORD_STDIN] ? read_password(cli, &password)
							    : ask_password(cli, &password);
	if (code != EXIT_DONE)
		return code;
	text_literal(&body, "{\"name\":");
	text_json(&body, name, strlen(name));
	text_literal(&body, ",\"role\":");
	text_json(&body, role, strlen(role));
	text_literal(&body, ",\"password\":");
	text_json(&body, password, strlen(password));
	text_putc(&body, '}');
	return cli_ask(cli, "POST", "/v1/users", &body, &reply);
}

enum exit_code user_remove(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };

	text_puts(&path, "/v1/users");
	path_add(&path, cli->arguments->words[0]);
	return cli_ask(cli, "DELETE", path.bytes, NULL, &reply);
}
