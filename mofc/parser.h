/* SPDX-License-Identifier: MIT */
/* parser.h -- what the lexer and the grammar of MOF share while they read one file. */
#pragma once
#include "base/text.h"
#include "mofc/mof.h"

typedef void *yyscan_t;
struct YYLTYPE;

struct parser {
	struct mof *mof;
	const char *file;
	struct text string;         /* the one being read */
	int begin;                  /* the line of its beginning, or of a comment's */
	const struct name *section; /* the one being read; NULL: before any */
};

struct where parser_where(const struct parser *parser, const struct YYLTYPE *location);

/* The bits of the words in Scope() and Flavor(); reports one that is not known. */
unsigned int parser_scope(struct where where, const char *word);
unsigned int parser_flavor(struct where where, const char *word);
