/* SPDX-License-Identifier: MIT */
/* http_load.h -- connections that each have one request under way, in one thread. */
#pragma once
#include "bench.h"
#include "http.h"

/* One connection. */
struct worker {
	const struct load *load;
	int fd;
	struct text body, request;
	struct http_answer answer;
	uint64_t sent_ns;
	void *state; /* the scenario's; NULL at first, freed at the end */
};

/* What they do. */
struct scenario {
	const char *name, *arguments;
	unsigned int argument_count;
	const char *path, *content_type;
	void (*prepare)(char **arguments);
	/* Writes the body of the next request. */
	void (*ask)(struct worker *worker, struct text *body);
	/* Looks at an answer; false: it is wrong, which ends the load. */
	bool (*check)(struct worker *worker, const struct http_answer *answer);
};

struct load {
	const struct scenario *scenario;
	struct http_target target;
	bool unchecked; /* whatever comes back is right */
	unsigned int connections;
	uint64_t duration_ns;
};

struct load_result {
	struct samples latency;
	uint64_t requests, bytes; /* of bodies that came back */
	double seconds;
};

void load_run(const struct load *load, struct load_result *ret_result);
