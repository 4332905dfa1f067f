/* SPDX-License-Identifier: MIT */
/* guests.c -- many guests in one process: each connects to its VM's socket and answers what it is
 * asked, from memory.
 *
 *	guests FOLDER COUNT ITEMS VALUE_BYTES hyper-v|own
 *
 * Guest n connects to FOLDER/n, from 0, and speaks Hyper-V's messages or openkvp's own protocol. It
 * publishes ITEMS items in pool 1 and the ten facts that Linux publishes in pool 2, and accepts
 * whatever the host sets. Prints "ready" when a version is agreed upon with all of them, and serves
 * until its input ends. With the own protocol a line of input
 *
 *	change RATE SECONDS PORT USER:PASSWORD
 *
 * has the guests change so many items a second in all, for so long, while the JSON API at the port
 *is watched; see observer.h for what is printed then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "guests.h"
#include "observer.h"
#include "openkvp/scoped.h"

#define EVENTS_MAX 256
#define TICK_MS    1000 /* when nothing happens, for heartbeats */

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

unsigned int guest_items, guest_value_bytes;
static bool own;
static int poll_fd;
static struct guest *guests;
static unsigned int guest_count;

/* --- What a guest answers --- */

bool guest_find(const struct guest *guest, enum okvp_pool pool, unsigned int i,
		struct guest_text *out, struct okvp_item *ret_item)
{
	if (pool == OKVP_POOL_AUTO && i < count_of(facts)) {
		*ret_item = facts[i];
		return true;
	}
	if (pool != OKVP_POOL_GUEST || i >= guest_items)
		return false;
	memset(out->value, 'v', guest_value_bytes);
	snprintf(out->value, sizeof(out->value), "%0*u", GUEST_SEQUENCE_DIGITS, guest->sequence[i]);
	out->value[GUEST_SEQUENCE_DIGITS] = 'v';
	*ret_item = (struct okvp_item){ .key = bench_key(i, out->key),
					.value = out->value,
					.key_length = BENCH_KEY_LENGTH,
					.value_length = (uint16_t)guest_value_bytes };
	return true;
}

static void answer_requests(struct guest *guest)
{
	static struct okvp_kvp_message request;
	struct guest_text text;

	while (okvp_guest_session_next(guest->stream.session, &request)) {
		bool found = request.operation != OKVP_KVP_ENUMERATE ||
			     guest_find(guest, request.pool, request.index, &text, &request.item);

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

	guest->sequence = xcalloc(guest_items + 1, sizeof(guest->sequence[0]));
	guest->stream.session = okvp_guest_session_create();
	guest->stream.fd = connect_unix(path, SOCK_STREAM);
	fcntl(guest->stream.fd, F_SETFL, O_NONBLOCK);
	if (own) {
		okvp_guest_session_offer(guest->stream.session, OKVP_OWN_VERSION);
		own_guest_init(guest);
	}
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
	own_guest_serve(guest);
	if (!guest_stream_write(&guest->stream, &err))
		die("%s", err.message);
	if ((guest_stream_events(&guest->stream) & EPOLLOUT) !=
	    (guest->wants_to_write ? EPOLLOUT : 0))
		watch(guest, EPOLL_CTL_MOD);
	guest->open = okvp_guest_session_state(guest->stream.session) == OKVP_GUEST_OPEN;
	return guest->open && !was_open;
}

/* --- Changes --- */

static struct {
	struct observer *observer;
	uint64_t begin_ns, end_ns;
	unsigned int rate, made;
} changes;

/* The line of input that begins them; false: the input has ended. */
static bool read_command(void)
{
	static char port[16], credentials[128];
	unsigned int seconds;
	char line[256];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	if (!own || guest_items == 0 || changes.observer ||
	    sscanf(line, "change %u %u %15s %127s", &changes.rate, &seconds, port, credentials) !=
		    4)
		die("no command: %s", line);
	changes.observer = observer_start(port, credentials);
	changes.begin_ns = now_ns();
	changes.end_ns = changes.begin_ns + seconds * UINT64_C(1000000000);
	return true;
}

/* Makes one: of one guest after another, each time another item. */
static void change(void)
{
	unsigned int n = changes.made % guest_count;
	unsigned int i = changes.made / guest_count * 7 % guest_items;
	uint64_t written_ns = now_ns();

	own_guest_change(&guests[n], i);
	turn(&guests[n], 0);
	changes.made++;
	observer_tell(changes.observer, n, i, guests[n].sequence[i], written_ns);
}

/* Makes those that are due; how many milliseconds until the next. */
static int make_changes(void)
{
	uint64_t now = now_ns();

	if (changes.end_ns == 0)
		return TICK_MS;
	while (changes.made < (now - changes.begin_ns) * changes.rate / 1000000000)
		change();
	if (now < changes.end_ns)
		return 1;
	changes.end_ns = 0;
	observer_end(changes.observer, guests, guest_count);
	return TICK_MS;
}

/* --- The loop --- */

static void serve_all(void)
{
	for (unsigned int n = 0; own && n < guest_count; n++)
		turn(&guests[n], 0);
}

/* Until standard input ends. */
static void serve(void)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t served_ns = now_ns();
	unsigned int open = 0;

	for (;;) {
		int ready = epoll_wait(poll_fd, events, EVENTS_MAX, make_changes());

		if (ready < 0 && errno != EINTR)
			die_errno("epoll_wait");
		for (int i = 0; i < ready; i++) {
			if (!events[i].data.ptr) {
				if (!read_command())
					return;
			} else if (turn(events[i].data.ptr, (short)events[i].events) &&
				   ++open == guest_count) {
				puts("ready");
				fflush(stdout);
			}
		}
		if (now_ns() > served_ns + TICK_MS * UINT64_C(1000000)) {
			serve_all();
			served_ns = now_ns();
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

	if (argc != 6 || (strcmp(argv[5], "own") != 0 && strcmp(argv[5], "hyper-v") != 0))
		die("usage: guests FOLDER COUNT ITEMS VALUE_BYTES hyper-v|own");
	own = strcmp(argv[5], "own") == 0;
	guest_count = number_of(argv[2]);
	guest_items = (unsigned int)atoi(argv[3]);
	guest_value_bytes = number_of(argv[4]);
	if (guest_value_bytes <= GUEST_SEQUENCE_DIGITS || guest_value_bytes >= GUEST_VALUE_MAX)
		die("values have %d to %d bytes", GUEST_SEQUENCE_DIGITS + 1, GUEST_VALUE_MAX - 1);
	raise_descriptor_limit();
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0)
		die_errno("standard input");
	guests = xcalloc(guest_count, sizeof(*guests));
	for (unsigned int n = 0; n < guest_count; n++)
		begin(&guests[n], argv[1], n);
	serve();
	return 0;
}
