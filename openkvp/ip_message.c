/* SPDX-License-Identifier: MIT */
/* ip_message.c -- both forms of IP information. */
#include "openkvp/ip_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openkvp/unicode.h"
#include "openkvp/wire.h"

#define ADAPTER_UNITS 128
#define LIST_UNITS    1024
#define GATEWAY_UNITS 512
#define ORIGINS       (2 * OKVP_ADDRESSES_MAX)

/* A list as text, with room for the longest that an adapter can have, or a field. */
struct list_text {
	char bytes[2 * OKVP_ADDRESSES_MAX * OKVP_ADDRESS_TEXT_SIZE];
	size_t length;
};

/* A family's part of a list. */
struct family_part {
	const struct okvp_address *list;
	size_t count;
	uint8_t family;
};

static bool write_text(struct wire_writer *out, size_t units, const char *text, size_t length,
		       const char *what, struct okvp_error *err)
{
	uint8_t *field = wire_write_room(out, 2 * units);
	size_t bytes;

	if (okvp_utf8_units(text, length) == SIZE_MAX)
		return okvp_fail(err, OKVP_INVALID_TEXT, "%s: not UTF-8", what);
	if (!okvp_utf8_to_utf16le(text, length, field, 2 * units - 2, &bytes))
		return okvp_fail(err, OKVP_TOO_LONG, "%s: longer than %zu UTF-16 units", what,
				 units - 1);
	return true;
}

static bool read_text(struct wire_reader *in, size_t units, const char *what, char *out,
		      size_t room, size_t *ret_length, struct okvp_error *err)
{
	const uint8_t *field = wire_read_bytes(in, 2 * units);
	size_t bytes = 0;

	if (!field)
		return okvp_fail(err, OKVP_INVALID, "an IP message that is too short");
	while (bytes < 2 * units && (field[bytes] || field[bytes + 1]))
		bytes += 2;
	return okvp_utf16le_to_utf8(field, bytes, out, room, ret_length) ||
	       okvp_fail(err, OKVP_INVALID_TEXT, "%s: not UTF-16, or too long", what);
}

static bool read_adapter_id(struct wire_reader *in, struct okvp_adapter *adapter,
			    struct okvp_error *err)
{
	size_t length;

	if (!read_text(in, ADAPTER_UNITS, "adapter", adapter->id, sizeof(adapter->id) - 1, &length,
		       err))
		return false;
	adapter->id[length] = '\0';
	return true;
}

/* --- As text --- */

static void add_piece(struct list_text *text, const char *piece)
{
	int added = snprintf(text->bytes + text->length, sizeof(text->bytes) - text->length, "%s%s",
			     text->length > 0 ? ";" : "", piece);

	text->length += (size_t)added;
}

static void add_addresses(struct list_text *text, const struct okvp_address *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char piece[OKVP_ADDRESS_TEXT_SIZE];

		add_piece(text, okvp_address_to_text(&list[i], piece));
	}
}

static void add_subnets(struct list_text *text, const struct okvp_address_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct okvp_address *address = &list->address[i];
		struct okvp_address mask = { .family = OKVP_IPV4 };
		char piece[OKVP_ADDRESS_TEXT_SIZE];

		okvp_mask_of(address->prefix, mask.bytes);
		if (address->family == OKVP_IPV6)
			snprintf(piece, sizeof(piece), "/%u", address->prefix);
		else
			okvp_address_to_text(&mask, piece);
		add_piece(text, piece);
	}
}

static bool write_list(struct wire_writer *out, size_t units, const struct list_text *text,
		       const char *what, struct okvp_error *err)
{
	return write_text(out, units, text->bytes, text->length, what, err);
}

static bool write_as_text(struct wire_writer *out, const struct okvp_ip_message *message,
			  struct okvp_error *err)
{
	const struct okvp_adapter *adapter = &message->adapter;
	struct list_text addresses = { .length = 0 }, subnets = { .length = 0 },
			 gateways = { .length = 0 }, dns = { .length = 0 };

	add_addresses(&addresses, adapter->addresses.address, adapter->addresses.count);
	add_subnets(&subnets, &adapter->addresses);
	add_addresses(&gateways, adapter->gateways.address, adapter->gateways.count);
	add_addresses(&dns, adapter->dns.address, adapter->dns.count);
	if (!write_text(out, ADAPTER_UNITS, adapter->id, strlen(adapter->id), "adapter", err))
		return false;
	wire_write_u8(out, message->families);
	wire_write_u8(out, adapter->dhcp);
	return write_list(out, LIST_UNITS, &addresses, "addresses", err) &&
	       write_list(out, LIST_UNITS, &subnets, "subnets", err) &&
	       write_list(out, GATEWAY_UNITS, &gateways, "gateways", err) &&
	       write_list(out, LIST_UNITS, &dns, "DNS servers", err);
}

/* The next member of a list; false behind the last. */
static bool next_piece(const struct list_text *text, size_t *at, const char **ret_piece,
		       size_t *ret_length)
{
	const char *piece = text->bytes + *at, *end;

	if (*at >= text->length)
		return false;
	end = memchr(piece, ';', text->length - *at);
	*ret_piece = piece;
	*ret_length = end ? (size_t)(end - piece) : text->length - *at;
	*at += *ret_length + 1;
	return true;
}

static bool too_many(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_INVALID, "more addresses than one adapter may have");
}

/* The i-th subnet belongs to the i-th address. */
static bool take_addresses(const struct list_text *text, const struct list_text *subnets,
			   struct okvp_address_list *list, struct okvp_error *err)
{
	size_t at = 0, subnet_at = 0, length, subnet_length = 0;
	const char *piece, *subnet = "";

	while (next_piece(text, &at, &piece, &length)) {
		struct okvp_address address;
		bool has_subnet = next_piece(subnets, &subnet_at, &subnet, &subnet_length);

		if (!okvp_address_from_text(piece, length, &address))
			continue;
		if (has_subnet && !okvp_prefix_from_text(subnet, subnet_length, &address))
			address.prefix = 0;
		if (!okvp_add_address(list, &address))
			return too_many(err);
	}
	return true;
}

static bool take_gateways(const struct list_text *text, struct okvp_gateway_list *list,
			  struct okvp_error *err)
{
	const char *piece;
	size_t at = 0, length;

	while (next_piece(text, &at, &piece, &length)) {
		struct okvp_address address;

		if (okvp_address_from_text(piece, length, &address) &&
		    !okvp_add_gateway(list, &address))
			return too_many(err);
	}
	return true;
}

static bool read_list(struct wire_reader *in, size_t units, const char *what,
		      struct list_text *ret_text, struct okvp_error *err)
{
	return read_text(in, units, what, ret_text->bytes, sizeof(ret_text->bytes),
			 &ret_text->length, err);
}

static bool read_as_text(struct wire_reader *in, struct okvp_ip_message *message,
			 struct okvp_error *err)
{
	const struct list_text none = { .length = 0 };
	struct okvp_adapter *adapter = &message->adapter;
	struct list_text addresses, subnets, gateways, dns;

	if (!read_adapter_id(in, adapter, err))
		return false;
	message->families = wire_read_u8(in);
	adapter->dhcp = wire_read_u8(in) != 0;
	return read_list(in, LIST_UNITS, "addresses", &addresses, err) &&
	       read_list(in, LIST_UNITS, "subnets", &subnets, err) &&
	       read_list(in, GATEWAY_UNITS, "gateways", &gateways, err) &&
	       read_list(in, LIST_UNITS, "DNS servers", &dns, err) &&
	       take_addresses(&addresses, &subnets, &adapter->addresses, err) &&
	       take_gateways(&gateways, &adapter->gateways, err) &&
	       take_addresses(&dns, &none, &adapter->dns, err);
}

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
	if (!write_text(out, ADAPTER_UNITS, adapter->id, strlen(adapter->id), "adapter", err))
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
	if (!check_counts(counts, err) || !read_adapter_id(in, adapter, err))
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
	if (!(binary ? write_binary : write_as_text)(&writer, message, err))
		return 0;
	return size;
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
	return (version.major >= 5 ? read_binary : read_as_text)(&in, ret_message, err);
}
