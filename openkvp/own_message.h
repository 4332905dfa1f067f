/* SPDX-License-Identifier: MIT */
/* own_message.h -- openkvp's own protocol, version 1: what host and guest say to each other when
 * both know it. docs/protocol.md says what each message means; here is how it is read and written.
 *
 * A message is a type, the sequence of its frame, and a body of at most OKVP_OWN_BODY_MAX bytes,
 * which goes in as many frames as it needs: okvp_own_write_head() takes it apart,
 * okvp_own_assemble() puts it together.
 *
 * Items travel as records:
 *
 *	0  u16 key length, u16 value length
 *	4  u8 type    enum okvp_type
 *	5  u8 flags   OKVP_RECORD_REMOVE, OKVP_RECORD_SECRET
 *	6  key, value
 */
#pragma once
#include "openkvp/adapter.h"
#include "openkvp/frame.h"
#include "openkvp/item.h"
#include "openkvp/link_message.h"
#include "openkvp/pool.h"
#include "openkvp/wire.h"

OKVP_BEGIN_DECLS

#define OKVP_OWN_VERSION 1 /* the newest that this library knows */

#define OKVP_OWN_MORE            1 /* flag: the body goes on in the next frame */
#define OKVP_OWN_HEAD_SIZE       (OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE)
#define OKVP_OWN_PIECE_MAX       (OKVP_FRAME_PAYLOAD_MAX - OKVP_LINK_HEADER_SIZE)
#define OKVP_OWN_BODY_MAX        (1024 * 1024)
#define OKVP_OWN_BATCH_MAX       128
#define OKVP_OWN_OUTSTANDING_MAX 8     /* requests that a guest has to take before it answers */
#define OKVP_OWN_HEARTBEAT_MS    10000 /* a guest is not silent for longer */
#define OKVP_OWN_TEXT_MAX        255   /* bytes of a sentence for people */

enum okvp_own_type {
	OKVP_OWN_STATE = OKVP_LINK_OWN, /* from the guest */
	OKVP_OWN_CHANGED,
	OKVP_OWN_ADAPTERS,
	OKVP_OWN_HEARTBEAT,
	OKVP_OWN_BATCH = 0x4F4B0020, /* from the host; each is answered */
	OKVP_OWN_READ,
	OKVP_OWN_SET_IP,
	OKVP_OWN_ANSWER = 0x8000, /* added to the request's type */
};

struct okvp_own_message {
	uint32_t type; /* enum okvp_own_type, or one that is not known here */
	uint32_t sequence;
	const uint8_t *body;
	size_t length;
};

/* Whether a type is one that a guest has to answer. */
bool okvp_own_is_request(uint32_t type);

/* --- Frames --- */

/* Writes what stands before the piece of a body that begins at an offset: the headers of its frame
 * and of the message. Returns how many bytes the piece has; the last one ends the body. */
size_t okvp_own_write_head(const struct okvp_own_message *message, uint32_t epoch, size_t offset,
			   uint8_t out[OKVP_AT_LEAST OKVP_OWN_HEAD_SIZE]);

/* What came of a message that is not complete. All zeros is none; it holds memory only then. */
struct okvp_own_assembly {
	uint32_t type, sequence;
	bool begun;     /* the next piece goes on with it */
	bool dropped;   /* its other pieces too */
	uint8_t *bytes; /* owned */
	size_t size, room;
};

/* Takes the payload of a frame, which is OKVP_LINK_OWN. True when a message is complete: it is
 * borrowed from the frame or the assembly, until the next call. A message that begins before the
 * last one was complete takes its place. False with a status above OKVP_OK: the message is dropped
 * (OKVP_LIMIT: it is too long; OKVP_NO_MEMORY). */
bool okvp_own_assemble(struct okvp_own_assembly *assembly, const struct okvp_link_message *piece,
		       uint32_t sequence, struct okvp_own_message *ret_message,
		       struct okvp_error *err);
void okvp_own_assembly_done(struct okvp_own_assembly *assembly);

/* --- Records --- */

enum { OKVP_RECORD_REMOVE = 1, OKVP_RECORD_SECRET = 2 };

#define OKVP_RECORD_HEAD_SIZE 6
#define OKVP_OWN_KEY_MAX      765  /* 255 UTF-16 units as UTF-8 */
#define OKVP_OWN_VALUE_MAX    3069 /* 1023 */

struct okvp_own_record {
	struct okvp_item item;
	uint8_t flags;
};

/* Records that were checked when their message was read. */
struct okvp_own_records {
	struct wire_reader in;
	size_t left;
};

/* The next record, borrowed from the message; false when there is none. */
bool okvp_own_next_record(struct okvp_own_records *records, struct okvp_own_record *ret_record);

size_t okvp_own_record_size(const struct okvp_item *item);
void okvp_own_write_record(struct wire_writer *out, const struct okvp_own_record *record);

/* --- Messages. Each write returns nothing: the writer remembers an overrun. Each read fails with
 * OKVP_INVALID when the body is too short or says what cannot be, OKVP_INVALID_TEXT when a text is
 * not UTF-8 or holds a NUL, OKVP_TOO_LONG when one is longer than the two above. --- */

#define OKVP_OWN_POOLS      4 /* EXTERNAL to AUTO_EXTERNAL */
#define OKVP_OWN_STATE_SIZE 56

/* A pool that the guest cannot read now: neither fits any pool. */
#define OKVP_OWN_UNREAD_COUNT  UINT32_MAX
#define OKVP_OWN_UNREAD_DIGEST UINT64_MAX

enum { OKVP_OWN_CAN_SET_IP = 1 };

struct okvp_own_state {
	uint16_t key_bytes, value_bytes; /* longest that this guest holds */
	uint32_t abilities;              /* OKVP_OWN_CAN_SET_IP */
	struct {
		uint32_t count;
		uint64_t digest;
	} pool[OKVP_OWN_POOLS];
};

void okvp_own_write_state(struct wire_writer *out, const struct okvp_own_state *state);
bool okvp_own_read_state(const uint8_t *body, size_t length, struct okvp_own_state *ret_state,
			 struct okvp_error *err);

#define OKVP_OWN_CHANGED_SIZE 36 /* without records */

struct okvp_own_changed {
	enum okvp_pool pool;
	bool untold; /* what changed is not said */
	uint64_t before, after;
	uint32_t count, at, gone, come;
	struct okvp_own_records records; /* after reading: those that came */
};

void okvp_own_write_changed(struct wire_writer *out, const struct okvp_own_changed *changed);
bool okvp_own_read_changed(const uint8_t *body, size_t length, struct okvp_own_changed *ret_changed,
			   struct okvp_error *err);

#define OKVP_OWN_BATCH_SIZE 4 /* without records */

struct okvp_own_batch {
	enum okvp_pool pool;
	uint16_t count;
	struct okvp_own_records records; /* after reading */
};

void okvp_own_write_batch(struct wire_writer *out, const struct okvp_own_batch *batch);
bool okvp_own_read_batch(const uint8_t *body, size_t length, struct okvp_own_batch *ret_batch,
			 struct okvp_error *err);

#define OKVP_OWN_BATCH_ANSWER_SIZE(count) (8 + 4 * (count))

struct okvp_own_batch_answer {
	uint32_t status; /* enum okvp_ic_status; OKVP_IC_OK: all are made */
	uint16_t count;  /* 0 when the request was not understood */
	uint32_t of[OKVP_OWN_BATCH_MAX];
};

void okvp_own_write_batch_answer(struct wire_writer *out,
				 const struct okvp_own_batch_answer *answer);
bool okvp_own_read_batch_answer(const uint8_t *body, size_t length,
				struct okvp_own_batch_answer *ret_answer, struct okvp_error *err);

#define OKVP_OWN_READ_SIZE 8

struct okvp_own_read {
	enum okvp_pool pool;
	uint32_t first;
};

void okvp_own_write_read(struct wire_writer *out, const struct okvp_own_read *read);
bool okvp_own_read_read(const uint8_t *body, size_t length, struct okvp_own_read *ret_read,
			struct okvp_error *err);

#define OKVP_OWN_READ_ANSWER_SIZE 28 /* without records */

struct okvp_own_read_answer {
	uint32_t status; /* nothing else counts unless it is OKVP_IC_OK */
	enum okvp_pool pool;
	uint64_t digest;
	uint32_t total, first, count;
	struct okvp_own_records records; /* after reading */
};

void okvp_own_write_read_answer(struct wire_writer *out, const struct okvp_own_read_answer *answer);
bool okvp_own_read_read_answer(const uint8_t *body, size_t length,
			       struct okvp_own_read_answer *ret_answer, struct okvp_error *err);

/* The answer to SET_IP, and to a request that was not understood: a status, and perhaps a sentence,
 * which is borrowed after reading. */
struct okvp_own_result {
	uint32_t status;
	const char *text;
	uint16_t text_length; /* at most OKVP_OWN_TEXT_MAX */
};

#define OKVP_OWN_RESULT_SIZE_MAX (6 + OKVP_OWN_TEXT_MAX)

void okvp_own_write_result(struct wire_writer *out, const struct okvp_own_result *result);
bool okvp_own_read_result(const uint8_t *body, size_t length, struct okvp_own_result *ret_result,
			  struct okvp_error *err);

/* --- Adapters --- */

#define OKVP_ADAPTERS_MAX 64

/* Adapters that were checked when their message was read. */
struct okvp_own_adapters {
	struct wire_reader in;
	size_t left;
};

/* The body of ADAPTERS: this, and then so many adapters. */
void okvp_own_write_adapters_head(struct wire_writer *out, size_t count);
bool okvp_own_read_adapters(const uint8_t *body, size_t length,
			    struct okvp_own_adapters *ret_adapters, struct okvp_error *err);
bool okvp_own_next_adapter(struct okvp_own_adapters *adapters, struct okvp_adapter *ret_adapter);

/* One adapter, whose id is a MAC; the body of SET_IP. */
void okvp_own_write_adapter(struct wire_writer *out, const struct okvp_adapter *adapter);
bool okvp_own_read_adapter(const uint8_t *body, size_t length, struct okvp_adapter *ret_adapter,
			   struct okvp_error *err);

OKVP_END_DECLS
