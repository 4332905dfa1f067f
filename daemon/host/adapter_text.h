/* SPDX-License-Identifier: MIT */
/* adapter_text.h -- for host/: how an adapter is to be set up, as a text that the store keeps:
 *
 *	dhcp
 *	address 192.0.2.10/24 2
 *	gateway 192.0.2.1
 *	dns 192.0.2.53
 *
 * one thing a line; the number behind an address is its origin. The adapter's id is not in it. */
#pragma once
#include "base/text.h"
#include "openkvp/adapter.h"

void adapter_to_text(const struct okvp_adapter *adapter, struct text *out);

/* Everything but the id is read; OKVP_CORRUPT. */
bool adapter_from_text(const char *text, size_t length, struct okvp_adapter *ret_adapter,
		       struct okvp_error *err);
