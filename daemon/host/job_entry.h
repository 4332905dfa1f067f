/* SPDX-License-Identifier: MIT */
/* job_entry.h -- for job*.c: how the table of jobs looks inside. */
#pragma once
#include <pthread.h>

#include "base/map.h"
#include "base/text.h"
#include "host/job_table.h"

struct job_item {
	char *key;
	uint16_t length;
	bool settled, refused;
};

struct waiter {
	struct job_entry *job; /* NULL: told */
	struct waiter *next;
	void (*done)(void *context);
	void *context;
	struct jobs *jobs;
};

/* The kinds of lists; an entry is in at most one list of each. */
enum job_chain {
	CHAIN_VM,      /* those of a VM */
	CHAIN_AWAITED, /* those of a VM that are awaited */
	CHAIN_END,     /* all that are completed, all that have failed */
	JOB_CHAINS
};

struct job_link {
	struct job_entry *before, *after;
};

struct job_entry {
	struct job job;      /* text is owned */
	uint64_t expires_ms; /* monotonic; of one that has ended */
	struct job_item *items;
	size_t count, settled, refused;
	size_t pending;       /* count, in its VM's; of one that is completed and awaited */
	struct text refusals; /* "'a' (reason), 'b' (reason)" */
	struct waiter *waiters;
	struct job_link link[JOB_CHAINS];
	struct vm_jobs *of;
};

struct job_list {
	struct job_entry *first, *last;
};

/* The visible jobs of a VM, oldest first. */
struct vm_jobs {
	struct guid vm;
	struct job_list all, awaited;
	size_t pending; /* items that completed jobs wait for */
};

struct jobs {
	pthread_mutex_t lock;
	struct loop *loop;
	struct host_events *events;
	struct store *store;
	size_t most, reserved;
	struct map by_id;                  /* GUID -> job_entry */
	struct map by_vm;                  /* GUID -> vm_jobs, of VMs with visible jobs */
	struct job_list completed, failed; /* in the order in which they expire */
};

/* --- job_entry.c: one job --- */

/* A job as it is stored, with room for so many items, of which those that it waits for are added
 * next if it runs or is completed. */
struct job_entry *job_entry_create(const struct job_record *record, size_t room);
void job_entry_free(struct job_entry *entry);

void job_add_item(struct job_entry *entry, const char *key, size_t length);
void job_forget_items(struct job_entry *entry);

/* Whether a job's text says why the guest does not have everything. */
bool job_says_undelivered(const struct job *job);

/* Writes a job that has ended, or drops it, with the next commit. */
void job_write(struct jobs *jobs, const struct job_entry *entry);
void job_unwrite(struct jobs *jobs, const struct job_entry *entry);

/* --- job_index.c: where it is found. What follows needs the lock, but for telling waiters. --- */

/* From now on everybody sees the job, which is awaited if it runs or has items; until now, one that
 * has ended. */
void job_show(struct jobs *jobs, struct job_entry *entry);
void job_hide(struct jobs *jobs, struct job_entry *entry);

/* The jobs of a VM; NULL: it has none. */
struct vm_jobs *job_find_vm(struct jobs *jobs, const struct guid *vm);

/* A running job runs no more. */
void job_change_state(struct jobs *jobs, struct job_entry *entry, enum job_state state,
		      enum job_error error);

/* A job is completed and awaited all the same. How many items such jobs of a VM wait for is
 * limited: beyond, the oldest are awaited no more, and keep the text that says so. */
void job_follow(struct jobs *jobs, struct job_entry *entry);

/* The guest has answered for a job, or will not, or nobody follows it any more. */
void job_await_no_more(struct job_entry *entry);

/* How much longer a job that has ended is visible. The wall clock, which may have been set, tells
 * it of a job that was restored, and never makes it longer than it is anyway. */
uint64_t job_visible_ms(const struct job *job);

/* One that has ended is visible as long as if it had ended now. */
void job_put_off(struct jobs *jobs, struct job_entry *entry);

/* --- job_progress.c: how it goes on --- */

/* A job that is not delivered has nothing to wait for: that is over. */
void job_end_idle(struct jobs *jobs, struct job_entry *entry);

/* --- job.c: who waits for it --- */

/* Takes all waiters off a job, on the loop's thread, and adds them to a list. Whoever does calls
 * job_tell_waiters() without the lock; their memory goes with their time-out. */
void job_take_waiters(struct job_entry *entry, struct waiter **list);
void job_tell_waiters(struct waiter *waiters);
