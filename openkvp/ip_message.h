/* SPDX-License-Identifier: MIT */
/* ip_message.h -- GET_IP_INFO and SET_IP_INFO, the key-value messages about a guest's addresses.
 *
 * As text, in version 4.0; everything but the first two bytes belongs to one packed structure:
 *
 *	0     u8 operation, u8 pool
 *	2     u16 adapter[128]
 *	258   u8 families, u8 dhcp
 *	260   u16 addresses[1024], u16 subnets[1024], u16 gateways[512], u16 DNS servers[1024]
 *
 * Texts are UTF-16LE with a NUL; lists have ";" between and perhaps behind their members.
 *
 * Binary, in version 5.0:
 *
 *	0     u8 operation, u8 pool, u16 0
 *	4     u32 counts: IPv4 and IPv6 addresses, IPv4 and IPv6 gateways, IPv4 and IPv6 DNS servers
 *	28    u16 adapter[128]
 *	284   u8 families, u8 dhcp, u16 0
 *	288   addresses u8[64][4], u8[64][16], masks u8[64][4], prefixes u32[64],
 *	      gateways u8[5][4], u8[5][16], DNS servers u8[64][4], u8[64][16],
 *	      u16 origins[128]: those of IPv4, then those of IPv6 without a gap */
#pragma once
#include "openkvp/adapter.h"
#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"

OKVP_BEGIN_DECLS

#define OKVP_IP_TEXT_SIZE   7428
#define OKVP_IP_BINARY_SIZE 3716
#define OKVP_IP_SIZE_MAX    OKVP_IP_TEXT_SIZE

enum { OKVP_WANT_IPV4 = 1, OKVP_WANT_IPV6 = 2 };

struct okvp_ip_message {
	uint8_t operation; /* OKVP_KVP_GET_IP or OKVP_KVP_SET_IP */
	uint8_t pool;
	uint8_t families; /* OKVP_WANT_IPV4 and OKVP_WANT_IPV6 */
	struct okvp_adapter adapter;
};

/* Writes a message at its full size in the form of a version; its size, or 0: OKVP_TOO_LONG when a
 * list has no room there, OKVP_INVALID_TEXT for an adapter's id that is not UTF-8,
 * OKVP_UNSUPPORTED for a version below 4.0. */
size_t okvp_ip_message_write(const struct okvp_ip_message *message, struct okvp_version version,
			     uint8_t out[OKVP_AT_LEAST OKVP_IP_SIZE_MAX], struct okvp_error *err);

/* Reads a message in the form of a version. What a text's list has that is no address (a guest
 * fills its lists from scripts) is passed over; a subnet that is none leaves the prefix 0. Fails as
 * okvp_kvp_message_read(): OKVP_INVALID also for a count beyond its array, or more addresses than
 * one adapter may have. */
bool okvp_ip_message_read(const uint8_t *body, size_t size, struct okvp_version version,
			  struct okvp_ip_message *ret_message, struct okvp_error *err);

OKVP_END_DECLS
