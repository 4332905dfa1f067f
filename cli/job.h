/* SPDX-License-Identifier: MIT */
/* job.h -- what becomes of a batch, for the commands that start one. */
#pragma once
#include "cli/cli.h"

/* Waits at most so many seconds until the guest has what a job changed (NULL: looks at it only) and
 * says how it stands. EXIT_JOB: it ended with an error, or was waited for and is not delivered. */
enum exit_code job_follow(struct cli *cli, const char *id, const uint64_t *wait_s);
