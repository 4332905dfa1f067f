/* SPDX-License-Identifier: MIT */
/* make_store.c -- makes a store with so many VMs, each with so many items.
 *
 *	make_store STORE VMS ITEMS VALUE_BYTES [FOLDER]
 *
 * VM n is named vm-n, and its GUID is bench_vm(n). With a folder its channel is the socket
 *FOLDER/n, on which openkvpd listens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bench.h"
#include "openkvp/scoped.h"
#include "store/store.h"

static const struct store_limits limits = {
	.vms = 1000000, .items = 100000, .item_bytes = 1 << 30, .host_only_items = 128
};

static struct change_list *make_vm(unsigned int n, unsigned int items, const char *value,
				   const char *folder)
{
	struct guid id = bench_vm(n);
	struct change_list *list = change_list_create(&id);
	char *name scoped(xfree_text) = xprintf("vm-%u", n);
	char *channel scoped(xfree_text) =
		folder ? xprintf("unix-listen:%s/%u", folder, n) : xstrdup("");
	char key[BENCH_KEY_LENGTH + 1];

	change_list_define(list, name, channel);
	for (unsigned int i = 0; i < items; i++)
		change_list_put(list, SPACE_EXTERNAL,
				&(struct okvp_item){ .key = bench_key(i, key),
						     .value = value,
						     .key_length = BENCH_KEY_LENGTH,
						     .value_length = (uint16_t)strlen(value) },
				EXPECT_ABSENT);
	return list;
}

static void made(void *context, const struct store_result *result)
{
	if (result->error.status != OKVP_OK)
		die("%s", result->error.message);
}

int main(int argc, char **argv)
{
	unsigned int vms, items, size;
	struct okvp_error err;
	struct store *store;
	char *value;

	if (argc != 5 && argc != 6)
		die("usage: make_store STORE VMS ITEMS VALUE_BYTES [FOLDER]");
	vms = number_of(argv[2]);
	items = (unsigned int)atoi(argv[3]);
	size = number_of(argv[4]);
	value = xcalloc(1, size + 1);
	memset(value, 'v', size);
	if (!store_open(argv[1], &limits, &(struct store_events){ 0 }, &store, &err))
		die("%s", err.message);
	for (unsigned int n = 0; n < vms; n++)
		store_submit(store, make_vm(n, items, value, argc > 5 ? argv[5] : NULL), made,
			     NULL);
	store_close(&store);
	free(value);
	return 0;
}
