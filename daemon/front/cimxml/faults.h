/* SPDX-License-Identifier: MIT */
/* faults.h -- why a request was refused. */
#pragma once
#include "cim/status.h"

enum cimxml_fault_id {
	FAULT_CIM, /* answered by ERROR, with a status; all others by HTTP */
	FAULT_MEDIA_TYPE,
	FAULT_NOT_WELL_FORMED,
	FAULT_NOT_VALID,
	FAULT_HEADER_MISMATCH,
	FAULT_OPERATION,
	FAULT_MULTIPLE_REQUESTS,
	FAULT_PROTOCOL_VERSION,
	FAULT_CIM_VERSION,
	FAULT_DTD_VERSION,
	FAULT_COUNT
};

struct cimxml_fault {
	enum cimxml_fault_id id;
	struct cim_error error; /* its status counts for FAULT_CIM only */
};

/* Record a fault and return false. */
bool cimxml_fail(struct cimxml_fault *fault, enum cimxml_fault_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool cimxml_fail_cim(struct cimxml_fault *fault, enum cim_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what could not be read (cim/read_xml.h): FAULT_NOT_VALID, or a status. */
bool cimxml_fail_reading(struct cimxml_fault *fault, const struct okvp_error *cause);

/* The HTTP status and the header CIMError of a fault; NULL: it has no such header. */
unsigned int cimxml_fault_status(enum cimxml_fault_id id);
const char *cimxml_fault_name(enum cimxml_fault_id id);
