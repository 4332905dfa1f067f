/* SPDX-License-Identifier: MIT */
/* query.c -- WQL: reading a query, and what it says of itself. */
#include "cim/query.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/query_tree.h"
#include "openkvp/unicode.h"

#define WITHIN_MAX_S 31536000 /* a year */

void query_fail(struct query_parser *parser, enum okvp_status status, const char *sentence)
{
	okvp_fail(parser->err, status, "position %zu: %s", parser->start + 1, sentence);
}

bool cim_query_is_wql(const char *language)
{
	static const char *const names[] = { "WQL", "WQL2", "DMTF:CQL", "CIM:CQL" };

	for (size_t i = 0; i < count_of(names); i++)
		if (strcasecmp(names[i], language) == 0)
			return true;
	return false;
}

bool cim_query_parse(struct arena *arena, const char *text, size_t length,
		     struct cim_query **ret_query, struct okvp_error *err)
{
	struct cim_query *query = arena_new(arena, struct cim_query);
	struct query_parser parser = { .arena = arena, .query = query, .err = err };

	query->arena = arena;
	if (length > CIM_QUERY_MAX)
		return okvp_fail(err, OKVP_LIMIT, "a query has at most %d bytes", CIM_QUERY_MAX);
	if (memchr(text, 0, length) || !okvp_utf8_valid(text, length))
		return okvp_fail(err, OKVP_INVALID, "a query is not valid UTF-8");
	if (!query_read(&parser, text, length))
		return false;
	*ret_query = query;
	return true;
}

const char *cim_query_class(const struct cim_query *query)
{
	return query->class_name;
}

const struct cim_class *cim_query_target(const struct cim_query *query)
{
	return query->target;
}

const struct cim_query_associations *cim_query_associations(const struct cim_query *query)
{
	return query->associations;
}

/* "TargetInstance.Name" selects TargetInstance: what is embedded is not cut. */
static bool is_selected(const char *name, const char *property)
{
	size_t length = strcspn(name, ".");

	return strncasecmp(name, property, length) == 0 && property[length] == '\0';
}

bool cim_query_selects(const struct cim_query *query, const struct cim_property *property)
{
	if (query->associations && query->associations->keys)
		return property->is_key;
	for (const struct query_name *n = query->selected; n; n = n->next)
		if (is_selected(n->name, property->name))
			return true;
	return !query->selected;
}

/* --- What the grammar does --- */

bool query_set_within(struct query_parser *parser, const struct cim_value *seconds)
{
	double s = seconds->real;

	if (seconds->type == CIM_UINT64)
		s = (double)seconds->uint;
	else if (seconds->type == CIM_SINT64)
		s = (double)seconds->sint;
	if (!(s >= 0 && s <= WITHIN_MAX_S)) {
		query_fail(parser, OKVP_INVALID, "WITHIN takes seconds, a year at most");
		return false;
	}
	parser->query->has_within = true;
	return true;
}

bool query_begin_associations(struct query_parser *parser, const char *path, bool references)
{
	struct cim_query_associations *associations =
		arena_new(parser->arena, struct cim_query_associations);
	struct okvp_error cause;

	if (!cim_path_from_text(parser->arena, path, strlen(path), &associations->source, &cause)) {
		query_fail(parser, OKVP_INVALID, cause.message);
		return false;
	}
	associations->references = references;
	parser->query->associations = associations;
	parser->query->class_name = associations->source.class_name;
	return true;
}

/* What stands behind the WHERE of ASSOCIATORS OF: a name with a value, or a name alone. */
static bool find_word(struct cim_query_associations *to, const char *word, const char ***ret_text,
		      bool **ret_flag)
{
	const struct {
		const char *word;
		const char **text;
		bool *flag;
		bool associators_only;
	} words[] = {
		{ "AssocClass", &to->filter.association_class, NULL, true },
		{ "ResultClass", &to->filter.result_class, NULL, false },
		{ "Role", &to->filter.role, NULL, false },
		{ "ResultRole", &to->filter.result_role, NULL, true },
		{ "RequiredQualifier", &to->filter.required_qualifier, NULL, false },
		{ "RequiredAssocQualifier", &to->filter.required_association_qualifier, NULL,
		  true },
		{ "ClassDefsOnly", NULL, &to->classes, false },
		{ "SchemaOnly", NULL, &to->schema, false },
		{ "KeysOnly", NULL, &to->keys, false },
	};

	for (size_t i = 0; i < count_of(words); i++) {
		if (strcasecmp(words[i].word, word) != 0)
			continue;
		*ret_text = words[i].text;
		*ret_flag = words[i].flag;
		return !words[i].associators_only || !to->references;
	}
	return false;
}

bool query_add_word(struct query_parser *parser, const char *word, const char *value)
{
	struct cim_query_associations *associations = parser->query->associations;
	const char *sentence = NULL, **text;
	bool *flag;

	if (!find_word(associations, word, &text, &flag))
		sentence = "a word that does not belong here";
	else if (text ? !value : value != NULL)
		sentence = text ? "this word wants a value" : "this word has no value";
	else if (text ? *text != NULL : *flag)
		sentence = "this word stands here twice";
	if (sentence) {
		query_fail(parser, OKVP_INVALID, sentence);
		return false;
	}
	if (text)
		*text = value;
	else
		*flag = true;
	return true;
}
