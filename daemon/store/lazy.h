/* SPDX-License-Identifier: MIT */
/* lazy.h -- for store/: what is published and not yet written: marks of VMs, jobs, and what is
 * known of guests. Marks and jobs go with the next commit; guest data only when the time is over,
 * all at once, so that a guest that changes all the time costs one write in that time. */
#pragma once
#include "store/state.h"

struct lazy {
	struct map vms;    /* whose marks or tombstones differ from what is written */
	struct map guests; /* whose guest spaces do */
	struct map jobs;
	uint64_t due_ms; /* monotonic, when all must be written; 0: nothing waits */
	unsigned int delay_ms;
};

void lazy_init(struct lazy *lazy, unsigned int delay_ms);
void lazy_done(struct lazy *lazy);

/* Takes in a lazy list that was applied, with its jobs. */
void lazy_note(struct lazy *lazy, struct change_list *list, uint64_t now_ms);

/* What a list that is written now says replaces what waits. */
void lazy_forget(struct lazy *lazy, const struct change_list *list);

/* Adds the rows of what waits, as the state has it, with or without the guest spaces. They borrow
 * from the state and from here. */
void lazy_rows(const struct lazy *lazy, const struct state *state, bool guests, struct rows *rows);

/* Those rows are on disk. */
void lazy_written(struct lazy *lazy, bool guests);

/* They could not be written: later. */
void lazy_put_off(struct lazy *lazy, uint64_t now_ms);
