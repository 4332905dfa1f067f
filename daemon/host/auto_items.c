/* SPDX-License-Identifier: MIT */
/* auto_items.c -- the table of pool 3. */
#include "host/auto_items.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"

#define THROTTLE_MIN  5
#define THROTTLE_MAX  100
#define NET_BIOS_MOST 15
#define STATES_MAX    64

/* --- What this machine is --- */

static unsigned int architecture_number(const char *machine)
{
	static const struct {
		const char *name;
		unsigned int number; /* PROCESSOR_ARCHITECTURE_... of Windows */
	} known[] = { { "x86_64", 9 }, { "aarch64", 12 } };

	for (size_t i = 0; i < count_of(known); i++)
		if (strcmp(machine, known[i].name) == 0)
			return known[i].number;
	return 0xFFFF;
}

static bool has_hypervisor_flag(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[8192];
	bool has = false;

	while (file && !has && fgets(line, sizeof(line), file))
		has = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor") != NULL;
	if (file)
		fclose(file);
	return has;
}

static unsigned int highest_idle_state(void)
{
	unsigned int count = 0;
	char path[80];

	for (; count < STATES_MAX; count++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu0/cpuidle/state%u", count);
		if (access(path, F_OK) != 0)
			break;
	}
	return count > 0 ? count - 1 : 0;
}

void host_facts_read(struct host_facts *ret_facts)
{
	struct host_facts facts = { 0 };
	struct utsname system;

	if (gethostname(facts.name, sizeof(facts.name) - 1) != 0)
		snprintf(facts.name, sizeof(facts.name), "localhost");
	snprintf(facts.fqdn, sizeof(facts.fqdn), "%s", facts.name);
	for (size_t i = 0; i < NET_BIOS_MOST && facts.name[i] && facts.name[i] != '.'; i++)
		facts.net_bios[i] = (char)toupper((unsigned char)facts.name[i]);
	if (uname(&system) == 0) {
		sscanf(system.release, "%u.%u", &facts.kernel_major, &facts.kernel_minor);
		facts.architecture = architecture_number(system.machine);
	}
	facts.nested_level = has_hypervisor_flag() ? 1 : 0;
	facts.idle_state_max = highest_idle_state();
	*ret_facts = facts;
}

/* --- The table --- */

struct source {
	const struct host_facts *facts;
	const struct snapshot *vm;
	char id[GUID_TEXT_SIZE];
};

struct auto_item {
	const char *key;
	const char *(*text)(const struct source *source);    /* a text, or */
	unsigned int (*number)(const struct source *source); /* a number */
};

static const char *fqdn(const struct source *source)
{
	return source->facts->fqdn;
}

static const char *net_bios(const struct source *source)
{
	return source->facts->net_bios;
}

static const char *vm_id_of(const struct source *source)
{
	return source->id;
}

static const char *vm_name(const struct source *source)
{
	return source->vm->settings->name;
}

static unsigned int zero(const struct source *source)
{
	return 0;
}

static unsigned int nested_level(const struct source *source)
{
	return source->facts->nested_level;
}

static unsigned int kernel_major(const struct source *source)
{
	return source->facts->kernel_major;
}

static unsigned int kernel_minor(const struct source *source)
{
	return source->facts->kernel_minor;
}

static unsigned int architecture(const struct source *source)
{
	return source->facts->architecture;
}

static unsigned int idle_state_max(const struct source *source)
{
	return source->facts->idle_state_max;
}

static unsigned int throttle_max(const struct source *source)
{
	return THROTTLE_MAX;
}

static unsigned int throttle_min(const struct source *source)
{
	return THROTTLE_MIN;
}

static const struct auto_item table[] = {
	{ .key = "HostName", .text = fqdn },
	{ .key = "HostingSystemEditionId", .number = zero },
	{ .key = "HostingSystemNestedLevel", .number = nested_level },
	{ .key = "HostingSystemOsMajor", .number = kernel_major },
	{ .key = "HostingSystemOsMinor", .number = kernel_minor },
	{ .key = "HostingSystemProcessorArchitecture", .number = architecture },
	{ .key = "HostingSystemProcessorIdleStateMax", .number = idle_state_max },
	{ .key = "HostingSystemProcessorThrottleMax", .number = throttle_max },
	{ .key = "HostingSystemProcessorThrottleMin", .number = throttle_min },
	{ .key = "HostingSystemSpMajor", .number = zero },
	{ .key = "HostingSystemSpMinor", .number = zero },
	{ .key = "PhysicalHostName", .text = net_bios },
	{ .key = "PhysicalHostNameFullyQualified", .text = fqdn },
	{ .key = "VirtualMachineDynamicMemoryBalancingEnabled", .number = zero },
	{ .key = "VirtualMachineId", .text = vm_id_of },
	{ .key = "VirtualMachineName", .text = vm_name },
};
_Static_assert(count_of(table) == AUTO_ITEMS_COUNT, "the table and its size disagree");

void auto_items_make(const struct host_facts *facts, const struct snapshot *vm,
		     struct stored_item *ret_items[static AUTO_ITEMS_COUNT])
{
	struct source source = { .facts = facts, .vm = vm };

	guid_to_text(&vm->id, source.id);
	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++) {
		const char *value = table[i].text ? table[i].text(&source) : NULL;
		char digits[16];
		struct okvp_item item = {
			.key = table[i].key,
			.key_length = (uint16_t)strlen(table[i].key),
			.type = value ? OKVP_TEXT : OKVP_U32,
		};

		if (!value) {
			snprintf(digits, sizeof(digits), "%u", table[i].number(&source));
			value = digits;
		}
		item.value = value;
		item.value_length = (uint16_t)strlen(value);
		ret_items[i] = stored_item_create(&item);
	}
}
