/* SPDX-License-Identifier: MIT */
/* faults.h -- why a request was refused, in the words of WS-Management. */
#pragma once
#include "base/text.h"
#include "cim/status.h"

enum wsman_fault_id {
	FAULT_NONE,
	FAULT_VERSION,
	FAULT_NOT_UNDERSTOOD,
	FAULT_SCHEMA,
	FAULT_HEADER_MISSING,
	FAULT_HEADER_INVALID,
	FAULT_RESOURCE_URI,
	FAULT_QUERIED_CLASS,
	FAULT_NO_INSTANCE,
	FAULT_UNAVAILABLE,
	FAULT_ACTION,
	FAULT_ACTION_MISMATCH,
	FAULT_SELECTORS,
	FAULT_SELECTORS_MISSING,
	FAULT_SELECTORS_UNEXPECTED,
	FAULT_SELECTORS_DUPLICATE,
	FAULT_SELECTORS_TYPE,
	FAULT_SELECTORS_VALUE,
	FAULT_SELECTOR_LIMIT,
	FAULT_PARAMETER,
	FAULT_PARAMETER_NAME,
	FAULT_PARAMETER_TYPE,
	FAULT_PARAMETER_VALUE,
	FAULT_ACCESS,
	FAULT_EXISTS,
	FAULT_REPRESENTATION_MISSING,
	FAULT_REPRESENTATION_VALUES,
	FAULT_REPRESENTATION_NAMESPACE,
	FAULT_ENVELOPE_MINIMUM,
	FAULT_ENVELOPE_SIZE,
	FAULT_UNREPORTABLE_SUCCESS,
	FAULT_CHARACTER_SET,
	FAULT_URI_LIMIT,
	FAULT_QUOTA,
	FAULT_CONCURRENCY,
	FAULT_TIMED_OUT,
	FAULT_PULL_TIMED_OUT,
	FAULT_CONTEXT,
	FAULT_EXPIRATION_TIME,
	FAULT_EXPIRATION_TYPE,
	FAULT_DIALECT,
	FAULT_FILTER,
	FAULT_FILTERING,
	FAULT_FILTER_REQUIRED,
	FAULT_OPTION_NAME,
	FAULT_OPTION_VALUE,
	FAULT_OPTION_UNSUPPORTED,
	FAULT_OPTION_LIMIT,
	FAULT_ADDRESSING_MODE,
	FAULT_ENUMERATION_MODE,
	FAULT_FRAGMENT,
	FAULT_LOCALE,
	FAULT_POLYMORPHISM,
	FAULT_UNSUPPORTED,
	FAULT_DELIVERY_MODE,
	FAULT_EVENT_MESSAGE,
	FAULT_EVENT_EXPIRATION_TIME,
	FAULT_EVENT_EXPIRATION_TYPE,
	FAULT_EVENT_DIALECT,
	FAULT_EVENT_RENEWAL,
	FAULT_HEARTBEATS,
	FAULT_BOOKMARKS,
	FAULT_INTERNAL,
	FAULT_COUNT
};

struct wsman_fault {
	enum wsman_fault_id id;
	enum cim_status status; /* CIM_STATUS_OK: none is known */
	const char *header_ns;  /* of what was not understood */
	const char *header_name;
	char message[640];
};

/* Records a fault and returns false. */
bool wsman_fail(struct wsman_fault *fault, enum wsman_fault_id id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Records what went wrong in cim/. */
bool wsman_fail_cim(struct wsman_fault *fault, const struct cim_error *error);

/* The Action of a fault's envelope. */
const char *wsman_fault_action(const struct wsman_fault *fault);

/* Appends what a fault adds to the header, and what stands in Body. */
void wsman_fault_write_header(struct text *out, const struct wsman_fault *fault);
void wsman_fault_write(struct text *out, const struct wsman_fault *fault);
