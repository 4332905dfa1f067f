/* SPDX-License-Identifier: MIT */
/* exchange.c -- the verbs: checked here, committed by the store, then on their way to the guest. */
#include "host/exchange_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

#define VM_NAME_MAX 255 /* bytes of UTF-8 */

struct exchange {
	struct exchange_parts parts;
};

/* A call between its submission and its end. */
struct pending {
	struct exchange *exchange;
	struct exchange_call *call;
	struct job_record job;
	uint8_t *keys;
	char *text;
};

struct exchange *exchange_create(const struct exchange_parts *parts)
{
	struct exchange *exchange = xcalloc(1, sizeof(*exchange));

	exchange->parts = *parts;
	return exchange;
}

void exchange_free(struct exchange **exchange)
{
	free(take(*exchange));
}

/* --- Checking --- */

static bool check_role(const struct principal *principal, enum role needed, const char *what,
		       struct okvp_error *err)
{
	if (principal->role >= needed)
		return true;
	return okvp_fail(err, OKVP_DENIED, "user '%s' has the role %s; %s needs %s",
			 principal->name, role_name(principal->role), what, role_name(needed));
}

static bool check_item(const struct exchange_change *change, struct okvp_error *err)
{
	struct okvp_item item = change->item;
	char key[OKVP_KEY_TEXT_SIZE];

	if (change->space == SPACE_HOST_ONLY && (change->flags & ~(unsigned int)ITEM_SECRET))
		return okvp_fail(err, OKVP_INVALID,
				 "'%s': an item that stays on the host ends with no guest",
				 okvp_key_text(item.key, item.key_length, key));
	if (change->verb == EXCHANGE_REMOVE) {
		item.value = "";
		item.value_length = 0;
	}
	return change->space == SPACE_HOST_ONLY ? okvp_item_check_host_only(&item, err)
						: okvp_item_check(&item, err);
}

/* Looks at all items, so that the error can name all that are wrong. */
static bool check_items(struct exchange_call *call)
{
	struct okvp_error err, *first = NULL;

	for (size_t i = 0; i < call->count; i++) {
		const struct okvp_item *item = &call->changes[i].item;

		if (check_item(&call->changes[i], first ? NULL : &err))
			continue;
		if (!first) {
			call->error = err;
			first = &call->error;
		}
		if (call->keys.count < OFFENDING_KEYS_SHOWN)
			okvp_key_text(item->key, item->key_length,
				      call->keys.key[call->keys.count]);
		call->keys.count++;
	}
	if (call->keys.count > 1) {
		size_t length = strlen(call->error.message);

		snprintf(call->error.message + length, sizeof(call->error.message) - length,
			 "; and %zu more items are wrong", call->keys.count - 1);
	}
	return !first;
}

static bool check_call(struct exchange_call *call)
{
	size_t most = call->one_value ? EXCHANGE_VALUE_MAX : EXCHANGE_BATCH_MAX;

	if (!check_role(&call->principal, ROLE_WRITE, "changing items", &call->error))
		return false;
	if (call->count == 0 && !call->clear)
		return okvp_fail(&call->error, OKVP_INVALID, "the batch has no items");
	if (call->count > most)
		return okvp_fail(&call->error, OKVP_LIMIT,
				 "the batch has %zu items; %zu is the most", call->count, most);
	return check_items(call);
}

/* --- Submitting --- */

static enum change_expect expectation(const struct exchange *exchange, enum exchange_verb verb)
{
	switch (verb) {
	case EXCHANGE_ADD:
		return EXPECT_ABSENT;
	case EXCHANGE_MODIFY:
		return EXPECT_PRESENT;
	case EXCHANGE_REMOVE:
		return exchange->parts.refuse_missing_remove ? EXPECT_PRESENT : EXPECT_ANY;
	default:
		return EXPECT_ANY;
	}
}

static struct change_list *list_of(const struct exchange *exchange,
				   const struct exchange_call *call)
{
	struct change_list *list = change_list_create(vm_id(call->vm));

	if (call->if_generation)
		change_list_if_generation(list, *call->if_generation);
	if (call->clear)
		change_list_clear(list, call->cleared_space);
	if (call->numbered)
		change_list_numbered(list, call->numbered, strlen(call->numbered));
	for (size_t i = 0; i < call->count; i++) {
		const struct exchange_change *change = &call->changes[i];
		enum change_expect expect = expectation(exchange, change->verb);

		if (change->verb == EXCHANGE_REMOVE)
			change_list_remove(list, change->space, change->item.key,
					   change->item.key_length, expect);
		else if (change->flagged)
			change_list_put_flagged(list, change->space, &change->item, change->flags,
						expect);
		else
			change_list_put(list, change->space, &change->item, expect);
	}
	return list;
}

/* Whether anything of a call is for the guest. */
static bool is_for_guest(const struct exchange_call *call)
{
	if (call->clear && call->cleared_space == SPACE_EXTERNAL)
		return true;
	for (size_t i = 0; i < call->count; i++)
		if (call->changes[i].space == SPACE_EXTERNAL)
			return true;
	return false;
}

/* What the job's first state is: with a guest in contact it runs, otherwise it is over with its
 * commit. */
static void set_first_state(struct pending *pending)
{
	struct vm_status status = vm_status(pending->call->vm);
	struct job_record *job = &pending->job;

	job->created_us = clock_wall_us();
	if (!is_for_guest(pending->call)) {
		pending->text = xstrdup("stored");
	} else if (status.contact == VM_CONTACT_OPEN) {
		pending->text = xstrdup("stored; on its way to the guest");
		job->state = JOB_RUNNING;
		job->text = pending->text;
		return;
	} else {
		pending->text = xprintf("stored; delivery pending: %s", status.reason);
	}
	job->text = pending->text;
	job->state = JOB_COMPLETED;
	job->percent = 100;
	job->ended_us = job->created_us;
}

static void give_keys(struct pending *pending)
{
	const struct exchange_call *call = pending->call;

	if (!is_for_guest(call))
		return;
	pending->keys =
		job_keys_encode(call->changes ? &call->changes[0].item : NULL,
				sizeof(call->changes[0]), call->count, &pending->job.keys_size);
	pending->job.keys = pending->keys;
}

static void pending_free(struct pending *pending)
{
	free(pending->keys);
	free(pending->text);
	free(pending);
}

/* --- After the commit: on the committer's thread --- */

static void finish(struct pending *pending)
{
	struct exchange_call *call = pending->call;

	call->has_job = true;
	call->job = pending->job.id;
	pending_free(pending);
	call->finished(call);
}

static void failure_stored(void *context, const struct store_result *result)
{
	struct pending *pending = context;

	/* A job that cannot be stored is shown all the same: its caller must learn why he failed.
	 */
	jobs_begin(pending->exchange->parts.jobs, &pending->job, NULL, 0);
	finish(pending);
}

static enum job_error error_code(const struct pending *pending)
{
	const struct exchange_call *call = pending->call;

	if (call->kind == JOB_MODIFY && call->error.status == OKVP_NOT_FOUND)
		return pending->exchange->parts.modify_not_found;
	return job_error_from(call->error.status);
}

/* A call that was dispatched and failed has a job that says why. */
static void store_failure(struct pending *pending)
{
	struct change_list *list = change_list_create(&pending->job.vm);

	free(pending->text);
	pending->text = xstrdup(pending->call->error.message);
	pending->job.text = pending->text;
	pending->job.keys = NULL;
	pending->job.keys_size = 0;
	pending->job.state = JOB_EXCEPTION;
	pending->job.error_code = (uint16_t)error_code(pending);
	pending->job.percent = 0;
	pending->job.ended_us = clock_wall_us();
	change_list_job(list, &pending->job);
	store_submit(pending->exchange->parts.store, list, failure_stored, pending);
}

static void committed(void *context, const struct store_result *result)
{
	struct pending *pending = context;
	struct exchange_call *call = pending->call;

	call->error = result->error;
	call->keys = result->keys;
	call->generation = result->generation;
	if (result->error.status != OKVP_OK) {
		store_failure(pending);
		return;
	}
	pending->job.generation = result->generation;
	jobs_begin(pending->exchange->parts.jobs, &pending->job, result->changed,
		   result->changed_count);
	if (pending->job.state == JOB_RUNNING || vm_status(call->vm).contact == VM_CONTACT_OPEN)
		contacts_tell(pending->exchange->parts.contacts, &pending->job.vm, result);
	finish(pending);
}

void exchange_submit(struct exchange *exchange, struct exchange_call *call)
{
	struct change_list *list;
	struct pending *pending;

	call->has_job = false;
	call->error.status = OKVP_OK;
	call->keys.count = 0;
	if (!check_call(call) || !jobs_reserve(exchange->parts.jobs, &call->error)) {
		call->finished(call);
		return;
	}
	pending = xcalloc(1, sizeof(*pending));
	pending->exchange = exchange;
	pending->call = call;
	pending->job.id = guid_time_ordered();
	pending->job.vm = *vm_id(call->vm);
	pending->job.kind = (uint16_t)call->kind;
	set_first_state(pending);
	give_keys(pending);
	list = list_of(exchange, call);
	change_list_job(list, &pending->job);
	store_submit(exchange->parts.store, list, committed, pending);
}

/* --- Reading the guest --- */

/* One who waits for a reading, for a while: told once, freed by the later of reading and time-out.
 */
struct refresh {
	struct exchange *exchange;
	struct guid vm;
	unsigned int max_age_ms;
	atomic_bool told;
	atomic_uint holders;
	void (*done)(void *context);
	void *context;
};

static void refresh_tell(void *context)
{
	struct refresh *refresh = context;

	if (!atomic_exchange(&refresh->told, true))
		refresh->done(refresh->context);
	if (atomic_fetch_sub(&refresh->holders, 1) == 1)
		free(refresh);
}

static void refresh_start(void *context)
{
	struct refresh *refresh = context;

	contacts_refresh(refresh->exchange->parts.contacts, &refresh->vm, refresh->max_age_ms,
			 refresh_tell, refresh);
}

bool exchange_refresh(struct exchange *exchange, struct vm *vm, unsigned int max_age_ms,
		      unsigned int wait_ms, void (*done)(void *context), void *context)
{
	struct vm_status status = vm_status(vm);
	uint64_t age_ms = clock_monotonic_ms() - status.guest_read_ms;
	struct refresh *refresh;

	if (status.contact != VM_CONTACT_OPEN ||
	    (status.guest_live && (status.guest_tells || age_ms < max_age_ms)))
		return false;
	refresh = xcalloc(1, sizeof(*refresh));
	refresh->exchange = exchange;
	refresh->vm = *vm_id(vm);
	refresh->max_age_ms = max_age_ms;
	atomic_init(&refresh->holders, 2);
	refresh->done = done;
	refresh->context = context;
	loop_post(exchange->parts.loop, refresh_start, refresh);
	loop_after(exchange->parts.loop, wait_ms, refresh_tell, refresh);
	return true;
}

/* --- VMs --- */

static bool check_name(const char *name, struct okvp_error *err)
{
	size_t length = strlen(name);
	struct guid id;

	if (length == 0 || length > VM_NAME_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "a VM's name has 1 to %d bytes", VM_NAME_MAX);
	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size = okvp_utf8_decode(name + at, length - at, &character);

		if (size == 0 || character < ' ' || character == 0x7F ||
		    !okvp_xml_character(character))
			return okvp_fail(err, OKVP_INVALID_TEXT,
					 "a VM's name is UTF-8 without control characters");
		at += size;
	}
	if (guid_from_text(name, &id))
		return okvp_fail(err, OKVP_INVALID,
				 "'%s' is a GUID: it would be mistaken for a VM's identifier as "
				 "its name",
				 name);
	return true;
}

static void vm_changed(void *context)
{
	struct exchange_vm_call *call = context;

	call->finished(call);
}

/* A call that changes the road to a guest is finished when the road was tried: what was published
 * went to the loop before. */
static void vm_committed(void *context, const struct store_result *result)
{
	struct exchange_vm_call *call = context;

	call->error = result->error;
	if (call->channel && call->error.status == OKVP_OK)
		loop_post(call->exchange->parts.loop, vm_changed, call);
	else
		call->finished(call);
}

static struct change_list *vm_list_of(const struct exchange_vm_call *call)
{
	struct change_list *list = change_list_create(&call->id);

	switch (call->verb) {
	case VM_DEFINE:
		change_list_define(list, call->name, call->channel ? call->channel : "");
		break;
	case VM_SET:
		change_list_set(list, &(struct vm_settings_change){
					      .name = call->name,
					      .channel = call->channel,
					      .exchange_enabled = call->exchange_enabled,
					      .host_items = call->host_items,
					      .allow_secrets = call->allow_secrets,
				      });
		break;
	case VM_UNDEFINE:
		change_list_undefine(list, call->with_items);
		break;
	}
	return list;
}

/* A VM that is defined again without a GUID is the one of that name. */
static void resolve_id(struct exchange *exchange, struct exchange_vm_call *call)
{
	static const struct guid none;
	struct vm *vm scoped(vm_release) = NULL;

	if (guid_equal(&call->id, &none)) {
		vm = vm_registry_find(exchange->parts.vms, call->name);
		call->id = vm ? *vm_id(vm) : guid_random();
	} else {
		vm = vm_registry_find_id(exchange->parts.vms, &call->id);
	}
	call->existed = vm != NULL;
}

void exchange_change_vm(struct exchange *exchange, struct exchange_vm_call *call)
{
	call->exchange = exchange;
	call->error.status = OKVP_OK;
	call->existed = false;
	if (!check_role(&call->principal, ROLE_ADMIN, "changing VMs", &call->error) ||
	    (call->name && !check_name(call->name, &call->error)) ||
	    (call->channel && !channel_address_check(call->channel, &call->error))) {
		call->finished(call);
		return;
	}
	if (call->verb == VM_DEFINE)
		resolve_id(exchange, call);
	store_submit(exchange->parts.store, vm_list_of(call), vm_committed, call);
}
