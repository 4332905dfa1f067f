/* SPDX-License-Identifier: MIT */
/* guests.c -- many guests in one process: each connects to its VM's socket and answers what it is
 * asked, from memory.
 *
 *	guests FOLDER COUNT ITEMS VALUE_BYTES
 *
 * Guest n connects to FOLDER/n, from 0. It publishes ITEMS items in pool 1 and the ten facts that
 * Linux publishes in pool 2, and accepts whatever the host sets. Prints "ready" when a version is
 * negotiated with all of them, and serves until its input ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/guest_stream.h"
#include "base/memory.h"
#include "bench.h"
#include "openkvp/scoped.h"

#define EVENTS_MAX 256

struct guest {
	struct guest_stream stream;
	bool open, wants_to_write;
};

static const struct okvp_item facts[] = {
#define FACT(name, text)                                                    \
	{                                                                   \
		.key = name, .value = text, .key_length = sizeof(name) - 1, \
		.value_length = sizeof(text) - 1                            \
	}
	FACT("FullyQualifiedDomainName", "guest.example.org"),
	FACT("IntegrationServicesVersion", "3.1"),
	FACT("NetworkAddressIPv4", "192.0.2.10"),
	FACT("NetworkAddressIPv6", "2001:db8::10"),
	FACT("OSBuildNumber", "6.1.0-32-amd64"),
	FACT("OSName", "Debian GNU/Linux 12 (bookworm)"),
	FACT("OSMajorVersion", "12"),
	FACT("OSMinorVersion", ""),
	FACT("OSVersion", "6.1.0"),
	FACT("ProcessorArchitecture", "x86_64"),
#undef FACT
};

static unsigned int item_count;
static char *value;
static int poll_fd;

/* --- What a guest answers --- */

static bool find(struct okvp_kvp_message *request, char key[static BENCH_KEY_LENGTH + 1])
{
	if (request->pool == OKVP_POOL_AUTO && request->index < count_of(facts)) {
		request->item = facts[request->index];
		return true;
	}
	if (request->pool != OKVP_POOL_GUEST || request->index >= item_count)
		return false;
	request->item = (struct okvp_item){ .key = bench_key(request->index, key),
					    .value = value,
					    .key_length = BENCH_KEY_LENGTH,
					    .value_length = (uint16_t)strlen(value) };
	return true;
}

static void answer_requests(struct guest *guest)
{
	static struct okvp_kvp_message request;
	char key[BENCH_KEY_LENGTH + 1];

	while (okvp_guest_session_next(guest->stream.session, &request)) {
		bool found = request.operation != OKVP_KVP_ENUMERATE || find(&request, key);

		okvp_guest_session_answer(guest->stream.session, &request,
					  found ? OKVP_IC_OK : OKVP_IC_NO_MORE_ITEMS);
	}
}

/* --- Connections --- */

static void watch(struct guest *guest, int operation)
{
	struct epoll_event event = { .events = (uint32_t)guest_stream_events(&guest->stream),
				     .data.ptr = guest };

	guest->wants_to_write = event.events & EPOLLOUT;
	if (epoll_ctl(poll_fd, operation, guest->stream.fd, &event) < 0)
		die_errno("epoll_ctl");
}

static void begin(struct guest *guest, const char *folder, unsigned int number)
{
	char *path scoped(xfree_text) = xprintf("%s/%u", folder, number);

	guest->stream.session = okvp_guest_session_create();
	guest->stream.fd = connect_unix(path, SOCK_STREAM);
	fcntl(guest->stream.fd, F_SETFL, O_NONBLOCK);
	okvp_guest_session_wake(guest->stream.session);
	watch(guest, EPOLL_CTL_ADD);
}

/* Takes what came and sends what waits; whether a version is negotiated now and was not before. */
static bool turn(struct guest *guest, short reported)
{
	bool was_open = guest->open;
	struct okvp_error err;

	if (!guest_stream_read(&guest->stream, reported, &err))
		die("%s", err.message);
	answer_requests(guest);
	if (!guest_stream_write(&guest->stream, &err))
		die("%s", err.message);
	if ((guest_stream_events(&guest->stream) & EPOLLOUT) !=
	    (guest->wants_to_write ? EPOLLOUT : 0))
		watch(guest, EPOLL_CTL_MOD);
	guest->open = okvp_guest_session_state(guest->stream.session) == OKVP_GUEST_OPEN;
	return guest->open && !was_open;
}

/* Until standard input ends. */
static void serve(unsigned int count)
{
	struct epoll_event events[EVENTS_MAX];
	unsigned int open = 0;

	for (;;) {
		int ready = epoll_wait(poll_fd, events, EVENTS_MAX, -1);

		if (ready < 0 && errno != EINTR)
			die_errno("epoll_wait");
		for (int i = 0; i < ready; i++) {
			if (!events[i].data.ptr)
				return;
			if (turn(events[i].data.ptr, (short)events[i].events) && ++open == count) {
				puts("ready");
				fflush(stdout);
			}
		}
	}
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct epoll_event input = { .events = EPOLLIN };
	unsigned int count, size;
	struct guest *guests;

	if (argc != 5)
		die("usage: guests FOLDER COUNT ITEMS VALUE_BYTES");
	count = number_of(argv[2]);
	item_count = (unsigned int)atoi(argv[3]);
	size = number_of(argv[4]);
	value = memset(xcalloc(1, size + 1), 'v', size);
	raise_descriptor_limit();
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0)
		die_errno("standard input");
	guests = xcalloc(count, sizeof(*guests));
	for (unsigned int n = 0; n < count; n++)
		begin(&guests[n], argv[1], n);
	serve(count);
	return 0;
}
