/* SPDX-License-Identifier: MIT */
/* guest_session.h -- the guest's end of the exchange on a byte stream, without I/O: bytes in,
 * requests out; answers in, bytes out.
 *
 * It answers HELLO and negotiation itself, keeps to the latest epoch and drops the rest.
 *
 *	WAITING  no HELLO yet, or not ready
 *	HELLO    the host is there
 *	OPEN     a version is agreed upon; requests come
 *
 * Which requests they are, okvp_guest_session_own() says: Hyper-V's messages (next, answer), or
 * openkvp's own (next_own, send), which only a guest gets that has offered to speak them.
 *
 * Its memory is bounded. Of Hyper-V's messages, of which a host has one outstanding, more than four
 * that wait, and answers that the host does not read, are dropped. Own messages are taken from the
 * stream one by one: while one waits to be taken, or much to be sent, no more should be received;
 * see wants_input. */
#pragma once
#include "openkvp/ic_message.h"
#include "openkvp/ip_message.h"
#include "openkvp/kvp_message.h"
#include "openkvp/linkage.h"
#include "openkvp/own_message.h"

OKVP_BEGIN_DECLS

struct okvp_guest_session;

enum okvp_guest_state { OKVP_GUEST_WAITING, OKVP_GUEST_HELLO, OKVP_GUEST_OPEN };

/* NULL when there is no memory. */
struct okvp_guest_session *okvp_guest_session_create(void);
void okvp_guest_session_free(struct okvp_guest_session **session);

/* Has HELLO answered with openkvp's own protocol where the host knows it, up to this version; in
 * the beginning, and with 0, it is not. For the next HELLO. */
void okvp_guest_session_offer(struct okvp_guest_session *session, uint16_t own_version);

/* Has GET_IP_INFO and SET_IP_INFO given out by next(); in the beginning they are answered
 * OKVP_IC_NOT_SUPPORTED. */
void okvp_guest_session_serve_ip(struct okvp_guest_session *session);

/* A new connection, or none: forgets everything that was read and everything not yet sent. A
 * request that was given out is still to be answered, into the void. */
void okvp_guest_session_reset(struct okvp_guest_session *session);

/* Has the host be told that this guest knows no epoch: after the start, and after each connection
 * that the host may not have noticed. */
void okvp_guest_session_wake(struct okvp_guest_session *session);

/* Whether requests can be answered now. While not ready (the beginning is ready) HELLO and
 * negotiation stay unanswered, as a Hyper-V guest delays them until its daemon is up; the last of
 * each is kept and answered as soon as it is ready. */
void okvp_guest_session_set_ready(struct okvp_guest_session *session, bool ready);

enum okvp_guest_state okvp_guest_session_state(const struct okvp_guest_session *session);

/* The message version that was negotiated; 0.0 before, and with openkvp's own protocol. */
struct okvp_version okvp_guest_session_version(const struct okvp_guest_session *session);

/* The version of openkvp's own protocol that is spoken; 0: none. */
uint16_t okvp_guest_session_own(const struct okvp_guest_session *session);

/* A number that is another one whenever a host has greeted this guest: a guest that speaks the own
 * protocol then says how it stands, and forgets what it was asked before. */
uint64_t okvp_guest_session_greeting(const struct okvp_guest_session *session);

/* Whether to read on from the stream. */
bool okvp_guest_session_wants_input(const struct okvp_guest_session *session);

/* Takes in what was read from the stream, when input is wanted. */
bool okvp_guest_session_receive(struct okvp_guest_session *session, const void *bytes, size_t size,
				struct okvp_error *err);

/* Whether a frame is begun and not complete; after OKVP_FRAME_PARTIAL_MS call give_up. */
bool okvp_guest_session_partial(const struct okvp_guest_session *session);
void okvp_guest_session_give_up(struct okvp_guest_session *session);

/* The next request to answer, in arrival order; false when there is none now, or one is not yet
 * answered. A request that cannot be read is answered here (OKVP_IC_FAIL or
 * OKVP_IC_NOT_SUPPORTED) and not given out. */
bool okvp_guest_session_next(struct okvp_guest_session *session,
			     struct okvp_kvp_message *ret_request);

/* Answers the request that next() gave out, and lets next() go on. answer is that request, for
 * ENUMERATE with the item found; with a status other than OKVP_IC_OK it may be NULL. An item that
 * the wire cannot carry is answered OKVP_IC_FAIL. If the host started anew meanwhile (an epoch, a
 * negotiation), the answer is dropped. */
void okvp_guest_session_answer(struct okvp_guest_session *session,
			       const struct okvp_kvp_message *answer, uint32_t status);

/* What the request that next() gave out says of an adapter, when its operation is OKVP_KVP_GET_IP
 * or _SET_IP; borrowed until it is answered. And its answer: ip may be NULL with a status other
 * than OKVP_IC_OK, and with OKVP_KVP_SET_IP. */
const struct okvp_ip_message *okvp_guest_session_ip(const struct okvp_guest_session *session);
void okvp_guest_session_answer_ip(struct okvp_guest_session *session,
				  const struct okvp_ip_message *answer, uint32_t status);

/* The next of the host's own messages, borrowed until the next call on this session; false when
 * there is none now. They need not be answered in order. */
bool okvp_guest_session_next_own(struct okvp_guest_session *session,
				 struct okvp_own_message *ret_message);

/* Sends an own message: an answer has the request's sequence, other messages 0. False
 * (OKVP_NO_MEMORY, OKVP_LIMIT) when it is lost. */
bool okvp_guest_session_send(struct okvp_guest_session *session,
			     const struct okvp_own_message *message, struct okvp_error *err);

/* What waits to be written to the stream (NULL and 0 when nothing does), borrowed until the next
 * call; and how much of it was written. */
const uint8_t *okvp_guest_session_output(const struct okvp_guest_session *session,
					 size_t *ret_size);
void okvp_guest_session_sent(struct okvp_guest_session *session, size_t size);

OKVP_END_DECLS
