/* SPDX-License-Identifier: MIT */
/* item.h -- how items are named and shown, for the commands that deal with them. */
#pragma once
#include "cli/cli.h"

/* The path of the pool that the options mean, behind that of the VM. */
const char *item_pool(struct cli *cli);

/* The names of the flags that the options give, each in quotes; false: they say nothing. */
bool item_flags(struct cli *cli, const char *quote, struct text *ret_list);

/* Refuses flags that exclude each other. */
enum exit_code item_check_flags(struct cli *cli);

/* Shows the value of an item, or what stands for it. */
void item_show_value(struct text *out, const json_t *item);
