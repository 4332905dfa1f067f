/* SPDX-License-Identifier: MIT */
/* test_setup_plan.c -- agent/setup_plan */
#include "agent/setup_plan.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../temp_folder.h"

struct fixture {
	struct machine_adapter now; /* eth0 with 198.51.100.7/24 and fe80::1/64 */
	struct okvp_adapter wanted;
	struct setup_plan plan;
	struct okvp_error err;
};

static void add(struct okvp_address_list *list, const char *text, uint8_t prefix)
{
	struct okvp_address address;

	assert_true(okvp_address_from_text(text, strlen(text), &address));
	address.prefix = prefix;
	assert_true(okvp_add_address(list, &address));
}

static void add_gateway(struct okvp_adapter *adapter, const char *text)
{
	struct okvp_address address;

	assert_true(okvp_address_from_text(text, strlen(text), &address));
	assert_true(okvp_add_gateway(&adapter->gateways, &address));
}

static int begin(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->now.adapter.name, sizeof(fixture->now.adapter.name), "eth0");
	add(&fixture->now.adapter.addresses, "198.51.100.7", 24);
	add(&fixture->now.adapter.addresses, "fe80::1", 64);
	snprintf(fixture->wanted.id, sizeof(fixture->wanted.id), "52:54:00:12:34:56");
	*state = fixture;
	return 0;
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	setup_plan_done(&fixture->plan);
	free(fixture);
	return 0;
}

static bool make(struct fixture *fixture, enum network_manager manager)
{
	return setup_plan_make(manager, &fixture->now, &fixture->wanted, &fixture->plan,
			       &fixture->err);
}

static void assert_command(const struct fixture *fixture, size_t at, const char *expected)
{
	char line[256] = "";

	assert_true(at < fixture->plan.count);
	for (char *const *word = fixture->plan.command[at].words; *word; word++) {
		size_t length = strlen(line);

		snprintf(line + length, sizeof(line) - length, "%s%s", length ? " " : "", *word);
	}
	assert_string_equal(line, expected);
}

static void assert_content(const struct fixture *fixture, const char *expected)
{
	assert_int_equal(fixture->plan.content.length, strlen(expected));
	assert_memory_equal(fixture->plan.content.bytes, expected, strlen(expected));
}

static void new_addresses_come_before_old_ones_go(void **state)
{
	struct fixture *fixture = *state;

	add(&fixture->wanted.addresses, "192.0.2.10", 24);
	add_gateway(&fixture->wanted, "192.0.2.1");
	assert_true(make(fixture, MANAGER_IPROUTE2));
	assert_null(fixture->plan.path);
	assert_command(fixture, 0, "ip link set dev eth0 up");
	assert_command(fixture, 1, "ip address replace 192.0.2.10/24 dev eth0");
	assert_command(fixture, 2, "ip address delete 198.51.100.7/24 dev eth0");
	assert_command(fixture, 3, "ip -4 route replace default via 192.0.2.1 dev eth0");
	assert_int_equal(fixture->plan.count, 4);
}

static void a_family_without_addresses_stays_as_it_is(void **state)
{
	struct fixture *fixture = *state;

	add(&fixture->now.adapter.addresses, "2001:db8::7", 64);
	add(&fixture->wanted.addresses, "2001:db8::10", 64);
	assert_true(make(fixture, MANAGER_IPROUTE2));
	assert_command(fixture, 1, "ip address replace 2001:db8::10/64 dev eth0");
	assert_command(fixture, 2, "ip address delete 2001:db8::7/64 dev eth0");
	assert_int_equal(fixture->plan.count, 3);
}

static void what_is_there_already_stays(void **state)
{
	struct fixture *fixture = *state;

	add(&fixture->wanted.addresses, "198.51.100.7", 24);
	assert_true(make(fixture, MANAGER_IPROUTE2));
	assert_int_equal(fixture->plan.count, 2);
}

static void ip_knows_no_dhcp(void **state)
{
	struct fixture *fixture = *state;

	fixture->wanted.dhcp = true;
	assert_false(make(fixture, MANAGER_IPROUTE2));
	assert_int_equal(fixture->err.status, OKVP_UNSUPPORTED);
	assert_false(make(fixture, MANAGER_NONE));
}

static void networkmanager_gets_a_keyfile(void **state)
{
	struct fixture *fixture = *state;

	add(&fixture->wanted.addresses, "192.0.2.10", 24);
	add(&fixture->wanted.addresses, "192.0.2.11", 24);
	add(&fixture->wanted.addresses, "2001:db8::10", 64);
	add_gateway(&fixture->wanted, "192.0.2.1");
	add(&fixture->wanted.dns, "192.0.2.53", 0);
	add(&fixture->wanted.dns, "2001:db8::53", 0);
	add(&fixture->wanted.dns, "192.0.2.54", 0);
	assert_true(make(fixture, MANAGER_NETWORK_MANAGER));
	assert_content(fixture, "[connection]\nid=openkvp-525400123456\ntype=ethernet\n"
				"autoconnect-priority=100\n[ethernet]\n"
				"mac-address=52:54:00:12:34:56\n[ipv4]\nmethod=manual\n"
				"address1=192.0.2.10/24\naddress2=192.0.2.11/24\n"
				"gateway=192.0.2.1\ndns=192.0.2.53;192.0.2.54;\n"
				"[ipv6]\nmethod=manual\naddress1=2001:db8::10/64\n"
				"dns=2001:db8::53;\n");
	assert_false(fixture->plan.is_public);
	assert_int_equal(fixture->plan.count, 2);
}

static void networkd_gets_a_network_file(void **state)
{
	struct fixture *fixture = *state;

	add(&fixture->wanted.addresses, "192.0.2.10", 24);
	add_gateway(&fixture->wanted, "192.0.2.1");
	add(&fixture->wanted.dns, "192.0.2.53", 0);
	assert_true(make(fixture, MANAGER_NETWORKD));
	assert_string_equal(fixture->plan.path,
			    "/etc/systemd/network/05-openkvp-525400123456.network");
	assert_content(fixture, "[Match]\nMACAddress=52:54:00:12:34:56\n[Network]\nDHCP=no\n"
				"Address=192.0.2.10/24\nGateway=192.0.2.1\nDNS=192.0.2.53\n");
	assert_true(fixture->plan.is_public);
	assert_command(fixture, 1, "networkctl reconfigure eth0");
}

static void make_file(const char *root, const char *name, mode_t mode)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	close(open(path, O_CREAT | O_WRONLY, mode));
}

static void who_runs_comes_before_what_is_only_there(void **state)
{
	char *root = temp_folder_create();

	assert_int_equal(network_manager_find(root), MANAGER_NONE);
	make_file(root, "/sbin/ip", 0755);
	make_file(root, "/usr/bin/networkctl", 0755);
	make_file(root, "/usr/bin/nmcli", 0755);
	assert_int_equal(network_manager_find(root), MANAGER_IPROUTE2);
	make_file(root, "/run/systemd/netif/links/2", 0644);
	assert_int_equal(network_manager_find(root), MANAGER_NETWORKD);
	make_file(root, "/run/NetworkManager/conf", 0644);
	assert_int_equal(network_manager_find(root), MANAGER_NETWORK_MANAGER);
	temp_folder_remove(root);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(new_addresses_come_before_old_ones_go),
		test(a_family_without_addresses_stays_as_it_is),
		test(what_is_there_already_stays),
		test(ip_knows_no_dhcp),
		test(networkmanager_gets_a_keyfile),
		test(networkd_gets_a_network_file),
		test(who_runs_comes_before_what_is_only_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
