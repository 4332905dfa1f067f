/* SPDX-License-Identifier: MIT */
/* value.h -- values byte by byte, from and to files. */
#pragma once
#include "cli/cli.h"

/* item put VM KEY --file FILE */
enum exit_code value_put(struct cli *cli);
