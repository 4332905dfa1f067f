/* SPDX-License-Identifier: MIT */
/* main.c -- openkvp-agent: the table of its commands, and their options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/items.h"
#include "agent/serve.h"
#include "base/memory.h"
#include "openkvp/pool_file.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_SUCH_KEY = 4 };

#define GO_ON (-1)

struct options {
	struct items_request items;
	const char *connect;
	bool given[128]; /* by letter */
};

static bool run_serve(const struct options *options, struct okvp_error *err)
{
	return serve(options->items.folder, options->connect, err);
}

static bool run_get(const struct options *options, struct okvp_error *err)
{
	return items_get(&options->items, err);
}

static bool run_set(const struct options *options, struct okvp_error *err)
{
	return items_set(&options->items, err);
}

static bool run_delete(const struct options *options, struct okvp_error *err)
{
	return items_delete(&options->items, err);
}

static bool run_list(const struct options *options, struct okvp_error *err)
{
	return items_list(&options->items, err);
}

static const struct command {
	const char *name, *args;
	int arg_count;
	const char *options; /* letters of those that it takes, besides -f, -h, -V */
	bool (*run)(const struct options *options, struct okvp_error *err);
	const char *help;
} commands[] = {
	{ "serve", "", 0, "c", run_serve, "serve the host (the default)" },
	{ "get", "KEY", 1, "pjF", run_get, "print a value that the host has set" },
	{ "set", "KEY VALUE", 2, "pF", run_set, "publish an item to the host" },
	{ "delete", "KEY", 1, "p", run_delete, "take back an item" },
	{ "list", "", 0, "paj", run_list, "print keys and values, a tab between them" },
};

static const struct option_help {
	const char *name, *arg, *help;
	char letter;
} option_list[] = {
	{ "folder", "DIR", "where the pool files are (" OKVP_POOL_FOLDER "; OPENKVP_FOLDER)", 'f' },
	{ "connect", "WHERE", "the host: vsock, unix:PATH, /dev/PATH ... (see the manual)", 'c' },
	{ "pool", "POOL", "a pool by name or number, instead of the command's own", 'p' },
	{ "all", NULL, "list all pools, each line with its pool's name first", 'a' },
	{ "json", NULL, "print JSON", 'j' },
	{ "file", "FILE", "leave the value in a file, or take it from one instead of VALUE", 'F' },
	{ "help", NULL, "print this", 'h' },
	{ "version", NULL, "print the version", 'V' },
};

static void print_usage(FILE *out)
{
	fputs("usage: openkvp-agent [options] [command]\n\ncommands:\n", out);
	for (size_t i = 0; i < count_of(commands); i++)
		fprintf(out, "  %-7s%-12s%s\n", commands[i].name, commands[i].args,
			commands[i].help);
	fputs("\noptions:\n", out);
	for (size_t i = 0; i < count_of(option_list); i++)
		fprintf(out, "  -%c, --%-8s%-8s%s\n", option_list[i].letter, option_list[i].name,
			option_list[i].arg ? option_list[i].arg : "", option_list[i].help);
	fputs("\npools: 0 external (from the host), 1 guest (to the host), 2 auto (this machine),\n"
	      "       3 auto-external (about the host), 4 auto-internal\n"
	      "exit codes: 0 done, 1 failed, 2 wrong usage, 4 no such key\n",
	      out);
}

static enum exit_code print_about(int letter)
{
	if (letter == 'h')
		print_usage(stdout);
	else
		puts("openkvp-agent " OPENKVP_VERSION);
	return EXIT_DONE;
}

static enum exit_code usage_error(const char *what, const char *which)
{
	fprintf(stderr, "openkvp-agent: %s '%s'; try --help\n", what, which);
	return EXIT_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < count_of(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void fill_getopt(struct option longs[static count_of(option_list) + 1],
			char shorts[static 2 * count_of(option_list) + 1])
{
	for (size_t i = 0; i < count_of(option_list); i++) {
		longs[i] = (struct option){ .name = option_list[i].name,
					    .has_arg = option_list[i].arg != NULL,
					    .val = option_list[i].letter };
		*shorts++ = option_list[i].letter;
		if (option_list[i].arg)
			*shorts++ = ':';
	}
}

/* Takes one option; false for a value that it cannot have. */
static bool take_option(struct options *options, int letter)
{
	struct items_request *items = &options->items;

	options->given[letter] = true;
	switch (letter) {
	case 'f':
		items->folder = optarg;
		return true;
	case 'c':
		options->connect = optarg;
		return true;
	case 'p':
		items->pool_given = okvp_pool_from_name(optarg, &items->pool);
		return items->pool_given;
	case 'F':
		items->file = optarg;
		return true;
	case 'a':
		return items->all = true;
	default:
		return items->json = true;
	}
}

/* Runs a command on its arguments. */
static enum exit_code run(const struct command *command, struct options *options, int argc,
			  char *argv[])
{
	bool value_in_file = options->items.file && strstr(command->args, "VALUE");
	struct okvp_error err;

	if (argc != command->arg_count - value_in_file) {
		fprintf(stderr, "usage: openkvp-agent [options] %s %s%s\n", command->name,
			command->args, strchr(command->options, 'F') ? " [--file FILE]" : "");
		return EXIT_USAGE;
	}
	options->items.key = argc > 0 ? argv[0] : NULL;
	options->items.value = argc > 1 ? argv[1] : NULL;
	if (command->run(options, &err))
		return EXIT_DONE;
	fprintf(stderr, "openkvp-agent: %s: %s\n", command->name, err.message);
	return err.status == OKVP_NOT_FOUND ? EXIT_NO_SUCH_KEY : EXIT_FAILED;
}

/* Takes all options; an exit code when there is nothing left to do, else GO_ON. */
static int take_options(struct options *options, int argc, char *argv[])
{
	struct option longs[count_of(option_list) + 1] = { { 0 } };
	char shorts[2 * count_of(option_list) + 1] = "";
	int letter;

	fill_getopt(longs, shorts);
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (letter == 'h' || letter == 'V')
			return print_about(letter);
		if (letter == '?')
			return EXIT_USAGE; /* getopt has said why */
		if (!take_option(options, letter))
			return usage_error("no such pool", optarg);
	}
	return GO_ON;
}

static bool check_options(const struct options *options, const struct command *command)
{
	for (size_t i = 0; i < count_of(option_list); i++) {
		char letter = option_list[i].letter;

		if (options->given[(int)letter] && letter != 'f' &&
		    !strchr(command->options, letter)) {
			fprintf(stderr, "openkvp-agent: %s takes no --%s; try --help\n",
				command->name, option_list[i].name);
			return false;
		}
	}
	return true;
}

int main(int argc, char *argv[])
{
	const char *folder = getenv("OPENKVP_FOLDER");
	struct options options = { .items.folder = folder ? folder : OKVP_POOL_FOLDER };
	const struct command *command = &commands[0];
	int end = take_options(&options, argc, argv);

	if (end != GO_ON)
		return end;
	if (optind < argc)
		command = find_command(argv[optind]);
	if (!command)
		return usage_error("no such command", argv[optind]);
	if (!check_options(&options, command))
		return EXIT_USAGE;
	optind += optind < argc;
	return run(command, &options, argc - optind, argv + optind);
}
