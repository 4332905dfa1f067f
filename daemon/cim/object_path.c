/* SPDX-License-Identifier: MIT */
/* object_path.c -- names of instances, and the form in which WMI writes them. */
#include "cim/object_path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cim/scalar.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

const struct cim_value *cim_path_key(const struct cim_object_path *path, const char *name)
{
	for (size_t i = 0; i < path->key_count; i++)
		if (strcasecmp(path->keys[i].name, name) == 0)
			return &path->keys[i].value;
	return NULL;
}

const char *cim_path_text_key(const struct cim_object_path *path, const char *name)
{
	const struct cim_value *value = cim_path_key(path, name);

	return value && value->type == CIM_STRING ? value->string.bytes : NULL;
}

static char *copy_text(struct arena *arena, const char *text)
{
	return text ? arena_text(arena, text, strlen(text)) : NULL;
}

static struct cim_value copy_value(struct arena *arena, const struct cim_value *value)
{
	if (value->type == CIM_STRING)
		return cim_string_of(arena_text(arena, value->string.bytes, value->string.length),
				     value->string.length);
	if (value->type == CIM_REFERENCE)
		return cim_reference(cim_path_copy(arena, value->reference));
	return *value;
}

const struct cim_object_path *cim_path_copy(struct arena *arena, const struct cim_object_path *path)
{
	struct cim_object_path *copy = arena_new(arena, struct cim_object_path);
	struct cim_key *keys = arena_array(arena, struct cim_key, path->key_count);

	for (size_t i = 0; i < path->key_count; i++) {
		keys[i].name = copy_text(arena, path->keys[i].name);
		keys[i].value = copy_value(arena, &path->keys[i].value);
	}
	copy->ns = copy_text(arena, path->ns);
	copy->class_name = copy_text(arena, path->class_name);
	copy->keys = keys;
	copy->key_count = path->key_count;
	return copy;
}

/* --- From text --- */

struct reader {
	struct arena *arena;
	const char *at, *end;
};

static bool is_name_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_slash(char c)
{
	return c == '\\' || c == '/';
}

static char peek(const struct reader *in)
{
	return in->at < in->end ? *in->at : '\0';
}

static bool accept(struct reader *in, char c)
{
	if (peek(in) != c)
		return false;
	in->at++;
	return true;
}

static void skip_space(struct reader *in)
{
	while (is_space(peek(in)))
		in->at++;
}

/* A name; NULL: there is none. */
static const char *read_name(struct reader *in)
{
	const char *start = in->at;

	if (!is_name_start(peek(in)))
		return NULL;
	while (is_name_start(peek(in)) || is_digit(peek(in)))
		in->at++;
	return arena_text(in->arena, start, (size_t)(in->at - start));
}

/* \\HOST\root\virtualization\v2: -- or without the host, or nothing of it. */
static bool read_namespace(struct reader *in, const char **ret_ns, struct okvp_error *err)
{
	bool has_host = in->end - in->at > 2 && is_slash(in->at[0]) && is_slash(in->at[1]);
	const char *colon;

	if (has_host) {
		in->at += 2;
		while (peek(in) && !is_slash(peek(in)))
			in->at++;
		in->at += in->at < in->end;
	}
	colon = in->at;
	while (colon < in->end && !strchr(":.=\"'", *colon))
		colon++;
	if (colon == in->end || *colon != ':') {
		if (has_host)
			return okvp_fail(err, OKVP_INVALID, "an object path has no class");
		*ret_ns = "";
		return true;
	}
	*ret_ns = arena_text(in->arena, in->at, (size_t)(colon - in->at));
	in->at = colon + 1;
	return true;
}

static bool read_string(struct reader *in, struct cim_value *ret_value, struct okvp_error *err)
{
	char quote = *in->at++;
	char *bytes = arena_alloc(in->arena, (size_t)(in->end - in->at) + 1);
	size_t length = 0;

	while (in->at < in->end && *in->at != quote) {
		if (*in->at == '\\' && in->at + 1 < in->end)
			in->at++;
		bytes[length++] = *in->at++;
	}
	if (!accept(in, quote))
		return okvp_fail(err, OKVP_INVALID, "a quote in an object path is not closed");
	*ret_value = cim_string_of(bytes, length);
	return true;
}

/* An integer, TRUE or FALSE. */
static bool read_word(struct reader *in, struct cim_value *ret_value, struct okvp_error *err)
{
	const char *word = in->at;
	enum cim_type type = CIM_BOOLEAN;

	if (is_digit(peek(in)))
		type = CIM_UINT64;
	else if (peek(in) == '-' || peek(in) == '+')
		type = CIM_SINT64;
	while (peek(in) && peek(in) != ',' && !is_space(peek(in)))
		in->at++;
	if (!cim_value_from_text(in->arena, type, word, (size_t)(in->at - word), ret_value, NULL))
		return okvp_fail(err, OKVP_INVALID,
				 "the value of a key must be a string, a boolean or an integer");
	return true;
}

static bool read_key(struct reader *in, struct cim_key *key, struct okvp_error *err)
{
	skip_space(in);
	key->name = read_name(in);
	skip_space(in);
	if (!key->name || !accept(in, '='))
		return okvp_fail(err, OKVP_INVALID,
				 "an object path must have Key=value behind its class");
	skip_space(in);
	if (peek(in) == '"' || peek(in) == '\'')
		return read_string(in, &key->value, err);
	return read_word(in, &key->value, err);
}

static bool read_keys(struct reader *in, struct cim_object_path *path, struct okvp_error *err)
{
	struct cim_key keys[CIM_PATH_KEYS_MAX];
	size_t count = 0;

	do {
		if (count == CIM_PATH_KEYS_MAX)
			return okvp_fail(err, OKVP_INVALID, "an object path has at most %d keys",
					 CIM_PATH_KEYS_MAX);
		if (!read_key(in, &keys[count], err))
			return false;
		count++;
		skip_space(in);
	} while (accept(in, ','));
	path->keys =
		memcpy(arena_array(in->arena, struct cim_key, count), keys, count * sizeof(*keys));
	path->key_count = count;
	return true;
}

bool cim_path_from_text(struct arena *arena, const char *text, size_t length,
			struct cim_object_path *ret_path, struct okvp_error *err)
{
	struct reader in = { arena, text, text + length };
	struct cim_object_path path = { 0 };

	if (length > CIM_PATH_TEXT_MAX)
		return okvp_fail(err, OKVP_INVALID, "an object path has at most %d bytes",
				 CIM_PATH_TEXT_MAX);
	if (memchr(text, 0, length) || !okvp_utf8_valid(text, length))
		return okvp_fail(err, OKVP_INVALID, "an object path is not valid UTF-8");
	skip_space(&in);
	if (!read_namespace(&in, &path.ns, err))
		return false;
	path.class_name = read_name(&in);
	if (!path.class_name)
		return okvp_fail(err, OKVP_INVALID, "an object path has no class");
	if (accept(&in, '.')) {
		if (!read_keys(&in, &path, err))
			return false;
	} else if (accept(&in, '=') && !accept(&in, '@')) {
		return okvp_fail(err, OKVP_INVALID,
				 "an object path must name the key behind its class");
	}
	skip_space(&in);
	if (in.at < in.end)
		return okvp_fail(err, OKVP_INVALID, "an object path has something behind its end");
	*ret_path = path;
	return true;
}

/* --- To text --- */

static int by_name(const void *a, const void *b)
{
	const struct cim_key *const *left = a, *const *right = b;

	return strcasecmp((*left)->name, (*right)->name);
}

static void add_quoted(struct text *out, const char *bytes, size_t length)
{
	text_putc(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			text_putc(out, '\\');
		text_putc(out, bytes[i]);
	}
	text_putc(out, '"');
}

static void add_path(struct text *out, const struct cim_object_path *path, const char *host);

static void add_value(struct text *out, const struct cim_value *value)
{
	scoped(text_done) struct text inner = { 0 };

	if (value->type == CIM_BOOLEAN || cim_type_is_unsigned(value->type) ||
	    cim_type_is_signed(value->type)) {
		cim_scalar_write(out, value);
		return;
	}
	if (value->type == CIM_REFERENCE)
		add_path(&inner, value->reference, NULL);
	else
		cim_scalar_write(&inner, value);
	add_quoted(out, inner.bytes, inner.length);
}

static void add_namespace(struct text *out, const char *ns, const char *host)
{
	if (!ns || !*ns)
		return;
	if (host)
		text_printf(out, "\\\\%s\\", host);
	for (; *ns; ns++)
		text_putc(out, *ns == '/' ? '\\' : *ns);
	text_putc(out, ':');
}

static void add_path(struct text *out, const struct cim_object_path *path, const char *host)
{
	const struct cim_key *sorted[CIM_PATH_KEYS_MAX];

	assert(path->key_count <= CIM_PATH_KEYS_MAX);
	for (size_t i = 0; i < path->key_count; i++)
		sorted[i] = &path->keys[i];
	qsort(sorted, path->key_count, sizeof(sorted[0]), by_name);
	add_namespace(out, path->ns, host);
	text_puts(out, path->class_name);
	if (path->key_count == 0)
		text_literal(out, "=@");
	for (size_t i = 0; i < path->key_count; i++) {
		text_putc(out, i == 0 ? '.' : ',');
		text_puts(out, sorted[i]->name);
		text_putc(out, '=');
		add_value(out, &sorted[i]->value);
	}
}

char *cim_path_to_text(struct arena *arena, const struct cim_object_path *path, const char *host)
{
	scoped(text_done) struct text out = { 0 };

	add_path(&out, path, host);
	return arena_text(arena, out.bytes, out.length);
}

/* --- Equality --- */

/* Takes the next character off a string, in lower case, a doubled backslash as one; '\0' at the
 * end.
 */
static char next_folded(const struct cim_string *string, size_t *at)
{
	char c;

	if (*at == string->length)
		return '\0';
	c = string->bytes[(*at)++];
	if (c == '\\' && *at < string->length && string->bytes[*at] == '\\')
		(*at)++;
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool equal_strings(const struct cim_string *a, const struct cim_string *b)
{
	size_t in_a = 0, in_b = 0;
	char c;

	if (a->length == b->length && a->length > 0 && memcmp(a->bytes, b->bytes, a->length) == 0)
		return true;
	do {
		c = next_folded(a, &in_a);
		if (c != next_folded(b, &in_b))
			return false;
	} while (c);
	return true;
}

bool cim_key_equal(const struct cim_value *a, const struct cim_value *b)
{
	int order;

	if (a->type == CIM_STRING && b->type == CIM_STRING)
		return equal_strings(&a->string, &b->string);
	if (a->type == CIM_REFERENCE && b->type == CIM_REFERENCE)
		return cim_path_equal(a->reference, b->reference);
	return cim_value_compare(a, b, &order) && order == 0;
}

static bool equal_namespaces(const char *a, const char *b)
{
	return !a || !*a || !b || !*b || cim_namespace_same(a, b);
}

bool cim_path_equal(const struct cim_object_path *a, const struct cim_object_path *b)
{
	if (a->key_count != b->key_count || strcasecmp(a->class_name, b->class_name) != 0 ||
	    !equal_namespaces(a->ns, b->ns))
		return false;
	for (size_t i = 0; i < a->key_count; i++) {
		const struct cim_value *other = cim_path_key(b, a->keys[i].name);

		if (!other || !cim_key_equal(&a->keys[i].value, other))
			return false;
	}
	return true;
}
