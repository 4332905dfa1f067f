/* SPDX-License-Identifier: MIT */
/* pool_record.c -- how long it takes to append one record to a file, as a pool file has them.
 *
 *	pool_record FILE COUNT
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "openkvp/pool_file.h"

int main(int argc, char **argv)
{
	static uint8_t record[OKVP_RECORD_SIZE];
	struct samples samples = { 0 };
	unsigned int count;
	int fd;

	if (argc != 3)
		die("usage: pool_record FILE COUNT");
	count = number_of(argv[2]);
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die_errno(argv[1]);
	memset(record, 'k', 16);
	memset(record + OKVP_RECORD_KEY_SIZE, 'v', 64);
	while (count-- > 0) {
		uint64_t begin = now_ns();

		write_all(fd, record, sizeof(record));
		samples_add(&samples, now_ns() - begin);
	}
	close(fd);
	samples_report(&samples);
	samples_done(&samples);
	return 0;
}
