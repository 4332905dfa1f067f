/* SPDX-License-Identifier: MIT */
/* intrinsic.c -- facts from os-release, uname, getifaddrs and the resolver. */
#include "agent/intrinsic.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/unicode.h"

#define VALUE_SIZE (OKVP_VALUE_UNITS + 1) /* all of them are ASCII, or nearly so */
#define NAME_SIZE  256

#define INTEGRATION_SERVICES_VERSION "3.1" /* what the Linux driver tells its daemon */

/* The search for the machine's full name, shared by its thread and who waits for it. */
struct name_lookup {
	atomic_int owners;
	atomic_bool found;
	int event_fd; /* readable when found */
	char bare[NAME_SIZE], full[NAME_SIZE];
};

struct intrinsic {
	struct name_lookup *lookup;
	pthread_t thread;
	bool running; /* the thread, for all that is known here */
	struct utsname uname;
	char os_name[VALUE_SIZE], os_major[VALUE_SIZE], os_version[VALUE_SIZE];
	char addresses[VALUE_SIZE];
};

static void release_lookup(struct name_lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->owners, 1) > 1)
		return;
	if (lookup->event_fd >= 0)
		close(lookup->event_fd);
	free(lookup);
}

static void *look_up(void *argument)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME };
	struct name_lookup *lookup = argument;
	struct addrinfo *found;

	if (getaddrinfo(lookup->bare, NULL, &hints, &found) == 0) {
		const char *name = found->ai_canonname;

		if (name && *name && strlen(name) < NAME_SIZE) {
			strcpy(lookup->full, name);
			atomic_store(&lookup->found, true);
			eventfd_write(lookup->event_fd, 1);
		}
		freeaddrinfo(found);
	}
	release_lookup(lookup);
	return NULL;
}

static void start_lookup(struct intrinsic *intrinsic)
{
	struct name_lookup *lookup = xcalloc(1, sizeof(*lookup));

	gethostname(lookup->bare, sizeof(lookup->bare) - 1);
	lookup->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	atomic_store(&lookup->owners, 2);
	intrinsic->lookup = lookup;
	intrinsic->running = pthread_create(&intrinsic->thread, NULL, look_up, lookup) == 0;
	if (!intrinsic->running)
		release_lookup(lookup);
}

void intrinsic_wait(struct intrinsic *intrinsic)
{
	if (intrinsic->running)
		pthread_join(intrinsic->thread, NULL);
	intrinsic->running = false;
}

int intrinsic_descriptor(const struct intrinsic *intrinsic)
{
	return intrinsic->lookup->event_fd;
}

/* Copies a value as a shell reads it: quotes go, and a backslash before what it protects. */
static void unquote(const char *in, char *value, size_t room)
{
	char quote = *in == '"' || *in == '\'' ? *in++ : '\0';
	size_t length = 0;

	for (; *in && *in != '\n' && !(quote && *in == quote); in++) {
		if (*in == '\\' && quote != '\'' && in[1] && in[1] != '\n')
			in++;
		if (length < room - 1)
			value[length++] = *in;
	}
	value[okvp_utf8_prefix(value, length, length)] = '\0';
}

bool intrinsic_read_os_release(FILE *in, const char *name, char *value, size_t room)
{
	size_t length = strlen(name), line_room = 0;
	char *line = NULL;
	bool found = false;

	while (getline(&line, &line_room, in) > 0)
		if (strncmp(line, name, length) == 0 && line[length] == '=') {
			unquote(line + length + 1, value, room);
			found = true;
		}
	free(line);
	return found;
}

static void read_os(struct intrinsic *intrinsic)
{
	FILE *in = fopen("/etc/os-release", "re");

	if (!in)
		in = fopen("/usr/lib/os-release", "re");
	strcpy(intrinsic->os_name, intrinsic->uname.sysname);
	if (!in)
		return;
	intrinsic_read_os_release(in, "NAME", intrinsic->os_name, VALUE_SIZE);
	rewind(in);
	intrinsic_read_os_release(in, "VERSION_ID", intrinsic->os_major, VALUE_SIZE);
	fclose(in);
}

struct intrinsic *intrinsic_create(void)
{
	struct intrinsic *intrinsic = xcalloc(1, sizeof(*intrinsic));

	uname(&intrinsic->uname);
	strcpy(intrinsic->os_version, intrinsic->uname.release);
	intrinsic->os_version[strcspn(intrinsic->os_version, "-")] = '\0';
	read_os(intrinsic);
	start_lookup(intrinsic);
	return intrinsic;
}

void intrinsic_free(struct intrinsic **intrinsic)
{
	if (!*intrinsic)
		return;
	if ((*intrinsic)->running)
		pthread_detach((*intrinsic)->thread);
	release_lookup((*intrinsic)->lookup);
	free(*intrinsic);
	*intrinsic = NULL;
}

static const char *address_text(const struct sockaddr *address, char *text, socklen_t room)
{
	if (address->sa_family == AF_INET)
		return inet_ntop(AF_INET,
				 &((const struct sockaddr_in *)(const void *)address)->sin_addr,
				 text, room);
	return inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
			 text, room);
}

/* All addresses of a family but those of the loopback interface, with ";" between them. The host's
 * message limits the list: addresses that have no room are left out whole. */
static const char *addresses(struct intrinsic *intrinsic, int family)
{
	struct ifaddrs *all = NULL;
	size_t length = 0;

	intrinsic->addresses[0] = '\0';
	if (getifaddrs(&all) < 0)
		return intrinsic->addresses;
	for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
		char text[INET6_ADDRSTRLEN];

		if (!one->ifa_addr || one->ifa_addr->sa_family != family ||
		    one->ifa_flags & IFF_LOOPBACK ||
		    !address_text(one->ifa_addr, text, sizeof(text)) ||
		    length + 1 + strlen(text) >= VALUE_SIZE)
			continue;
		length += (size_t)sprintf(intrinsic->addresses + length, "%s%s", length ? ";" : "",
					  text);
	}
	freeifaddrs(all);
	return intrinsic->addresses;
}

static const char *full_name(struct intrinsic *intrinsic)
{
	struct name_lookup *lookup = intrinsic->lookup;

	return atomic_load(&lookup->found) ? lookup->full : lookup->bare;
}

static const char *services_version(struct intrinsic *intrinsic)
{
	return INTEGRATION_SERVICES_VERSION;
}

static const char *ipv4(struct intrinsic *intrinsic)
{
	return addresses(intrinsic, AF_INET);
}

static const char *ipv6(struct intrinsic *intrinsic)
{
	return addresses(intrinsic, AF_INET6);
}

static const char *os_build(struct intrinsic *intrinsic)
{
	return intrinsic->uname.release;
}

static const char *os_name(struct intrinsic *intrinsic)
{
	return intrinsic->os_name;
}

static const char *os_major(struct intrinsic *intrinsic)
{
	return intrinsic->os_major;
}

/* The Linux daemon puts the whole VERSION_ID into the major version. */
static const char *os_minor(struct intrinsic *intrinsic)
{
	return "";
}

static const char *os_version(struct intrinsic *intrinsic)
{
	return intrinsic->os_version;
}

static const char *architecture(struct intrinsic *intrinsic)
{
	return intrinsic->uname.machine;
}

bool intrinsic_item(struct intrinsic *intrinsic, size_t index, struct okvp_item *ret_item)
{
	static const struct {
		const char *key;
		const char *(*value)(struct intrinsic *intrinsic);
	} facts[] = {
		{ "FullyQualifiedDomainName", full_name },
		{ "IntegrationServicesVersion", services_version },
		{ "NetworkAddressIPv4", ipv4 },
		{ "NetworkAddressIPv6", ipv6 },
		{ "OSBuildNumber", os_build },
		{ "OSName", os_name },
		{ "OSMajorVersion", os_major },
		{ "OSMinorVersion", os_minor },
		{ "OSVersion", os_version },
		{ "ProcessorArchitecture", architecture },
	};
	const char *value;

	_Static_assert(sizeof(facts) / sizeof(*facts) == INTRINSIC_COUNT, "one for each item");
	if (index >= INTRINSIC_COUNT)
		return false;
	value = facts[index].value(intrinsic);
	*ret_item = (struct okvp_item){
		.key = facts[index].key,
		.key_length = (uint16_t)strlen(facts[index].key),
		.value = value,
		.value_length = (uint16_t)strlen(value),
	};
	return true;
}
