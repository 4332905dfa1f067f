/* SPDX-License-Identifier: MIT */
/* flags.c -- the names of flags. */
#include "front/json/flags.h"

#include <string.h>

#include "base/memory.h"
#include "openkvp/item.h"
#include "store/snapshot.h"

static const struct flag {
	unsigned int flag;
	const char *name;
} flags_known[] = {
#define X(name, bit, text) { bit, text },
	ITEM_FLAG_LIST(X)
#undef X
};

bool api_flag_add(const char *name, size_t length, unsigned int *flags, struct okvp_error *err)
{
	char shown[OKVP_KEY_TEXT_SIZE];

	for (size_t i = 0; i < count_of(flags_known); i++)
		if (strlen(flags_known[i].name) == length &&
		    memcmp(flags_known[i].name, name, length) == 0) {
			*flags |= flags_known[i].flag;
			return true;
		}
	return okvp_fail(err, OKVP_INVALID, "'%s' is no flag of an item",
			 okvp_key_text(name, length, shown));
}

void api_flags_write(struct text *out, unsigned int flags)
{
	const char *between = "";

	text_putc(out, '[');
	for (size_t i = 0; i < count_of(flags_known); i++)
		if (flags & flags_known[i].flag) {
			text_printf(out, "%s\"%s\"", between, flags_known[i].name);
			between = ",";
		}
	text_putc(out, ']');
}
