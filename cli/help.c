/* SPDX-License-Identifier: MIT */
/* help.c -- prints the tables for people. */
#include "cli/help.h"

#include <string.h>

#include "openkvp/scoped.h"

/* Whether a command's name begins with a word. */
static bool is_in_group(const struct command *command, const char *group)
{
	size_t length = strlen(group);

	return strncmp(command->name, group, length) == 0 &&
	       (command->name[length] == ' ' || command->name[length] == '\0');
}

/* Prints the commands of a group, or all with NULL; how many. */
static size_t print_commands(const char *group, FILE *out)
{
	size_t widest = 0, count = 0;

	for (const struct command *command = commands; command->name; command++) {
		size_t width = strlen(command->name) + strlen(command->args) + 1;

		if (command->help && width > widest)
			widest = width;
	}
	for (const struct command *command = commands; command->name; command++) {
		if (!command->help || (group && !is_in_group(command, group)))
			continue;
		fprintf(out, "  %s %-*s  %s\n", command->name,
			(int)(widest - strlen(command->name) - 1), command->args, command->help);
		count++;
	}
	return count;
}

static void print_options(uint32_t options, FILE *out)
{
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_text *text = &option_texts[option];
		scoped(text_done) struct text shown = { 0 };

		if (!(options >> option & 1))
			continue;
		text_printf(&shown, "--%s%s%s", text->name, text->argument ? " " : "",
			    text->argument ? text->argument : "");
		fprintf(out, "  %-24s  %s\n", shown.bytes, text->help);
	}
}

static void print_usage(const struct command *command, FILE *out)
{
	fprintf(out, "Usage: openkvp %s [OPTION]...%s%s\n", command->name,
		*command->args ? " " : "", command->args);
}

static void print_command(const struct command *command, FILE *out)
{
	print_usage(command, out);
	if (command->help)
		fprintf(out, "\n%s\n", command->help);
	if (strstr(command->args, "VALUE"))
		fputs("One VALUE may be '-': it is read from standard input, as it is.\n", out);
	if (command->options) {
		fputs("\nOptions\n", out);
		print_options(command->options, out);
	}
	fputs("\nOptions of every command\n", out);
	print_options(OPTIONS_EVERYWHERE, out);
}

static void print_all(FILE *out)
{
	fputs("Usage: openkvp COMMAND [OPTION]... [WORD]...\n\n"
	      "Key-value pairs for virtual machines, by openkvpd. VM is a name or a GUID.\n\n"
	      "Commands\n",
	      out);
	print_commands(NULL, out);
	fputs("\nOptions of every command ('openkvp help COMMAND' shows its own)\n", out);
	print_options(OPTIONS_EVERYWHERE, out);
	fputs("\nExit status\n", out);
#define X(name, text) fprintf(out, "  %d  %s\n", EXIT_##name, text);
	EXIT_LIST(X)
#undef X
}

/* Explains a command, or a group, or all if there are no words. */
static enum exit_code explain(struct cli *cli, const struct command *command,
			      const char *const *words, size_t count, FILE *out)
{
	if (command) {
		print_command(command, out);
		return EXIT_DONE;
	}
	if (count == 0) {
		print_all(out);
		return EXIT_DONE;
	}
	if (count == 1 && print_commands(words[0], out) > 0)
		return EXIT_DONE;
	return cli_fail(cli, EXIT_USAGE, "unknown command '%s%s%s'", words[0], count > 1 ? " " : "",
			count > 1 ? words[1] : "");
}

enum exit_code help_print(struct cli *cli, FILE *out)
{
	const struct arguments *arguments = cli->arguments;

	return explain(cli, arguments->command, arguments->words, arguments->count, out);
}

enum exit_code show_help(struct cli *cli)
{
	const struct arguments *arguments = cli->arguments;
	size_t used;

	return explain(cli, command_find(arguments->words, arguments->count, &used),
		       arguments->words, arguments->count, cli->out);
}

void help_print_usage(struct cli *cli, FILE *out)
{
	const struct arguments *arguments = cli->arguments;

	if (arguments->command)
		print_usage(arguments->command, out);
	else if (arguments->count == 0 || print_commands(arguments->words[0], out) == 0)
		fputs("Try 'openkvp help'.\n", out);
}
