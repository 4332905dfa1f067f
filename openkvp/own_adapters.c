/* SPDX-License-Identifier: MIT */
/* own_adapters.c -- network adapters in openkvp's own messages. */
#include "openkvp/own_message.h"

#include <string.h>

#include "openkvp/unicode.h"

enum { ADAPTER_DHCP = 1, ADAPTER_SOFTWARE = 2 };

static void write_addresses(struct wire_writer *out, const struct okvp_address *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		wire_write_u8(out, list[i].family);
		wire_write_u8(out, list[i].prefix);
		wire_write_u8(out, list[i].origin);
		wire_write_u8(out, 0);
		wire_write_bytes(out, list[i].bytes, okvp_address_size(list[i].family));
	}
}

void okvp_own_write_adapter(struct wire_writer *out, const struct okvp_adapter *adapter)
{
	size_t name_length = strnlen(adapter->name, OKVP_ADAPTER_NAME_SIZE - 1);
	uint8_t mac[OKVP_MAC_SIZE] = { 0 };

	okvp_mac_from_text(adapter->id, mac);
	wire_write_bytes(out, mac, sizeof(mac));
	wire_write_u8(out, (adapter->dhcp ? ADAPTER_DHCP : 0) |
				   (adapter->software ? ADAPTER_SOFTWARE : 0));
	wire_write_u8(out, (uint8_t)name_length);
	wire_write_u8(out, (uint8_t)adapter->addresses.count);
	wire_write_u8(out, (uint8_t)adapter->gateways.count);
	wire_write_u8(out, (uint8_t)adapter->dns.count);
	wire_write_u8(out, 0);
	wire_write_bytes(out, adapter->name, name_length);
	write_addresses(out, adapter->addresses.address, adapter->addresses.count);
	write_addresses(out, adapter->gateways.address, adapter->gateways.count);
	write_addresses(out, adapter->dns.address, adapter->dns.count);
}

static bool read_address(struct wire_reader *in, struct okvp_address *ret_address)
{
	uint8_t origin;
	const uint8_t *bytes;
	size_t size;

	*ret_address = (struct okvp_address){ .family = wire_read_u8(in) };
	ret_address->prefix = wire_read_u8(in);
	origin = wire_read_u8(in);
	ret_address->origin = origin <= OKVP_ORIGIN_STATIC ? origin : OKVP_ORIGIN_UNKNOWN;
	wire_skip(in, 1);
	if (ret_address->family != OKVP_IPV4 && ret_address->family != OKVP_IPV6)
		return false;
	size = okvp_address_size(ret_address->family);
	bytes = wire_read_bytes(in, size);
	if (bytes)
		memcpy(ret_address->bytes, bytes, size);
	return bytes && ret_address->prefix <= 8 * size;
}

static bool read_addresses(struct wire_reader *in, size_t count, struct okvp_address_list *list)
{
	struct okvp_address address;

	while (count-- > 0)
		if (!read_address(in, &address) || !okvp_add_address(list, &address))
			return false;
	return true;
}

static bool read_gateways(struct wire_reader *in, size_t count, struct okvp_gateway_list *list)
{
	struct okvp_address address;

	while (count-- > 0)
		if (!read_address(in, &address) || !okvp_add_gateway(list, &address))
			return false;
	return true;
}

static bool read_name(struct wire_reader *in, size_t length,
		      char name[static OKVP_ADAPTER_NAME_SIZE])
{
	const char *bytes = (const char *)wire_read_bytes(in, length);

	if (!bytes || length >= OKVP_ADAPTER_NAME_SIZE || !okvp_utf8_valid(bytes, length) ||
	    memchr(bytes, '\0', length))
		return false;
	memcpy(name, bytes, length);
	name[length] = '\0';
	return true;
}

static bool read_adapter(struct wire_reader *in, struct okvp_adapter *ret_adapter)
{
	const uint8_t *mac = wire_read_bytes(in, OKVP_MAC_SIZE);
	uint8_t flags = wire_read_u8(in), name_length = wire_read_u8(in);
	uint8_t addresses = wire_read_u8(in), gateways = wire_read_u8(in), dns = wire_read_u8(in);

	wire_skip(in, 1);
	memset(ret_adapter, 0, sizeof(*ret_adapter));
	if (!wire_ok(in))
		return false;
	okvp_mac_to_text(mac, ret_adapter->id);
	ret_adapter->dhcp = flags & ADAPTER_DHCP;
	ret_adapter->software = flags & ADAPTER_SOFTWARE;
	return read_name(in, name_length, ret_adapter->name) &&
	       read_addresses(in, addresses, &ret_adapter->addresses) &&
	       read_gateways(in, gateways, &ret_adapter->gateways) &&
	       read_addresses(in, dns, &ret_adapter->dns);
}

static bool refuse(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_INVALID, "an adapter that is cut, or has what cannot be");
}

bool okvp_own_read_adapter(const uint8_t *body, size_t length, struct okvp_adapter *ret_adapter,
			   struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	return read_adapter(&in, ret_adapter) || refuse(err);
}

void okvp_own_write_adapters_head(struct wire_writer *out, size_t count)
{
	wire_write_u32(out, (uint32_t)count);
}

bool okvp_own_read_adapters(const uint8_t *body, size_t length,
			    struct okvp_own_adapters *ret_adapters, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);
	struct okvp_adapter adapter;
	uint8_t count = wire_read_u8(&in);

	wire_skip(&in, 3);
	*ret_adapters = (struct okvp_own_adapters){ in, count };
	if (count > OKVP_ADAPTERS_MAX)
		return okvp_fail(err, OKVP_INVALID, "%u adapters", count);
	for (size_t i = 0; i < count; i++)
		if (!read_adapter(&in, &adapter))
			return refuse(err);
	return wire_ok(&in) || refuse(err);
}

bool okvp_own_next_adapter(struct okvp_own_adapters *adapters, struct okvp_adapter *ret_adapter)
{
	if (adapters->left == 0)
		return false;
	adapters->left--;
	return read_adapter(&adapters->in, ret_adapter);
}
