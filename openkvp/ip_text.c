/* SPDX-License-Identifier: MIT */
/* ip_text.c -- IP information as text. */
#include "openkvp/ip_text.h"

#include <stdio.h>
#include <string.h>

#include "openkvp/unicode.h"

#define ADAPTER_UNITS 128
#define LIST_UNITS    1024
#define GATEWAY_UNITS 512

/* A list as text, with room for the longest that an adapter can have, or a field. */
struct list_text {
	char bytes[2 * OKVP_ADDRESSES_MAX * OKVP_ADDRESS_TEXT_SIZE];
	size_t length;
};

/* --- Fields of so many units of two bytes, of which the last is for a NUL --- */

static bool write_text(struct wire_writer *out, enum ip_encoding encoding, size_t units,
		       const char *text, size_t length, const char *what, struct okvp_error *err)
{
	uint8_t *field = wire_write_room(out, 2 * units);
	size_t most = encoding == IP_UTF16 ? units - 1 : 2 * units - 1, bytes = length;
	bool fits;

	if (okvp_utf8_units(text, length) == SIZE_MAX)
		return okvp_fail(err, OKVP_INVALID_TEXT, "%s: not UTF-8", what);
	if (encoding == IP_UTF16)
		fits = okvp_utf8_to_utf16le(text, length, field, 2 * most, &bytes);
	else if ((fits = length <= most))
		memcpy(field, text, length);
	return fits || okvp_fail(err, OKVP_TOO_LONG, "%s: longer than %zu %s", what, most,
				 encoding == IP_UTF16 ? "UTF-16 units" : "bytes");
}

static bool read_utf16(const uint8_t *field, size_t size, char *out, size_t room,
		       size_t *ret_length)
{
	size_t bytes = 0;

	while (bytes < size && (field[bytes] || field[bytes + 1]))
		bytes += 2;
	return okvp_utf16le_to_utf8(field, bytes, out, room, ret_length);
}

static bool read_utf8(const uint8_t *field, size_t size, char *out, size_t room, size_t *ret_length)
{
	size_t length = strnlen((const char *)field, size);

	if (length > room || !okvp_utf8_valid((const char *)field, length))
		return false;
	memcpy(out, field, length);
	*ret_length = length;
	return true;
}

static bool read_text(struct wire_reader *in, enum ip_encoding encoding, size_t units,
		      const char *what, char *out, size_t room, size_t *ret_length,
		      struct okvp_error *err)
{
	const uint8_t *field = wire_read_bytes(in, 2 * units);

	if (!field)
		return okvp_fail(err, OKVP_INVALID, "an IP message that is too short");
	return (encoding == IP_UTF16 ? read_utf16 : read_utf8)(field, 2 * units, out, room,
							       ret_length) ||
	       okvp_fail(err, OKVP_INVALID_TEXT, "%s: not Unicode, or too long", what);
}

bool ip_write_adapter_id(struct wire_writer *out, enum ip_encoding encoding,
			 const struct okvp_adapter *adapter, struct okvp_error *err)
{
	return write_text(out, encoding, ADAPTER_UNITS, adapter->id, strlen(adapter->id), "adapter",
			  err);
}

bool ip_read_adapter_id(struct wire_reader *in, enum ip_encoding encoding,
			struct okvp_adapter *adapter, struct okvp_error *err)
{
	size_t length;

	if (!read_text(in, encoding, ADAPTER_UNITS, "adapter", adapter->id, sizeof(adapter->id) - 1,
		       &length, err))
		return false;
	adapter->id[length] = '\0';
	return true;
}

/* --- Lists --- */

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

static bool write_list(struct wire_writer *out, enum ip_encoding encoding, size_t units,
		       const struct list_text *text, const char *what, struct okvp_error *err)
{
	return write_text(out, encoding, units, text->bytes, text->length, what, err);
}

bool ip_text_write(struct wire_writer *out, enum ip_encoding encoding,
		   const struct okvp_ip_message *message, struct okvp_error *err)
{
	const struct okvp_adapter *adapter = &message->adapter;
	struct list_text addresses = { .length = 0 }, subnets = { .length = 0 },
			 gateways = { .length = 0 }, dns = { .length = 0 };

	add_addresses(&addresses, adapter->addresses.address, adapter->addresses.count);
	add_subnets(&subnets, &adapter->addresses);
	add_addresses(&gateways, adapter->gateways.address, adapter->gateways.count);
	add_addresses(&dns, adapter->dns.address, adapter->dns.count);
	if (!ip_write_adapter_id(out, encoding, adapter, err))
		return false;
	wire_write_u8(out, message->families);
	wire_write_u8(out, adapter->dhcp);
	return write_list(out, encoding, LIST_UNITS, &addresses, "addresses", err) &&
	       write_list(out, encoding, LIST_UNITS, &subnets, "subnets", err) &&
	       write_list(out, encoding, GATEWAY_UNITS, &gateways, "gateways", err) &&
	       write_list(out, encoding, LIST_UNITS, &dns, "DNS servers", err);
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

static bool read_list(struct wire_reader *in, enum ip_encoding encoding, size_t units,
		      const char *what, struct list_text *ret_text, struct okvp_error *err)
{
	return read_text(in, encoding, units, what, ret_text->bytes, sizeof(ret_text->bytes),
			 &ret_text->length, err);
}

bool ip_text_read(struct wire_reader *in, enum ip_encoding encoding,
		  struct okvp_ip_message *message, struct okvp_error *err)
{
	const struct list_text none = { .length = 0 };
	struct okvp_adapter *adapter = &message->adapter;
	struct list_text addresses, subnets, gateways, dns;

	if (!ip_read_adapter_id(in, encoding, adapter, err))
		return false;
	message->families = wire_read_u8(in);
	adapter->dhcp = wire_read_u8(in) != 0;
	return read_list(in, encoding, LIST_UNITS, "addresses", &addresses, err) &&
	       read_list(in, encoding, LIST_UNITS, "subnets", &subnets, err) &&
	       read_list(in, encoding, GATEWAY_UNITS, "gateways", &gateways, err) &&
	       read_list(in, encoding, LIST_UNITS, "DNS servers", &dns, err) &&
	       take_addresses(&addresses, &subnets, &adapter->addresses, err) &&
	       take_gateways(&gateways, &adapter->gateways, err) &&
	       take_addresses(&dns, &none, &adapter->dns, err);
}
