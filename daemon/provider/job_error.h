/* SPDX-License-Identifier: MIT */
/* job_error.h -- Msvm_Error: why a job failed, as the text of an embedded instance. */
#pragma once
#include "cim/instance.h"
#include "host/host.h"

/* The error of a job; NULL when it has none. It lives in the arena. */
struct cim_value job_error_value(struct arena *arena, const struct cim_namespace *ns,
				 struct host *host, const struct job *job);

/* The message of such a text; NULL: it has none. OKVP_INVALID: it is no error. */
bool job_error_message(struct arena *arena, const struct cim_string *text, const char **ret_message,
		       struct okvp_error *err);
