/* SPDX-License-Identifier: MIT */
/* job.h -- what becomes of a batch, for the commands that start one. */
#pragma once
#include "cli/cli.h"

/* Waits at most so many seconds for the end of a job (NULL: looks at it only) and says how it
 * stands. EXIT_JOB: it ended with an error, or still runs although it was waited for. */
enum exit_code job_follow(struct cli *cli, const char *id, const uint64_t *wait_s);
