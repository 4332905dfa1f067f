/* SPDX-License-Identifier: MIT */
/* parser.c -- reading a file, and the words that the grammar looks up. */
#include "mofc/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "openkvp/scoped.h"

#include "mof.tab.h"

#include "mof.lex.h" /* needs the types of the grammar */

struct where parser_where(const struct parser *parser, const YYLTYPE *location)
{
	return (struct where){ parser->file, location->first_line };
}

struct word {
	const char *text;
	unsigned int bit;
};

static unsigned int bit_of(struct where where, const struct word *words, const char *kind,
			   const char *text)
{
	for (; words->text; words++) {
		if (strcasecmp(words->text, text) == 0)
			return words->bit;
	}
	report(where, "unknown %s %s", kind, text);
}

unsigned int parser_scope(struct where where, const char *text)
{
	static const struct word words[] = {
		{ "any", SCOPE_ANY },
		{ "association", SCOPE_ASSOCIATION },
		{ "class", SCOPE_CLASS },
		{ "indication", SCOPE_INDICATION },
		{ "method", SCOPE_METHOD },
		{ "parameter", SCOPE_PARAMETER },
		{ "property", SCOPE_PROPERTY },
		{ "reference", SCOPE_REFERENCE },
		{ NULL, 0 },
	};

	return bit_of(where, words, "scope", text);
}

unsigned int parser_flavor(struct where where, const char *text)
{
	static const struct word words[] = {
		{ "DisableOverride", FLAVOR_DISABLE_OVERRIDE },
		{ "EnableOverride", FLAVOR_ENABLE_OVERRIDE },
		{ "Restricted", FLAVOR_RESTRICTED },
		{ "ToSubclass", FLAVOR_TO_SUBCLASS },
		{ "Translatable", FLAVOR_TRANSLATABLE },
		{ NULL, 0 },
	};

	return bit_of(where, words, "flavor", text);
}

/* The scanner lives in the arena, so that it goes with it, however the reading ends. */
void *yyalloc(size_t size, yyscan_t scanner)
{
	return arena_alloc(yyget_extra(scanner)->mof->arena, size);
}

void *yyrealloc(void *memory, size_t size, yyscan_t scanner)
{
	abort(); /* a text that is there already needs no larger buffer */
}

void yyfree(void *memory, yyscan_t scanner)
{
}

static void release_text(void *text)
{
	text_done(text);
}

void mof_parse(struct mof *mof, const char *file, const char *text, size_t length)
{
	struct parser *parser = arena_new(mof->arena, struct parser);
	yyscan_t scanner;

	parser->mof = mof;
	parser->file = file;
	arena_defer(mof->arena, release_text, &parser->string);
	yylex_init_extra(parser, &scanner);
	yy_scan_bytes(text, (int)length, scanner);
	yyset_lineno(1, scanner);
	yyparse(scanner, parser);
	yylex_destroy(scanner);
}

void mof_read(struct mof *mof, const char *path)
{
	scoped(text_done) struct text text = { 0 };
	FILE *file = fopen(path, "r");
	char piece[4096];
	size_t got;

	if (!file)
		report((struct where){ path, 0 }, "cannot be opened");
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add(&text, piece, got);
	fclose(file);
	mof_parse(mof, path, text.bytes ? text.bytes : "", text.length);
}

const char *mof_type_text(struct arena *arena, enum cim_type type, bool is_array)
{
	return arena_printf(arena, "%s%s", cim_type_name(type), is_array ? "[]" : "");
}
