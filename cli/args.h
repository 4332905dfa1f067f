/* SPDX-License-Identifier: MIT */
/* args.h -- the words that a command takes, as its line in the table says:
 *
 *	VM NAME                        two words
 *	VM KEY...                      a VM and one or more keys
 *	VM KEY VALUE [KEY VALUE]...    a VM and one or more pairs
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether a command may be given so many words. */
bool args_fit(const char *args, size_t count);

/* What the word at a place (from 0) means, "KEY"; NULL: there is no word at that place. It is not
 * terminated: ret_length. */
const char *args_at(const char *args, size_t place, size_t *ret_length);

/* The same, compared with a meaning. */
bool args_is(const char *args, size_t place, const char *meaning);
