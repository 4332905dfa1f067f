/* SPDX-License-Identifier: MIT */
/* ip_message.c -- both forms of IP information. */
#include "openkvp/ip_message.h"

#include <inttypes.h>
#include <string.h>

#include "openkvp/ip_text.h"
#include "openkvp/wire.h"

#define ORIGINS (2 * OKVP_ADDRESSES_MAX)

/* A family's part of a list. */
struct family_part {
	const struct okvp_address *list;
	size_t count;
	uint8_t family;
};

/* --- Binary --- */

/* An array for the addresses of one family, all of it. */
static void write_array(struct wire_writer *out, struct family_part part, size_t room)
{
	size_t size = okvp_address_size(part.family);

	for (size_t i = 0; i < part.count; i++) {
		if (part.list[i].family != part.family)
			continue;
		wire_write_bytes(out, part.list[i].bytes, size);
		room--;
	}
	wire_write_zeros(out, room * size);
}

static void write_prefixes(struct wire_writer *out, const struct okvp_address_list *list,
			   uint8_t family)
{
	size_t room = OKVP_ADDRESSES_MAX;

	for (size_t i = 0; i < list->count; i++) {
		uint8_t mask[4];

		if (list->address[i].family != family)
			continue;
		okvp_mask_of(family == OKVP_IPV4 ? list->address[i].prefix : 0, mask);
		if (family == OKVP_IPV4)
			wire_write_bytes(out, mask, sizeof(mask));
		else
			wire_write_u32(out, list->address[i].prefix);
		room--;
	}
	wire_write_zeros(out, 4 * room);
}

static void write_origins(struct wire_writer *out, const struct okvp_address_list *list)
{
	static const uint8_t families[] = { OKVP_IPV4, OKVP_IPV6 };

	for (size_t f = 0; f < sizeof(families); f++)
		for (size_t i = 0; i < list->count; i++)
			if (list->address[i].family == families[f])
				wire_write_u16(out, list->address[i].origin);
	wire_write_zeros(out, 2 * (ORIGINS - list->count));
}

static void write_counts(struct wire_writer *out, const struct okvp_address *list, size_t count)
{
	wire_write_u32(out, (uint32_t)okvp_count_family(list, count, OKVP_IPV4));
	wire_write_u32(out, (uint32_t)okvp_count_family(list, count, OKVP_IPV6));
}

static void write_both(struct wire_writer *out, const struct okvp_address *list, size_t count,
		       size_t room)
{
	write_array(out, (struct family_part){ list, count, OKVP_IPV4 }, room);
	write_array(out, (struct family_part){ list, count, OKVP_IPV6 }, room);
}

static bool write_binary(struct wire_writer *out, const struct okvp_ip_message *message,
			 struct okvp_error *err)
{
	const struct okvp_adapter *adapter = &message->adapter;
	const struct okvp_address_list *addresses = &adapter->addresses, *dns = &adapter->dns;
	const struct okvp_gateway_list *gateways = &adapter->gateways;

	wire_write_u16(out, 0);
	write_counts(out, addresses->address, addresses->count);
	write_counts(out, gateways->address, gateways->count);
	write_counts(out, dns->address, dns->count);
	if (!ip_write_adapter_id(out, IP_UTF16, adapter, err))
		return false;
	wire_write_u8(out, message->families);
	wire_write_u8(out, adapter->dhcp);
	wire_write_u16(out, 0);
	write_both(out, addresses->address, addresses->count, OKVP_ADDRESSES_MAX);
	write_prefixes(out, addresses, OKVP_IPV4);
	write_prefixes(out, addresses, OKVP_IPV6);
	write_both(out, gateways->address, gateways->count, OKVP_GATEWAYS_MAX);
	write_both(out, dns->address, dns->count, OKVP_ADDRESSES_MAX);
	write_origins(out, addresses);
	return true;
}

/* Adds the first count addresses of an array to a list. */
static void read_array(struct wire_reader *in, struct okvp_address *list, size_t *list_count,
		       uint8_t family, size_t count, size_t room)
{
	size_t size = okvp_address_size(family);

	for (size_t i = 0; i < count; i++) {
		const uint8_t *bytes = wire_read_bytes(in, size);
		struct okvp_address *address = &list[(*list_count)++];

		*address = (struct okvp_address){ .family = family };
		if (bytes)
			memcpy(address->bytes, bytes, size);
	}
	wire_skip(in, (room - count) * size);
}

static bool read_prefixes(struct wire_reader *in, struct okvp_address *list, uint8_t family,
			  size_t count)
{
	bool ok = true;

	for (size_t i = 0; i < OKVP_ADDRESSES_MAX; i++) {
		const uint8_t *bytes = wire_read_bytes(in, 4);
		struct wire_reader number = wire_reader_on(bytes, bytes ? 4 : 0);
		uint32_t prefix;

		if (i >= count || !bytes)
			continue;
		if (family == OKVP_IPV4) {
			okvp_prefix_of(bytes, &list[i].prefix);
			continue;
		}
		prefix = wire_read_u32(&number);
		ok = ok && prefix <= 128;
		list[i].prefix = (uint8_t)prefix;
	}
	return ok;
}

static void read_origins(struct wire_reader *in, struct okvp_address_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		uint16_t origin = wire_read_u16(in);

		list->address[i].origin =
			origin <= OKVP_ORIGIN_STATIC ? (uint8_t)origin : OKVP_ORIGIN_UNKNOWN;
	}
}

static bool check_counts(const uint32_t counts[static 6], struct okvp_error *err)
{
	static const uint32_t most[6] = {
		OKVP_ADDRESSES_MAX, OKVP_ADDRESSES_MAX, OKVP_GATEWAYS_MAX,
		OKVP_GATEWAYS_MAX,  OKVP_ADDRESSES_MAX, OKVP_ADDRESSES_MAX
	};

	for (size_t i = 0; i < 6; i++)
		if (counts[i] > most[i])
			return okvp_fail(err, OKVP_INVALID,
					 "an IP message with %" PRIu32 " of %" PRIu32 " entries",
					 counts[i], most[i]);
	return true;
}

static bool read_binary(struct wire_reader *in, struct okvp_ip_message *message,
			struct okvp_error *err)
{
	struct okvp_adapter *adapter = &message->adapter;
	struct okvp_address_list *addresses = &adapter->addresses, *dns = &adapter->dns;
	struct okvp_gateway_list *gateways = &adapter->gateways;
	uint32_t counts[6];
	bool ok;

	wire_skip(in, 2);
	for (size_t i = 0; i < 6; i++)
		counts[i] = wire_read_u32(in);
	if (!check_counts(counts, err) || !ip_read_adapter_id(in, IP_UTF16, adapter, err))
		return false;
	message->families = wire_read_u8(in);
	adapter->dhcp = wire_read_u8(in) != 0;
	wire_skip(in, 2);
	read_array(in, addresses->address, &addresses->count, OKVP_IPV4, counts[0],
		   OKVP_ADDRESSES_MAX);
	read_array(in, addresses->address, &addresses->count, OKVP_IPV6, counts[1],
		   OKVP_ADDRESSES_MAX);
	ok = read_prefixes(in, addresses->address, OKVP_IPV4, counts[0]) &&
	     read_prefixes(in, addresses->address + counts[0], OKVP_IPV6, counts[1]);
	read_array(in, gateways->address, &gateways->count, OKVP_IPV4, counts[2],
		   OKVP_GATEWAYS_MAX);
	read_array(in, gateways->address, &gateways->count, OKVP_IPV6, counts[3],
		   OKVP_GATEWAYS_MAX);
	read_array(in, dns->address, &dns->count, OKVP_IPV4, counts[4], OKVP_ADDRESSES_MAX);
	read_array(in, dns->address, &dns->count, OKVP_IPV6, counts[5], OKVP_ADDRESSES_MAX);
	read_origins(in, addresses);
	wire_skip(in, 2 * (ORIGINS - addresses->count));
	return (ok && wire_ok(in)) || okvp_fail(err, OKVP_INVALID,
						"an IP message that is too short, or has a prefix "
						"longer than its address");
}

/* --- Either --- */

static bool has_form(uint8_t operation, struct okvp_version version, struct okvp_error *err)
{
	if (operation != OKVP_KVP_GET_IP && operation != OKVP_KVP_SET_IP)
		return okvp_fail(err, OKVP_UNSUPPORTED, "operation %u", operation);
	if (version.major < 4)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "messages of version %u.%u have no IP information", version.major,
				 version.minor);
	return true;
}

size_t okvp_ip_message_write(const struct okvp_ip_message *message, struct okvp_version version,
			     uint8_t out[static OKVP_IP_SIZE_MAX], struct okvp_error *err)
{
	bool binary = version.major >= 5;
	size_t size = binary ? OKVP_IP_BINARY_SIZE : OKVP_IP_TEXT_SIZE;
	struct wire_writer writer = wire_writer_on(out, size);

	if (!has_form(message->operation, version, err))
		return 0;
	memset(out, 0, size);
	wire_write_u8(&writer, message->operation);
	wire_write_u8(&writer, message->pool);
	if (binary ? write_binary(&writer, message, err)
		   : ip_text_write(&writer, IP_UTF16, message, err))
		return size;
	return 0;
}

bool okvp_ip_message_read(const uint8_t *body, size_t size, struct okvp_version version,
			  struct okvp_ip_message *ret_message, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, size);

	memset(ret_message, 0, sizeof(*ret_message));
	ret_message->operation = wire_read_u8(&in);
	ret_message->pool = wire_read_u8(&in);
	if (!has_form(ret_message->operation, version, err))
		return false;
	return version.major >= 5 ? read_binary(&in, ret_message, err)
				  : ip_text_read(&in, IP_UTF16, ret_message, err);
}
