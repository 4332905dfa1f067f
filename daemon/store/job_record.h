/* SPDX-License-Identifier: MIT */
/* job_record.h -- a job as it is stored. What its states mean is host/job.h's matter. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"

struct job_record {
	struct guid id, vm;
	uint64_t generation; /* of the commit it waits for; 0: none. Filled in by that commit */
	int64_t created_us, ended_us; /* wall time; ended 0: not yet */
	uint16_t kind, state, error_code, percent;
	const char *text;    /* status or error, UTF-8, never NULL */
	const uint8_t *keys; /* what it waits for, in host/job's own form */
	size_t keys_size;
};
