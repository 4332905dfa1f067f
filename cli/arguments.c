/* SPDX-License-Identifier: MIT */
/* arguments.c -- reads the command line by the table of options. */
#include "cli/arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/args.h"
#include "openkvp/unicode.h"

bool option_find(const char *word, enum option *ret_option)
{
	size_t length = strcspn(word, "=");

	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const char *name = option_texts[option].name;

		if (length == strlen(name) + 2 && memcmp(word + 2, name, length - 2) == 0) {
			*ret_option = option;
			return true;
		}
	}
	return false;
}

/* Takes the option at argv[0], and its argument, which may be the next one. How many were used; 0:
 * it is wrong. */
static size_t take_option(struct arguments *arguments, const char *const *argv, size_t count,
			  struct okvp_error *err)
{
	const char *word = strcmp(argv[0], "-h") == 0 ? "--help" : argv[0];
	const char *joined = strchr(word, '=');
	enum option option;

	if (strncmp(word, "--", 2) != 0 || !option_find(word, &option)) {
		okvp_fail(err, OKVP_INVALID,
			  "unknown option '%s' ('--' before words that begin with '-')", word);
		return 0;
	}
	if (!option_texts[option].argument) {
		arguments->given[option] = "";
		if (joined)
			okvp_fail(err, OKVP_INVALID, "'--%s' takes no argument",
				  option_texts[option].name);
		return joined ? 0 : 1;
	}
	if (!joined && count < 2) {
		okvp_fail(err, OKVP_INVALID, "'--%s' needs %s", option_texts[option].name,
			  option_texts[option].argument);
		return 0;
	}
	arguments->given[option] = joined ? joined + 1 : argv[1];
	return joined ? 1 : 2;
}

bool arguments_read(const char *const *argv, size_t count, struct arguments *ret_arguments,
		    struct okvp_error *err)
{
	struct arguments arguments = { .first_word = xcalloc(count + 1, sizeof(char *)) };
	size_t used, name_words;

	for (size_t i = 0; i < count; i += used) {
		if (strcmp(argv[i], "--") == 0) {
			memcpy(arguments.first_word + arguments.count, argv + i + 1,
			       (count - i - 1) * sizeof(char *));
			arguments.count += count - i - 1;
			break;
		}
		used = 1;
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			arguments.first_word[arguments.count++] = argv[i];
		else
			used = take_option(&arguments, argv + i, count - i, err);
		if (used == 0) {
			arguments_done(&arguments);
			return false;
		}
	}
	arguments.command = command_find(arguments.first_word, arguments.count, &name_words);
	if (!arguments.command)
		name_words = 0;
	arguments.words = arguments.first_word + name_words;
	arguments.count -= name_words;
	*ret_arguments = arguments;
	return true;
}

void arguments_done(struct arguments *arguments)
{
	free(arguments->first_word);
	*arguments = (struct arguments){ 0 };
}

/* JSON carries UTF-8 and nothing else. */
static bool check_text(const struct arguments *arguments, struct okvp_error *err)
{
	bool valid = true;

	for (size_t i = 0; i < arguments->count; i++)
		valid &= okvp_utf8_valid(arguments->words[i], strlen(arguments->words[i]));
	for (enum option option = 0; option < OPTION_COUNT; option++)
		if (arguments->given[option])
			valid &= okvp_utf8_valid(arguments->given[option],
						 strlen(arguments->given[option]));
	return valid || okvp_fail(err, OKVP_INVALID, "a word or an argument is not valid UTF-8");
}

bool arguments_check(const struct arguments *arguments, struct okvp_error *err)
{
	const struct command *command = arguments->command;
	const char *args;

	if (arguments->count == 0 && !command)
		return okvp_fail(err, OKVP_INVALID, "no command");
	if (!command)
		return okvp_fail(err, OKVP_INVALID, "unknown command '%s%s%s'", arguments->words[0],
				 arguments->count > 1 ? " " : "",
				 arguments->count > 1 ? arguments->words[1] : "");
	for (enum option option = 0; option < OPTION_COUNT; option++)
		if (arguments->given[option] &&
		    !((command->options | OPTIONS_EVERYWHERE) >> option & 1))
			return okvp_fail(err, OKVP_INVALID, "'--%s' means nothing here",
					 option_texts[option].name);
	args = arguments->given[OPTION_FILE] ? "VM KEY" : command->args;
	if (!args_fit(args, arguments->count))
		return okvp_fail(err, OKVP_INVALID, "takes %s, not %zu word%s",
				 *args ? args : "no words", arguments->count,
				 arguments->count == 1 ? "" : "s");
	return check_text(arguments, err);
}

bool arguments_number(const struct arguments *arguments, enum option option, uint64_t most,
		      uint64_t *ret_number, struct okvp_error *err)
{
	const char *given = arguments->given[option];
	unsigned long long number;

	if (!given)
		return true;
	errno = 0;
	number = strtoull(given, NULL, 10);
	if (*given == '\0' || given[strspn(given, "0123456789")] != '\0' || errno != 0 ||
	    number > most)
		return okvp_fail(err, OKVP_INVALID, "'--%s %s': not a whole number up to %llu",
				 option_texts[option].name, given, (unsigned long long)most);
	*ret_number = number;
	return true;
}
