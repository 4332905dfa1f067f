/* SPDX-License-Identifier: MIT */
/* guest.c -- /v1/vms/{vm}/guest: what the guest publishes and says of itself, with its age. */
#include "front/json/request.h"

#include "base/clock.h"
#include "front/json/write.h"

static void write_pairs(struct text *out, struct arena *arena, const struct item_set *items)
{
	const struct large_values large = api_large_find(arena, items);

	text_putc(out, '[');
	for (size_t i = 0; i < items->count; i++) {
		if (api_large_is_piece(&large, items->item[i]))
			continue;
		if (out->bytes[out->length - 1] == '}')
			text_putc(out, ',');
		api_write_pair(out, items->item[i], api_large_headed(&large, items->item[i]));
	}
	text_putc(out, ']');
}

static void write_age(struct text *out, const struct vm_status *status, int64_t read_us)
{
	int64_t age_us = clock_wall_us() - read_us;

	if (read_us == 0) {
		text_literal(out, ",\"live\":false,\"read\":null,\"age_s\":null");
		return;
	}
	if (age_us < 0)
		age_us = 0; /* the wall clock was set back */
	text_printf(out, ",\"live\":%s,\"read\":", status->guest_live ? "true" : "false");
	api_write_time(out, read_us);
	text_printf(out, ",\"age_s\":%.1f", (double)age_us / 1e6);
}

static bool write_guest(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct snapshot *snapshot = api_snapshot(request, err);
	struct vm_status status = vm_status(request->vm);

	if (!snapshot)
		return false;
	text_printf(body, "{\"vm\":\"%s\"", vm_id_text(request->vm));
	write_age(body, &status, api_guest_read_us(&status, snapshot));
	text_literal(body, ",\"guest\":");
	write_pairs(body, request->arena, snapshot->space[SPACE_GUEST]);
	text_literal(body, ",\"intrinsic\":");
	write_pairs(body, request->arena, snapshot->space[SPACE_INTRINSIC]);
	text_putc(body, '}');
	return true;
}

static void refreshed(void *context)
{
	api_answer(context, 200, write_guest);
}

void api_refresh(struct api_request *request, void (*done)(void *request))
{
	const struct host_settings *settings = host_settings(request->host);

	if (!exchange_refresh(host_exchange(request->host), request->vm,
			      settings->guest_data_max_age_ms, settings->guest_read_wait_ms, done,
			      request))
		done(request);
}

void api_get_guest(struct api_request *request)
{
	api_refresh(request, refreshed);
}
