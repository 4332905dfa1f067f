/* SPDX-License-Identifier: MIT */
/* guest_requests.h -- Hyper-V's requests that wait in a guest, each answered in place. Not
 * installed. */
#pragma once
#include "openkvp/ic_message.h"
#include "openkvp/ip_message.h"
#include "openkvp/kvp_message.h"

/* A host has one outstanding. One that sends more than this loses the rest. */
#define GUEST_REQUESTS_MAX 4

/* An IC message of the host, of which header.size bytes are kept. */
struct guest_request {
	uint32_t sequence;
	struct okvp_ic_header header;
	uint8_t body[OKVP_IP_SIZE_MAX];
};

/* What was given out. */
enum guest_asked {
	NOTHING_ASKED,
	ASKED,        /* queue[0]: its answer is awaited */
	ASKED_IN_VAIN /* the host has forgotten it: its answer is awaited and dropped */
};

/* All zeros is none. */
struct guest_requests {
	struct guest_request queue[GUEST_REQUESTS_MAX];
	size_t count;
	enum guest_asked asked;
	bool serves_ip;
	struct okvp_ip_message ip; /* of queue[0] */
};

/* Keeps a request; what is longer than the longest message is not one. */
void guest_requests_take(struct guest_requests *requests, uint32_t sequence,
			 const struct okvp_ic_header *header, const uint8_t *body);

/* Forgets them all. */
void guest_requests_drop(struct guest_requests *requests);

/* The first request, if it can be given out now. */
struct guest_request *guest_requests_first(struct guest_requests *requests);

/* Reads it, and notes that it is given out; or the status with which it is to be answered when that
 * is not possible. */
uint32_t guest_requests_read(struct guest_requests *requests, struct okvp_version version,
			     struct okvp_kvp_message *ret_request);

/* The request that was given out, to be answered now; NULL when its answer is to be dropped. */
struct guest_request *guest_requests_asked(struct guest_requests *requests);

/* The first was answered. */
void guest_requests_end(struct guest_requests *requests);
