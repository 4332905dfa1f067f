/* SPDX-License-Identifier: MIT */
/* status.c -- GET /v1/status: the service at a glance. */
#include "front/json/request.h"

#include <string.h>

#include "openkvp/scoped.h"

static size_t count_in_contact(const struct vm_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += vm_status(list->vm[i]).contact == VM_CONTACT_OPEN;
	return count;
}

static void write_listeners(struct text *out, const struct json_api_settings *settings)
{
	const char *address;

	text_literal(out, ",\"listeners\":[");
	for (size_t i = 0; (address = settings->listener(settings->context, i)); i++) {
		if (i > 0)
			text_putc(out, ',');
		text_json(out, address, strlen(address));
	}
	text_putc(out, ']');
}

bool api_get_status(struct api_request *request, struct text *body, struct okvp_error *err)
{
	scoped(vm_list_release) struct vm_list *list = vm_registry_list(host_vms(request->host));
	const char *store = request->settings->store;
	struct store_figures figures;
	struct guid *jobs;

	store_figures(host_store(request->host), &figures);
	text_literal(body, "{\"version\":\"" OPENKVP_VERSION "\",\"uptime_s\":");
	text_u64(body, request->uptime_ms / 1000);
	text_literal(body, ",\"store\":");
	text_json(body, store, strlen(store));
	text_printf(body, ",\"vms\":%zu,\"in_contact\":%zu,\"jobs\":%zu", list->count,
		    count_in_contact(list),
		    jobs_list(host_jobs(request->host), request->arena, &jobs));
	text_literal(body, ",\"commits\":");
	text_u64(body, figures.commits);
	text_literal(body, ",\"vsock_port\":");
	text_u64(body, host_settings(request->host)->hub.vsock_port);
	write_listeners(body, request->settings);
	text_putc(body, '}');
	return true;
}
