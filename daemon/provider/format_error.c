/* SPDX-License-Identifier: MIT */
/* format_error.c -- FormatError: errors as data become a text for people. */
#include "provider/service_methods.h"

#include "base/text.h"
#include "host/job.h"
#include "openkvp/scoped.h"
#include "provider/job_error.h"

#define BETWEEN "\n\n" /* messages */

static bool format(struct arena *arena, const struct cim_value *errors, struct text *out,
		   struct okvp_error *err)
{
	for (size_t i = 0; i < errors->array.count; i++) {
		const struct cim_value *text = &errors->array.item[i];
		const char *message = NULL;

		if (!text->is_set)
			return okvp_fail(err, OKVP_INVALID, "Errors[%zu] is NULL", i);
		if (!job_error_message(arena, &text->string, &message, err))
			return okvp_fail_in(err, "Errors[%zu]", i);
		if (message)
			text_printf(out, "%s%s", out->length > 0 ? BETWEEN : "", message);
	}
	return true;
}

void service_format_error(struct cim_operation *operation)
{
	const struct cim_value *errors = cim_input(operation, "Errors");
	struct text text scoped(text_done) = { 0 };
	struct okvp_error err;

	if (errors->is_set && !format(operation->arena, errors, &text, &err)) {
		service_refuse(operation, job_error_from(err.status), &err);
		return;
	}
	*cim_output(operation, "ErrorMessage") = cim_string_of(
		arena_text(operation->arena, text.bytes ? text.bytes : "", text.length),
		text.length);
	service_answer(operation, JOB_OK);
}
