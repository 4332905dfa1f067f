/* SPDX-License-Identifier: MIT */
/* value.c -- values of CIM's types: making, reading and comparing them. */
#include "cim/value.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cim/datetime.h"
#include "openkvp/unicode.h"

static const char *const type_names[] = {
#define X(name, text) [CIM_##name] = text,
	CIM_TYPE_LIST(X)
#undef X
};

static const unsigned int integer_bits[CIM_TYPE_COUNT] = {
	[CIM_UINT8] = 8,   [CIM_UINT16] = 16, [CIM_UINT32] = 32, [CIM_UINT64] = 64, [CIM_SINT8] = 8,
	[CIM_SINT16] = 16, [CIM_SINT32] = 32, [CIM_SINT64] = 64, [CIM_CHAR16] = 16,
};

const char *cim_type_name(enum cim_type type)
{
	return type_names[type];
}

bool cim_type_from_name(const char *name, enum cim_type *ret_type)
{
	for (enum cim_type type = 0; type < CIM_TYPE_COUNT; type++) {
		if (strcasecmp(type_names[type], name) == 0) {
			*ret_type = type;
			return true;
		}
	}
	return false;
}

bool cim_type_is_unsigned(enum cim_type type)
{
	return type >= CIM_UINT8 && type <= CIM_UINT64;
}

bool cim_type_is_signed(enum cim_type type)
{
	return type >= CIM_SINT8 && type <= CIM_SINT64;
}

struct cim_value cim_boolean(bool value)
{
	return (struct cim_value){ .type = CIM_BOOLEAN, .is_set = true, .boolean = value };
}

struct cim_value cim_uint(enum cim_type type, uint64_t value)
{
	assert(cim_type_is_unsigned(type) || type == CIM_CHAR16);
	assert(value <= UINT64_MAX >> (64 - integer_bits[type]));
	return (struct cim_value){ .type = type, .is_set = true, .uint = value };
}

struct cim_value cim_string(const char *text)
{
	if (!text)
		return (struct cim_value){ .type = CIM_STRING };
	return cim_string_of(text, strlen(text));
}

struct cim_value cim_string_of(const char *bytes, size_t length)
{
	return (struct cim_value){
		.type = CIM_STRING,
		.is_set = true,
		.string = { .bytes = bytes, .length = length },
	};
}

struct cim_value cim_time(int64_t wall_us)
{
	return (struct cim_value){
		.type = CIM_DATETIME,
		.is_set = true,
		.datetime = { .microseconds = wall_us },
	};
}

struct cim_value cim_interval(int64_t microseconds)
{
	return (struct cim_value){
		.type = CIM_DATETIME,
		.is_set = true,
		.datetime = { .microseconds = microseconds, .is_interval = true },
	};
}

struct cim_value cim_reference(const struct cim_object_path *path)
{
	return (struct cim_value){
		.type = CIM_REFERENCE,
		.is_set = path != NULL,
		.reference = path,
	};
}

struct cim_value cim_array(enum cim_type type, const struct cim_value *items, size_t count)
{
	return (struct cim_value){
		.type = type,
		.is_set = true,
		.is_array = true,
		.array = { .item = items, .count = count },
	};
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static bool boolean_from_text(const char *text, size_t length, struct cim_value *value)
{
	value->boolean = is_word(text, length, "true") || is_word(text, length, "1");
	return value->boolean || is_word(text, length, "false") || is_word(text, length, "0");
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Digits, decimal or hexadecimal behind 0x (DSP0201 section 5.2.4 allows both). */
static bool magnitude_from_text(const char *text, size_t length, uint64_t *ret_magnitude)
{
	int base = length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t magnitude = 0;

	for (size_t i = base == 16 ? 2 : 0; i < length; i++) {
		if (digit(text[i]) >= base || __builtin_mul_overflow(magnitude, base, &magnitude) ||
		    __builtin_add_overflow(magnitude, digit(text[i]), &magnitude))
			return false;
	}
	*ret_magnitude = magnitude;
	return length > 0;
}

static bool integer_from_text(const char *text, size_t length, struct cim_value *value)
{
	bool has_sign = length > 0 && (*text == '-' || *text == '+');
	bool negative = has_sign && *text == '-';
	uint64_t magnitude, most = UINT64_MAX >> (64 - integer_bits[value->type]);

	if (!magnitude_from_text(text + has_sign, length - has_sign, &magnitude))
		return false;
	if (cim_type_is_unsigned(value->type)) {
		value->uint = magnitude;
		return magnitude <= (negative ? 0 : most);
	}
	/* Two's complement: one more below zero than above. */
	value->sint = (int64_t)(negative ? -magnitude : magnitude);
	return magnitude <= most / 2 + negative;
}

static bool real_from_text(struct arena *arena, const char *text, size_t length,
			   struct cim_value *value)
{
	const char *copy = arena_text(arena, text, length);
	char *end;

	if (length == 0 || strspn(copy, "+-.0123456789eE") != length)
		return false;
	value->real = strtod(copy, &end);
	return *end == '\0' && isfinite(value->real) &&
	       (value->type == CIM_REAL64 || fabs(value->real) <= (double)FLT_MAX);
}

static bool char16_from_text(const char *text, size_t length, struct cim_value *value)
{
	uint32_t character;
	size_t size = okvp_utf8_decode(text, length, &character);

	value->uint = character;
	return size > 0 && size == length && character <= 0xFFFF;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool cim_value_from_text(struct arena *arena, enum cim_type type, const char *text, size_t length,
			 struct cim_value *ret_value, struct okvp_error *err)
{
	struct cim_value value = { .type = type, .is_set = true };
	bool ok = false;

	assert(type < CIM_REFERENCE);
	if (type == CIM_STRING) {
		*ret_value = cim_string_of(arena_text(arena, text, length), length);
		return true;
	}
	while (type != CIM_CHAR16 && length > 0 && is_space(text[0]))
		text++, length--;
	while (type != CIM_CHAR16 && length > 0 && is_space(text[length - 1]))
		length--;

	if (type == CIM_BOOLEAN)
		ok = boolean_from_text(text, length, &value);
	else if (cim_type_is_unsigned(type) || cim_type_is_signed(type))
		ok = integer_from_text(text, length, &value);
	else if (type == CIM_REAL32 || type == CIM_REAL64)
		ok = real_from_text(arena, text, length, &value);
	else if (type == CIM_CHAR16)
		ok = char16_from_text(text, length, &value);
	else if (type == CIM_DATETIME)
		ok = cim_datetime_from_text(text, length, &value.datetime);
	if (!ok)
		return okvp_fail(err, OKVP_WRONG_TYPE, "'%.*s' is no %s",
				 (int)okvp_utf8_prefix(text, length, 40), text, type_names[type]);
	*ret_value = value;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int compare(bool is_greater, bool is_less)
{
	return (int)is_greater - (int)is_less;
}

static int compare_text(const struct cim_string *a, const struct cim_string *b)
{
	for (size_t i = 0; i < a->length && i < b->length; i++) {
		unsigned char x = (unsigned char)lower(a->bytes[i]);
		unsigned char y = (unsigned char)lower(b->bytes[i]);

		if (x != y)
			return compare(x > y, x < y);
	}
	return compare(a->length > b->length, a->length < b->length);
}

static bool is_real(const struct cim_value *value)
{
	return value->type == CIM_REAL32 || value->type == CIM_REAL64;
}

static bool is_number(const struct cim_value *value)
{
	return integer_bits[value->type] > 0 || is_real(value);
}

static bool is_negative(const struct cim_value *value)
{
	return cim_type_is_signed(value->type) && value->sint < 0;
}

/* Exact where a long double has 64 bits of mantissa, as on x86-64 and arm64. */
static long double to_real(const struct cim_value *value)
{
	if (is_real(value))
		return value->real;
	return cim_type_is_signed(value->type) ? (long double)value->sint : value->uint;
}

static int compare_numbers(const struct cim_value *a, const struct cim_value *b)
{
	if (is_real(a) || is_real(b))
		return compare(to_real(a) > to_real(b), to_real(a) < to_real(b));
	if (is_negative(a) || is_negative(b)) {
		int64_t x = is_negative(a) ? a->sint : 0;
		int64_t y = is_negative(b) ? b->sint : 0;

		return compare(x > y, x < y);
	}
	/* Not negative: both members of the union read the same. */
	return compare(a->uint > b->uint, a->uint < b->uint);
}

bool cim_value_compare(const struct cim_value *a, const struct cim_value *b, int *ret_order)
{
	if (is_number(a) && is_number(b)) {
		*ret_order = compare_numbers(a, b);
		return true;
	}
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case CIM_BOOLEAN:
		*ret_order = compare(a->boolean && !b->boolean, !a->boolean && b->boolean);
		return true;
	case CIM_STRING:
		*ret_order = compare_text(&a->string, &b->string);
		return true;
	case CIM_DATETIME:
		*ret_order = compare(a->datetime.microseconds > b->datetime.microseconds,
				     a->datetime.microseconds < b->datetime.microseconds);
		return a->datetime.is_interval == b->datetime.is_interval;
	default:
		return false;
	}
}
