/* SPDX-License-Identifier: MIT */
/* call.h -- one request on its way through the binding; inside cimxml/. */
#pragma once
#include <stdatomic.h>

#include "base/text.h"
#include "cim/class_xml.h"
#include "cim/operation.h"
#include "front/cimxml/cimxml.h"
#include "front/cimxml/write.h"

struct cimxml {
	struct cimxml_settings settings;
	atomic_size_t last_size; /* of an answer: room for the next one */
};

struct cimxml_operation;

struct cimxml_call {
	struct cimxml *cimxml;
	const struct cimxml_message *message;
	struct arena *arena;
	const char *host; /* whom the client calls: for paths */

	/* Of the message. */
	const char *id;
	bool is_method;                    /* METHODCALL; else IMETHODCALL */
	const char *name;                  /* as it came */
	const char *ns;                    /* of the call, or of its target */
	struct cim_object_path target;     /* of a METHODCALL */
	bool on_class;                     /* the target is a class */
	const struct xml_element *element; /* the first child: namespace or target */

	/* Of an intrinsic operation. */
	const struct cimxml_operation *row;
	struct cimxml_parameters parameters;
	struct cimxml_selection selection;

	struct cim_operation operation;
};

/* --- Answers (cimxml.c) --- */

/* Begins an answer: up to what stands in METHODRESPONSE or IMETHODRESPONSE. */
void cimxml_begin(struct cimxml_call *call, struct text *ret_out);

/* Ends and sends it. */
void cimxml_end(struct cimxml_call *call, struct text *out);

/* The two in steps, for an answer that pieces go on with (NULL: nothing does). */
void cimxml_close(struct cimxml_call *call, struct text *out);
void cimxml_send(struct cimxml_call *call, struct text *out, const struct http_pieces *pieces);

/* Answers with nothing, as operations without a result do. */
void cimxml_done(struct cimxml_call *call);

void cimxml_refuse(struct cimxml_call *call, const struct cimxml_fault *fault);
void cimxml_refuse_cim(struct cimxml_call *call, const struct cim_error *error);

/* --- Reading --- */

/* Looks at the headers that tell without the body what to think of a request (headers.c). */
bool cimxml_check_protocol(const struct cimxml_message *message, struct cimxml_fault *fault);

/* The encoding of a message that has passed that; what the document says where they say nothing. */
enum xml_encoding cimxml_encoding(const struct cimxml_message *message);

/* Whether the headers say what the body says. */
bool cimxml_check_headers(const struct cimxml_call *call, struct cimxml_fault *fault);

/* Reads a message as far as it is the same for all calls (message.c). */
bool cimxml_read_message(struct cimxml_call *call, const struct xml_element *root,
			 struct cimxml_fault *fault);

/* --- Operations: each answers the call, at once or later --- */

/* One row of the table of operations. */
struct cimxml_operation {
	const char *name;
	void (*handle)(struct cimxml_call *call);
	struct cimxml_signature signature;
	enum cimxml_form form; /* of the instances it returns */
	bool associations;     /* References...: these, not what they lead to */
};

/* Answers an IMETHODCALL by the table (operations.c), and a METHODCALL (invoke.c). */
void cimxml_operate(struct cimxml_call *call);
void cimxml_invoke(struct cimxml_call *call);

void cimxml_get_instance(struct cimxml_call *call);
void cimxml_create_instance(struct cimxml_call *call);
void cimxml_modify_instance(struct cimxml_call *call);
void cimxml_delete_instance(struct cimxml_call *call);
void cimxml_get_property(struct cimxml_call *call);
void cimxml_set_property(struct cimxml_call *call);

void cimxml_list(struct cimxml_call *call);
void cimxml_open(struct cimxml_call *call);
void cimxml_pull(struct cimxml_call *call);
void cimxml_close_enumeration(struct cimxml_call *call);

void cimxml_get_class(struct cimxml_call *call);
void cimxml_list_classes(struct cimxml_call *call);
void cimxml_list_class_names(struct cimxml_call *call);
void cimxml_change_schema(struct cimxml_call *call);
void cimxml_get_qualifier(struct cimxml_call *call);
void cimxml_list_qualifiers(struct cimxml_call *call);

/* What parameters say of the classes that are returned (classes.c). */
struct cim_class_xml_options cimxml_class_options(struct cimxml_call *call);

/* --- For them --- */

static inline const struct cim_value *parameter(const struct cimxml_call *call,
						enum cimxml_parameter parameter)
{
	return &call->parameters.value[parameter];
}

static inline bool flag(const struct cimxml_call *call, enum cimxml_parameter name)
{
	return parameter(call, name)->boolean;
}

/* NULL: absent. */
static inline const char *text_of(const struct cimxml_call *call, enum cimxml_parameter name)
{
	const struct cim_value *value = parameter(call, name);

	return value->is_set && value->type == CIM_STRING ? value->string.bytes : NULL;
}
