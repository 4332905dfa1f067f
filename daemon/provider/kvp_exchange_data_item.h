/* SPDX-License-Identifier: MIT */
/* kvp_exchange_data_item.h -- Msvm_KvpExchangeDataItem: a pair as the text of an embedded instance.
 */
#pragma once
#include "cim/instance.h"
#include "host/exchange.h"

/* Msvm_KvpExchangeDataItem.Source */
enum kvp_source {
	KVP_SOURCE_HOST = 0,
	KVP_SOURCE_GUEST = 1,
	KVP_SOURCE_INTRINSIC = 2,
	KVP_SOURCE_HOST_ONLY = 4,
};

/* Sets an array property of an instance to the items of a space: see item_texts.h. */
void kvp_set_items(struct cim_instance *instance, enum cim_property_id property,
		   struct item_set *items, enum kvp_source source);

/* Reads one element of DataItems: name, data and the space that its Source means. The item is
 * borrowed from the arena. OKVP_INVALID: no such embedded instance, or another Source than 0 or 4;
 * OKVP_TOO_LONG. */
bool kvp_read_item(struct arena *arena, const struct cim_string *text,
		   struct exchange_change *ret_change, struct okvp_error *err);
