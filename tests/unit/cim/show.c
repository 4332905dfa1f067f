/* SPDX-License-Identifier: MIT */
/* show.c -- see show.h */
#include "show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "openkvp/scoped.h"

void show_value(struct text *out, const struct cim_value *value)
{
	if (!value->is_set)
		return;
	if (value->is_array) {
		for (size_t i = 0; i < value->array.count; i++) {
			text_puts(out, i > 0 ? ", " : "");
			show_value(out, &value->array.item[i]);
		}
	} else if (value->type == CIM_STRING) {
		text_add(out, value->string.bytes, value->string.length);
	} else if (cim_type_is_unsigned(value->type)) {
		text_u64(out, value->uint);
	} else if (cim_type_is_signed(value->type)) {
		text_i64(out, value->sint);
	} else if (value->type == CIM_BOOLEAN) {
		text_puts(out, value->boolean ? "true" : "false");
	} else {
		fail_msg("a value of type %s", cim_type_name(value->type));
	}
}

void assert_shown(const struct cim_value *value, const char *expected)
{
	scoped(text_done) struct text text = { 0 };

	show_value(&text, value);
	assert_string_equal(text.bytes ? text.bytes : "", expected);
}

void show_qualifier(struct text *out, const struct cim_qualifier *qualifier)
{
	text_puts(out, qualifier->name);
	if (qualifier->value.type != CIM_BOOLEAN) {
		text_putc(out, '(');
		show_value(out, &qualifier->value);
		text_putc(out, ')');
	}
}
