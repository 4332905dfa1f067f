/* SPDX-License-Identifier: MIT */
/* vsock_call.c -- calls a port of vsock as any program of a guest may: from a port above 1023.
 *Exits with 0 when the call is ended without a word, 1 when the other end speaks, 2 when nobody is
 *there.
 *
 *	vsock-call CID PORT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

int main(int argc, char *argv[])
{
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	struct sockaddr_vm address = { .svm_family = AF_VSOCK };
	char byte;

	if (argc != 3)
		return 2;
	address.svm_cid = (unsigned int)strtoul(argv[1], NULL, 10);
	address.svm_port = (unsigned int)strtoul(argv[2], NULL, 10);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("connect");
		return 2;
	}
	return read(fd, &byte, 1) > 0;
}
