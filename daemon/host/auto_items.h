/* SPDX-License-Identifier: MIT */
/* auto_items.h -- pool 3: what a host tells each guest of itself and of the VM. Computed, never
 * stored. */
#pragma once
#include "openkvp/error.h"
#include "store/snapshot.h"

/* How many items a VM gets: 13 of the host, 3 of the VM. */
#define AUTO_ITEMS_COUNT 16

/* What they are made of. */
struct host_facts {
	char name[256];    /* as gethostname() gives it */
	char fqdn[256];    /* fully qualified, or the name */
	char net_bios[16]; /* first label, upper case, at most 15 characters */
	unsigned int kernel_major, kernel_minor;
	unsigned int architecture; /* 9: x86-64, 12: arm64, 0xFFFF: another */
	unsigned int nested_level; /* 1: this host is itself a guest */
	unsigned int idle_state_max;
};

/* Asks this machine. */
void host_facts_read(struct host_facts *ret_facts);

/* The items for a VM; each is a new reference. */
void auto_items_make(const struct host_facts *facts, const struct snapshot *vm,
		     struct stored_item *ret_items[static AUTO_ITEMS_COUNT]);
