/* SPDX-License-Identifier: MIT */
/* parser.c -- reading a file, and the words that the grammar looks up. */
#include "mofc/parser.h"

#include <stdio.h>
#include <strings.h>

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

void mof_read(struct mof *mof, const char *path)
{
	struct parser parser = { .mof = mof, .file = path };
	FILE *file = fopen(path, "r");
	yyscan_t scanner;

	if (!file)
		report((struct where){ path, 0 }, "cannot be opened");
	yylex_init_extra(&parser, &scanner);
	yyset_in(file, scanner);
	yyparse(scanner, &parser);
	yylex_destroy(scanner);
	text_done(&parser.string);
	fclose(file);
}

const char *mof_type_text(struct arena *arena, enum cim_type type, bool is_array)
{
	return arena_printf(arena, "%s%s", cim_type_name(type), is_array ? "[]" : "");
}
