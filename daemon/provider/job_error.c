/* SPDX-License-Identifier: MIT */
/* job_error.c -- errors of jobs as instances of Msvm_Error. */
#include "provider/job_error.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/embedded.h"
#include "cim/status.h"
#include "openkvp/scoped.h"

#define CLASS  "Msvm_Error"
#define ENTITY "openkvp"

enum { /* Msvm_Error.ErrorType */
       TYPE_UNKNOWN = 0,
       TYPE_COMMUNICATIONS = 2,
       TYPE_SOFTWARE = 4,
       TYPE_SECURITY = 7,
       TYPE_OVERSUBSCRIPTION = 8,
       TYPE_UNAVAILABLE = 9,
       TYPE_UNSUPPORTED = 10,
};

#define SEVERITY_MEDIUM 3 /* Msvm_Error.PerceivedSeverity */

/* What an error code of a job is in the words of others. */
static const struct meaning {
	enum job_error code;
	unsigned int type;
	enum cim_status status;
} meanings[] = {
	{ JOB_FAILED, TYPE_COMMUNICATIONS, CIM_STATUS_FAILED },
	{ JOB_ACCESS_DENIED, TYPE_SECURITY, CIM_STATUS_ACCESS_DENIED },
	{ JOB_NOT_SUPPORTED, TYPE_UNSUPPORTED, CIM_STATUS_NOT_SUPPORTED },
	{ JOB_TIMEOUT, TYPE_COMMUNICATIONS, CIM_STATUS_FAILED },
	{ JOB_INVALID_PARAMETER, TYPE_SOFTWARE, CIM_STATUS_INVALID_PARAMETER },
	{ JOB_IN_USE, TYPE_OVERSUBSCRIPTION, CIM_STATUS_SERVER_LIMITS_EXCEEDED },
	{ JOB_INVALID_STATE, TYPE_SOFTWARE, CIM_STATUS_FAILED },
	{ JOB_WRONG_TYPE, TYPE_SOFTWARE, CIM_STATUS_TYPE_MISMATCH },
	{ JOB_NOT_AVAILABLE, TYPE_UNAVAILABLE, CIM_STATUS_FAILED },
	{ JOB_OUT_OF_MEMORY, TYPE_OVERSUBSCRIPTION, CIM_STATUS_FAILED },
	{ JOB_NOT_FOUND, TYPE_SOFTWARE, CIM_STATUS_NOT_FOUND },
};

static const struct meaning *meaning_of(enum job_error code)
{
	static const struct meaning unknown = { .type = TYPE_UNKNOWN, .status = CIM_STATUS_FAILED };

	for (size_t i = 0; i < count_of(meanings); i++)
		if (meanings[i].code == code)
			return &meanings[i];
	return &unknown;
}

/* The path of the VM that the job was for. */
static const char *source_of(struct arena *arena, const struct cim_namespace *ns, struct host *host,
			     const struct job *job)
{
	char id[GUID_TEXT_SIZE];
	const struct cim_key keys[] = {
		{ "CreationClassName", cim_string("Msvm_ComputerSystem") },
		{ "Name", cim_string(guid_to_text(&job->vm, id)) },
	};
	const struct cim_object_path path = { ns->name, "Msvm_ComputerSystem", keys,
					      count_of(keys) };

	return cim_path_to_text(arena, &path, host_name(host));
}

struct cim_value job_error_value(struct arena *arena, const struct cim_namespace *ns,
				 struct host *host, const struct job *job)
{
	const struct meaning *meaning = meaning_of(job->error);
	struct cim_instance *error;
	struct text text scoped(text_done) = { 0 };

	if (!job_has_failed(job))
		return cim_string(NULL);
	error = cim_instance_create(arena, cim_class_by_id(ns, MSVM_ERROR));
	cim_set_uint(error, PROPERTY_ERROR_TYPE, meaning->type);
	cim_set_text(error, PROPERTY_OWNING_ENTITY, ENTITY);
	cim_set_text(error, PROPERTY_MESSAGE_ID, arena_printf(arena, "%d", (int)job->error));
	cim_set_text(error, PROPERTY_MESSAGE, job->text);
	cim_set_uint(error, PROPERTY_PERCEIVED_SEVERITY, SEVERITY_MEDIUM);
	cim_set_text(error, PROPERTY_ERROR_SOURCE, source_of(arena, ns, host, job));
	cim_set_uint(error, PROPERTY_CIM_STATUS_CODE, meaning->status);
	cim_set_text(error, PROPERTY_CIM_STATUS_CODE_DESCRIPTION, cim_status_name(meaning->status));
	cim_embedded_write(&text, error);
	return cim_string_of(arena_text(arena, text.bytes, text.length), text.length);
}

bool job_error_message(struct arena *arena, const struct cim_string *text, const char **ret_message,
		       struct okvp_error *err)
{
	const struct cim_embedded_property *message;
	struct cim_embedded embedded;

	if (!cim_embedded_read(arena, text->bytes, text->length, &embedded, err))
		return false;
	if (strcasecmp(embedded.class_name, CLASS) != 0)
		return okvp_fail(err, OKVP_INVALID, "an instance of " CLASS " is needed");
	message = cim_embedded_find(&embedded, "Message");
	*ret_message = message ? arena_text(arena, message->text, message->length) : NULL;
	return true;
}
