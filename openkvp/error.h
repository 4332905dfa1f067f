/* SPDX-License-Identifier: MIT */
/* error.h -- how a function says that it failed: false, and a status with a sentence. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>

#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

/* Every way in which something in openkvp can fail. Front ends translate a status into their own
 * codes, each by one table. */
#define OKVP_STATUS_LIST(X) /* X(name, text) */        \
	X(OK, "success")                               \
	X(INVALID, "malformed input")                  \
	X(INVALID_TEXT, "text that cannot be carried") \
	X(TOO_LONG, "key or value too long")           \
	X(WRONG_TYPE, "wrong data type")               \
	X(EXISTS, "already exists")                    \
	X(NOT_FOUND, "not found")                      \
	X(DENIED, "not permitted")                     \
	X(UNSUPPORTED, "not supported")                \
	X(LIMIT, "limit reached")                      \
	X(BUSY, "in use")                              \
	X(CONFLICT, "changed meanwhile")               \
	X(WRONG_STATE, "not possible in this state")   \
	X(UNAVAILABLE, "cannot be reached")            \
	X(TIMEOUT, "no answer in time")                \
	X(CORRUPT, "damaged data")                     \
	X(IO, "input/output error")                    \
	X(NO_MEMORY, "out of memory")                  \
	X(INTERNAL, "internal error")

enum okvp_status {
#define X(name, text) OKVP_##name,
	OKVP_STATUS_LIST(X)
#undef X
};

#define X(name, text) +1
enum { OKVP_STATUS_COUNT = OKVP_STATUS_LIST(X) };
#undef X

struct okvp_error {
	enum okvp_status status;
	char message[1024]; /* UTF-8, no allocation: a failure can always be told */
};

/* The fixed text of a status: "already exists". */
const char *okvp_status_text(enum okvp_status status);

/* The name of a status as programs know it: "EXISTS". */
const char *okvp_status_name(enum okvp_status status);

/* Records a failure in err (NULL: not wanted) and returns false. A message longer than the room is
 * cut at the end of a character. */
bool okvp_fail(struct okvp_error *err, enum okvp_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with strerror(errno_value) behind the message; the status is OKVP_NO_MEMORY for ENOMEM,
 * OKVP_NOT_FOUND for ENOENT, OKVP_DENIED for EACCES and EPERM, OKVP_IO for all else. */
bool okvp_fail_errno(struct okvp_error *err, int errno_value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts context in front of the message on its way up: "vm 'web1': not found". Returns false. */
bool okvp_fail_in(struct okvp_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

OKVP_END_DECLS
