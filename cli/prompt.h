/* SPDX-License-Identifier: MIT */
/* prompt.h -- passwords, asked for on the terminal without echo. */
#pragma once
#include <stdbool.h>

#include "openkvp/error.h"

#define PROMPT_MAX 1024 /* bytes of a line; what a password may have, openkvpd says */

/* Asks with a line of text; the answer is malloc'ed. OKVP_INVALID: there is no terminal. */
bool prompt_hidden(const char *question, char **ret_answer, struct okvp_error *err);

/* "Password of ann at https://...: " */
bool prompt_password(const char *user, const char *server, char **ret_password,
		     struct okvp_error *err);

/* Forgets a password: overwritten, freed, NULL. For scoped(). */
void prompt_forget(char **password);
