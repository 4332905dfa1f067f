/* SPDX-License-Identifier: MIT */
/* worker.h -- a thread for what would keep an HTTP thread too long: one thing after another. */
#pragma once
#include <stdbool.h>

struct worker;

#define WORKER_QUEUE_MAX 64

struct worker *worker_create(void);

/* Finishes what was submitted, then ends the thread. */
void worker_free(struct worker **worker);

/* Has run(context) called on the thread, after what was submitted before. False: WORKER_QUEUE_MAX
 * wait already. */
bool worker_submit(struct worker *worker, void (*run)(void *context), void *context);
