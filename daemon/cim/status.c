/* SPDX-License-Identifier: MIT */
/* status.c -- failures of CIM operations. */
#include "cim/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "openkvp/unicode.h"

static const enum cim_status from_okvp[] = {
	[OKVP_OK] = CIM_STATUS_OK,
	[OKVP_INVALID] = CIM_STATUS_INVALID_PARAMETER,
	[OKVP_INVALID_TEXT] = CIM_STATUS_INVALID_PARAMETER,
	[OKVP_TOO_LONG] = CIM_STATUS_INVALID_PARAMETER,
	[OKVP_WRONG_TYPE] = CIM_STATUS_TYPE_MISMATCH,
	[OKVP_EXISTS] = CIM_STATUS_ALREADY_EXISTS,
	[OKVP_NOT_FOUND] = CIM_STATUS_NOT_FOUND,
	[OKVP_DENIED] = CIM_STATUS_ACCESS_DENIED,
	[OKVP_UNSUPPORTED] = CIM_STATUS_NOT_SUPPORTED,
	[OKVP_LIMIT] = CIM_STATUS_SERVER_LIMITS_EXCEEDED,
	[OKVP_BUSY] = CIM_STATUS_FAILED,
	[OKVP_CONFLICT] = CIM_STATUS_FAILED,
	[OKVP_WRONG_STATE] = CIM_STATUS_FAILED,
	[OKVP_UNAVAILABLE] = CIM_STATUS_FAILED,
	[OKVP_TIMEOUT] = CIM_STATUS_FAILED,
	[OKVP_CORRUPT] = CIM_STATUS_FAILED,
	[OKVP_IO] = CIM_STATUS_FAILED,
	[OKVP_NO_MEMORY] = CIM_STATUS_FAILED,
	[OKVP_INTERNAL] = CIM_STATUS_FAILED,
};
_Static_assert(sizeof(from_okvp) / sizeof(from_okvp[0]) == OKVP_STATUS_COUNT,
	       "every status has its CIM status");

bool cim_fail(struct cim_error *err, enum cim_status status, enum cim_detail detail,
	      const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	length = strlen(err->message);
	if (length == sizeof(err->message) - 1)
		err->message[okvp_utf8_prefix(err->message, length, length)] = '\0';
	err->status = status;
	err->detail = detail;
	return false;
}

bool cim_fail_from(struct cim_error *err, const struct okvp_error *cause)
{
	return cim_fail(err, from_okvp[cause->status], CIM_DETAIL_NONE, "%s", cause->message);
}

const char *cim_status_name(enum cim_status status)
{
	switch (status) {
#define X(name, code)           \
	case CIM_STATUS_##name: \
		return "CIM_ERR_" #name;
		CIM_STATUS_LIST(X)
#undef X
	}
	return "CIM_ERR_FAILED";
}
