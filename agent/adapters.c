/* SPDX-License-Identifier: MIT */
/* adapters.c -- links, addresses, default routes and name servers, put together. */
#include "agent/adapters.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/netlink.h"
#include "base/memory.h"
#include "openkvp/own_message.h"
#include "openkvp/scoped.h"

#define RESOLV_CONF          "/etc/resolv.conf"
#define RESOLV_CONF_RESOLVED "/run/systemd/resolve/resolv.conf" /* what is behind 127.0.0.53 */

static struct okvp_adapter *find(const struct machine_adapters *adapters, unsigned int index)
{
	for (size_t i = 0; i < adapters->count; i++)
		if (adapters->list[i].index == index)
			return &adapters->list[i].adapter;
	return NULL;
}

/* --- Links --- */

/* Kinds that a machine makes for what runs in it. Others (bond, vlan, macvlan ...) are another form
 * of the adapter below, or carry the machine's own address. */
static bool is_made_for_others(const char *kind)
{
	static const char *const kinds[] = { "bridge", "veth",   "tun",    "dummy", "ifb",
					     "vxlan",  "geneve", "gretap", "nlmon", "openvswitch" };

	for (size_t i = 0; i < count_of(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

static const char *kind_of(const struct rtattr *info)
{
	const struct rtattr *table[IFLA_INFO_MAX + 1];

	if (!info)
		return "";
	netlink_attributes(RTA_DATA(info), RTA_PAYLOAD(info), table, IFLA_INFO_MAX);
	return table[IFLA_INFO_KIND] ? RTA_DATA(table[IFLA_INFO_KIND]) : "";
}

static void take_link(void *context, const struct nlmsghdr *message)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	const struct rtattr *table[IFLA_MAX + 1];
	struct machine_adapters *adapters = context;
	struct machine_adapter *added;

	netlink_attributes(IFLA_RTA(link), IFLA_PAYLOAD(message), table, IFLA_MAX);
	if (message->nlmsg_type != RTM_NEWLINK || link->ifi_flags & IFF_LOOPBACK ||
	    !table[IFLA_IFNAME] || !table[IFLA_ADDRESS] ||
	    RTA_PAYLOAD(table[IFLA_ADDRESS]) != OKVP_MAC_SIZE)
		return;
	grow(adapters->list, adapters->count, adapters->room);
	added = &adapters->list[adapters->count++];
	memset(added, 0, sizeof(*added));
	added->index = (unsigned int)link->ifi_index;
	if (table[IFLA_MASTER])
		memcpy(&added->master, RTA_DATA(table[IFLA_MASTER]), sizeof(added->master));
	okvp_mac_to_text(RTA_DATA(table[IFLA_ADDRESS]), added->adapter.id);
	snprintf(added->adapter.name, sizeof(added->adapter.name), "%s",
		 (const char *)RTA_DATA(table[IFLA_IFNAME]));
	added->adapter.software = is_made_for_others(kind_of(table[IFLA_LINKINFO]));
}

/* A bridge with a real adapter among its ports carries the machine's own addresses. */
static void look_at_ports(struct machine_adapters *adapters)
{
	for (size_t i = 0; i < adapters->count; i++) {
		const struct machine_adapter *port = &adapters->list[i];
		struct okvp_adapter *master = find(adapters, port->master);

		if (master && !port->adapter.software)
			master->software = false;
	}
}

/* The ports of bridges and bonds have no addresses of their own; there may be many. */
static void drop_ports(struct machine_adapters *adapters)
{
	size_t kept = 0;

	for (size_t i = 0; i < adapters->count && kept < OKVP_ADAPTERS_MAX; i++)
		if (adapters->list[i].master == 0 || adapters->list[i].adapter.addresses.count > 0)
			adapters->list[kept++] = adapters->list[i];
	adapters->count = kept;
}

/* --- Addresses --- */

static struct okvp_address make_address(unsigned char family, const struct rtattr *bytes)
{
	struct okvp_address address = { .family = family == AF_INET6 ? OKVP_IPV6 : OKVP_IPV4 };
	size_t size = okvp_address_size(address.family);

	if (RTA_PAYLOAD(bytes) >= size)
		memcpy(address.bytes, RTA_DATA(bytes), size);
	return address;
}

/* An address with a lifetime was given by DHCP or a router. */
static uint8_t origin_of(const struct okvp_address *address, uint32_t flags)
{
	return flags & IFA_F_PERMANENT && !okvp_address_is_link_local(address) ? OKVP_ORIGIN_STATIC
									       : OKVP_ORIGIN_OTHER;
}

static void take_address(void *context, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *head = NLMSG_DATA(message);
	struct okvp_adapter *adapter = find(context, head->ifa_index);
	const struct rtattr *table[IFA_MAX + 1], *bytes;
	uint32_t flags = head->ifa_flags;
	struct okvp_address address;

	netlink_attributes(IFA_RTA(head), IFA_PAYLOAD(message), table, IFA_MAX);
	bytes = table[IFA_LOCAL] ? table[IFA_LOCAL] : table[IFA_ADDRESS];
	if (message->nlmsg_type != RTM_NEWADDR || !adapter || !bytes ||
	    (head->ifa_family != AF_INET && head->ifa_family != AF_INET6))
		return;
	if (table[IFA_FLAGS])
		memcpy(&flags, RTA_DATA(table[IFA_FLAGS]), sizeof(flags));
	if (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		return; /* not in use: there will be another event */
	address = make_address(head->ifa_family, bytes);
	address.prefix = head->ifa_prefixlen;
	address.origin = origin_of(&address, flags);
	if (address.family == OKVP_IPV4 && address.origin == OKVP_ORIGIN_OTHER)
		adapter->dhcp = true;
	okvp_add_address(&adapter->addresses, &address);
}

/* --- Routes --- */

static void add_gateway(struct machine_adapters *adapters, unsigned char family,
			const struct rtattr *bytes, unsigned int index)
{
	struct okvp_adapter *adapter = find(adapters, index);
	struct okvp_address address;

	if (!adapter || !bytes)
		return;
	address = make_address(family, bytes);
	okvp_add_gateway(&adapter->gateways, &address);
}

static void take_hops(struct machine_adapters *adapters, unsigned char family,
		      const struct rtattr *hops)
{
	const struct rtnexthop *hop = RTA_DATA(hops);
	int left = (int)RTA_PAYLOAD(hops);

	for (; RTNH_OK(hop, left); left -= NLMSG_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		const struct rtattr *table[RTA_MAX + 1];

		netlink_attributes(RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop), table, RTA_MAX);
		add_gateway(adapters, family, table[RTA_GATEWAY], (unsigned int)hop->rtnh_ifindex);
	}
}

static void take_route(void *context, const struct nlmsghdr *message)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	const struct rtattr *table[RTA_MAX + 1];
	unsigned int index;

	netlink_attributes(RTM_RTA(route), RTM_PAYLOAD(message), table, RTA_MAX);
	if (message->nlmsg_type != RTM_NEWROUTE || route->rtm_dst_len != 0 ||
	    route->rtm_type != RTN_UNICAST || route->rtm_table != RT_TABLE_MAIN ||
	    (route->rtm_family != AF_INET && route->rtm_family != AF_INET6))
		return;
	if (table[RTA_MULTIPATH])
		take_hops(context, route->rtm_family, table[RTA_MULTIPATH]);
	if (!table[RTA_OIF])
		return;
	memcpy(&index, RTA_DATA(table[RTA_OIF]), sizeof(index));
	add_gateway(context, route->rtm_family, table[RTA_GATEWAY], index);
}

/* --- Name servers --- */

static bool is_loopback(const struct okvp_address *address)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (address->family == OKVP_IPV4)
		return address->bytes[0] == 127;
	return memcmp(address->bytes, loopback6, sizeof(loopback6)) == 0;
}

void adapters_read_dns(const char *path, struct okvp_address_list *list)
{
	FILE *in = fopen(path, "re");
	char line[512], server[64];

	while (in && fgets(line, sizeof(line), in)) {
		struct okvp_address address;

		if (sscanf(line, " nameserver %63s", server) == 1 &&
		    okvp_address_from_text(server, strcspn(server, "%"), &address) &&
		    !is_loopback(&address))
			okvp_add_address(list, &address);
	}
	if (in)
		fclose(in);
}

/* The system has one list; it belongs to the adapters through which it reaches others. */
static void add_dns(struct machine_adapters *adapters)
{
	struct okvp_address_list servers = { 0 };

	adapters_read_dns(RESOLV_CONF, &servers);
	if (servers.count == 0)
		adapters_read_dns(RESOLV_CONF_RESOLVED, &servers);
	for (size_t i = 0; i < adapters->count; i++)
		if (adapters->list[i].adapter.gateways.count > 0)
			adapters->list[i].adapter.dns = servers;
}

bool adapters_read(struct machine_adapters *ret_adapters, struct okvp_error *err)
{
	*ret_adapters = (struct machine_adapters){ 0 };
	if (!netlink_dump(RTM_GETLINK, take_link, ret_adapters, err) ||
	    !netlink_dump(RTM_GETADDR, take_address, ret_adapters, err)) {
		adapters_done(ret_adapters);
		return false;
	}
	look_at_ports(ret_adapters);
	drop_ports(ret_adapters);
	if (!netlink_dump(RTM_GETROUTE, take_route, ret_adapters, err)) {
		adapters_done(ret_adapters);
		return false;
	}
	add_dns(ret_adapters);
	return true;
}

const struct machine_adapter *adapters_find(const struct machine_adapters *adapters,
					    const char *mac)
{
	uint8_t bytes[OKVP_MAC_SIZE];
	char text[OKVP_MAC_TEXT_SIZE];

	if (!okvp_mac_from_text(mac, bytes))
		return NULL;
	okvp_mac_to_text(bytes, text);
	for (size_t i = 0; i < adapters->count; i++)
		if (strcmp(adapters->list[i].adapter.id, text) == 0)
			return &adapters->list[i];
	return NULL;
}

void adapters_done(struct machine_adapters *adapters)
{
	free(adapters->list);
	*adapters = (struct machine_adapters){ 0 };
}
