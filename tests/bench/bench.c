/* SPDX-License-Identifier: MIT */
/* bench.c -- a clock, samples, VMs and sockets for the programs of the benchmark. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

#define PATIENCE_NS UINT64_C(10000000000) /* for a server that is about to listen */

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void die_errno(const char *what)
{
	die("%s: %s", what, strerror(errno));
}

unsigned int number_of(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*end || number == 0 || number > UINT32_MAX)
		die("'%s' is no number of at least 1", text);
	return (unsigned int)number;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- Samples --- */

void samples_add(struct samples *samples, uint64_t ns)
{
	grow(samples->ns, samples->count, samples->room);
	samples->ns[samples->count++] = ns;
}

void samples_done(struct samples *samples)
{
	free(samples->ns);
	*samples = (struct samples){ 0 };
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double samples_us(struct samples *samples, double percent)
{
	if (samples->count == 0)
		return 0;
	qsort(samples->ns, samples->count, sizeof(samples->ns[0]), compare);
	return (double)samples->ns[(size_t)(percent / 100 * (double)(samples->count - 1))] / 1000;
}

void samples_report(struct samples *samples)
{
	printf("{\"p50_us\": %.1f, \"p99_us\": %.1f}\n", samples_us(samples, 50),
	       samples_us(samples, 99));
}

/* --- VMs --- */

struct guid bench_vm(unsigned int n)
{
	struct guid id = { .bytes = { [6] = 0x40, [8] = 0x80 } };
	uint32_t mixed = (n + 1) * 0x9E3779B1u; /* odd: a bijection */

	memcpy(id.bytes, &mixed, sizeof(mixed));
	return id;
}

const char *bench_key(unsigned int i, char out[static BENCH_KEY_LENGTH + 1])
{
	snprintf(out, BENCH_KEY_LENGTH + 1, "setting-%08u", i % 100000000);
	return out;
}

/* --- Sockets --- */

void socket_pair(int type, int ret_fd[2])
{
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ret_fd) < 0)
		die_errno("socketpair");
}

static int unix_socket(const char *path, int type, struct sockaddr_un *ret_address)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret_address->sun_path))
		die("'%s' is too long for a socket", path);
	strcpy(ret_address->sun_path, path);
	if (fd < 0)
		die_errno("socket");
	return fd;
}

int connect_unix(const char *path, int type)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, type, &address);
	uint64_t end_ns = now_ns() + PATIENCE_NS;

	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if ((errno != ENOENT && errno != ECONNREFUSED) || now_ns() > end_ns)
			die_errno(path);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return fd;
}

int listen_unix(const char *path, int type)
{
	char *unready = xprintf("%s.new", path);
	struct sockaddr_un address;
	int fd = unix_socket(unready, type, &address);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0 ||
	    rename(unready, path) < 0)
		die_errno(path);
	free(unready);
	return fd;
}

int connect_tcp(const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)number_of(port)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die_errno("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	return fd;
}

void write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0)
			die_errno("write");
		at += put;
		size -= (size_t)put;
	}
}

void read_all(int fd, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t got = read(fd, at, size);

		if (got < 0)
			die_errno("read");
		if (got == 0)
			die("read: the other end is closed");
		at += got;
		size -= (size_t)got;
	}
}
