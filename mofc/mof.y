%code top {
/* SPDX-License-Identifier: MIT */
/* mof.y -- the grammar of MOF (DSP0004 annex A; what is added to it: mof.h). */
#include <string.h>
#include <strings.h>
}

%code requires {
#include "mofc/parser.h"
}

%define api.pure full
%define parse.error detailed
%locations
%param { yyscan_t scanner }
%parse-param { struct parser *parser }

%union {
	const char *text;
	enum cim_type type;
	bool flag;
	unsigned int bits;
	struct name *name;
	struct literal *literal;
	struct initial *initial;
	struct qualifier *qualifier;
	struct member *member;
}

%token PRAGMA    "#pragma"
%token CLASS     "class"
%token QUALIFIER "qualifier"
%token SCOPE     "scope"
%token FLAVOR    "flavor"
%token REF       "ref"
%token NULL_WORD "null"
%token <text> BOOLEAN "true or false"
%token <text> NAME    "a name"
%token <text> INTEGER "an integer"
%token <text> REAL    "a real number"
%token <text> CHAR    "a character"
%token <text> STRING  "a string"
%token <type> TYPE    "a type"
%token END 0          "the end of the file"

%type <text> string super word
%type <name> strings
%type <flag> array
%type <bits> scopes flavors flavor_clause qualifier_flavors flavor_words
%type <literal> literal literals
%type <initial> initial default qualifier_value
%type <qualifier> qualifiers qualifier_list qualifier
%type <member> members member parameters parameter_list parameter

%code {
#include "mof.lex.h"

static void yyerror(const YYLTYPE *location, yyscan_t scanner, struct parser *parser,
		    const char *message);

#define NEW(kind) arena_new(parser->mof->arena, kind)

static struct literal *new_literal(struct parser *parser, enum literal_kind kind,
				   const char *text);
static struct member *new_member(struct parser *parser, struct where where,
				 enum member_kind kind, const char *name);
static struct name *section_of(struct where where, const char *pragma, struct name *names);
static void check_drop(struct where where, const struct qualifier *qualifiers, const char *name);
}

%%

mof:
	%empty
|	mof pragma
|	mof qualifier_type
|	mof class
;

pragma:
	"#pragma" NAME '(' strings ')' {
		parser->section = section_of(parser_where(parser, &@2), $2, $4);
	}
;

strings:
	string {
		$$ = NEW(struct name);
		$$->text = $1;
	}
|	strings ',' string {
		struct name *name = NEW(struct name);

		name->text = $3;
		append($1, name);
		$$ = $1;
	}
;

qualifier_type:
	"qualifier" NAME ':' TYPE array default ',' "scope" '(' scopes ')' flavor_clause ';' {
		struct qualifier_type *type = NEW(struct qualifier_type);

		type->where = parser_where(parser, &@2);
		type->name = $2;
		type->type = $4;
		type->is_array = $5;
		type->initial = $6;
		type->scope = $10;
		type->flavor = $12;
		append(parser->mof->qualifier_types, type);
	}
;

scopes:
	word {
		$$ = parser_scope(parser_where(parser, &@1), $1);
	}
|	scopes ',' word {
		$$ = $1 | parser_scope(parser_where(parser, &@3), $3);
	}
;

flavor_clause:
	%empty {
		$$ = 0;
	}
|	',' "flavor" '(' flavors ')' {
		$$ = $4;
	}
;

flavors:
	NAME {
		$$ = parser_flavor(parser_where(parser, &@1), $1);
	}
|	flavors ',' NAME {
		$$ = $1 | parser_flavor(parser_where(parser, &@3), $3);
	}
;

class:
	qualifiers "class" NAME super '{' members '}' ';' {
		struct class *class = NEW(struct class);

		class->where = parser_where(parser, &@3);
		class->section = parser->section;
		class->name = $3;
		class->superclass = $4;
		class->qualifiers = $1;
		class->members = $6;
		append(parser->mof->classes, class);
	}
;

super:
	%empty {
		$$ = NULL;
	}
|	':' NAME {
		$$ = $2;
	}
;

members:
	%empty {
		$$ = NULL;
	}
|	members member {
		append($1, $2);
		$$ = $1;
	}
;

member:
	qualifiers TYPE NAME array default ';' {
		$$ = new_member(parser, parser_where(parser, &@3), MEMBER_PROPERTY, $3);
		$$->qualifiers = $1;
		$$->type = $2;
		$$->is_array = $4;
		$$->initial = $5;
	}
|	qualifiers NAME "ref" NAME default ';' {
		$$ = new_member(parser, parser_where(parser, &@4), MEMBER_PROPERTY, $4);
		$$->qualifiers = $1;
		$$->type = CIM_REFERENCE;
		$$->reference_class = $2;
		$$->initial = $5;
	}
|	qualifiers TYPE NAME '(' parameters ')' ';' {
		$$ = new_member(parser, parser_where(parser, &@3), MEMBER_METHOD, $3);
		$$->qualifiers = $1;
		$$->type = $2;
		$$->parameters = $5;
	}
|	qualifiers NAME ';' {
		$$ = new_member(parser, parser_where(parser, &@2), MEMBER_DROP, $2);
		check_drop($$->where, $1, $2);
	}
|	qualifiers NAME '=' initial ';' {
		$$ = new_member(parser, parser_where(parser, &@2), MEMBER_INITIAL, $2);
		$$->initial = $4;
		if ($1)
			report($$->where, "%s has no type, so it can have no qualifiers", $2);
	}
;

parameters:
	%empty {
		$$ = NULL;
	}
|	parameter_list
;

parameter_list:
	parameter
|	parameter_list ',' parameter {
		append($1, $3);
		$$ = $1;
	}
;

parameter:
	qualifiers TYPE NAME array {
		$$ = new_member(parser, parser_where(parser, &@3), MEMBER_PARAMETER, $3);
		$$->qualifiers = $1;
		$$->type = $2;
		$$->is_array = $4;
	}
|	qualifiers NAME "ref" NAME array {
		$$ = new_member(parser, parser_where(parser, &@4), MEMBER_PARAMETER, $4);
		$$->qualifiers = $1;
		$$->type = CIM_REFERENCE;
		$$->reference_class = $2;
		$$->is_array = $5;
	}
;

array:
	%empty {
		$$ = false;
	}
|	'[' ']' {
		$$ = true;
	}
;

qualifiers:
	%empty {
		$$ = NULL;
	}
|	'[' qualifier_list ']' {
		$$ = $2;
	}
;

qualifier_list:
	qualifier
|	qualifier_list ',' qualifier {
		append($1, $3);
		$$ = $1;
	}
;

qualifier:
	NAME qualifier_value qualifier_flavors {
		$$ = NEW(struct qualifier);
		$$->where = parser_where(parser, &@1);
		$$->name = $1;
		$$->initial = $2;
		$$->flavor = $3;
	}
;

qualifier_value:
	%empty {
		$$ = NULL;
	}
|	'(' literal ')' {
		$$ = NEW(struct initial);
		$$->where = parser_where(parser, &@2);
		$$->literals = $2;
	}
|	'{' literals '}' {
		$$ = NEW(struct initial);
		$$->where = parser_where(parser, &@2);
		$$->is_array = true;
		$$->literals = $2;
	}
;

qualifier_flavors:
	%empty {
		$$ = 0;
	}
|	':' flavor_words {
		$$ = $2;
	}
;

flavor_words:
	NAME {
		$$ = parser_flavor(parser_where(parser, &@1), $1);
	}
|	flavor_words NAME {
		$$ = $1 | parser_flavor(parser_where(parser, &@2), $2);
	}
;

default:
	%empty {
		$$ = NULL;
	}
|	'=' initial {
		$$ = $2;
	}
;

initial:
	literal {
		$$ = NEW(struct initial);
		$$->where = parser_where(parser, &@1);
		$$->literals = $1;
	}
|	'{' literals '}' {
		$$ = NEW(struct initial);
		$$->where = parser_where(parser, &@1);
		$$->is_array = true;
		$$->literals = $2;
	}
|	'{' '}' {
		$$ = NEW(struct initial);
		$$->where = parser_where(parser, &@1);
		$$->is_array = true;
	}
;

literals:
	literal
|	literals ',' literal {
		append($1, $3);
		$$ = $1;
	}
;

literal:
	INTEGER {
		$$ = new_literal(parser, LITERAL_INTEGER, $1);
	}
|	REAL {
		$$ = new_literal(parser, LITERAL_REAL, $1);
	}
|	BOOLEAN {
		$$ = new_literal(parser, LITERAL_BOOLEAN, $1);
	}
|	CHAR {
		$$ = new_literal(parser, LITERAL_CHAR, $1);
	}
|	string {
		$$ = new_literal(parser, LITERAL_STRING, $1);
	}
|	"null" {
		$$ = new_literal(parser, LITERAL_NULL, NULL);
	}
;

string:
	STRING
|	string STRING {
		$$ = arena_printf(parser->mof->arena, "%s%s", $1, $2);
	}
;

word:
	NAME
|	"class" {
		$$ = "class";
	}
;

%%

static void yyerror(const YYLTYPE *location, yyscan_t scanner, struct parser *parser,
		    const char *message)
{
	report(parser_where(parser, location), "%s", message);
}

static struct literal *new_literal(struct parser *parser, enum literal_kind kind, const char *text)
{
	struct literal *literal = NEW(struct literal);

	literal->kind = kind;
	literal->text = text;
	return literal;
}

static struct member *new_member(struct parser *parser, struct where where, enum member_kind kind,
				 const char *name)
{
	struct member *member = NEW(struct member);

	member->where = where;
	member->kind = kind;
	member->name = name;
	return member;
}

static struct name *section_of(struct where where, const char *pragma, struct name *names)
{
	if (strcasecmp(pragma, "namespace") != 0)
		report(where, "unknown pragma %s", pragma);
	return names;
}

static void check_drop(struct where where, const struct qualifier *qualifiers, const char *name)
{
	if (!qualifiers || qualifiers->next || strcasecmp(qualifiers->name, "Drop") != 0)
		report(where, "%s has no type", name);
}
