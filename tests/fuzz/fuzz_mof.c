/* SPDX-License-Identifier: MIT */
/* fuzz_mof.c -- the MOF compiler: it makes tables of a text, or says what is wrong with it. */
#include "fuzz.h"

#include <assert.h>
#include <setjmp.h>

#include "mofc/emit.h"
#include "mofc/qualifier.h"
#include "mofc/report.h"

static jmp_buf reported;

/* In place of mofc's own, which ends the program. */
void report(struct where where, const char *format, ...)
{
	assert(where.line >= 0);
	longjmp(reported, 1);
}

static void compile(struct arena *arena, const char *text, size_t size, struct text *ids,
		    struct text *tables)
{
	struct namespace bare = { .name = "root/bare", .is_bare = true };
	struct namespace full = { .name = "root/full", .next = &bare };
	struct mof mof = { .arena = arena };
	struct schema schema = { .mof = &mof, .namespaces = &full };

	mof_parse(&mof, "fuzz.mof", text, size);
	qualifier_types_resolve(&mof);
	for (struct namespace *ns = &full; ns; ns = ns->next) {
		namespace_collect(&mof, ns);
		namespace_resolve(&mof, ns);
	}
	schema.classes = class_constants(&mof, &full);
	schema.properties = property_constants(&mof, &full);
	emit_ids(ids, &schema);
	emit_tables(tables, &schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct text ids, tables; /* kept: a jump leaves them as they are */
	struct arena *arena = arena_create();

	text_clear(&ids);
	text_clear(&tables);
	if (setjmp(reported) == 0) {
		compile(arena, (const char *)data, size, &ids, &tables);
		assert(tables.length > 0);
	}
	arena_free(&arena);
	return 0;
}
