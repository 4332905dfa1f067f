/* SPDX-License-Identifier: MIT */
/* cli.h -- what every command is given, how it asks openkvpd, and how it ends. */
#pragma once
#include <stdio.h>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/path.h"
#include "cli/table.h"

struct cli {
	const struct arguments *arguments;
	struct client *client;
	FILE *in, *out, *err;
	size_t terminal; /* columns of the one that out is; 0: it is none */
};

/* Runs a whole command line, without the program's name, and returns the exit status. */
int cli_run(struct cli *cli, const char *const *argv, size_t count);

/* A client for the server and the user that the options, or else the environment, name. It may ask
 * for the password on the terminal, or not. */
struct client *cli_connect(const struct arguments *arguments, bool may_ask);

/* Says "openkvp: item add: ..." on err, and returns the code. */
enum exit_code cli_fail(struct cli *cli, enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sends a request without waiting for more than its answer. If nobody answers, or openkvpd refuses,
 * says so and returns the code for it. */
enum exit_code cli_ask(struct cli *cli, const char *method, const char *path,
		       const struct text *body, struct reply *ret_reply);

/* Asks for what is at a path. */
enum exit_code cli_get(struct cli *cli, const char *path, struct reply *ret_reply);

/* Refuses on behalf of openkvpd: says what a reply with an error says. */
enum exit_code cli_refused(struct cli *cli, const struct reply *reply);

/* With --json, prints the answer as it came and returns true. */
bool cli_print_json(struct cli *cli, const struct reply *reply);

/* Prints rows of a JSON array, or one object. */
void cli_print_table(struct cli *cli, const struct column *columns, size_t count,
		     const json_t *rows);
void cli_print_one(struct cli *cli, const struct column *columns, size_t count,
		   const json_t *object);

/* "/v1/vms/NAME" of the command's first word, and what follows it ("" or "/items"). */
void cli_vm_path(struct cli *cli, struct text *ret_path, const char *rest);
