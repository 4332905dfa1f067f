/* SPDX-License-Identifier: MIT */
/* status.h -- why a CIM operation failed: the codes of DSP0200, and what more a binding wants to
 * know. */
#pragma once
#include "openkvp/error.h"

#define CIM_STATUS_LIST(X) /* X(name, code) */     \
	X(OK, 0)                                   \
	X(FAILED, 1)                               \
	X(ACCESS_DENIED, 2)                        \
	X(INVALID_NAMESPACE, 3)                    \
	X(INVALID_PARAMETER, 4)                    \
	X(INVALID_CLASS, 5)                        \
	X(NOT_FOUND, 6)                            \
	X(NOT_SUPPORTED, 7)                        \
	X(ALREADY_EXISTS, 11)                      \
	X(NO_SUCH_PROPERTY, 12)                    \
	X(TYPE_MISMATCH, 13)                       \
	X(QUERY_LANGUAGE_NOT_SUPPORTED, 14)        \
	X(INVALID_QUERY, 15)                       \
	X(METHOD_NOT_AVAILABLE, 16)                \
	X(METHOD_NOT_FOUND, 17)                    \
	X(NAMESPACE_NOT_EMPTY, 20)                 \
	X(INVALID_ENUMERATION_CONTEXT, 21)         \
	X(INVALID_OPERATION_TIMEOUT, 22)           \
	X(FILTERED_ENUMERATION_NOT_SUPPORTED, 25)  \
	X(CONTINUATION_ON_ERROR_NOT_SUPPORTED, 26) \
	X(SERVER_LIMITS_EXCEEDED, 27)              \
	X(SERVER_IS_SHUTTING_DOWN, 28)

enum cim_status {
#define X(name, code) CIM_STATUS_##name = code,
	CIM_STATUS_LIST(X)
#undef X
};

/* What exactly is wrong with keys (selectors), parameters or an enumeration. */
enum cim_detail {
	CIM_DETAIL_NONE,
	CIM_DETAIL_KEYS_MISSING,
	CIM_DETAIL_KEY_UNEXPECTED,
	CIM_DETAIL_KEY_DUPLICATE,
	CIM_DETAIL_KEY_TYPE,
	CIM_DETAIL_KEY_VALUE,
	CIM_DETAIL_PARAMETER_NAME,
	CIM_DETAIL_PARAMETER_TYPE,
	CIM_DETAIL_PARAMETER_VALUE,
	CIM_DETAIL_PARAMETER_MISSING,
	CIM_DETAIL_IN_USE, /* an enumeration, by another request */
};

struct cim_error {
	enum cim_status status;
	enum cim_detail detail;
	char message[1024];
};

/* Records a failure and returns false. */
bool cim_fail(struct cim_error *err, enum cim_status status, enum cim_detail detail,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Records a failure from below, its status translated. */
bool cim_fail_from(struct cim_error *err, const struct okvp_error *cause);

/* "CIM_ERR_NOT_FOUND" */
const char *cim_status_name(enum cim_status status);
