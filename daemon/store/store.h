/* SPDX-License-Identifier: MIT */
/* store.h -- what must survive: VMs, their items, jobs, and objects that others keep here.
 *
 * All of it is in memory, as snapshots, and on disk, by a backend. A write is a list of conditional
 * changes to one VM: all of them, or none. One thread, the committer, takes all lists that wait,
 * checks each against the state that the ones before it leave, writes them together, makes them
 * durable at once, publishes the new snapshots, and only then says that they are done.
 *
 *	store_submit() -> committer: check, write, commit -> published() -> done()
 *
 * A check runs over the whole list before the first failure is reported. */
#pragma once
#include "openkvp/error.h"
#include "store/job_record.h"
#include "store/object_set.h"
#include "store/snapshot.h"

struct store;
struct change_list;

struct store_limits {
	size_t vms;               /* in all */
	size_t items, item_bytes; /* of a VM, SPACE_EXTERNAL; tombstones: four times as many */
	size_t host_only_items;   /* of a VM */
	bool allow_case_variants; /* keys that differ in case only */
	unsigned int lazy_ms;     /* lazy changes are on disk after this long */
};

struct store_events {
	/* A VM has a new picture; NULL: it is gone. Borrowed. On the thread that opens the store
	 * (for each VM it finds), then on the committer's. */
	void (*published)(void *context, const struct guid *vm, struct snapshot *snapshot);
	/* A refusal that was found when the store was opened. All borrowed. */
	void (*refusal_found)(void *context, const struct guid *vm, struct stored_item *item,
			      const char *reason);
	/* A job that was found when the store was opened. */
	void (*job_found)(void *context, const struct job_record *job);
	/* There is a new picture of the objects. Borrowed. On the thread that opens the store, then
	 * on the committer's. */
	void (*objects_changed)(void *context, struct object_set *objects);
	void *context;
};

/* A store in a file (made if missing), or in memory only with path NULL. */
bool store_open(const char *path, const struct store_limits *limits,
		const struct store_events *events, struct store **ret_store,
		struct okvp_error *err);

/* Finishes what waits, writes what is lazy, and closes. */
void store_close(struct store **store);

/* Checks a file without changing it: that it is a store, of a version this program knows, and
 * sound. */
bool store_check(const char *path, struct okvp_error *err);

/* --- Changes. A list belongs to its maker until it is submitted; what it is given is copied. ---
 */

enum change_expect {
	EXPECT_ANY,
	EXPECT_ABSENT,  /* OKVP_EXISTS if the key is there */
	EXPECT_PRESENT, /* OKVP_NOT_FOUND if it is not */
};

struct change_list *change_list_create(const struct guid *vm);

/* A list of changes to objects, instead of a VM. It takes the two functions that follow, and
 * change_list_if_generation() for that of the picture. */
struct change_list *change_list_create_for_objects(void);

/* Puts an object, in the place of one of this class and key. Refused: more of the class than the
 * limits allow (OKVP_LIMIT), a key or text over its limit (OKVP_TOO_LONG). Removing one that is not
 * there does nothing. */
void change_list_put_object(struct change_list *list, const struct object *object,
			    const struct object_limits *limits);
void change_list_remove_object(struct change_list *list, const char *class_name, const char *key);

void change_list_free(struct change_list **list);

/* Puts an item into a space of the host. Refused: two changes of one key in a list (OKVP_INVALID),
 * more than 4,096 changes in a list (OKVP_LIMIT), a key that differs from a present one only in
 * case (OKVP_EXISTS), a limit (OKVP_LIMIT, with limit and usage). */
void change_list_put(struct change_list *list, enum item_space space, const struct okvp_item *item,
		     enum change_expect expect);

/* The same with flags of enum item_flag, which otherwise stay as they were; a new item has none,
 * but a piece of a large value those of its head, or of what a numbered value takes the place of.
 */
void change_list_put_flagged(struct change_list *list, enum item_space space,
			     const struct okvp_item *item, unsigned int flags,
			     enum change_expect expect);

/* Removes a key. In SPACE_EXTERNAL it leaves a tombstone. With the head of a large value, however
 * it is changed or removed, go those of its pieces that the list does not name. */
void change_list_remove(struct change_list *list, enum item_space space, const char *key,
			size_t key_length, enum change_expect expect);

/* Removes an item of SPACE_EXTERNAL; one that has changed since, or is gone, is left alone. With
 * gone_in_guest no tombstone is left: the guest has removed it itself. */
void change_list_expire(struct change_list *list, const struct stored_item *item,
			bool gone_in_guest);

/* Removes all items of a space of the host. */
void change_list_clear(struct change_list *list, enum item_space space);

/* What is put into SPACE_EXTERNAL are the pieces KEY.0, KEY.1 ... of one value: it takes the place
 * of KEY, and of all KEY.N that the list does not name. */
void change_list_numbered(struct change_list *list, const char *key, size_t key_length);

/* Makes the VM. OKVP_EXISTS when the GUID, the name (without case) or the channel is taken by
 * another; a VM that is the same already is a success that changes nothing. */
void change_list_define(struct change_list *list, const char *name, const char *channel);

/* Settings of a VM; those that are NULL stay as they are. */
struct vm_settings_change {
	const char *name, *channel;
	const bool *exchange_enabled, *host_items, *allow_secrets;
};
void change_list_set(struct change_list *list, const struct vm_settings_change *change);

/* Removes the VM with its jobs, tombstones and guest data. While it has items of its own:
 * OKVP_BUSY, unless with_items. */
void change_list_undefine(struct change_list *list, bool with_items);

/* The guest has all up to a generation: drops the tombstones up to it. Never goes back. */
void change_list_acknowledge(struct change_list *list, uint64_t generation);

/* Keeps that the guest has refused an item or tombstone of SPACE_EXTERNAL, and why, until the item
 * changes or the refusals of the VM are forgotten. No snapshot shows it. */
void change_list_refuse(struct change_list *list, struct stored_item *item, const char *reason);

/* Forgets all refusals of the VM but those of this list. */
void change_list_forget_refusals(struct change_list *list);

/* Replaces what is known of a guest space; the items and their array (malloc'ed) are taken over.
 * read_us: when. */
void change_list_guest(struct change_list *list, enum item_space space, struct stored_item **items,
		       size_t count, int64_t read_us);

/* Stores a job, or replaces it. Its generation becomes that of the commit if it has keys, or if it
 * has none yet and the list changes something. */
void change_list_job(struct change_list *list, const struct job_record *job);
void change_list_drop_job(struct change_list *list, const struct guid *job);

/* The VM's generation, or that of the objects, must be this one: else OKVP_CONFLICT. */
void change_list_if_generation(struct change_list *list, uint64_t generation);

/* These changes need not wait for the disk: they are published at once and written with a later
 * commit. Without a condition they cannot fail but for OKVP_NOT_FOUND (no such VM). A list that
 * changes items, refusals, settings or the VM itself waits for the disk all the same. */
void change_list_lazy(struct change_list *list);

/* Keys that a failure is about, as okvp_key_text() writes them: the first few, and how many in all.
 */
#define OFFENDING_KEYS_SHOWN 8
struct offending_keys {
	size_t count;
	char key[OFFENDING_KEYS_SHOWN][OKVP_KEY_TEXT_SIZE];
};

/* What became of a list. Everything is borrowed for the duration of the call. */
struct store_result {
	struct okvp_error error; /* status OKVP_OK: done; the message names the keys */
	struct offending_keys keys;
	struct snapshot *snapshot; /* after it; NULL: failed or undefined */
	uint64_t generation;       /* of this commit; unchanged if nothing changed */
	struct stored_item *const
		*changed;     /* items put and tombstones made in SPACE_EXTERNAL, in */
	size_t changed_count; /* the order of the list */
};

/* Takes the list. done() (NULL: nobody asks) is called on the committer's thread when the changes
 * are on disk, or refused; it must not block. */
void store_submit(struct store *store, struct change_list *list,
		  void (*done)(void *context, const struct store_result *result), void *context);

/* The blocking form, for start-up, tools and tests. ret_generation may be NULL. */
bool store_apply(struct store *store, struct change_list *list, uint64_t *ret_generation,
		 struct okvp_error *err);

/* Figures since the store was opened. */
struct store_figures {
	uint64_t commits, lists, lists_failed;
	size_t waiting;
};
void store_figures(struct store *store, struct store_figures *ret_figures);
