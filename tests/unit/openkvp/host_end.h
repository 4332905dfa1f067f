/* SPDX-License-Identifier: MIT */
/* host_end.h -- the other end for tests of a guest session: sends as a host, and knows what it
 * expects. */
#pragma once
#include "openkvp/frame.h"
#include "openkvp/guest_session.h"

struct host_end {
	struct okvp_guest_session *session;
	struct okvp_frame_reader reader; /* of what the session has sent */
	uint32_t epoch, sequence;        /* of the last thing sent */
	struct okvp_kvp_message request; /* what the session gave out last */
};

/* An answer to an IC message, valid until the next one is expected. */
struct host_answer {
	struct okvp_ic_header header;
	const uint8_t *body;
};

void host_end_init(struct host_end *host);
void host_end_done(struct host_end *host);

/* Each sends with the next sequence number. */
void host_sends(struct host_end *host, const void *payload, size_t length);
void host_sends_hello(struct host_end *host);
void host_sends_ic(struct host_end *host, uint16_t type, const void *body, size_t size);
void host_sends_offer(struct host_end *host, const struct okvp_negotiation *offer);
void host_sends_set(struct host_end *host, const char *key, const char *value);
void host_sends_enumerate(struct host_end *host, uint32_t index);
void host_sends_ip(struct host_end *host, uint8_t operation, const char *adapter);

/* What OpenVMM's host offers: frameworks 1.0 and 3.0, messages 3.0, 4.0 and 5.0. */
extern const struct okvp_negotiation host_offer;

/* HELLO and negotiation, with their answers. */
void host_agrees(struct host_end *host);

/* Takes what the session wants to send. */
void host_reads(struct host_end *host);

/* The next thing that was sent is the answer to the message with this sequence number. */
void expect_hello_answer(struct host_end *host, uint32_t sequence);
struct host_answer expect_answer(struct host_end *host, uint32_t sequence, uint32_t status);
void expect_wake(struct host_end *host);
void expect_silence(struct host_end *host);

/* At the session's other side. */
void expect_state(struct host_end *host, enum okvp_guest_state state, uint16_t version);
void expect_request(struct host_end *host, uint8_t operation, const char *key);
void expect_no_request(struct host_end *host);
void guest_answers(struct host_end *host, uint32_t status);
