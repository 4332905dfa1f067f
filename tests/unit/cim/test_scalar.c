/* SPDX-License-Identifier: MIT */
/* test_scalar.c -- cim/scalar */
#include "cim/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cim/instance.h"
#include "openkvp/scoped.h"

static struct text text;

static int tear_down(void **state)
{
	text_done(&text);
	return 0;
}

static void assert_written(struct cim_value value, const char *expected)
{
	text_clear(&text);
	cim_scalar_write(&text, &value);
	assert_string_equal(text.bytes, expected);
}

static struct cim_value signed_value(enum cim_type type, int64_t value)
{
	return (struct cim_value){ .type = type, .is_set = true, .sint = value };
}

static struct cim_value real_value(enum cim_type type, double value)
{
	return (struct cim_value){ .type = type, .is_set = true, .real = value };
}

static void every_type_has_its_text(void **state)
{
	assert_written(cim_boolean(true), "TRUE");
	assert_written(cim_boolean(false), "FALSE");
	assert_written(cim_uint(CIM_UINT8, 255), "255");
	assert_written(cim_uint(CIM_UINT64, UINT64_MAX), "18446744073709551615");
	assert_written(signed_value(CIM_SINT8, -128), "-128");
	assert_written(signed_value(CIM_SINT64, INT64_MIN), "-9223372036854775808");
	assert_written(real_value(CIM_REAL32, 0.5), "0.5");
	assert_written(real_value(CIM_REAL64, 1e300), "1.0000000000000001e+300");
	assert_written(cim_string("a<b"), "a<b");
	assert_written(cim_uint(CIM_CHAR16, 'x'), "x");
	assert_written(cim_uint(CIM_CHAR16, 0xE9), "\xC3\xA9");
	assert_written(cim_time(0), "19700101000000.000000+000");
	assert_written(cim_interval(61000001), "00000000000101.000001:000");
}

static void an_embedded_instance_is_its_text(void **state)
{
	struct arena *arena scoped(arena_free) = arena_create();
	const struct cim_class *class = cim_class_by_id(cim_namespaces[0], MSVM_CONCRETE_JOB);
	struct cim_instance *job = cim_instance_create(arena, class);
	struct cim_value value = cim_instance_value(job);

	cim_set_text(job, PROPERTY_INSTANCE_ID, "a<b");
	cim_scalar_write(&text, &value);

	assert_ptr_equal(strstr(text.bytes, "<INSTANCE CLASSNAME=\"Msvm_ConcreteJob\">"),
			 text.bytes);
	assert_non_null(strstr(text.bytes, "<VALUE>a&lt;b</VALUE>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_type_has_its_text, tear_down),
		cmocka_unit_test_teardown(an_embedded_instance_is_its_text, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
