/* SPDX-License-Identifier: MIT */
/* arguments.h -- the command line: options anywhere, words in order. */
#pragma once
#include <stdbool.h>

#include "cli/command.h"
#include "openkvp/error.h"

struct arguments {
	const struct command *command;   /* NULL: the words name none */
	const char *given[OPTION_COUNT]; /* the option's argument, "" if it takes none; NULL: not
					  * given */
	const char **words;              /* behind the command's name */
	size_t count;
	const char **first_word; /* all words, malloc'ed */
};

/* Splits a command line (without the program's name) into options and words, and looks up the
 * command. "--" ends the options; "-" is a word. OKVP_INVALID: an unknown option, or one that lacks
 * its argument or has one too much. What the words mean is not looked at. */
bool arguments_read(const char *const *argv, size_t count, struct arguments *ret_arguments,
		    struct okvp_error *err);

/* Whether the command exists and takes these options and so many words. */
bool arguments_check(const struct arguments *arguments, struct okvp_error *err);

void arguments_done(struct arguments *arguments);

/* Reads an option's argument as a number up to most; ret_number is left alone if it is not given.
 */
bool arguments_number(const struct arguments *arguments, enum option option, uint64_t most,
		      uint64_t *ret_number, struct okvp_error *err);

/* Finds an option in a word that begins with "--", with or without "=argument". */
bool option_find(const char *word, enum option *ret_option);
