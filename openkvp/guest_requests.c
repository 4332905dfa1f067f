/* SPDX-License-Identifier: MIT */
/* guest_requests.c -- a short queue of requests. */
#include "openkvp/guest_requests.h"

#include <string.h>

void guest_requests_take(struct guest_requests *requests, uint32_t sequence,
			 const struct okvp_ic_header *header, const uint8_t *body)
{
	struct guest_request *request = &requests->queue[requests->count];

	if (requests->count == GUEST_REQUESTS_MAX)
		return;
	request->sequence = sequence;
	request->header = *header;
	if (request->header.size > sizeof(request->body))
		request->header.size = sizeof(request->body);
	memcpy(request->body, body, request->header.size);
	requests->count++;
}

void guest_requests_drop(struct guest_requests *requests)
{
	requests->count = 0;
	if (requests->asked == ASKED)
		requests->asked = ASKED_IN_VAIN;
}

struct guest_request *guest_requests_first(struct guest_requests *requests)
{
	return requests->count > 0 && requests->asked == NOTHING_ASKED ? &requests->queue[0] : NULL;
}

static uint32_t read_first(struct guest_requests *requests, struct okvp_version version,
			   struct okvp_kvp_message *ret_request)
{
	const struct guest_request *first = &requests->queue[0];
	struct okvp_error why = { .status = OKVP_UNSUPPORTED };

	if (first->header.type != OKVP_IC_KVP)
		return OKVP_IC_NOT_SUPPORTED;
	if (okvp_kvp_message_read(first->body, first->header.size, ret_request, &why))
		return OKVP_IC_OK;
	if (why.status == OKVP_UNSUPPORTED && requests->serves_ip &&
	    okvp_ip_message_read(first->body, first->header.size, version, &requests->ip, &why))
		return OKVP_IC_OK;
	return why.status == OKVP_UNSUPPORTED ? OKVP_IC_NOT_SUPPORTED : OKVP_IC_FAIL;
}

uint32_t guest_requests_read(struct guest_requests *requests, struct okvp_version version,
			     struct okvp_kvp_message *ret_request)
{
	uint32_t status = read_first(requests, version, ret_request);

	if (status == OKVP_IC_OK)
		requests->asked = ASKED;
	return status;
}

struct guest_request *guest_requests_asked(struct guest_requests *requests)
{
	bool asked = requests->asked == ASKED;

	requests->asked = NOTHING_ASKED;
	return asked ? &requests->queue[0] : NULL;
}

void guest_requests_end(struct guest_requests *requests)
{
	requests->count--;
	memmove(requests->queue, requests->queue + 1, requests->count * sizeof(*requests->queue));
}
