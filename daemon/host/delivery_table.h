/* SPDX-License-Identifier: MIT */
/* delivery_table.h -- for host/: how the table of delivery.h is kept. Written by the event loop's
 * thread only; read on any. */
#pragma once
#include "host/delivery.h"
#include "store/store.h"

struct delivery *delivery_create(void);
void delivery_free(struct delivery **delivery);

/* Notes what became of an item or tombstone; it replaces an entry of an earlier generation. */
void delivery_note(struct delivery *delivery, struct stored_item *item, enum delivery_state state,
		   const char *reason);

/* Notes a refusal that the store has kept. */
void delivery_restore(struct delivery *delivery, struct stored_item *item, const char *reason);

/* Adds to a list what the store is to know of refusals and does not yet; false: nothing. */
bool delivery_write(struct delivery *delivery, struct change_list *list);

/* What was added to such a list did not reach the store: the next one gets all there is. */
void delivery_write_anew(struct delivery *delivery);

/* Forgets what became of a key: the guest has it no more as it acknowledged it. */
void delivery_forget(struct delivery *delivery, const struct stored_item *item);

/* Whether the guest has acknowledged this generation of this key ahead of the mark. */
bool delivery_has_acknowledged(struct delivery *delivery, const struct stored_item *item);

/* Drops what the mark now tells: entries acknowledged up to it, or overtaken. */
void delivery_prune(struct delivery *delivery, uint64_t mark);

/* Sent becomes stored again: the contact is lost. */
void delivery_reset_sent(struct delivery *delivery);

/* The lowest generation that is sent or refused; UINT64_MAX: none. */
uint64_t delivery_lowest_open(struct delivery *delivery);
