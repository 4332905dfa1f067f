/* SPDX-License-Identifier: MIT */
/* job.h -- work that outlives a request: a batch of changes on its way into the guest.
 *
 * A job begins with the commit of its changes and ends when each of its items is acknowledged,
 * refused, or overtaken, or when somebody gives up waiting for that. Without a guest in contact it
 * is completed, and its delivery pending: what becomes of that is still told. It stays visible for
 * five minutes after its end, or after its delivery was last waited for, at most jobs_max of them:
 * when that is full, the one that ended longest ago without error goes first. */
#pragma once
#include "base/arena.h"
#include "base/guid.h"
#include "openkvp/error.h"
#include "store/store.h"

struct jobs;

enum job_state { /* CIM_ConcreteJob.JobState */
		 JOB_RUNNING = 4,
		 JOB_COMPLETED = 7,
		 JOB_TERMINATED = 8, /* given up, as are killed ones */
		 JOB_KILLED = 9,
		 JOB_EXCEPTION = 10,
};

enum job_error { /* also the return values of the KVP methods */
		 JOB_OK = 0,
		 JOB_STARTED = 4096,
		 JOB_FAILED = 32768,
		 JOB_ACCESS_DENIED = 32769,
		 JOB_NOT_SUPPORTED = 32770,
		 JOB_STATUS_UNKNOWN = 32771,
		 JOB_TIMEOUT = 32772,
		 JOB_INVALID_PARAMETER = 32773,
		 JOB_IN_USE = 32774,
		 JOB_INVALID_STATE = 32775,
		 JOB_WRONG_TYPE = 32776,
		 JOB_NOT_AVAILABLE = 32777,
		 JOB_OUT_OF_MEMORY = 32778,
		 JOB_NOT_FOUND = 32779,
};

#define JOB_KIND_LIST(X) /* X(name, text) */                               \
	X(ADD, "add")                                                      \
	X(MODIFY, "modify")                                                \
	X(REMOVE, "remove")                                                \
	X(BATCH, "batch")         /* several verbs in one: the JSON API */ \
	X(CONFIGURE, "configure") /* adapters of the guest */

enum job_kind {
#define X(name, text) JOB_##name,
	JOB_KIND_LIST(X)
#undef X
		JOB_KIND_COUNT
};

/* A job as it is at one moment. */
struct job {
	struct guid id, vm;
	enum job_kind kind;
	enum job_state state;
	enum job_error error;
	unsigned int percent;
	uint64_t generation;
	int64_t created_us, ended_us; /* wall time; ended 0: runs */
	const char *text;             /* what became of it, or why it failed */
	bool awaited;   /* it runs, or is completed and the guest has not answered for all of it */
	bool delivered; /* the guest has all of it; also when there was nothing for the guest */
};

#define JOB_VISIBLE_MS 300000 /* after its end */

const char *job_kind_name(enum job_kind kind);
const char *job_state_name(enum job_state state);

/* Whether a job has ended, and not as it should. */
bool job_has_failed(const struct job *job);

/* The error code of a KVP method or job for a failure. */
enum job_error job_error_from(enum okvp_status status);

/* Looks at a job; text is copied into the arena. False: there is no such job. */
bool jobs_find(struct jobs *jobs, const struct guid *id, struct arena *arena, struct job *ret_job);

/* The identifiers of all visible jobs, oldest first, in the arena. */
size_t jobs_list(struct jobs *jobs, struct arena *arena, struct guid **ret_ids);

/* Those that change a VM; and only those of them that run. */
size_t jobs_list_of_vm(struct jobs *jobs, const struct guid *vm, struct arena *arena,
		       struct guid **ret_ids);
size_t jobs_list_running_of_vm(struct jobs *jobs, const struct guid *vm, struct arena *arena,
			       struct guid **ret_ids);

/* Calls done once the job is not awaited any more, or when so many milliseconds have passed (less
 * than JOB_VISIBLE_MS), at once or later; on any thread. False: there is no such job, and done is
 * not called. */
bool jobs_wait(struct jobs *jobs, const struct guid *id, unsigned int most_ms,
	       void (*done)(void *context), void *context);

/* Gives up waiting for the guest: a running job ends with this state, its items stay stored and are
 * delivered all the same. Calls done on the event loop's thread: OKVP_OK, OKVP_NOT_FOUND, or
 * OKVP_WRONG_STATE: it has ended already. */
void jobs_give_up(struct jobs *jobs, const struct guid *id, enum job_state state,
		  void (*done)(void *context, enum okvp_status status), void *context);
