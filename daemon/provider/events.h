/* SPDX-License-Identifier: MIT */
/* events.h -- what changes in the domain, as events of instances. */
#pragma once
#include "cim/event.h"
#include "host/host.h"

struct provider_events;

/* Tells events of what happens to the VMs and jobs of a host. */
struct provider_events *provider_events_create(struct host *host, struct cim_events *events);

/* When the host is closed, which tells of what happens to its end. */
void provider_events_free(struct provider_events **provider);
