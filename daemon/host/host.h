/* SPDX-License-Identifier: MIT */
/* host.h -- the domain as a whole: VMs, their items, jobs, and the contact with their guests. It
 * owns the store and the channels, and is what providers and the JSON API are given. */
#pragma once
#include <uv.h>

#include "channel/channel.h"
#include "host/event.h"
#include "host/exchange.h"
#include "host/guest_network.h"
#include "host/job.h"
#include "host/vm.h"
#include "store/store.h"

struct host_settings {
	const char *store_path; /* NULL: in memory */
	struct store_limits store;
	struct channel_settings channel;
	struct channel_hub_settings hub;
	unsigned int guest_data_max_age_ms, guest_read_wait_ms, guest_poll_interval_ms;
	size_t guest_items, guest_bytes; /* taken from one guest pool */
	size_t jobs_max;
	struct object_limits adapter_setups;
	struct object_limits client_objects; /* of each class whose instances clients make */
	bool refuse_missing_remove;          /* remove_missing = refuse */
	enum job_error modify_not_found;     /* not_found_code */
};

struct host;

/* Opens the store and all channels. The loop must run for anything to reach a guest. */
bool host_open(uv_loop_t *loop, const struct host_settings *settings, struct host **ret_host,
	       struct okvp_error *err);

/* Closes channels, then the store. The loop must run once more afterwards. */
void host_close(struct host **host);

struct vm_registry *host_vms(struct host *host);
struct jobs *host_jobs(struct host *host);
struct exchange *host_exchange(struct host *host);
struct guest_network *host_network(struct host *host);
struct host_events *host_events(struct host *host);
struct store *host_store(struct host *host);

/* The picture of the objects that others keep in the store; the caller owns a reference. */
struct object_set *host_objects(struct host *host);

/* Has changed() called when there is a new one, on the committer's thread, before whoever made it
 * is told that he did: it may look at it, and must not wait. One may watch; NULL ends it, and
 * changed() does not run afterwards. */
void host_watch_objects(struct host *host, void (*changed)(void *context), void *context);

const struct host_settings *host_settings(const struct host *host);

/* This host's name as management shows it: first label, upper case, at most 15 characters. */
const char *host_name(const struct host *host);
