/* SPDX-License-Identifier: MIT */
/* adapter_text.c -- how an adapter is to be set up <-> text. */
#include "host/adapter_text.h"

#include <stdlib.h>
#include <string.h>

static void write_plain(struct text *out, const char *word, const struct okvp_address *list,
			size_t count)
{
	char shown[OKVP_ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		text_printf(out, "%s %s\n", word, okvp_address_to_text(&list[i], shown));
}

void adapter_to_text(const struct okvp_adapter *adapter, struct text *out)
{
	char shown[OKVP_ADDRESS_TEXT_SIZE];

	if (adapter->dhcp)
		text_literal(out, "dhcp\n");
	for (size_t i = 0; i < adapter->addresses.count; i++) {
		const struct okvp_address *address = &adapter->addresses.address[i];

		text_printf(out, "address %s/%u %u\n", okvp_address_to_text(address, shown),
			    address->prefix, address->origin);
	}
	write_plain(out, "gateway", adapter->gateways.address, adapter->gateways.count);
	write_plain(out, "dns", adapter->dns.address, adapter->dns.count);
}

/* Reads "192.0.2.10/24 2". */
static bool read_address(const char *text, size_t length, struct okvp_address *ret_address)
{
	const char *slash = memchr(text, '/', length);
	char *end;
	unsigned long prefix;

	if (!slash || !okvp_address_from_text(text, (size_t)(slash - text), ret_address))
		return false;
	prefix = strtoul(slash + 1, &end, 10);
	if (prefix > 8 * okvp_address_size(ret_address->family) || *end != ' ')
		return false;
	ret_address->prefix = (uint8_t)prefix;
	ret_address->origin = (uint8_t)strtoul(end + 1, NULL, 10);
	return true;
}

static bool read_line(const char *line, size_t length, struct okvp_adapter *adapter)
{
	const char *space = memchr(line, ' ', length);
	size_t word = space ? (size_t)(space - line) : length;
	size_t rest = space ? length - word - 1 : 0;
	struct okvp_address address;

	if (word == 4 && memcmp(line, "dhcp", 4) == 0) {
		adapter->dhcp = true;
		return true;
	}
	if (!space)
		return false;
	if (word == 7 && memcmp(line, "address", 7) == 0)
		return read_address(space + 1, rest, &address) &&
		       okvp_add_address(&adapter->addresses, &address);
	if (!okvp_address_from_text(space + 1, rest, &address))
		return false;
	if (word == 7 && memcmp(line, "gateway", 7) == 0)
		return okvp_add_gateway(&adapter->gateways, &address);
	return word == 3 && memcmp(line, "dns", 3) == 0 &&
	       okvp_add_address(&adapter->dns, &address);
}

bool adapter_from_text(const char *text, size_t length, struct okvp_adapter *ret_adapter,
		       struct okvp_error *err)
{
	const char *end = text + length;

	memset(ret_adapter, 0, sizeof(*ret_adapter));
	for (const char *line = text, *after; line < end; line = after + 1) {
		after = memchr(line, '\n', (size_t)(end - line));
		if (!after || !read_line(line, (size_t)(after - line), ret_adapter))
			return okvp_fail(err, OKVP_CORRUPT,
					 "the stored setup of an adapter is damaged");
	}
	return true;
}
