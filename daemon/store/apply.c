/* SPDX-License-Identifier: MIT */
/* apply.c -- one list applied to the state: settings, items, what the guest has, jobs. */
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"
#include "store/item_plan.h"
#include "store/snapshot_build.h"

/* How many tombstones a VM may have for each item that it may have: those of a guest that never
 * answers must not pile up. */
#define TOMBSTONES_PER_ITEM 4

/* One list on its way. */
struct applying {
	struct state *state;
	const struct store_limits *limits;
	struct change_list *list;
	int64_t now_us;
	struct rows *rows;
	struct snapshot *before; /* borrowed; NULL: no such VM */
	struct snapshot *next;   /* the picture as it becomes; NULL: as before */
	uint64_t generation;     /* the next one, if the list takes it */
	struct failure failure;
};

#define fail(a, ...) okvp_fail(&(a)->failure.error, __VA_ARGS__)

static const struct snapshot *picture(const struct applying *a)
{
	return a->next ? a->next : a->before;
}

/* The picture, to be changed. */
static struct snapshot *edit(struct applying *a)
{
	if (!a->next)
		a->next = snapshot_derive(a->before);
	return a->next;
}

static struct snapshot *edit_with_generation(struct applying *a)
{
	edit(a)->generation = a->generation;
	return a->next;
}

/* --- The VM --- */

static const char *name_text(const char *name, char out[static OKVP_KEY_TEXT_SIZE])
{
	return okvp_key_text(name, strlen(name), out);
}

static bool check_name(struct applying *a, const char *name)
{
	char text[OKVP_KEY_TEXT_SIZE], id[GUID_TEXT_SIZE];
	size_t length = strlen(name);
	const struct snapshot *other;

	if (length == 0 || length > VM_NAME_MAX)
		return fail(a, OKVP_INVALID, "a VM's name has 1 to %d bytes, not %zu", VM_NAME_MAX,
			    length);
	if (!okvp_utf8_valid(name, length))
		return fail(a, OKVP_INVALID_TEXT, "a VM's name must be valid UTF-8");
	other = state_find_name(a->state, name);
	if (other && !guid_equal(&other->id, &a->list->vm))
		return fail(a, OKVP_EXISTS, "the name '%s' is taken by VM %s",
			    name_text(other->settings->name, text), guid_to_text(&other->id, id));
	return true;
}

static bool check_channel(struct applying *a, const char *address)
{
	const struct snapshot *other = state_find_channel(a->state, address);
	char text[OKVP_KEY_TEXT_SIZE];

	if (other && !guid_equal(&other->id, &a->list->vm))
		return fail(a, OKVP_EXISTS, "the channel '%s' is that of VM '%s'", address,
			    name_text(other->settings->name, text));
	return true;
}

/* A GUID that was made of a name is that of the name in every case. */
static bool same_name(struct applying *a, const char *wanted)
{
	const char *there = a->before->settings->name;
	char name[OKVP_KEY_TEXT_SIZE], text[OKVP_KEY_TEXT_SIZE], id[GUID_TEXT_SIZE];

	if (strcmp(there, wanted) == 0)
		return true;
	name_text(there, name);
	if (state_find_name(a->state, wanted) == a->before)
		return fail(a, OKVP_EXISTS, "the name '%s' is taken by VM '%s'",
			    name_text(wanted, text), name);
	return fail(a, OKVP_EXISTS, "the GUID %s is taken by VM '%s'",
		    guid_to_text(&a->list->vm, id), name);
}

static bool same_channel(struct applying *a, const char *wanted)
{
	const struct vm_settings *there = a->before->settings;
	char name[OKVP_KEY_TEXT_SIZE];

	if (strcmp(there->channel, wanted) == 0)
		return true;
	name_text(there->name, name);
	if (*there->channel == '\0')
		return fail(a, OKVP_EXISTS, "VM '%s' is defined already, without a channel", name);
	return fail(a, OKVP_EXISTS, "VM '%s' is defined already, with the channel '%s'", name,
		    there->channel);
}

static bool define(struct applying *a)
{
	struct vm_settings *wanted = a->list->define;

	if (!wanted)
		return true;
	if (a->before)
		return same_name(a, wanted->name) && same_channel(a, wanted->channel);
	if (!check_name(a, wanted->name) || !check_channel(a, wanted->channel))
		return false;
	if (a->state->vms.count >= a->limits->vms)
		return fail_limit(&a->failure, "this host", a->state->vms.count + 1, "VMs",
				  a->limits->vms);
	if (a->now_us > a->state->last_created_us)
		a->state->last_created_us = a->now_us;
	else
		a->state->last_created_us++;
	wanted->created_us = a->state->last_created_us;
	a->next = snapshot_create(&a->list->vm, vm_settings_ref(wanted));
	a->next->generation = a->generation;
	return true;
}

static bool same_settings(const struct vm_settings *a, const struct vm_settings *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->channel, b->channel) == 0 &&
	       a->exchange_enabled == b->exchange_enabled && a->host_items == b->host_items &&
	       a->allow_secrets == b->allow_secrets;
}

static bool set(struct applying *a)
{
	const struct vm_settings_change *set = &a->list->set;
	const struct vm_settings *old = picture(a)->settings;
	scoped(vm_settings_release) struct vm_settings *new = vm_settings_create(
		set->name ? set->name : old->name, set->channel ? set->channel : old->channel);

	new->created_us = old->created_us;
	new->exchange_enabled =
		set->exchange_enabled ? *set->exchange_enabled : old->exchange_enabled;
	new->host_items = set->host_items ? *set->host_items : old->host_items;
	new->allow_secrets = set->allow_secrets ? *set->allow_secrets : old->allow_secrets;
	if ((set->name && !check_name(a, set->name)) ||
	    (set->channel && !check_channel(a, set->channel)))
		return false;
	if (same_settings(old, new))
		return true;
	vm_settings_release(&edit_with_generation(a)->settings);
	a->next->settings = take(new);
	return true;
}

static bool change_settings(struct applying *a)
{
	return !change_list_sets(a->list) || set(a);
}

/* --- Its items --- */

/* More than a limit is refused only to what makes it more: limits may have been higher before. */
static bool check_limit(struct applying *a, const struct item_plan *plan, size_t before,
			size_t after, const char *of, size_t most)
{
	static const char *const spaces[HOST_SPACES] = {
		[SPACE_EXTERNAL] = "pool 0 of this VM",
		[SPACE_HOST_ONLY] = "the host-only space of this VM",
	};

	if (after <= most || after <= before)
		return true;
	return fail_limit(&a->failure, spaces[plan->space], after, of, most);
}

static bool check_limits(struct applying *a, const struct item_plan *plan)
{
	const struct snapshot *now = plan->before;
	const struct item_set *set = now->space[plan->space];

	if (plan->space == SPACE_HOST_ONLY)
		return check_limit(a, plan, set->count, plan->count, "items",
				   a->limits->host_only_items);
	return check_limit(a, plan, set->count, plan->count, "items", a->limits->items) &&
	       check_limit(a, plan, set->bytes, plan->bytes, "bytes of keys and values",
			   a->limits->item_bytes) &&
	       check_limit(a, plan, now->tombstones->count, now->tombstones->count + plan->removed,
			   "removed keys that its guest does not know of",
			   TOMBSTONES_PER_ITEM * a->limits->items);
}

static bool refused(struct applying *a, const struct faults *faults)
{
	if (faults->all == 0)
		return false;
	faults_tell(faults, &a->failure);
	return true;
}

static bool judge(struct applying *a, struct item_plan *plans, struct faults *faults)
{
	if (refused(a, faults))
		return false;
	if (a->list->count > CHANGES_MAX)
		return fail_limit(&a->failure, "this list", a->list->count, "changes", CHANGES_MAX);
	for (int i = 0; i < HOST_SPACES; i++)
		if (plans[i].list)
			item_plan_judge(&plans[i], a->limits->allow_case_variants, faults);
	if (refused(a, faults))
		return false;
	for (int i = 0; i < HOST_SPACES; i++)
		if (plans[i].list && !check_limits(a, &plans[i]))
			return false;
	return true;
}

static void carry_out(struct applying *a, const struct item_plan *plan)
{
	struct outcome *outcome = &a->list->outcome;
	size_t room = a->list->count + plan->before->space[plan->space]->count;

	if (!plan->effective)
		return;
	if (plan->space == SPACE_EXTERNAL)
		outcome->changed = xmalloc(room * sizeof(*outcome->changed));
	item_plan_apply(plan, a->generation, a->now_us, edit_with_generation(a), outcome, a->rows);
}

static bool touches(const struct change_list *list, enum item_space space)
{
	if (list->clear[space])
		return true;
	for (size_t i = 0; i < list->count; i++)
		if (list->change[i].space == space)
			return true;
	return false;
}

static void done_plans(struct item_plan (*plans)[HOST_SPACES])
{
	for (int i = 0; i < HOST_SPACES; i++)
		item_plan_done(&(*plans)[i]);
}

static bool change_items(struct applying *a)
{
	scoped(done_plans) struct item_plan plans[HOST_SPACES] = { 0 };
	struct faults faults = { 0 };

	for (int i = 0; i < HOST_SPACES; i++)
		if (touches(a->list, i))
			item_plan_init(&plans[i], a->list, i, picture(a), &faults);
	if (!judge(a, plans, &faults))
		return false;
	for (int i = 0; i < HOST_SPACES; i++)
		if (plans[i].list)
			carry_out(a, &plans[i]);
	return true;
}

/* --- What the guest has, and what is known of it --- */

static void forget_tombstones(struct applying *a)
{
	const struct item_set *old = picture(a)->tombstones;
	scoped(item_set_release) struct item_set *kept = item_set_create(old->count);

	for (size_t i = 0; i < old->count; i++) {
		if (old->item[i]->generation <= picture(a)->acknowledged)
			rows_add_item_drop(a->rows, &a->list->vm, SPACE_EXTERNAL, old->item[i]);
		else
			item_set_add(kept, stored_item_ref(old->item[i]));
	}
	if (kept->count == 0)
		snapshot_set(&kept, item_set_create(0));
	if (kept->count < old->count)
		snapshot_set(&edit(a)->tombstones, take(kept));
}

/* A guest cannot have more than there is; a VM that was defined anew begins from nothing. */
static void acknowledge(struct applying *a)
{
	uint64_t generation = a->list->acknowledge;

	if (generation > picture(a)->generation)
		generation = picture(a)->generation;
	if (generation > picture(a)->acknowledged)
		edit(a)->acknowledged = generation;
	if (generation > 0)
		forget_tombstones(a);
}

static void learn_of_guest(struct applying *a)
{
	for (enum item_space space = HOST_SPACES; space < SPACE_COUNT; space++) {
		struct item_set *set = a->list->guest[space];

		if (!set)
			continue;
		edit(a)->guest_read_us = a->list->guest_read_us;
		if (item_set_equal(a->next->space[space], set))
			continue;
		snapshot_set(&a->next->space[space], item_set_ref(set));
		rows_add_guest(a->rows, a->next, space);
	}
}

/* --- All of it --- */

static bool find_vm(struct applying *a)
{
	const struct change_list *list = a->list;
	uint64_t generation = a->before ? a->before->generation : 0;
	char id[GUID_TEXT_SIZE];

	if (!a->before && !list->define)
		return fail(a, OKVP_NOT_FOUND, "no such VM: %s", guid_to_text(&list->vm, id));
	if (list->has_generation && list->if_generation != generation)
		return fail(a, OKVP_CONFLICT, "the VM is at generation %ju, not %ju",
			    (uintmax_t)generation, (uintmax_t)list->if_generation);
	return true;
}

static bool check_undefine(struct applying *a)
{
	size_t items = picture(a)->space[SPACE_EXTERNAL]->count +
		       picture(a)->space[SPACE_HOST_ONLY]->count;
	char name[OKVP_KEY_TEXT_SIZE];

	if (!a->list->undefine || a->list->undefine_with_items || items == 0)
		return true;
	return fail(a, OKVP_BUSY, "VM '%s' still has %zu item%s",
		    name_text(picture(a)->settings->name, name), items, items == 1 ? "" : "s");
}

static bool make_next(struct applying *a)
{
	if (!find_vm(a) || !define(a) || !change_settings(a) || !change_items(a))
		return false;
	acknowledge(a);
	learn_of_guest(a);
	return check_undefine(a);
}

/* That of a job which no commit has begun yet: it waits for what this one changes, or was done by
 * it. A list that is applied again may get another. */
static uint64_t generation_of(const struct applying *a, const struct job_record *job)
{
	uint64_t before = a->before ? a->before->generation : 0, now = picture(a)->generation;

	return job->keys || now > before ? now : 0;
}

static void add_refusals(struct applying *a)
{
	const struct change_list *list = a->list;

	if (list->forget_refusals)
		rows_add(a->rows, (struct row){ .kind = ROW_REFUSALS_DROP, .vm = list->vm });
	for (size_t i = 0; i < list->refusal_count; i++)
		rows_add_refusal(a->rows, &list->vm, list->refusal[i].item,
				 list->refusal[i].reason);
}

static void add_other_rows(struct applying *a)
{
	struct change_list *list = a->list;

	if (a->next)
		rows_add_vm(a->rows, a->next);
	add_refusals(a);
	for (size_t i = 0; i < list->job_count; i++) {
		const struct job_change *job = &list->job[i];

		if (job->begins)
			job->record->generation = generation_of(a, job->record);
		rows_add_job(a->rows, &job->id, job->record);
	}
}

static void conclude(struct applying *a, size_t rows_before)
{
	struct outcome *outcome = &a->list->outcome;

	outcome->generation = picture(a)->generation;
	outcome->before = a->before ? snapshot_ref(a->before) : NULL;
	if (a->list->undefine) {
		a->rows->count = rows_before;
		rows_add(a->rows, (struct row){ .kind = ROW_VM_DROP, .vm = a->list->vm });
	} else {
		add_other_rows(a);
		outcome->after = a->next ? take(a->next) : snapshot_ref(a->before);
	}
	snapshot_release(&a->next);
	if (outcome->before != outcome->after)
		state_replace(a->state, &a->list->vm, outcome->after);
}

bool state_apply(struct state *state, const struct store_limits *limits, struct change_list *list,
		 int64_t now_us, struct rows *rows)
{
	struct snapshot *before = list->for_objects ? NULL : state_find(state, &list->vm);
	struct applying a = {
		.state = state,
		.limits = limits,
		.list = list,
		.now_us = now_us,
		.rows = rows,
		.before = before,
		.generation = before ? before->generation + 1 : 1,
	};
	size_t rows_before = rows->count;

	if (list->for_objects)
		return state_apply_objects(state, list, rows);
	if (make_next(&a)) {
		conclude(&a, rows_before);
		return true;
	}
	snapshot_release(&a.next);
	rows->count = rows_before;
	outcome_done(&list->outcome);
	list->outcome.generation = before ? before->generation : 0;
	list->outcome.failure = xmalloc(sizeof(a.failure));
	*list->outcome.failure = a.failure;
	return false;
}
