/* SPDX-License-Identifier: MIT */
/* setup.h -- sets up a network adapter of this machine, while the agent goes on: one command after
 * another, each with its output read. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "openkvp/adapter.h"

struct setup;

/* Whether there is anything here that sets up adapters. */
bool setup_is_possible(void);

/* Begins. OKVP_NOT_FOUND: no adapter has this MAC; OKVP_UNSUPPORTED; OKVP_IO. */
bool setup_begin(const struct okvp_adapter *wanted, struct setup **ret_setup,
		 struct okvp_error *err);

/* Becomes readable when there is something to do. */
int setup_descriptor(const struct setup *setup);

/* Milliseconds until it has taken too long. */
int setup_time_left(const struct setup *setup);

/* Goes on, whether there is something to do or not. True: it is over, and err has the status
 * OKVP_OK, or says what was said against it. */
bool setup_turn(struct setup *setup, struct okvp_error *err);

/* Ends it, wherever it is. */
void setup_free(struct setup **setup);
