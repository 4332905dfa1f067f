/* SPDX-License-Identifier: MIT */
/* guest.c -- /v1/vms/{vm}/guest: what the guest publishes and says of itself, with its age. */
#include "front/json/request.h"

#include "base/clock.h"
#include "front/json/write.h"

static void write_pairs(struct text *out, const struct item_set *items)
{
	text_putc(out, '[');
	for (size_t i = 0; i < items->count; i++) {
		if (i > 0)
			text_putc(out, ',');
		api_write_pair(out, items->item[i]);
	}
	text_putc(out, ']');
}

/* What was read on the connection that there is now is live; all else is history. */
static bool is_live(struct vm *vm, int64_t age_us)
{
	struct vm_status status = vm_status(vm);

	return status.contact == VM_CONTACT_OPEN && (uint64_t)age_us / 1000 <= status.connected_ms;
}

static void answer(void *context)
{
	struct api_request *request = context;
	struct snapshot *snapshot = api_snapshot(request);
	struct text body = { 0 };
	int64_t age_us;

	if (!snapshot)
		return;
	text_printf(&body, "{\"vm\":\"%s\"", vm_id_text(request->vm));
	if (snapshot->guest_read_us == 0) {
		text_literal(&body, ",\"live\":false,\"read\":null,\"age_s\":null");
	} else {
		age_us = clock_wall_us() - snapshot->guest_read_us;
		if (age_us < 0)
			age_us = 0; /* the wall clock was set back */
		text_printf(&body, ",\"live\":%s,\"read\":",
			    is_live(request->vm, age_us) ? "true" : "false");
		api_write_time(&body, snapshot->guest_read_us);
		text_printf(&body, ",\"age_s\":%.1f", (double)age_us / 1e6);
	}
	text_literal(&body, ",\"guest\":");
	write_pairs(&body, snapshot->space[SPACE_GUEST]);
	text_literal(&body, ",\"intrinsic\":");
	write_pairs(&body, snapshot->space[SPACE_INTRINSIC]);
	text_putc(&body, '}');
	api_answer(request, 200, &body);
}

void api_get_guest(struct api_request *request)
{
	const struct host_settings *settings = host_settings(request->host);

	exchange_refresh(host_exchange(request->host), request->vm, settings->guest_data_max_age_ms,
			 settings->guest_read_wait_ms, answer, request);
}
