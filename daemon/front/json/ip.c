/* SPDX-License-Identifier: MIT */
/* ip.c -- /v1/vms/{vm}/ip: the guest's network adapters and addresses.
 *
 * Where they come from depends on the guest:
 *
 *	told       one with openkvp's own protocol tells of its adapters by itself
 *	asked      any other is asked for one adapter, if the client names its MAC
 *	intrinsic  or else says some addresses of itself, without adapters */
#include "front/json/request.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "front/http_server.h"
#include "front/json/write.h"
#include "openkvp/own_message.h"
#include "openkvp/scoped.h"

/* A question on its way; lives in the request's arena. */
struct question {
	struct api_request *request;
	uint64_t family; /* 4, 6; 0: both */
	uint64_t all;    /* also link-local addresses, and adapters made by software */
	bool one;        /* only the adapter with this MAC */
	char mac[OKVP_MAC_TEXT_SIZE];
};

/* --- Writing --- */

static bool is_wanted(const struct question *question, const struct okvp_address *address)
{
	return (question->family == 0 || question->family == address->family) &&
	       (question->all || !okvp_address_is_link_local(address));
}

static void write_address(struct text *out, const struct okvp_address *address)
{
	static const char *const origins[] = { "unknown", "other", "static" };
	char text[OKVP_ADDRESS_TEXT_SIZE];

	text_printf(out, "{\"address\":\"%s\",\"family\":%u,\"prefix\":",
		    okvp_address_to_text(address, text), address->family);
	if (address->prefix > 0)
		text_printf(out, "%u", address->prefix);
	else
		text_literal(out, "null");
	text_printf(out, ",\"origin\":\"%s\"}",
		    origins[address->origin < count_of(origins) ? address->origin : 0]);
}

static void write_plain(struct text *out, const struct okvp_address *address)
{
	char text[OKVP_ADDRESS_TEXT_SIZE];

	text_printf(out, "\"%s\"", okvp_address_to_text(address, text));
}

/* IPv4 before IPv6, each in the guest's order. */
static void write_list(struct text *out, const struct question *question, const char *name,
		       const struct okvp_address *list, size_t count,
		       void (*write)(struct text *out, const struct okvp_address *address))
{
	text_printf(out, ",\"%s\":[", name);
	for (unsigned int family = OKVP_IPV4; family <= OKVP_IPV6; family += 2)
		for (size_t i = 0; i < count; i++) {
			if (list[i].family != family || !is_wanted(question, &list[i]))
				continue;
			if (out->bytes[out->length - 1] != '[')
				text_putc(out, ',');
			write(out, &list[i]);
		}
	text_putc(out, ']');
}

static void write_text_or_null(struct text *out, const char *text)
{
	if (*text)
		text_json(out, text, strlen(text));
	else
		text_literal(out, "null");
}

static void write_adapter(struct text *out, const struct question *question,
			  const struct okvp_adapter *adapter)
{
	text_literal(out, "{\"mac\":");
	write_text_or_null(out, adapter->id);
	text_literal(out, ",\"name\":");
	write_text_or_null(out, adapter->name);
	text_printf(out, ",\"dhcp\":%s,\"software\":%s", adapter->dhcp ? "true" : "false",
		    adapter->software ? "true" : "false");
	write_list(out, question, "addresses", adapter->addresses.address, adapter->addresses.count,
		   write_address);
	write_list(out, question, "gateways", adapter->gateways.address, adapter->gateways.count,
		   write_plain);
	write_list(out, question, "dns", adapter->dns.address, adapter->dns.count, write_plain);
	text_putc(out, '}');
}

static void write_head(struct text *out, const struct question *question, const char *source,
		       bool live, int64_t told_us)
{
	text_printf(out, "{\"vm\":\"%s\",\"source\":\"%s\",\"live\":%s,\"told\":",
		    vm_id_text(question->request->vm), source, live ? "true" : "false");
	api_write_time(out, told_us);
	text_literal(out, ",\"adapters\":[");
}

static void answer(struct question *question, struct text *body)
{
	text_literal(body, "]}");
	api_answer_body(question->request, 200, body);
}

static void refuse(struct question *question, const struct okvp_error *error)
{
	api_fail(question->request, error, NULL, NULL);
}

/* --- Told --- */

static bool is_meant(const struct question *question, const struct okvp_adapter *adapter)
{
	if (question->one)
		return strcmp(adapter->id, question->mac) == 0;
	return question->all || !adapter->software;
}

static void answer_told(struct question *question, const struct guest_adapters *told, bool live)
{
	struct okvp_adapter *adapter = arena_new(question->request->arena, struct okvp_adapter);
	struct okvp_own_adapters adapters;
	struct text body = { 0 };
	struct okvp_error error;
	size_t count = 0;

	write_head(&body, question, "told", live, told->told_us);
	okvp_own_read_adapters(told->body, told->length, &adapters, NULL);
	while (okvp_own_next_adapter(&adapters, adapter)) {
		if (!is_meant(question, adapter))
			continue;
		if (count++ > 0)
			text_putc(&body, ',');
		write_adapter(&body, question, adapter);
	}
	if (count > 0 || !question->one) {
		answer(question, &body);
		return;
	}
	text_done(&body);
	okvp_fail(&error, OKVP_NOT_FOUND, "the guest has no adapter with the MAC %s",
		  question->mac);
	refuse(question, &error);
}

/* --- Asked --- */

static void asked(void *context, const struct okvp_adapter *adapter, const struct okvp_error *why)
{
	struct question *question = context;
	struct text body = { 0 };

	if (!adapter) {
		refuse(question, why);
		return;
	}
	write_head(&body, question, "asked", true, clock_wall_us());
	write_adapter(&body, question, adapter);
	answer(question, &body);
}

/* --- Intrinsic --- */

/* "192.0.2.10;192.0.2.11" */
static void take_addresses(const struct snapshot *snapshot, const char *key,
			   struct okvp_address_list *list)
{
	const struct stored_item *stored =
		snapshot_find(snapshot, SPACE_INTRINSIC, key, strlen(key));
	struct okvp_item item;
	const char *at, *end;

	if (!stored)
		return;
	item = stored_item_view(stored);
	end = item.value + item.value_length;
	for (at = item.value; at < end;) {
		const char *next = memchr(at, ';', (size_t)(end - at));
		size_t length = (size_t)((next ? next : end) - at);
		struct okvp_address address;

		if (okvp_address_from_text(at, length, &address))
			okvp_add_address(list, &address);
		at += length + 1;
	}
}

static void answer_intrinsic(void *context)
{
	struct question *question = context;
	struct api_request *request = question->request;
	struct vm_status status = vm_status(request->vm);
	struct okvp_adapter *adapter = arena_new(request->arena, struct okvp_adapter);
	struct text body = { 0 };
	struct okvp_error error;
	const struct snapshot *snapshot = api_snapshot(request, &error);

	if (!snapshot) {
		refuse(question, &error);
		return;
	}
	take_addresses(snapshot, "NetworkAddressIPv4", &adapter->addresses);
	take_addresses(snapshot, "NetworkAddressIPv6", &adapter->addresses);
	write_head(&body, question, "intrinsic", status.guest_live,
		   api_guest_read_us(&status, snapshot));
	if (adapter->addresses.count > 0)
		write_adapter(&body, question, adapter);
	answer(question, &body);
}

/* --- The resource --- */

static bool read_question(struct question *question, struct okvp_error *err)
{
	struct api_request *request = question->request;
	const char *mac = http_query(request->exchange, "mac");
	uint8_t bytes[OKVP_MAC_SIZE];

	if (!api_query_number(request, "family", OKVP_IPV6, &question->family, err) ||
	    !api_query_number(request, "all", 1, &question->all, err))
		return false;
	if (question->family != 0 && question->family != OKVP_IPV4 && question->family != OKVP_IPV6)
		return okvp_fail(err, OKVP_INVALID, "'family' is 4 or 6");
	if (!mac)
		return true;
	if (!okvp_mac_from_text(mac, bytes))
		return okvp_fail(err, OKVP_INVALID, "'mac' is a MAC: 00:15:5D:01:02:03");
	question->one = true;
	okvp_mac_to_text(bytes, question->mac);
	return true;
}

void api_get_ip(struct api_request *request)
{
	const struct host_settings *settings = host_settings(request->host);
	struct question *question = arena_new(request->arena, struct question);
	struct guest_adapters *told scoped(guest_adapters_release) = vm_adapters(request->vm);
	struct vm_status status = vm_status(request->vm);
	bool open = status.contact == VM_CONTACT_OPEN;
	struct okvp_error error;

	question->request = request;
	if (!read_question(question, &error))
		refuse(question, &error);
	else if (told && (!open || status.own_version > 0))
		answer_told(question, told, open);
	else if (question->one)
		guest_network_read(host_network(request->host), request->vm, question->mac, asked,
				   question);
	else if (!exchange_refresh(host_exchange(request->host), request->vm,
				   settings->guest_data_max_age_ms, settings->guest_read_wait_ms,
				   answer_intrinsic, question))
		answer_intrinsic(question);
}
