/* SPDX-License-Identifier: MIT */
/* exchange_core.h -- for host/: how an exchange is made. */
#pragma once
#include "host/contacts.h"
#include "host/exchange.h"

struct exchange_parts {
	struct loop *loop;
	struct store *store;
	struct jobs *jobs;
	struct contacts *contacts;
	struct vm_registry *vms;
	bool refuse_missing_remove;
	enum job_error modify_not_found;
};

struct exchange *exchange_create(const struct exchange_parts *parts);
void exchange_free(struct exchange **exchange);
