/* SPDX-License-Identifier: MIT */
/* query.y -- the grammar of WQL. */
%define api.pure full
%define api.prefix {cim_query_yy}
%define parse.error detailed
%define parse.lac full
%param { void *scanner }
%parse-param { struct query_parser *parser }

%code requires {
#include "cim/query_tree.h"
}

%union {
	const char *name;
	struct cim_value value;
	enum comparison comparison;
	struct condition *condition;
	struct query_name *names;
}

%{
#include "cim/query_parser.h"

int cim_query_yylex(YYSTYPE *value, void *scanner);

static void yyerror(void *scanner, struct query_parser *parser, const char *sentence)
{
	query_fail(parser, OKVP_INVALID, sentence);
}

static struct condition *condition(struct query_parser *parser, enum condition_kind kind,
				   const char *name)
{
	struct condition *new = arena_new(parser->arena, struct condition);

	new->kind = kind;
	new->left.name = name;
	return new;
}

static struct condition *compare(struct query_parser *parser, const char *name,
				 enum comparison comparison, struct cim_value literal)
{
	struct condition *new = condition(parser, CONDITION_COMPARE, name);

	new->comparison = comparison;
	new->literal = literal;
	return new;
}

static struct condition *relate(struct query_parser *parser, const char *left,
				enum comparison comparison, const char *right)
{
	struct condition *new = condition(parser, CONDITION_RELATE, left);

	new->comparison = comparison;
	new->right.name = right;
	return new;
}

static struct condition *isa(struct query_parser *parser, const char *name, const char *class_name)
{
	struct condition *new = condition(parser, CONDITION_ISA, name);

	new->literal = cim_string(class_name);
	return new;
}

/* The same comparison with its sides exchanged. */
static enum comparison mirrored(enum comparison comparison)
{
	static const enum comparison other[] = {
		[EQUAL] = EQUAL,
		[NOT_EQUAL] = NOT_EQUAL,
		[LESS] = GREATER,
		[GREATER] = LESS,
		[LESS_OR_EQUAL] = GREATER_OR_EQUAL,
		[GREATER_OR_EQUAL] = LESS_OR_EQUAL,
	};

	return other[comparison];
}

static void append(struct condition *parent, struct condition *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

/* "a AND b AND c" is one list, however long: only brackets and NOT make a tree deep. */
static struct condition *join(struct query_parser *parser, enum condition_kind kind,
			      struct condition *left, struct condition *right)
{
	struct condition *list = left;

	if (left->kind != kind) {
		list = condition(parser, kind, NULL);
		append(list, left);
	}
	append(list, right);
	return list;
}

static struct query_name *name_before(struct query_parser *parser, const char *name,
				      struct query_name *next)
{
	struct query_name *new = arena_new(parser->arena, struct query_name);

	new->name = name;
	new->next = next;
	return new;
}

#define REFUSE(status, sentence)                         \
	do {                                             \
		query_fail(parser, (status), (sentence)); \
		YYABORT;                                 \
	} while (0)
#define CHECK(done)              \
	do {                     \
		if (!(done))     \
			YYABORT; \
	} while (0)
%}

%token END 0 "the end of the query"
%token SELECT FROM WHERE AND OR NOT LIKE IS ISA NULL_ "NULL"
%token WITHIN GROUP HAVING ASSOCIATORS REFERENCES OF
%token <name> NAME "a name" PATH "a path in braces"
%token <value> STRING "a string" NUMBER "a number" BOOLEAN "TRUE or FALSE"
%token <comparison> COMPARISON "a comparison"

%type <names> names
%type <condition> expression term factor predicate
%type <value> literal

%%

query:
	SELECT selection FROM NAME within where group end { parser->query->class_name = $4; }
|	ASSOCIATORS OF PATH { CHECK(query_begin_associations(parser, $3, false)); } words end
|	REFERENCES OF PATH { CHECK(query_begin_associations(parser, $3, true)); } words end
;

words:
	%empty
|	WHERE some_words
;

some_words:
	word
|	some_words word
;

word:
	NAME { CHECK(query_add_word(parser, $1, NULL)); }
|	NAME equals NAME { CHECK(query_add_word(parser, $1, $3)); }
|	NAME equals STRING { CHECK(query_add_word(parser, $1, $3.string.bytes)); }
;

equals: COMPARISON {
		if ($1 != EQUAL)
			REFUSE(OKVP_INVALID, "a word takes its value by =");
	}
;

end: %empty | ';' ;

selection:
	'*'
|	names { parser->query->selected = $1; }
;

names:
	NAME { $$ = name_before(parser, $1, NULL); }
|	names ',' NAME { $$ = name_before(parser, $3, $1); }
;

within:
	%empty
|	WITHIN NUMBER { CHECK(query_set_within(parser, &$2)); }
;

group:
	%empty
|	GROUP { REFUSE(OKVP_UNSUPPORTED, "GROUP is not supported here"); }
|	HAVING { REFUSE(OKVP_UNSUPPORTED, "HAVING is not supported here"); }
;

where:
	%empty
|	WHERE expression { parser->query->where = $2; }
;

expression:
	term
|	expression OR term { $$ = join(parser, CONDITION_ANY, $1, $3); }
;

term:
	factor
|	term AND factor { $$ = join(parser, CONDITION_ALL, $1, $3); }
;

factor:
	predicate
|	'(' deeper expression ')' { $$ = $3; parser->depth--; }
|	NOT deeper factor {
		$$ = condition(parser, CONDITION_NOT, NULL);
		append($$, $3);
		parser->depth--;
	}
;

deeper: %empty {
		if (++parser->depth > CIM_QUERY_DEPTH_MAX)
			REFUSE(OKVP_LIMIT, "nested too deep");
	}
;

predicate:
	NAME COMPARISON literal { $$ = compare(parser, $1, $2, $3); }
|	literal COMPARISON NAME { $$ = compare(parser, $3, mirrored($2), $1); }
|	NAME COMPARISON NAME { $$ = relate(parser, $1, $2, $3); }
|	NAME LIKE STRING {
		$$ = condition(parser, CONDITION_LIKE, $1);
		$$->literal = $3;
	}
|	NAME ISA STRING { $$ = isa(parser, $1, $3.string.bytes); }
|	NAME ISA NAME { $$ = isa(parser, $1, $3); }
|	NAME IS NULL_ { $$ = condition(parser, CONDITION_IS_NULL, $1); }
|	NAME IS NOT NULL_ {
		$$ = condition(parser, CONDITION_NOT, NULL);
		append($$, condition(parser, CONDITION_IS_NULL, $1));
	}
;

literal:
	STRING
|	NUMBER
|	BOOLEAN
|	NULL_ { $$ = (struct cim_value){ 0 }; }
;
