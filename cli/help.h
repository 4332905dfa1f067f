/* SPDX-License-Identifier: MIT */
/* help.h -- what there is, from the tables of command.h. */
#pragma once
#include "cli/cli.h"

/* Explains the command of the arguments; without one, the group that their words name, or all. */
enum exit_code help_print(struct cli *cli, FILE *out);

/* After a mistake: how the command is used, or which commands the group has. */
void help_print_usage(struct cli *cli, FILE *out);
