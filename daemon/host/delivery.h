/* SPDX-License-Identifier: MIT */
/* delivery.h -- what a guest has of what is stored for it: one table for each VM.
 *
 * An entry exists only for a key whose state does not follow from the VM's acknowledged mark:
 *
 *	generation <= mark, no entry   acknowledged
 *	generation >  mark, no entry   stored: waits for the guest
 *	entry of this generation       sent, refused, or acknowledged ahead of the mark
 *
 * Of entries the store keeps refusals: what was sent begins again as stored after a restart.
 */
#pragma once
#include "host/vm.h"

#define DELIVERY_STATE_LIST(X)          /* X(name, text) */                        \
	X(STORED, "stored")             /* on disk; the guest has not been told */ \
	X(SENT, "sent")                 /* told, no answer yet */                  \
	X(ACKNOWLEDGED, "acknowledged") /* the guest has it */                     \
	X(REFUSED, "refused")           /* the guest cannot take it, or says no */

enum delivery_state {
#define X(name, text) DELIVERY_##name,
	DELIVERY_STATE_LIST(X)
#undef X
};

const char *delivery_state_name(enum delivery_state state);

struct delivery_view {
	enum delivery_state state;
	char reason[160]; /* of REFUSED */
};

/* How far an item of SPACE_EXTERNAL, or a tombstone, of this snapshot has come. On any thread. */
struct delivery_view delivery_look(struct vm *vm, const struct snapshot *snapshot,
				   const struct stored_item *item);

/* How many items and tombstones of a snapshot the guest has not acknowledged. */
size_t delivery_outstanding(struct vm *vm, const struct snapshot *snapshot);
