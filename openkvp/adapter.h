/* SPDX-License-Identifier: MIT */
/* adapter.h -- a network adapter of a guest and its addresses, as IP information speaks of them. */
#pragma once
#include "openkvp/error.h"
#include "openkvp/linkage.h"

#include <stddef.h>
#include <stdint.h>

OKVP_BEGIN_DECLS

/* What the messages of Hyper-V have room for. */
#define OKVP_ADDRESSES_MAX 64 /* of a family; as many DNS servers */
#define OKVP_GATEWAYS_MAX  5  /* of a family */

#define OKVP_MAC_SIZE          6
#define OKVP_MAC_TEXT_SIZE     18  /* "00:15:5D:01:02:03" */
#define OKVP_ADDRESS_TEXT_SIZE 46  /* longest IPv6 address */
#define OKVP_ADAPTER_ID_SIZE   382 /* 127 UTF-16 units as UTF-8, and a NUL */
#define OKVP_ADAPTER_NAME_SIZE 64

enum okvp_ip_family { OKVP_IPV4 = 4, OKVP_IPV6 = 6 };

enum okvp_ip_origin {
	OKVP_ORIGIN_UNKNOWN = 0,
	OKVP_ORIGIN_OTHER = 1, /* DHCP, a router's advertisement */
	OKVP_ORIGIN_STATIC = 2,
};

struct okvp_address {
	uint8_t family; /* enum okvp_ip_family */
	uint8_t prefix; /* bits; of addresses only */
	uint8_t origin; /* enum okvp_ip_origin; likewise */
	uint8_t bytes[16];
};

struct okvp_address_list {
	size_t count;
	struct okvp_address address[2 * OKVP_ADDRESSES_MAX];
};

struct okvp_gateway_list {
	size_t count;
	struct okvp_address address[2 * OKVP_GATEWAYS_MAX];
};

struct okvp_adapter {
	char id[OKVP_ADAPTER_ID_SIZE];     /* a MAC as okvp_mac_to_text() writes it, or a GUID */
	char name[OKVP_ADAPTER_NAME_SIZE]; /* in the guest: "eth0"; "" when it is not told */
	bool dhcp;                         /* of IPv4 */
	bool software;                     /* made by software in the guest: a bridge, a tunnel */
	struct okvp_address_list addresses, dns;
	struct okvp_gateway_list gateways;
};

/* "00:15:5D:01:02:03": upper case, as the daemon of Linux wants it. */
void okvp_mac_to_text(const uint8_t mac[OKVP_AT_LEAST OKVP_MAC_SIZE],
		      char out[OKVP_AT_LEAST OKVP_MAC_TEXT_SIZE]);

/* Reads a MAC with colons, dashes or nothing between its bytes, in any case. */
bool okvp_mac_from_text(const char *text, uint8_t ret_mac[OKVP_AT_LEAST OKVP_MAC_SIZE]);

/* "192.0.2.1", "2001:db8::1". Returns out. */
const char *okvp_address_to_text(const struct okvp_address *address,
				 char out[OKVP_AT_LEAST OKVP_ADDRESS_TEXT_SIZE]);

/* Reads an address of either family; prefix and origin become 0. */
bool okvp_address_from_text(const char *text, size_t length, struct okvp_address *ret_address);

/* Reads a subnet into the prefix of an address: "255.255.255.0", "64", "/64". False when it is none
 * of its family, or a mask with holes. */
bool okvp_prefix_from_text(const char *text, size_t length, struct okvp_address *address);

/* The mask of a prefix of IPv4. */
void okvp_mask_of(uint8_t prefix, uint8_t ret_mask[OKVP_AT_LEAST 4]);

/* The prefix of a mask of IPv4; false when it has holes. */
bool okvp_prefix_of(const uint8_t mask[OKVP_AT_LEAST 4], uint8_t *ret_prefix);

/* Whether an address is of no use beyond its link: 169.254.0.0/16, fe80::/10. */
bool okvp_address_is_link_local(const struct okvp_address *address);

/* 16 for IPv6, 4 for IPv4. */
size_t okvp_address_size(uint8_t family);

/* How many addresses of a family a list has. */
size_t okvp_count_family(const struct okvp_address *list, size_t count, uint8_t family);

/* Adds an address to a list; false when there are the most of its family already. */
bool okvp_add_address(struct okvp_address_list *list, const struct okvp_address *address);
bool okvp_add_gateway(struct okvp_gateway_list *list, const struct okvp_address *address);

OKVP_END_DECLS
