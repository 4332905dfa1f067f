/* SPDX-License-Identifier: MIT */
/* listing.c -- EnumerateInstances and its sisters: everything in one answer. A long one is made
 * while it is sent, so that it takes no more memory than a short one. */
#include "front/cimxml/listing.h"

#define WHOLE_MAX  (256 * 1024) /* bytes: an answer that ends before is sent at once */
#define PIECE_SIZE (32 * 1024)

/* --- What is asked for --- */

static bool check_language(const char *language, struct cim_error *err)
{
	return cim_query_is_wql(language) ||
	       cim_fail(err, CIM_STATUS_QUERY_LANGUAGE_NOT_SUPPORTED, CIM_DETAIL_NONE,
			"no query language '%s'; WQL is offered", language);
}

/* The names of a query and its language differ between operations. */
static bool read_query(const struct cimxml_call *call, struct cim_enumeration_request *request,
		       struct cim_error *err)
{
	bool is_filter = parameter(call, PARAMETER_FILTER_QUERY)->is_set;
	const struct cim_value *query =
		parameter(call, is_filter ? PARAMETER_FILTER_QUERY : PARAMETER_QUERY);

	if (!query->is_set)
		return true;
	request->query = query->string.bytes;
	request->query_length = query->string.length;
	return check_language(text_of(call, is_filter ? PARAMETER_FILTER_QUERY_LANGUAGE
						      : PARAMETER_QUERY_LANGUAGE),
			      err);
}

static void read_source(const struct cimxml_call *call, struct cim_enumeration_request *request)
{
	const struct cim_value *object = parameter(call, PARAMETER_OBJECT_NAME);

	if (!object->is_set)
		object = parameter(call, PARAMETER_INSTANCE_NAME);
	request->source = object->is_set ? object->reference : NULL;
	request->associations = call->row->associations;
	request->association_class = text_of(call, PARAMETER_ASSOC_CLASS);
	request->result_class = text_of(call, PARAMETER_RESULT_CLASS);
	request->role = text_of(call, PARAMETER_ROLE);
	request->result_role = text_of(call, PARAMETER_RESULT_ROLE);
}

/* What a shallow listing shows, the class tells of which the instances are. */
static bool read_class(struct cimxml_call *call, struct cim_enumeration_request *request,
		       struct cim_error *err)
{
	request->class_name = text_of(call, PARAMETER_CLASS_NAME);
	return !request->class_name || flag(call, PARAMETER_DEEP_INHERITANCE) ||
	       cim_resolve_class(call->ns, request->class_name, &call->selection.shallow, err);
}

void cimxml_listing_open(struct cimxml_call *call, void (*opened)(struct cim_operation *operation))
{
	struct cim_enumeration_request *request =
		arena_new(call->arena, struct cim_enumeration_request);
	struct cim_operation *operation = &call->operation;

	operation->finished = opened;
	request->ns = call->ns;
	read_source(call, request);
	if (read_query(call, request, &operation->error) &&
	    read_class(call, request, &operation->error))
		cim_list(operation, request);
	else
		cim_operation_finish(operation);
}

/* --- In one answer --- */

struct stream {
	struct cimxml_call *call;
	struct cim_enumeration *enumeration;
};

bool cimxml_listing_write(struct text *out, const struct cimxml_selection *selection,
			  struct cim_enumeration *enumeration, const char *host)
{
	const struct cim_instance *instance = cim_enumeration_peek(enumeration);

	if (!instance)
		return false;
	cimxml_instance_write(out, selection, instance, cim_enumeration_query(enumeration), host);
	cim_enumeration_advance(enumeration);
	return true;
}

/* Appends instances until there are so many bytes. False: that is all, and the answer is whole. */
static bool write_more(struct stream *stream, struct text *out, size_t bytes)
{
	struct cimxml_call *call = stream->call;

	while (out->length < bytes) {
		if (cimxml_listing_write(out, &call->selection, stream->enumeration, call->host))
			continue;
		text_literal(out, "</IRETURNVALUE>");
		cimxml_close(call, out);
		return false;
	}
	return true;
}

static bool write_piece(void *stream, struct text *out)
{
	return write_more(stream, out, PIECE_SIZE);
}

static void close_stream(void *context)
{
	struct stream *stream = context;

	cim_enumeration_close(&stream->enumeration);
}

static void listed(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	struct stream *stream = arena_new(call->arena, struct stream);
	const struct http_pieces pieces = { write_piece, stream };
	struct text out;
	bool more;

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	*stream = (struct stream){ call, operation->enumeration };
	arena_defer(call->arena, close_stream, stream);
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	more = write_more(stream, &out, WHOLE_MAX);
	cimxml_send(call, &out, more ? &pieces : NULL);
}

void cimxml_list(struct cimxml_call *call)
{
	const struct cim_value *object = parameter(call, PARAMETER_OBJECT_NAME);
	const struct cim_query_associations *classes = cimxml_query_for_classes(call);

	if (object->is_set && object->type == CIM_STRING)
		cimxml_list_related_classes(call);
	else if (classes)
		cimxml_list_queried_classes(call, classes);
	else
		cimxml_listing_open(call, listed);
}
