/* SPDX-License-Identifier: MIT */
/* item_texts.h -- sets of items as the texts of embedded Msvm_KvpExchangeDataItem, which cost more
 * than the rest of an answer: they are made once, escaped for XML too, and kept.
 *
 * A set never changes, so its texts never grow old. What is kept is bounded; who was not asked for
 * longest goes first. For any thread. */
#pragma once
#include "cim/instance.h"
#include "provider/kvp_exchange_data_item.h"

/* How many bytes of texts are kept; 0: none. In the beginning 16 MiB. */
void item_texts_limit(size_t bytes);

/* The items of a set as the value of an array property, of this class's embedded form. It is good
 * as long as the arena. */
struct cim_value item_texts_get(struct arena *arena, const struct cim_class *class,
				struct item_set *set, enum kvp_source source);

/* Bytes that are kept now. */
size_t item_texts_size(void);

/* Forgets all that nobody holds, for the end of the program. */
void item_texts_clear(void);
