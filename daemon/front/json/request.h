/* SPDX-License-Identifier: MIT */
/* request.h -- a request to the JSON API, what its handlers are, and how they answer. */
#pragma once
#include "front/json/json.h"
#include "front/json/path.h"
#include "host/host.h"

struct api_request;

/* Writes the body of an answer; left empty: there is none. */
typedef bool api_writer(struct api_request *request, struct text *body, struct okvp_error *err);

/* Lives in the arena of its HTTP request, and goes with the answer: nobody touches it afterwards.
 */
struct api_request {
	const struct json_api_settings *settings;
	struct host *host;
	struct http_exchange *exchange;
	const struct http_request *http;
	struct arena *arena;
	uint64_t uptime_ms;              /* of the API */
	const char *part[API_PARTS_MAX]; /* what stands for the {parts} of the path, decoded */
	struct vm *vm;                   /* the {vm} of the path, counted by the arena */
	api_writer *write;               /* what a slow resource does */
};

/* Answers with what is written, or with the error that this ends with. An http_status of 200
 * becomes 204 where nothing is written. */
void api_answer(struct api_request *request, unsigned int http_status, api_writer *write);

/* Answers with a body (taken) of JSON; an empty one is no body. */
void api_answer_body(struct api_request *request, unsigned int http_status, struct text *body);

/* Answers with an error, under the HTTP status that goes with its status. keys and job may be NULL.
 */
void api_fail(struct api_request *request, const struct okvp_error *error,
	      const struct offending_keys *keys, const struct guid *job);

/* The same with an HTTP status of its own. */
void api_fail_as(struct api_request *request, unsigned int http_status,
		 const struct okvp_error *error);

/* The HTTP status that goes with a status above OKVP_OK. */
unsigned int api_http_status(enum okvp_status status);

/* Makes a VM, whose reference the arena takes over, the request's; NULL is OKVP_NOT_FOUND, and the
 * message says so of the name. */
bool api_take_vm(struct api_request *request, struct vm *vm, const char *name,
		 struct okvp_error *err);

/* The picture of the request's VM, counted by the arena; NULL is OKVP_NOT_FOUND: it was undefined
 * meanwhile. */
struct snapshot *api_snapshot(struct api_request *request, struct okvp_error *err);

/* Reads a parameter of the query: a number from 0 to most, and 0 when it is absent. */
bool api_query_number(struct api_request *request, const char *name, uint64_t most,
		      uint64_t *ret_number, struct okvp_error *err);

/* The pools that management writes, as paths name them. */
struct api_pool {
	const char *name;
	enum item_space space;
};

/* The pool of the request's path, {vm}, {pool} ...; NULL is OKVP_NOT_FOUND. */
const struct api_pool *api_find_pool(const struct api_request *request, struct okvp_error *err);

/* The item of the request's path, {vm}, {pool}, {key}; NULL is OKVP_NOT_FOUND. */
const struct stored_item *api_find_item(const struct api_request *request,
					const struct snapshot *snapshot, enum item_space space,
					const char *key, struct okvp_error *err);

/* Whether who asks may see the values of secrets. */
bool api_check_secrets(const struct api_request *request, struct okvp_error *err);

/* Answers with what became of a batch, whose context is the request. */
void api_batch_finished(struct exchange_call *call);

/* Has the guest asked for its pools if what is known is old; then calls done. */
void api_refresh(struct api_request *request, void (*done)(void *request));

/* The resources that are answered at once, or by the worker ... */
api_writer api_get_status;
api_writer api_list_vms, api_get_vm;
api_writer api_list_items, api_get_item;
api_writer api_list_jobs;
api_writer api_list_users, api_put_user, api_remove_user;

/* ... and those that are answered later, when something has come to its end. */
void api_define_vm(struct api_request *request);
void api_change_vm(struct api_request *request);
void api_undefine_vm(struct api_request *request);
void api_change_items(struct api_request *request);
void api_get_value(struct api_request *request);
void api_put_value(struct api_request *request);
void api_get_guest(struct api_request *request);
void api_get_guest_value(struct api_request *request);
void api_get_ip(struct api_request *request);
void api_get_job(struct api_request *request);
