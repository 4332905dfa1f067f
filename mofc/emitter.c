/* SPDX-License-Identifier: MIT */
/* emitter.c -- arrays and values as C. */
#include "mofc/emitter.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "openkvp/scoped.h"

static const char *const type_constants[] = {
#define X(name, text) "CIM_" #name,
	CIM_TYPE_LIST(X)
#undef X
};

const char *emitter_type(enum cim_type type)
{
	return type_constants[type];
}

const char *emitter_array(struct emitter *emitter, const char *type, const char *kind,
			  struct text *elements)
{
	const char *key, *name;

	if (elements->length == 0)
		return "NULL";
	key = arena_printf(emitter->arena, "%s%s", type, elements->bytes);
	name = map_find(&emitter->arrays, key, strlen(key));
	if (!name) {
		name = arena_printf(emitter->arena, "%s_%u", kind, emitter->array_count++);
		map_put(&emitter->arrays, key, strlen(key), (void *)name);
		text_printf(emitter->out, "static const %s %s[] = {\n%s};\n\n", type, name,
			    elements->bytes);
	}
	text_clear(elements);
	return name;
}

static void put_literal(struct text *out, const char *string)
{
	text_putc(out, '"');
	for (const char *at = string; *at; at++) {
		if (*at == '"' || *at == '\\' || *at == '?')
			text_printf(out, "\\%c", *at);
		else if (isprint((unsigned char)*at))
			text_putc(out, *at);
		else
			text_printf(out, "\\%03o", (unsigned char)*at);
	}
	text_putc(out, '"');
}

static void put_string(struct text *out, const struct cim_string *string)
{
	scoped(text_done) struct text escaped = { 0 };

	text_xml(&escaped, string->bytes, string->length);
	if (escaped.length == string->length) {
		text_puts(out, "TEXT(");
		put_literal(out, string->bytes);
	} else {
		text_puts(out, "ESCAPED(");
		put_literal(out, string->bytes);
		text_puts(out, ", ");
		put_literal(out, escaped.bytes);
	}
	text_putc(out, ')');
}

static void put_array(struct emitter *emitter, struct text *out, const struct cim_value *value)
{
	scoped(text_done) struct text items = { 0 };

	for (size_t i = 0; i < value->array.count; i++) {
		text_putc(&items, '\t');
		emitter_value(emitter, &items, &value->array.item[i]);
		text_puts(&items, ",\n");
	}
	text_printf(out, ".array = { %s, %zu }",
		    emitter_array(emitter, "struct cim_value", "values", &items),
		    value->array.count);
}

static void put_datetime(struct text *out, const struct cim_datetime *datetime)
{
	text_printf(out, ".datetime = { .microseconds = %" PRId64, datetime->microseconds);
	if (datetime->utc_minutes != 0)
		text_printf(out, ", .utc_minutes = %d", datetime->utc_minutes);
	if (datetime->is_interval)
		text_puts(out, ", .is_interval = true");
	text_puts(out, " }");
}

/* The number below all others has no literal of its own in C. */
static void put_signed(struct text *out, int64_t number)
{
	if (number == INT64_MIN)
		text_puts(out, ".sint = INT64_MIN");
	else
		text_printf(out, ".sint = %" PRId64, number);
}

static void put_scalar(struct text *out, const struct cim_value *value)
{
	if (value->type == CIM_BOOLEAN) {
		text_printf(out, ".boolean = %s", value->boolean ? "true" : "false");
	} else if (value->type == CIM_STRING) {
		text_puts(out, ".string = ");
		put_string(out, &value->string);
	} else if (value->type == CIM_DATETIME) {
		put_datetime(out, &value->datetime);
	} else if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
		text_printf(out, ".real = %.17g", value->real);
	} else if (cim_type_is_signed(value->type)) {
		put_signed(out, value->sint);
	} else {
		text_printf(out, ".uint = %" PRIu64 "u", value->uint);
	}
}

void emitter_value(struct emitter *emitter, struct text *out, const struct cim_value *value)
{
	text_printf(out, "{ .type = %s", emitter_type(value->type));
	if (value->is_array)
		text_puts(out, ", .is_array = true");
	if (value->is_set) {
		text_puts(out, ", .is_set = true, ");
		if (value->is_array)
			put_array(emitter, out, value);
		else
			put_scalar(out, value);
	}
	text_puts(out, " }");
}
