/* SPDX-License-Identifier: MIT */
/* value.h -- a value of CIM's types (DSP0004 section 5), or NULL. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "openkvp/error.h"

#define CIM_TYPE_LIST(X) /* X(name, text) */ \
	X(BOOLEAN, "boolean")                \
	X(UINT8, "uint8")                    \
	X(UINT16, "uint16")                  \
	X(UINT32, "uint32")                  \
	X(UINT64, "uint64")                  \
	X(SINT8, "sint8")                    \
	X(SINT16, "sint16")                  \
	X(SINT32, "sint32")                  \
	X(SINT64, "sint64")                  \
	X(REAL32, "real32")                  \
	X(REAL64, "real64")                  \
	X(CHAR16, "char16")                  \
	X(STRING, "string")                  \
	X(DATETIME, "datetime")              \
	X(REFERENCE, "reference")

enum cim_type {
#define X(name, text) CIM_##name,
	CIM_TYPE_LIST(X)
#undef X
		CIM_TYPE_COUNT,
	/* No type of CIM: the instance itself as the value of a STRING that stands for one. */
	CIM_INSTANCE = CIM_TYPE_COUNT
};

/* UTF-8, borrowed. A string may carry the same text escaped for XML, so that whoever writes it
 * often escapes it once; escaped is NULL otherwise. */
struct cim_string {
	const char *bytes;
	size_t length;
	const char *escaped;
	size_t escaped_length;
};

struct cim_datetime {
	int64_t microseconds; /* since 1970-01-01 UTC; of an interval: its length */
	int16_t utc_minutes;  /* offset in which a point in time is shown */
	bool is_interval;
};

struct cim_object_path;
struct cim_instance;

/* All zeros is NULL (of no matter what type). */
struct cim_value {
	enum cim_type type;
	bool is_set;   /* false: NULL */
	bool is_array; /* of values of type; its elements are set */
	union {
		bool boolean;
		uint64_t uint; /* also CHAR16 */
		int64_t sint;
		double real;
		struct cim_string string;
		struct cim_datetime datetime;
		const struct cim_object_path *reference;
		const struct cim_instance *instance;
		struct {
			const struct cim_value *item;
			size_t count;
		} array;
	};
};

/* "uint16"; a name is found without case. */
const char *cim_type_name(enum cim_type type);
bool cim_type_from_name(const char *name, enum cim_type *ret_type);
bool cim_type_is_unsigned(enum cim_type type);
bool cim_type_is_signed(enum cim_type type);

struct cim_value cim_boolean(bool value);
struct cim_value cim_uint(enum cim_type type, uint64_t value); /* fits the type (asserted) */
struct cim_value cim_string(const char *text); /* borrowed; NULL gives a NULL value */
struct cim_value cim_string_of(const char *bytes, size_t length);
struct cim_value cim_time(int64_t wall_us);
struct cim_value cim_interval(int64_t microseconds);
struct cim_value cim_reference(const struct cim_object_path *path);
struct cim_value cim_array(enum cim_type type, const struct cim_value *items, size_t count);

/* Reads a scalar (no REFERENCE) from the text in which XML carries it: booleans in any case, also 0
 * and 1; integers in range, decimal with sign and zeros in front or hexadecimal behind 0x; a
 * DATETIME in DMTF's 25 characters or as ISO 8601 time or duration; white space around all but
 * STRING and CHAR16 is left out. A STRING is copied into the arena. OKVP_WRONG_TYPE. */
bool cim_value_from_text(struct arena *arena, enum cim_type type, const char *text, size_t length,
			 struct cim_value *ret_value, struct okvp_error *err);

#define CIM_DATETIME_SIZE 26

/* DMTF's 25 characters: "20261120104207.123456+000", "00000000000500.000000:000". */
void cim_datetime_to_dmtf(const struct cim_datetime *datetime, char out[static CIM_DATETIME_SIZE]);

#define CIM_ISO_SIZE 40

/* ISO 8601: "2026-11-20T10:42:07.123456Z", "P0DT0H5M0S". */
void cim_datetime_to_iso(const struct cim_datetime *datetime, char out[static CIM_ISO_SIZE]);

/* Compares two set scalars as WQL does (strings without case, numbers by value): <0, 0, >0. False
 * when their kinds cannot be compared. */
bool cim_value_compare(const struct cim_value *a, const struct cim_value *b, int *ret_order);
