/* SPDX-License-Identifier: MIT */
/* guest.c -- openkvp guest: what the guest publishes and says of itself. */
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/item.h"
#include "openkvp/scoped.h"

/* The members of the answer that hold items. */
static const char *const pools[] = { "guest", "intrinsic" };

/* All items in one array, each with the name of its pool. */
static json_t *all_items(const json_t *guest)
{
	json_t *all = json_array();

	for (size_t i = 0; i < count_of(pools); i++) {
		json_t *items = json_object_get(guest, pools[i]);

		for (size_t j = 0; j < json_array_size(items); j++)
			json_object_set_new(json_array_get(items, j), "pool",
					    json_string(pools[i]));
		json_array_extend(all, items);
	}
	return all;
}

static void print_age(struct cli *cli, const json_t *guest)
{
	const json_t *age = json_object_get(guest, "age_s");

	if (!json_is_number(age))
		fputs("The guest was never read.\n", cli->out);
	else
		fprintf(cli->out, "Read %.1f s ago%s.\n", json_number_value(age),
			json_is_true(json_object_get(guest, "live"))
				? ""
				: "; the guest is not in contact now");
}

enum exit_code guest_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "POOL", .member = "pool" },
		{ .title = "KEY", .member = "key", .gives_way = true },
		{ .title = "VALUE", .show = item_show_value, .gives_way = true },
	};
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;
	json_t *items;

	cli_vm_path(cli, &path, "/guest");
	code = cli_get(cli, path.bytes, &reply);
	if (code != EXIT_DONE || cli_print_json(cli, &reply))
		return code;
	print_age(cli, reply.json);
	items = all_items(reply.json);
	if (json_array_size(items) > 0)
		cli_print_table(cli, columns, count_of(columns), items);
	json_decref(items);
	return EXIT_DONE;
}
