/* SPDX-License-Identifier: MIT */
/* adapter.c -- addresses as bytes and as text. */
#include "openkvp/adapter.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

void okvp_mac_to_text(const uint8_t mac[static OKVP_MAC_SIZE], char out[static OKVP_MAC_TEXT_SIZE])
{
	snprintf(out, OKVP_MAC_TEXT_SIZE, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool okvp_mac_from_text(const char *text, uint8_t ret_mac[static OKVP_MAC_SIZE])
{
	size_t length = strlen(text);
	size_t step = length == 2 * OKVP_MAC_SIZE ? 2 : 3;

	if (length != 2 * OKVP_MAC_SIZE && length != 3 * OKVP_MAC_SIZE - 1)
		return false;
	for (size_t i = 0; i < OKVP_MAC_SIZE; i++) {
		const char *at = text + i * step;
		int high = hex_digit(at[0]), low = hex_digit(at[1]);

		if (high < 0 || low < 0 || (step == 3 && i > 0 && (at[-1] != ':' && at[-1] != '-')))
			return false;
		ret_mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

size_t okvp_address_size(uint8_t family)
{
	return family == OKVP_IPV6 ? 16 : 4;
}

const char *okvp_address_to_text(const struct okvp_address *address,
				 char out[static OKVP_ADDRESS_TEXT_SIZE])
{
	int family = address->family == OKVP_IPV6 ? AF_INET6 : AF_INET;

	return inet_ntop(family, address->bytes, out, OKVP_ADDRESS_TEXT_SIZE);
}

bool okvp_address_from_text(const char *text, size_t length, struct okvp_address *ret_address)
{
	char copy[OKVP_ADDRESS_TEXT_SIZE];

	*ret_address = (struct okvp_address){ 0 };
	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	ret_address->family = strchr(copy, ':') ? OKVP_IPV6 : OKVP_IPV4;
	return inet_pton(ret_address->family == OKVP_IPV6 ? AF_INET6 : AF_INET, copy,
			 ret_address->bytes) == 1;
}

void okvp_mask_of(uint8_t prefix, uint8_t ret_mask[static 4])
{
	uint32_t mask = UINT32_MAX;

	if (prefix < 32)
		mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
	for (int i = 0; i < 4; i++)
		ret_mask[i] = (uint8_t)(mask >> (24 - 8 * i));
}

bool okvp_prefix_of(const uint8_t mask[static 4], uint8_t *ret_prefix)
{
	uint8_t again[4], prefix = 0;

	while (prefix < 32 && mask[prefix / 8] & 0x80 >> prefix % 8)
		prefix++;
	okvp_mask_of(prefix, again);
	*ret_prefix = prefix;
	return memcmp(again, mask, sizeof(again)) == 0;
}

/* A decimal number up to 128 that fills the text. */
static bool read_bits(const char *text, size_t length, uint8_t most, uint8_t *ret_bits)
{
	unsigned int bits = 0;

	if (length == 0 || length > 3)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		bits = bits * 10 + (unsigned int)(text[i] - '0');
	}
	*ret_bits = (uint8_t)bits;
	return bits <= most;
}

bool okvp_prefix_from_text(const char *text, size_t length, struct okvp_address *address)
{
	uint8_t most = address->family == OKVP_IPV6 ? 128 : 32;
	struct okvp_address mask;

	if (address->family == OKVP_IPV4 && memchr(text, '.', length))
		return okvp_address_from_text(text, length, &mask) &&
		       okvp_prefix_of(mask.bytes, &address->prefix);
	if (length > 0 && *text == '/')
		text++, length--;
	return read_bits(text, length, most, &address->prefix);
}

bool okvp_address_is_link_local(const struct okvp_address *address)
{
	const uint8_t *b = address->bytes;

	if (address->family == OKVP_IPV6)
		return b[0] == 0xFE && (b[1] & 0xC0) == 0x80;
	return b[0] == 169 && b[1] == 254;
}

size_t okvp_count_family(const struct okvp_address *list, size_t count, uint8_t family)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += list[i].family == family;
	return found;
}

bool okvp_add_address(struct okvp_address_list *list, const struct okvp_address *address)
{
	if (okvp_count_family(list->address, list->count, address->family) == OKVP_ADDRESSES_MAX)
		return false;
	list->address[list->count++] = *address;
	return true;
}

bool okvp_add_gateway(struct okvp_gateway_list *list, const struct okvp_address *address)
{
	if (okvp_count_family(list->address, list->count, address->family) == OKVP_GATEWAYS_MAX)
		return false;
	list->address[list->count++] = *address;
	return true;
}
