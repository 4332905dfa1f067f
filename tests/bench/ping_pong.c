/* SPDX-License-Identifier: MIT */
/* ping_pong.c -- the round trip of a small message between two processes, over a unix stream
 * socket.
 *
 *	ping_pong BYTES COUNT
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "bench.h"

static void answer(int fd, char *bytes, size_t size)
{
	for (;;) {
		read_all(fd, bytes, size);
		write_all(fd, bytes, size);
	}
}

int main(int argc, char **argv)
{
	struct samples samples = { 0 };
	unsigned int size, count;
	char *bytes;
	pid_t child;
	int fd[2];

	if (argc != 3)
		die("usage: ping_pong BYTES COUNT");
	size = number_of(argv[1]);
	count = number_of(argv[2]);
	bytes = xcalloc(1, size);
	socket_pair(SOCK_STREAM, fd);
	child = fork();
	if (child < 0)
		die_errno("fork");
	if (child == 0)
		answer(fd[1], bytes, size);
	while (count-- > 0) {
		uint64_t begin = now_ns();

		write_all(fd[0], bytes, size);
		read_all(fd[0], bytes, size);
		samples_add(&samples, now_ns() - begin);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	samples_report(&samples);
	samples_done(&samples);
	return 0;
}
