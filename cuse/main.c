/* SPDX-License-Identifier: MIT */
/* main.c -- openkvp-cuse: its options, and whether there can be such a device here. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "cuse/serve.h"

#define DEVICE "/dev/vmbus/hv_kvp"
#define CUSE   "/dev/cuse"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
	"usage: openkvp-cuse [options]\n\n"
	"Offers " DEVICE " in a machine without VMBus, so that the distribution's\n"
	"hv_kvp_daemon serves a host with openkvp.\n\n"
	"options:\n"
	"  -c, --connect WHERE  the host: vsock, unix:PATH, /dev/PATH ... (see the manual)\n"
	"  -f, --foreground     stay in the foreground, as it always does\n"
	"  -h, --help           print this\n"
	"  -V, --version        print the version\n\n"
	"exit codes: 0 ended by a signal, 1 failed, 2 wrong usage\n";

static const struct option long_options[] = {
	{ "connect", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static bool open_cuse(int *ret_fd, struct okvp_error *err)
{
	if (geteuid() != 0)
		return okvp_fail(err, OKVP_DENIED, "only root can make " DEVICE);
	if (access(DEVICE, F_OK) == 0)
		return okvp_fail(err, OKVP_EXISTS,
				 DEVICE " is there already: this machine has Hyper-V's driver, "
					"or another openkvp-cuse runs");
	*ret_fd = open(CUSE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*ret_fd < 0 && (errno == ENOENT || errno == ENODEV))
		return okvp_fail(err, OKVP_UNAVAILABLE,
				 "there is no " CUSE ": the kernel's module 'cuse' is missing");
	return *ret_fd >= 0 || okvp_fail_errno(err, errno, "open '" CUSE "'");
}

static enum exit_code run(const char *connect)
{
	struct okvp_error err;
	int fd = -1;

	if (open_cuse(&fd, &err) && serve(fd, connect, &err))
		return EXIT_DONE;
	fprintf(stderr, "openkvp-cuse: %s\n", err.message);
	return EXIT_FAILED;
}

int main(int argc, char *argv[])
{
	const char *connect = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "c:fhV", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			connect = optarg;
			break;
		case 'f':
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		case 'V':
			puts("openkvp-cuse " OPENKVP_VERSION);
			return EXIT_DONE;
		default:
			return EXIT_USAGE; /* getopt has said why */
		}
	}
	if (optind < argc) {
		fprintf(stderr, "openkvp-cuse: no such argument '%s'; try --help\n", argv[optind]);
		return EXIT_USAGE;
	}
	return run(connect);
}
