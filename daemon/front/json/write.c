/* SPDX-License-Identifier: MIT */
/* write.c -- each object of the JSON API, member by member. */
#include "front/json/write.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "front/json/flags.h"

static const char *const contact_names[] = {
	[VM_CONTACT_NONE] = "none",
	[VM_CONTACT_CONNECTED] = "connected",
	[VM_CONTACT_OPEN] = "open",
	[VM_CONTACT_LOST] = "lost",
	[VM_CONTACT_INCOMPATIBLE] = "incompatible",
};

static void write_string(struct text *out, const char *string)
{
	text_json(out, string, strlen(string));
}

static void write_boolean(struct text *out, bool value)
{
	text_puts(out, value ? "true" : "false");
}

void api_write_time(struct text *out, int64_t wall_us)
{
	char shown[CLOCK_TEXT_SIZE];

	if (wall_us == 0)
		text_literal(out, "null");
	else
		text_concat(out, "\"", clock_text(wall_us, shown), "\"");
}

static void write_version(struct text *out, bool known, struct okvp_version version)
{
	if (known)
		text_printf(out, "\"%u.%u\"", version.major, version.minor);
	else
		text_literal(out, "null");
}

static void write_settings(struct text *out, const struct snapshot *snapshot)
{
	char id[GUID_TEXT_SIZE];

	text_printf(out, "{\"id\":\"%s\",\"name\":", guid_to_text(&snapshot->id, id));
	write_string(out, snapshot->settings->name);
	text_literal(out, ",\"channel\":");
	write_string(out, snapshot->settings->channel);
	text_literal(out, ",\"created\":");
	api_write_time(out, snapshot->settings->created_us);
	text_literal(out, ",\"exchange_enabled\":");
	write_boolean(out, snapshot->settings->exchange_enabled);
	text_literal(out, ",\"host_items\":");
	write_boolean(out, snapshot->settings->host_items);
	text_literal(out, ",\"allow_secrets\":");
	write_boolean(out, snapshot->settings->allow_secrets);
	text_literal(out, ",\"generation\":");
	text_u64(out, snapshot->generation);
	text_literal(out, ",\"acknowledged\":");
	text_u64(out, snapshot->acknowledged);
}

static void write_status(struct text *out, const struct vm_status *status)
{
	bool open = status->contact == VM_CONTACT_OPEN;

	text_printf(out, ",\"power\":\"%s\",\"contact\":\"%s\",\"reason\":",
		    status->contact == VM_CONTACT_NONE ? "off" : "running",
		    contact_names[status->contact]);
	write_string(out, status->reason);
	text_literal(out, ",\"trouble\":");
	write_string(out, status->trouble);
	text_literal(out, ",\"fault\":");
	write_boolean(out, status->fault);
	text_literal(out, ",\"framework_version\":");
	write_version(out, open && status->own_version == 0, status->framework);
	text_literal(out, ",\"message_version\":");
	if (open && status->own_version > 0)
		text_printf(out, "\"openkvp %u\"", status->own_version);
	else
		write_version(out, open, status->message);
	text_literal(out, ",\"connected_s\":");
	if (status->contact == VM_CONTACT_NONE)
		text_literal(out, "null");
	else
		text_u64(out, status->connected_ms / 1000);
	text_literal(out, ",\"last_contact\":");
	api_write_time(out, status->last_contact_us);
}

int64_t api_guest_read_us(const struct vm_status *status, const struct snapshot *snapshot)
{
	if (status->guest_tells) /* what was read is what it said last */
		return status->last_contact_us;
	return status->guest_read_us != 0 ? status->guest_read_us : snapshot->guest_read_us;
}

void api_write_vm(struct text *out, struct vm *vm, const struct snapshot *snapshot)
{
	struct vm_status status = vm_status(vm);

	write_settings(out, snapshot);
	write_status(out, &status);
	text_printf(out, ",\"items\":%zu,\"host_only_items\":%zu,\"outstanding\":%zu",
		    snapshot->space[SPACE_EXTERNAL]->count, snapshot->space[SPACE_HOST_ONLY]->count,
		    delivery_outstanding(vm, snapshot));
	text_literal(out, ",\"guest_read\":");
	api_write_time(out, api_guest_read_us(&status, snapshot));
	text_putc(out, '}');
}

static void write_key(struct text *out, const struct stored_item *item)
{
	struct okvp_item view = stored_item_view(item);

	text_literal(out, "{\"key\":");
	text_json(out, view.key, view.key_length);
}

static void write_value(struct text *out, const struct stored_item *item,
			const struct large_value *large, bool show_secrets)
{
	struct okvp_item view = stored_item_view(item);

	text_literal(out, ",\"value\":");
	if (large || ((item->flags & ITEM_SECRET) && !show_secrets))
		text_literal(out, "null");
	else
		text_json(out, view.value, view.value_length);
	if (large)
		text_printf(out, ",\"size\":%" PRIu32 ",\"pieces\":%" PRIu32, large->head.size,
			    large->head.count);
}

static void write_delivery(struct text *out, const struct stored_item *item,
			   const struct delivery_view *delivery)
{
	text_literal(out, ",\"generation\":");
	text_u64(out, item->generation);
	text_literal(out, ",\"changed\":");
	api_write_time(out, item->changed_us);
	if (delivery)
		text_concat(out, ",\"delivery\":\"", delivery_state_name(delivery->state), "\"");
	else
		text_literal(out, ",\"delivery\":null");
	text_literal(out, ",\"reason\":");
	write_string(out, delivery ? delivery->reason : "");
	text_putc(out, '}');
}

void api_write_item(struct text *out, const struct stored_item *item,
		    const struct large_value *large, bool show_secrets,
		    const struct delivery_view *delivery)
{
	write_key(out, item);
	write_value(out, item, large, show_secrets);
	text_literal(out, ",\"flags\":");
	api_flags_write(out, item->flags);
	write_delivery(out, item, delivery);
}

void api_write_tombstone(struct text *out, const struct stored_item *item,
			 const struct delivery_view *delivery)
{
	write_key(out, item);
	write_delivery(out, item, delivery);
}

void api_write_pair(struct text *out, const struct stored_item *item,
		    const struct large_value *large)
{
	write_key(out, item);
	write_value(out, item, large, true);
	text_putc(out, '}');
}

void api_write_job(struct text *out, const struct job *job)
{
	char id[GUID_TEXT_SIZE], vm[GUID_TEXT_SIZE];

	text_printf(out, "{\"id\":\"%s\",\"vm\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\"",
		    guid_to_text(&job->id, id), guid_to_text(&job->vm, vm),
		    job_kind_name(job->kind), job_state_name(job->state));
	text_printf(out, ",\"error\":%d,\"percent\":%u,\"text\":", (int)job->error, job->percent);
	write_string(out, job->text);
	text_printf(out, ",\"delivered\":%s,\"awaited\":%s", job->delivered ? "true" : "false",
		    job->awaited ? "true" : "false");
	text_literal(out, ",\"generation\":");
	text_u64(out, job->generation);
	text_literal(out, ",\"created\":");
	api_write_time(out, job->created_us);
	text_literal(out, ",\"ended\":");
	api_write_time(out, job->ended_us);
	text_putc(out, '}');
}
