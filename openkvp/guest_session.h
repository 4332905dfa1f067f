/* SPDX-License-Identifier: MIT */
/* guest_session.h -- the guest's end of the exchange on a byte stream, without I/O: bytes in,
 * requests out; answers in, bytes out.
 *
 * It answers HELLO and negotiation itself, keeps to the latest epoch and drops the rest. Its memory
 * is bounded: of more than four requests that wait, and of answers that a host does not read, the
 * rest is dropped.
 *
 *	WAITING  no HELLO yet, or not ready
 *	HELLO    the host is there
 *	OPEN     a version is negotiated; requests come
 */
#pragma once
#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"
#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

struct okvp_guest_session;

enum okvp_guest_state { OKVP_GUEST_WAITING, OKVP_GUEST_HELLO, OKVP_GUEST_OPEN };

/* NULL when there is no memory. */
struct okvp_guest_session *okvp_guest_session_create(void);
void okvp_guest_session_free(struct okvp_guest_session **session);

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

/* The message version that was negotiated; 0.0 before. */
struct okvp_version okvp_guest_session_version(const struct okvp_guest_session *session);

/* Takes in what was read from the stream. */
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

/* What waits to be written to the stream (NULL and 0 when nothing does), borrowed until the next
 * call; and how much of it was written. */
const uint8_t *okvp_guest_session_output(const struct okvp_guest_session *session,
					 size_t *ret_size);
void okvp_guest_session_sent(struct okvp_guest_session *session, size_t size);

OKVP_END_DECLS
