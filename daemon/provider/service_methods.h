/* SPDX-License-Identifier: MIT */
/* service_methods.h -- for vs_management_service.c: methods that have a file of their own. */
#pragma once
#include "base/guid.h"
#include "cim/operation.h"

struct vm;

void service_format_error(struct cim_operation *operation);
void service_get_summary_information(struct cim_operation *operation);
void service_modify_guest_service_settings(struct cim_operation *operation);
void service_set_guest_network_adapter_configuration(struct cim_operation *operation);

/* The VM that a parameter names; the caller owns a reference. NULL: the operation is finished. */
struct vm *service_target(struct cim_operation *operation, const char *parameter);

/* Ends a method that has begun a job. */
void service_answer_job(struct cim_operation *operation, const struct guid *job);

/* Ends a method with a return value; err says in the log why, since the answer has no place for
 * that. */
void service_answer(struct cim_operation *operation, uint64_t code);
void service_refuse(struct cim_operation *operation, uint64_t code, const struct okvp_error *err);
