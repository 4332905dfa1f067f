/* SPDX-License-Identifier: MIT */
/* load.h -- for store/: the state made of what a backend has. */
#pragma once
#include "store/state.h"

/* Loads everything into an empty state, and tells of it: first each VM, in the order of their
 * definition, then each refusal, then each job. What no store can hold, as a text that is not UTF-8
 * or is too long, ends it; the message names the VM and the key. */
bool load_state(const struct backend_kind *kind, struct backend *backend,
		const struct store_events *events, struct state *state, struct okvp_error *err);
