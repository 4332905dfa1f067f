/* SPDX-License-Identifier: MIT */
/* pool_writer.c -- pool-writer FOLDER FIRST: changes the guest pool by libopenkvp until it is
 * killed, and prints the number of each change that is made. What each number does,
 * test_pool_writers.py knows as well: the beginning is FIRST. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/pool_file.h"

#define KEYS          97
#define REMOVAL_EVERY 10 /* each so many changes one is a removal */

static bool remove_one(struct okvp_pool_file *file, unsigned long number, struct okvp_error *err)
{
	char key[32];
	int length = snprintf(key, sizeof(key), "ours-%lu", number * 7 % KEYS);

	return okvp_pool_file_delete(file, key, (size_t)length, err) ||
	       err->status == OKVP_NOT_FOUND;
}

static bool set_one(struct okvp_pool_file *file, unsigned long number, struct okvp_error *err)
{
	char key[32], value[2048];
	struct okvp_item item = { .key = key, .value = value };

	item.key_length = (uint16_t)snprintf(key, sizeof(key), "ours-%lu", number % KEYS);
	item.value_length = (uint16_t)snprintf(value, sizeof(value), "%lu %0*lu", number,
					       (int)(number % 1900) + 1, number);
	return okvp_pool_file_set(file, &item, err);
}

int main(int argc, char **argv)
{
	struct okvp_pool_file *file = NULL;
	struct okvp_error err;

	if (argc != 3 || !okvp_pool_file_open(argv[1], OKVP_POOL_GUEST, false, &file, &err))
		return 2;
	for (unsigned long number = strtoul(argv[2], NULL, 10);; number++) {
		bool (*change)(struct okvp_pool_file * file, unsigned long number,
			       struct okvp_error *err) =
			number % REMOVAL_EVERY == REMOVAL_EVERY - 1 ? remove_one : set_one;

		if (!change(file, number, &err)) {
			fprintf(stderr, "pool-writer: %s\n", err.message);
			return 1;
		}
		printf("%lu\n", number);
		fflush(stdout);
	}
}
