/* SPDX-License-Identifier: MIT */
/* fake_client.h -- a command line that is run against answers given beforehand. */
#pragma once
#include "cli/cli.h"

struct fake_answer {
	unsigned int status; /* of HTTP; 0: nobody answers */
	const char *body;    /* JSON, or NULL */
};

/* Runs "item add web1 a 1", split at its spaces, with these answers to its requests, one after
 * another, and this text on standard input. Returns the exit status. */
int fake_run(const char *line, const char *input, const struct fake_answer *answers, size_t count);

/* What that run asked ("GET /v1/vms\n"; a body stands on the same line), printed and complained. */
const char *fake_requests(void);
const char *fake_out(void);
const char *fake_err(void);

/* The columns of the terminal that the next runs print to; 0, as in the beginning: none. */
void fake_terminal(size_t columns);

/* Forgets it all; a teardown. */
int fake_done(void **state);

#define RUN(line, ...)                                                    \
	fake_run((line), "", (const struct fake_answer[]){ __VA_ARGS__ }, \
		 sizeof((const struct fake_answer[]){ __VA_ARGS__ }) / sizeof(struct fake_answer))
