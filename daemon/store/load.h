/* SPDX-License-Identifier: MIT */
/* load.h -- for store/: the state made of what a backend has. */
#pragma once
#include "store/state.h"

/* Loads everything into an empty state, and then tells of it: first each VM, in the order of their
 * definition, then each refusal, then each job. */
bool load_state(const struct backend_kind *kind, struct backend *backend,
		const struct store_events *events, struct state *state, struct okvp_error *err);
