/* SPDX-License-Identifier: MIT */
/* raw_commits.c -- how long SQLite takes to make the rows of one call durable.
 *
 *	raw_commits STORE ITEMS COUNT
 */

#include "bench.h"
#include "raw_rows.h"

int main(int argc, char **argv)
{
	struct samples samples = { 0 };
	struct raw_rows rows;

	if (argc != 4)
		die("usage: raw_commits STORE ITEMS COUNT");
	raw_rows_open(argv[1], number_of(argv[2]), &rows);
	for (unsigned int i = number_of(argv[3]); i > 0; i--) {
		uint64_t begin = now_ns();

		raw_rows_commit(&rows, 1);
		samples_add(&samples, now_ns() - begin);
	}
	samples_report(&samples);
	samples_done(&samples);
	raw_rows_close(&rows);
	return 0;
}
