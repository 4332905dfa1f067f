/* SPDX-License-Identifier: MIT */
/* loop.h -- hands work to the event loop's thread, from any thread. */
#pragma once
#include <stdbool.h>
#include <uv.h>

struct loop;

struct loop *loop_create(uv_loop_t *uv);

/* What was posted and has not run is run by this call; what was to run later is run now. The memory
 * goes when the uv loop has run once more. On the loop's thread. */
void loop_free(struct loop **loop);

uv_loop_t *loop_uv(const struct loop *loop);

/* Has run(context) called on the loop's thread, in the order of these calls. */
void loop_post(struct loop *loop, void (*run)(void *context), void *context);

/* The same, so many milliseconds later. */
void loop_after(struct loop *loop, unsigned int ms, void (*run)(void *context), void *context);
