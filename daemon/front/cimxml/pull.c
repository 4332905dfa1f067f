/* SPDX-License-Identifier: MIT */
/* pull.c -- listings that a client pulls piece by piece (DSP0200 section 5.3.2.24). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/class_xml.h"
#include "front/cimxml/listing.h"
#include "openkvp/scoped.h"

/* What stays with a listing between two requests. */
struct opened {
	struct cimxml_selection selection;
	const struct cim_namespace *ns;
};

struct pull {
	struct cim_enumerations *enumerations;
	struct cim_enumeration *enumeration; /* NULL: it is not this request's, or not any more */
	struct opened *opened;               /* malloc'ed */
	char context[CIM_CONTEXT_SIZE];      /* "": none so far */
};

/* Before the answer: the client may use the place for the next listing. */
static void pull_done(struct pull *pull)
{
	if (pull->enumeration && *pull->context)
		cim_enumerations_drop(pull->enumerations, pull->context);
	cim_enumeration_close(&pull->enumeration);
	free(take(pull->opened));
}

static bool keep(struct cimxml_call *call, struct pull *pull, struct cim_error *err)
{
	void *opened = pull->opened;
	bool kept =
		cim_enumerations_keep(pull->enumerations, call->cimxml, &call->message->principal,
				      &pull->enumeration, &opened, pull->context, err);

	pull->opened = opened;
	return kept;
}

/* --- A page --- */

/* As many instances as are wanted and fit: at least one, or a large one would never come. */
static void write_page(struct cimxml_call *call, struct pull *pull, struct text *out)
{
	uint64_t wanted = parameter(call, PARAMETER_MAX_OBJECT_COUNT)->uint;

	while (wanted > 0 && out->length < call->cimxml->settings.page_max &&
	       cimxml_listing_write(out, &pull->opened->selection, pull->enumeration, call->host))
		wanted--;
}

static void write_output(struct text *out, const char *name, const char *type, const char *value)
{
	text_printf(out, "<PARAMVALUE NAME=\"%s\" PARAMTYPE=\"%s\"><VALUE>%s</VALUE></PARAMVALUE>",
		    name, type, value);
}

/* Whoever asks for it gets the class of which a query's result is. */
static void write_result_class(struct cimxml_call *call, const struct pull *pull, struct text *out)
{
	const struct cim_query *query = cim_enumeration_query(pull->enumeration);
	const struct cim_class_xml_options options = { .inherited = true, .qualifiers = true };
	const struct cim_class *class;
	struct cim_error error;

	if (!cim_resolve_class(call->ns, cim_query_class(query), &class, &error))
		return;
	text_literal(out, "<PARAMVALUE NAME=\"QueryResultClass\">");
	cim_class_xml(out, class, &options);
	text_literal(out, "</PARAMVALUE>");
}

static void answer_page(struct cimxml_call *call, struct pull *pull)
{
	struct text out;
	struct cim_error error;
	scoped(text_done) struct text result_class = { 0 };
	bool ended;

	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	write_page(call, pull, &out);
	text_literal(&out, "</IRETURNVALUE>");
	if (flag(call, PARAMETER_RETURN_QUERY_RESULT_CLASS))
		write_result_class(call, pull, &result_class);
	ended = !cim_enumeration_peek(pull->enumeration);
	if (!ended && !keep(call, pull, &error)) {
		text_done(&out);
		return cimxml_refuse_cim(call, &error);
	}
	write_output(&out, "EndOfSequence", "boolean", ended ? "TRUE" : "FALSE");
	if (!ended)
		write_output(&out, "EnumerationContext", "string", pull->context);
	text_add(&out, result_class.bytes, result_class.length);
	pull_done(pull);
	cimxml_end(call, &out);
}

/* --- Open... --- */

static bool check_filter(const struct cimxml_call *call, struct cim_error *err)
{
	const char *language = text_of(call, PARAMETER_FILTER_QUERY_LANGUAGE);

	if (call->row->signature.needs & P(FILTER_QUERY))
		return true; /* a query, no filter */
	if (language && strcasecmp(language, "DMTF:FQL") != 0)
		return cim_fail(err, CIM_STATUS_QUERY_LANGUAGE_NOT_SUPPORTED, CIM_DETAIL_NONE,
				"no filter query language '%s'", language);
	if (language || parameter(call, PARAMETER_FILTER_QUERY)->is_set)
		return cim_fail(err, CIM_STATUS_FILTERED_ENUMERATION_NOT_SUPPORTED, CIM_DETAIL_NONE,
				"filters are not offered");
	return true;
}

/* The timeout is the shortest time that the client wants the listing to be kept: every one is kept
 * for the same time, which is longer. */
static bool check_timeout(const struct cimxml_call *call, struct cim_error *err)
{
	const struct cim_value *timeout = parameter(call, PARAMETER_OPERATION_TIMEOUT);
	unsigned int longest = call->cimxml->settings.idle_s;

	if (!timeout->is_set || (timeout->uint > 0 && timeout->uint <= longest))
		return true;
	return cim_fail(err, CIM_STATUS_INVALID_OPERATION_TIMEOUT, CIM_DETAIL_NONE,
			"an OperationTimeout of %ju s; 1 to %u s are offered",
			(uintmax_t)timeout->uint, longest);
}

static bool check_open(const struct cimxml_call *call, struct cim_error *err)
{
	if (flag(call, PARAMETER_CONTINUE_ON_ERROR))
		return cim_fail(err, CIM_STATUS_CONTINUATION_ON_ERROR_NOT_SUPPORTED,
				CIM_DETAIL_NONE, "going on after an error is not offered");
	return check_timeout(call, err) && check_filter(call, err);
}

static void opened(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	scoped(pull_done) struct pull pull = {
		.enumerations = call->cimxml->settings.enumerations,
		.enumeration = operation->enumeration,
	};

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	pull.opened = xmalloc(sizeof(*pull.opened));
	pull.opened->selection = call->selection;
	pull.opened->ns = cim_namespace_find(call->ns);
	answer_page(call, &pull);
}

void cimxml_open(struct cimxml_call *call)
{
	struct cim_error error = { 0 };

	if (check_open(call, &error))
		cimxml_listing_open(call, opened);
	else
		cimxml_refuse_cim(call, &error);
}

/* --- Pull... and CloseEnumeration --- */

static bool fits(const struct cimxml_call *call, const struct opened *opened, bool closing)
{
	return opened->ns == cim_namespace_find(call->ns) &&
	       (closing || opened->selection.form == call->row->form);
}

/* Takes out the listing that a context names. One that was opened for another operation stays. */
static bool take_listing(struct cimxml_call *call, bool closing, struct pull *pull,
			 struct cim_error *err)
{
	const char *context = text_of(call, PARAMETER_ENUMERATION_CONTEXT);
	void *opened = NULL;

	pull->enumerations = call->cimxml->settings.enumerations;
	if (!cim_enumerations_take(pull->enumerations, call->cimxml, &call->message->principal,
				   context, &pull->enumeration, &opened, err))
		return false;
	pull->opened = opened;
	snprintf(pull->context, sizeof(pull->context), "%s", context);
	if (fits(call, pull->opened, closing))
		return true;
	keep(call, pull, err);
	return cim_fail(err, CIM_STATUS_INVALID_ENUMERATION_CONTEXT, CIM_DETAIL_NONE,
			"the enumeration was opened for another operation or in another namespace");
}

void cimxml_pull(struct cimxml_call *call)
{
	scoped(pull_done) struct pull pull = { 0 };
	struct cim_error error = { 0 };

	if (take_listing(call, false, &pull, &error))
		answer_page(call, &pull);
	else
		cimxml_refuse_cim(call, &error);
}

void cimxml_close_enumeration(struct cimxml_call *call)
{
	scoped(pull_done) struct pull pull = { 0 };
	struct cim_error error = { 0 };

	if (!take_listing(call, true, &pull, &error))
		return cimxml_refuse_cim(call, &error);
	pull_done(&pull);
	cimxml_done(call);
}
