/* SPDX-License-Identifier: MIT */
/* snapshot.h -- the immutable picture of one VM that readers hold, and the items in it.
 *
 * Everything here is counted by references and never changes once it is published, so a reader
 * holds no lock while it works. Whoever gets a pointer from a function called ..._ref owns a
 * reference. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"
#include "openkvp/item.h"

/* The separate name spaces in which a VM has items. */
enum item_space {
	SPACE_EXTERNAL,  /* pool 0: for the guest */
	SPACE_HOST_ONLY, /* never exchanged */
	SPACE_GUEST,     /* pool 1, as last read */
	SPACE_INTRINSIC, /* pool 2, as last read */
	SPACE_COUNT
};

/* What is special about an item, one bit each. */
#define ITEM_FLAG_LIST(X)            /* X(name, bit, text) */                                    \
	X(SECRET, 1, "secret")       /* for root alone in the guest; shown to who asks for it */ \
	X(ONCE, 2, "once")           /* ends when the guest removes it; others come back */      \
	X(TRANSIENT, 4, "transient") /* goes with the end of the contact */

enum item_flag {
#define X(name, bit, text) ITEM_##name = bit,
	ITEM_FLAG_LIST(X)
#undef X
};

#define X(name, bit, text) +bit
enum { ITEM_FLAGS_ALL = ITEM_FLAG_LIST(X) };
#undef X

/* An item in one allocation: its texts and 32 bytes. */
struct stored_item {
	atomic_uint references;
	uint32_t folded;     /* hash of the key without case: see key_fold_hash() */
	uint64_t generation; /* of the commit that changed it last; 0 in guest spaces */
	int64_t changed_us;  /* wall time of that commit */
	uint16_t key_length, value_length;
	uint8_t type;    /* enum okvp_type */
	uint8_t flags;   /* of enum item_flag; guest spaces: none */
	uint8_t removed; /* a tombstone: the key is gone, a guest may not know yet */
	char text[];     /* key, then value */
};

struct stored_item *stored_item_create(const struct okvp_item *item);
struct stored_item *stored_item_ref(struct stored_item *item);
void stored_item_release(struct stored_item **item);

/* The item as a pair, borrowed. */
struct okvp_item stored_item_view(const struct stored_item *item);

/* Items in order: of insertion in the host's spaces, as the guest has them in its own. */
struct item_set {
	atomic_uint references;
	size_t count;
	size_t bytes; /* sum of the lengths of keys and values */
	struct stored_item *item[];
};

struct item_set *item_set_ref(struct item_set *set);
void item_set_release(struct item_set **set);

/* What a VM is, apart from its items. */
struct vm_settings {
	atomic_uint references;
	int64_t created_us;
	bool exchange_enabled; /* the exchange of key-value pairs is switched on */
	bool host_items;       /* pool 3 is filled: host name and so on */
	bool allow_secrets;    /* a guest that cannot hide them gets secrets too */
	const char *name;      /* 1 to 255 bytes of UTF-8 */
	const char *channel;   /* address of its channel, "" for none: channel.h */
	char text[];
};

struct vm_settings *vm_settings_create(const char *name, const char *channel);
struct vm_settings *vm_settings_ref(struct vm_settings *settings);
void vm_settings_release(struct vm_settings **settings);

struct snapshot {
	atomic_uint references;
	struct guid id;
	struct vm_settings *settings;
	uint64_t generation;   /* of the VM's latest commit; grows with each */
	uint64_t acknowledged; /* the guest has all up to this generation */
	int64_t guest_read_us; /* wall time when the guest spaces were read; 0 never */
	struct item_set *space[SPACE_COUNT]; /* never NULL, but perhaps empty */
	struct item_set *tombstones;         /* of SPACE_EXTERNAL; likewise */
};

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_release(struct snapshot **snapshot);

/* The item with this key, exactly; the last one where a guest has several. NULL: none. Borrowed
 * from the snapshot. */
struct stored_item *snapshot_find(const struct snapshot *snapshot, enum item_space space,
				  const char *key, size_t key_length);

/* The tombstone of a key of SPACE_EXTERNAL; NULL: none. */
struct stored_item *snapshot_find_tombstone(const struct snapshot *snapshot, const char *key,
					    size_t key_length);

/* A hash of a key that is the same for keys that differ in case only (Unicode, simple mapping). */
uint32_t key_fold_hash(const char *key, size_t length);

/* Whether two keys are the same but for case. */
bool key_same_folded(const char *a, size_t a_length, const char *b, size_t b_length);
