/* SPDX-License-Identifier: MIT */
/* host_fixture.h -- for tests of host/: a host on a store in memory, and a guest at a unix socket.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/host.h"
#include "openkvp/guest_session.h"

#define GUEST_ITEMS_MAX 400

/* A guest with pools in memory. It runs on the host's loop. */
struct guest {
	uv_pipe_t pipe;
	uv_connect_t connect;
	struct okvp_guest_session *session;
	bool open;
	bool own;            /* speaks openkvp's own protocol: own_guest.h */
	bool silent;         /* takes requests and answers none */
	const char *refuses; /* a key that it answers with failure */
	struct {
		uint8_t pool;
		char key[64], value[64];
	} item[GUEST_ITEMS_MAX];
	size_t count;
	char log[4096]; /* what the host did: "set a;delete b;" */

	/* Of the own protocol. */
	uint64_t greeting, told[OKVP_OWN_POOLS]; /* digests */
	uint32_t part;                           /* records in an answer; 0: all */
	bool unreadable[OKVP_OWN_POOLS];         /* pools that it cannot tell */
	const char *goes;                        /* from pool 0, once its first part was read */
	int batches, reads[OKVP_OWN_POOLS];      /* what was asked */
	uint16_t last_batch;                     /* its size */
};

struct fixture {
	uv_loop_t loop;
	struct host *host;
	char folder[64], address[160];
	struct guest guest;
};

int open_host(void **state);
int close_host(void **state);

/* Runs the loop until a condition holds; fails the test when that does not happen. */
#define run_until(fixture, condition)                                           \
	do {                                                                    \
		for (int turns_ = 0; !(condition) && turns_ < 100000; turns_++) \
			uv_run(&(fixture)->loop, UV_RUN_ONCE);                  \
		assert_true(condition);                                         \
	} while (0)

extern const struct principal writer, admin;

/* Defines a VM named "vm" with the fixture's channel, and returns it; the caller owns a reference.
 */
struct vm *define_vm(struct fixture *fixture);

/* Whether the host waits for the guest. */
bool has_socket(const struct fixture *fixture);

/* Connects the guest and waits until it is in contact. */
void connect_guest(struct fixture *fixture, struct vm *vm);
void disconnect_guest(struct fixture *fixture, struct vm *vm);

/* The value of a key in the guest's pool; NULL: none. */
const char *guest_value(const struct guest *guest, uint8_t pool, const char *key);
void guest_put(struct guest *guest, uint8_t pool, const char *key, const char *value);
void guest_remove(struct guest *guest, uint8_t pool, const char *key);

/* Does what a request of the host asks; a status. */
uint32_t guest_apply(struct guest *guest, struct okvp_kvp_message *request);

/* Answers again, what it was asked while it was silent first. */
void guest_speak(struct guest *guest);

/* Writes to the host what waits. */
void guest_write(struct guest *guest);

/* Changes a VM, as an admin if the call does not say as whom, and waits for it. */
enum okvp_status call_vm(struct fixture *fixture, struct exchange_vm_call call);

/* A change, waited for until it is committed or refused. */
struct change {
	struct exchange_call call;
	bool finished;
};
void submit(struct fixture *fixture, struct vm *vm, struct change *change,
	    const struct exchange_change *changes, size_t count);

struct exchange_change change_of(enum exchange_verb verb, const char *key, const char *value);

#define change_one(fixture, vm, change, verb, key, value) \
	submit(fixture, vm, change, (struct exchange_change[]){ change_of(verb, key, value) }, 1)

/* The job of a change as it is now; its text lives in a static buffer. */
struct job job_of(struct fixture *fixture, const struct change *change);

bool has_ended(struct fixture *fixture, const struct change *change);

/* How far an item has come. */
struct delivery_view delivery_of(struct vm *vm, const char *key);
