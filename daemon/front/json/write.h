/* SPDX-License-Identifier: MIT */
/* write.h -- what the host knows, as the JSON of docs/api.md. */
#pragma once
#include "base/text.h"
#include "front/json/large.h"
#include "host/delivery.h"
#include "host/job.h"
#include "host/vm.h"

/* "2026-11-20T10:42:07.123456Z" in quotes; null for 0. */
void api_write_time(struct text *out, int64_t wall_us);

/* When the guest's own pools were read last, which their picture knows only if that changed it; 0
 * never. */
int64_t api_guest_read_us(const struct vm_status *status, const struct snapshot *snapshot);

void api_write_vm(struct text *out, struct vm *vm, const struct snapshot *snapshot);

/* An item of one of the host's spaces, with its delivery (NULL: it is never delivered); large: the
 * value that it is the head of, or NULL. */
void api_write_item(struct text *out, const struct stored_item *item,
		    const struct large_value *large, bool show_secrets,
		    const struct delivery_view *delivery);

/* A key that is gone here and may still be in the guest. */
void api_write_tombstone(struct text *out, const struct stored_item *item,
			 const struct delivery_view *delivery);

/* An item of a guest's space. */
void api_write_pair(struct text *out, const struct stored_item *item,
		    const struct large_value *large);

void api_write_job(struct text *out, const struct job *job);
