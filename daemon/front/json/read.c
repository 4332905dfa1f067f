/* SPDX-License-Identifier: MIT */
/* read.c -- strict reading of JSON by jansson. */
#include "front/json/read.h"

#include <string.h>

/* What jansson would have to build is bounded first, by one pass over the text: a small body may
 * hold a million values, each of which costs far more than its bytes. */
static bool check_size(const char *body, size_t length, struct okvp_error *err)
{
	size_t depth = 0, values = 0;
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		char c = body[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		in_string = c == '"';
		values += c == ',' || c == '[' || c == '{';
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		if (depth > API_DEPTH_MAX)
			return okvp_fail(err, OKVP_INVALID, "nested more than %d deep",
					 API_DEPTH_MAX);
		if (values > API_VALUES_MAX)
			return okvp_fail(err, OKVP_LIMIT, "more than %d values in one request",
					 API_VALUES_MAX);
	}
	return true;
}

static bool is_kind(const json_t *value, enum api_kind kind)
{
	switch (kind) {
	case API_STRING:
		return json_is_string(value);
	case API_BOOLEAN:
		return json_is_boolean(value);
	case API_NUMBER:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case API_LIST:
		return json_is_array(value);
	}
	return false;
}

static const char *const kind_texts[] = {
	[API_STRING] = "a string",
	[API_BOOLEAN] = "true or false",
	[API_NUMBER] = "a whole number from 0 on",
	[API_LIST] = "an array",
};

static const struct api_member *find_member(const struct api_member *members, size_t count,
					    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

bool api_read_members(json_t *object, const struct api_member *members, size_t count,
		      struct okvp_error *err)
{
	char shown[OKVP_KEY_TEXT_SIZE];

	if (!json_is_object(object))
		return okvp_fail(err, OKVP_WRONG_TYPE, "not an object");
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);
		const struct api_member *member = find_member(members, count, name);

		if (!member)
			return okvp_fail(err, OKVP_INVALID, "unknown member '%s'",
					 okvp_key_text(name, strlen(name), shown));
		*member->value = json_object_iter_value(at);
		if (!is_kind(*member->value, member->kind))
			return okvp_fail(err, OKVP_WRONG_TYPE, "'%s' is not %s", name,
					 kind_texts[member->kind]);
	}
	for (size_t i = 0; i < count; i++)
		if (members[i].need == API_NEEDED && !json_object_get(object, members[i].name))
			return okvp_fail(err, OKVP_INVALID, "'%s' is missing", members[i].name);
	return true;
}

bool api_read_text(const json_t *string, const char *name, const char **ret_text,
		   struct okvp_error *err)
{
	const char *text = json_string_value(string);

	if (text && strlen(text) != json_string_length(string))
		return okvp_fail(err, OKVP_INVALID_TEXT, "'%s' holds a NUL", name);
	*ret_text = text;
	return true;
}

bool api_read_item(const json_t *key, const json_t *value, struct okvp_item *ret_item,
		   struct okvp_error *err)
{
	size_t key_length = json_string_length(key), value_length = json_string_length(value);
	char shown[OKVP_KEY_TEXT_SIZE];

	if (key_length > UINT16_MAX || value_length > UINT16_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "%s of '%s' has %zu bytes",
				 key_length > UINT16_MAX ? "the key" : "the value",
				 okvp_key_text(json_string_value(key), key_length, shown),
				 key_length > UINT16_MAX ? key_length : value_length);
	*ret_item = (struct okvp_item){
		.key = json_string_value(key),
		.value = value ? json_string_value(value) : "",
		.key_length = (uint16_t)key_length,
		.value_length = (uint16_t)value_length,
	};
	return true;
}

static void release_tree(void *tree)
{
	json_decref(tree);
}

bool api_read_body(const struct http_request *http, const struct api_member *members, size_t count,
		   struct okvp_error *err)
{
	json_error_t where;
	json_t *tree;

	if (http->body_length == 0)
		return okvp_fail(err, OKVP_INVALID, "the request has no body");
	if (!check_size(http->body, http->body_length, err))
		return false;
	tree = json_loadb(http->body, http->body_length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
			  &where);
	if (!tree)
		return okvp_fail(err, OKVP_INVALID, "malformed JSON in line %d, column %d: %s",
				 where.line, where.column, where.text);
	arena_defer(http->arena, release_tree, tree);
	return api_read_members(tree, members, count, err);
}
