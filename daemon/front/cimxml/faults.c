/* SPDX-License-Identifier: MIT */
/* faults.c -- what DSP0200 section 7.3 has for each thing that can be wrong with a request. */
#include "front/cimxml/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/unicode.h"

static const struct kind {
	unsigned int status;
	const char *name; /* of CIMError */
} kinds[] = {
	[FAULT_CIM] = { 200, NULL },
	[FAULT_MEDIA_TYPE] = { 415, NULL },
	[FAULT_NOT_WELL_FORMED] = { 400, "request-not-well-formed" },
	[FAULT_NOT_VALID] = { 400, "request-not-valid" },
	[FAULT_HEADER_MISMATCH] = { 400, "header-mismatch" },
	[FAULT_OPERATION] = { 400, "unsupported-operation" },
	[FAULT_MULTIPLE_REQUESTS] = { 501, "multiple-requests-unsupported" },
	[FAULT_PROTOCOL_VERSION] = { 501, "unsupported-protocol-version" },
	[FAULT_CIM_VERSION] = { 501, "unsupported-cim-version" },
	[FAULT_DTD_VERSION] = { 501, "unsupported-dtd-version" },
};
_Static_assert(count_of(kinds) == FAULT_COUNT, "a fault without a status");

static void set_message(struct cim_error *error, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A message that is too long is cut, at the end of a character. */
static void set_message(struct cim_error *error, const char *format, va_list args)
{
	size_t length;

	vsnprintf(error->message, sizeof(error->message), format, args);
	length = strlen(error->message);
	error->message[okvp_utf8_prefix(error->message, length, length)] = '\0';
}

bool cimxml_fail(struct cimxml_fault *fault, enum cimxml_fault_id id, const char *format, ...)
{
	va_list args;

	fault->id = id;
	fault->error.status = CIM_STATUS_FAILED;
	fault->error.detail = CIM_DETAIL_NONE;
	va_start(args, format);
	set_message(&fault->error, format, args);
	va_end(args);
	return false;
}

bool cimxml_fail_cim(struct cimxml_fault *fault, enum cim_status status, const char *format, ...)
{
	va_list args;

	fault->id = FAULT_CIM;
	fault->error.status = status;
	fault->error.detail = CIM_DETAIL_NONE;
	va_start(args, format);
	set_message(&fault->error, format, args);
	va_end(args);
	return false;
}

bool cimxml_fail_reading(struct cimxml_fault *fault, const struct okvp_error *cause)
{
	if (cause->status == OKVP_INVALID)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s", cause->message);
	return cimxml_fail_cim(fault,
			       cause->status == OKVP_TOO_LONG ? CIM_STATUS_INVALID_NAMESPACE
							      : CIM_STATUS_INVALID_PARAMETER,
			       "%s", cause->message);
}

unsigned int cimxml_fault_status(enum cimxml_fault_id id)
{
	return kinds[id].status;
}

const char *cimxml_fault_name(enum cimxml_fault_id id)
{
	return kinds[id].name;
}
