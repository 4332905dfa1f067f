/* SPDX-License-Identifier: MIT */
/* fake.h -- what stands below and beside the JSON API in its tests: a server that carries requests
 * to it, and a host with one VM, "web1", that notes what it is asked and does it when told. */
#pragma once
#include "auth/users.h"
#include "front/json/json.h"
#include "host/delivery.h"
#include "host/host.h"

#define WEB1 "4F1C0000-0000-0000-0000-000000000001"
#define JOB1 "01980000-0000-7000-8000-000000000001"

struct fake {
	struct json_api *api;

	/* The VM and its items. */
	bool defined; /* false: nobody finds it any more */
	struct vm_status status;
	struct snapshot snapshot;
	struct delivery_view delivery; /* of all its items, but for this one, if any: */
	const char *delivery_of;
	struct delivery_view other_delivery;
	size_t outstanding;
	int references; /* to VM, snapshot and list that nobody has given back */

	/* What was asked of the exchange; the test ends it. */
	struct exchange_call *batch;
	struct exchange_vm_call *vm_call;
	void (*done)(void *context); /* of a refresh or a wait */
	void *context;
	unsigned int max_age_ms, wait_ms;
	bool is_fresh;                /* what is known of the guest */
	char mac[OKVP_MAC_TEXT_SIZE]; /* of the adapter that was asked for */
	void (*adapter_done)(void *context, const struct okvp_adapter *adapter,
			     const struct okvp_error *why);
	struct guest_adapters *adapters; /* what the guest has told of; the test's */

	struct job job; /* the only one; state 0: none */

	/* The users file: what was asked of it, and how that ends. */
	char users_asked[256];
	struct okvp_error users_error;
	pthread_mutex_t users_hold; /* while a test has it, users_list() does not come back */

	/* The last answer. */
	unsigned int http_status;
	char *body; /* "" when there is none */
	size_t body_length;
	bool is_json; /* otherwise bytes */
	char allow[64];
};
extern struct fake fake;

/* For setup and teardown of a test. */
int fake_open(void **state);
int fake_close(void **state); /* fails if a reference is left */

void fake_add(enum item_space space, const char *key, const char *value);
void fake_add_flagged(const char *key, const char *value, unsigned int flags);
void fake_add_tombstone(const char *key);

/* Sends a request by an administrator; what follows '?' is one parameter or two. Returns once it
 * has been answered, or asks the exchange for something, or waits. */
void fake_send(const char *method, const char *target, const char *body);
void fake_send_as(enum role role, const char *method, const char *target, const char *body);
void fake_send_bytes(enum role role, const char *method, const char *target, const char *body,
		     size_t body_length);

/* Waits for the answer of another thread. */
void fake_wait(void);

/* Ends a batch as it should, or with an error. */
void fake_finish(enum okvp_status status, const char *message);

#define assert_answer(expected_status, expected_body)                \
	do {                                                         \
		assert_int_equal(fake.http_status, expected_status); \
		assert_string_equal(fake.body, expected_body);       \
	} while (0)

/* An error: its status, HTTP's and OKVP_..., and a part of its message. */
#define assert_refused(expected_status, name, part)                                         \
	do {                                                                                \
		assert_int_equal(fake.http_status, expected_status);                        \
		assert_non_null(strstr(fake.body, "{\"status\":\"" name "\",\"message\"")); \
		assert_non_null(strstr(fake.body, part));                                   \
	} while (0)
