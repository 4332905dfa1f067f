/* SPDX-License-Identifier: MIT */
/* setup_plan.c -- what NetworkManager, systemd-networkd and iproute2 are told. */
#include "agent/setup_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define RESOLV_CONF     "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536

/* --- Who is there --- */

static bool has_program(const char *root, const char *name)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	char path[256];

	for (size_t i = 0; i < count_of(folders); i++) {
		snprintf(path, sizeof(path), "%s%s/%s", root, folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool exists(const char *root, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return access(path, F_OK) == 0;
}

enum network_manager network_manager_find(const char *root)
{
	if (exists(root, "/run/NetworkManager") && has_program(root, "nmcli"))
		return MANAGER_NETWORK_MANAGER;
	if (exists(root, "/run/systemd/netif/links") && has_program(root, "networkctl"))
		return MANAGER_NETWORKD;
	return has_program(root, "ip") ? MANAGER_IPROUTE2 : MANAGER_NONE;
}

/* --- Plans --- */

void setup_plan_done(struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		for (char **word = plan->command[i].words; *word; word++)
			free(*word);
	free(plan->command);
	free(plan->path);
	text_done(&plan->content);
	*plan = (struct setup_plan){ 0 };
}

/* Adds a command; the words end with NULL. */
static void run(struct setup_plan *plan, const char *first, ...)
{
	struct plan_command command = { 0 };
	size_t count = 0;
	va_list words;

	va_start(words, first);
	for (const char *word = first; word && count < PLAN_WORDS_MAX - 1;
	     word = va_arg(words, const char *))
		command.words[count++] = xstrdup(word);
	va_end(words);
	grow(plan->command, plan->count, plan->room);
	plan->command[plan->count++] = command;
}

/* "192.0.2.10/24" */
static const char *with_prefix(const struct okvp_address *address,
			       char out[static OKVP_ADDRESS_TEXT_SIZE + 4])
{
	char text[OKVP_ADDRESS_TEXT_SIZE];

	snprintf(out, OKVP_ADDRESS_TEXT_SIZE + 4, "%s/%u", okvp_address_to_text(address, text),
		 address->prefix);
	return out;
}

/* "openkvp-525400123456" */
static void file_name(const struct okvp_adapter *adapter, char out[static 32])
{
	size_t length = (size_t)snprintf(out, 32, "openkvp-");

	for (const char *at = adapter->id; *at && length < 31; at++)
		if (*at != ':')
			out[length++] = *at;
	out[length] = '\0';
}

static size_t count_addresses(const struct okvp_adapter *adapter, uint8_t family)
{
	return okvp_count_family(adapter->addresses.address, adapter->addresses.count, family);
}

/* --- NetworkManager --- */

/* A gateway stands behind the first address, or for itself. */
static void write_keyfile_family(struct text *out, const struct okvp_adapter *wanted,
				 uint8_t family)
{
	char text[OKVP_ADDRESS_TEXT_SIZE + 4];
	size_t number = 0;

	for (size_t i = 0; i < wanted->addresses.count; i++)
		if (wanted->addresses.address[i].family == family)
			text_printf(out, "address%zu=%s\n", ++number,
				    with_prefix(&wanted->addresses.address[i], text));
	for (size_t i = 0; i < wanted->gateways.count; i++)
		if (wanted->gateways.address[i].family == family) {
			text_printf(out, "gateway=%s\n",
				    okvp_address_to_text(&wanted->gateways.address[i], text));
			break; /* it takes one */
		}
	number = 0;
	for (size_t i = 0; i < wanted->dns.count; i++)
		if (wanted->dns.address[i].family == family)
			text_printf(out, "%s%s;", number++ == 0 ? "dns=" : "",
				    okvp_address_to_text(&wanted->dns.address[i], text));
	if (number > 0)
		text_putc(out, '\n');
}

static void plan_network_manager(const struct machine_adapter *now,
				 const struct okvp_adapter *wanted, struct setup_plan *plan)
{
	bool ipv4 = count_addresses(wanted, OKVP_IPV4) > 0;
	bool ipv6 = count_addresses(wanted, OKVP_IPV6) > 0;
	struct text *out = &plan->content;
	char name[32];

	file_name(wanted, name);
	plan->path = xprintf("/etc/NetworkManager/system-connections/%s.nmconnection", name);
	text_printf(out,
		    "[connection]\nid=%s\ntype=ethernet\nautoconnect-priority=100\n"
		    "[ethernet]\nmac-address=%s\n[ipv4]\nmethod=%s\n",
		    name, wanted->id,
		    wanted->dhcp ? "auto"
		    : ipv4       ? "manual"
				 : "disabled");
	write_keyfile_family(out, wanted, OKVP_IPV4);
	text_printf(out, "[ipv6]\nmethod=%s\n", ipv6 ? "manual" : "auto");
	write_keyfile_family(out, wanted, OKVP_IPV6);
	run(plan, "nmcli", "connection", "load", plan->path, NULL);
	run(plan, "nmcli", "--wait", "20", "connection", "up", "id", name, "ifname",
	    now->adapter.name, NULL);
}

/* --- systemd-networkd --- */

static void write_network_lines(struct text *out, const char *word, const struct okvp_address *list,
				size_t count)
{
	char text[OKVP_ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		text_printf(out, "%s=%s\n", word, okvp_address_to_text(&list[i], text));
}

static void plan_networkd(const struct machine_adapter *now, const struct okvp_adapter *wanted,
			  struct setup_plan *plan)
{
	char name[32], text[OKVP_ADDRESS_TEXT_SIZE + 4];
	struct text *out = &plan->content;

	file_name(wanted, name);
	plan->path = xprintf("/etc/systemd/network/05-%s.network", name);
	plan->is_public = true; /* it is read by an account of its own */
	text_printf(out, "[Match]\nMACAddress=%s\n[Network]\nDHCP=%s\n", wanted->id,
		    wanted->dhcp ? "ipv4" : "no");
	for (size_t i = 0; i < wanted->addresses.count; i++)
		text_printf(out, "Address=%s\n", with_prefix(&wanted->addresses.address[i], text));
	write_network_lines(out, "Gateway", wanted->gateways.address, wanted->gateways.count);
	write_network_lines(out, "DNS", wanted->dns.address, wanted->dns.count);
	run(plan, "networkctl", "reload", NULL);
	run(plan, "networkctl", "reconfigure", now->adapter.name, NULL);
}

/* --- iproute2 --- */

static bool same_address(const struct okvp_address *a, const struct okvp_address *b)
{
	return a->family == b->family && a->prefix == b->prefix &&
	       memcmp(a->bytes, b->bytes, okvp_address_size(a->family)) == 0;
}

static bool contains(const struct okvp_address_list *list, const struct okvp_address *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_address(&list->address[i], address))
			return true;
	return false;
}

/* Whether an address of the adapter has to go: another one of its family takes its place. */
static bool is_old(const struct okvp_adapter *wanted, const struct okvp_address *address)
{
	return count_addresses(wanted, address->family) > 0 &&
	       !contains(&wanted->addresses, address) &&
	       !(address->family == OKVP_IPV6 && okvp_address_is_link_local(address));
}

static bool has_name_server(const char *line)
{
	return strncmp(line, "nameserver", 10) == 0;
}

/* What else stands in resolv.conf stays there. */
static bool plan_resolv_conf(const struct okvp_adapter *wanted, struct setup_plan *plan,
			     struct okvp_error *err)
{
	struct text before scoped(text_done) = { 0 };
	char text[OKVP_ADDRESS_TEXT_SIZE];
	char *rest, *line;

	if (readlink(RESOLV_CONF, text, sizeof(text)) >= 0)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 RESOLV_CONF " is a link: the DNS servers are another program's");
	if (access(RESOLV_CONF, F_OK) == 0 &&
	    !file_read(RESOLV_CONF, RESOLV_CONF_MAX, &before, err))
		return false;
	plan->path = xstrdup(RESOLV_CONF);
	plan->is_public = true;
	for (size_t i = 0; i < wanted->dns.count; i++)
		text_printf(&plan->content, "nameserver %s\n",
			    okvp_address_to_text(&wanted->dns.address[i], text));
	text_putc(&before, '\0');
	for (rest = before.bytes; (line = strsep(&rest, "\n"));)
		if (*line && !has_name_server(line))
			text_printf(&plan->content, "%s\n", line);
	return true;
}

/* The new addresses come before the old ones go: what fails first has changed little. */
static bool plan_iproute2(const struct machine_adapter *now, const struct okvp_adapter *wanted,
			  struct setup_plan *plan, struct okvp_error *err)
{
	const struct okvp_address_list *old = &now->adapter.addresses;
	const char *name = now->adapter.name;
	char text[OKVP_ADDRESS_TEXT_SIZE + 4];

	if (wanted->dhcp)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "neither NetworkManager nor systemd-networkd runs here, so there "
				 "is no DHCP");
	if (wanted->dns.count > 0 && !plan_resolv_conf(wanted, plan, err))
		return false;
	run(plan, "ip", "link", "set", "dev", name, "up", NULL);
	for (size_t i = 0; i < wanted->addresses.count; i++)
		run(plan, "ip", "address", "replace",
		    with_prefix(&wanted->addresses.address[i], text), "dev", name, NULL);
	for (size_t i = 0; i < old->count; i++)
		if (is_old(wanted, &old->address[i]))
			run(plan, "ip", "address", "delete", with_prefix(&old->address[i], text),
			    "dev", name, NULL);
	for (size_t i = 0; i < wanted->gateways.count; i++)
		run(plan, "ip", wanted->gateways.address[i].family == OKVP_IPV4 ? "-4" : "-6",
		    "route", "replace", "default", "via",
		    okvp_address_to_text(&wanted->gateways.address[i], text), "dev", name, NULL);
	return true;
}

bool setup_plan_make(enum network_manager manager, const struct machine_adapter *now,
		     const struct okvp_adapter *wanted, struct setup_plan *ret_plan,
		     struct okvp_error *err)
{
	struct setup_plan plan scoped(setup_plan_done) = { 0 };

	switch (manager) {
	case MANAGER_NETWORK_MANAGER:
		plan_network_manager(now, wanted, &plan);
		break;
	case MANAGER_NETWORKD:
		plan_networkd(now, wanted, &plan);
		break;
	case MANAGER_IPROUTE2:
		if (!plan_iproute2(now, wanted, &plan, err))
			return false;
		break;
	case MANAGER_NONE:
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "there is nothing here that sets up adapters");
	}
	*ret_plan = plan;
	plan = (struct setup_plan){ 0 };
	return true;
}
