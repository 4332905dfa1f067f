/* SPDX-License-Identifier: MIT */
/* emit_tables.c -- the tables of classes. */
#include <string.h>
#include <strings.h>

#include "mofc/emit.h"
#include "mofc/emitter.h"
#include "mofc/qualifier.h"
#include "openkvp/scoped.h"

/* A member of a structure, left out where it is zero. */
static void put_flag(struct text *out, const char *member, bool flag)
{
	if (flag)
		text_printf(out, ", .%s = true", member);
}

static void put_pointer(struct text *out, const char *member, const char *string)
{
	if (string)
		text_printf(out, ", .%s = \"%s\"", member, string);
}

static size_t put_qualifiers(struct emitter *emitter, struct text *out,
			     const struct qualifier *qualifiers)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (; qualifiers; qualifiers = qualifiers->next, count++) {
		text_printf(&list, "\t{ .name = \"%s\", .value = ", qualifiers->name);
		emitter_value(emitter, &list, &qualifiers->value);
		put_flag(&list, "propagated", qualifiers->propagated);
		put_flag(&list, "overridable", qualifiers->overridable);
		put_flag(&list, "to_subclass", qualifiers->to_subclass);
		put_flag(&list, "translatable", qualifiers->translatable);
		text_puts(&list, " },\n");
	}
	if (count > 0)
		text_printf(out, ",\n\t  .qualifiers = %s, .qualifier_count = %zu",
			    emitter_array(emitter, "struct cim_qualifier", "qualifiers", &list),
			    count);
	return count;
}

/* Of a string that holds instances: their class; "" when any will do. */
static const char *embedded_class(const struct member *member)
{
	const struct qualifier *named = qualifier_find(member->qualifiers, "EmbeddedInstance");

	if (named)
		return named->value.string.bytes;
	return qualifier_flag(member->qualifiers, "EmbeddedObject") ? "" : NULL;
}

static void put_type(struct text *out, const struct member *member)
{
	text_printf(out, "\t{ .name = \"%s\", .type = %s", member->name,
		    emitter_type(member->type));
	put_flag(out, "is_array", member->is_array);
}

/* Without a word of In, a parameter that is Out is not In: as the classes' own documentation has
 * it, though DSP0004 would have it be both. */
static bool is_in(const struct member *parameter)
{
	if (qualifier_find(parameter->qualifiers, "In"))
		return qualifier_flag(parameter->qualifiers, "In");
	return !qualifier_flag(parameter->qualifiers, "Out");
}

static void put_parameters(struct emitter *emitter, struct text *out,
			   const struct member *parameters)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (; parameters; parameters = parameters->next, count++) {
		put_type(&list, parameters);
		put_flag(&list, "is_in", is_in(parameters));
		put_flag(&list, "is_out", qualifier_flag(parameters->qualifiers, "Out"));
		put_pointer(&list, "reference_class", parameters->reference_class);
		put_pointer(&list, "embedded_class", embedded_class(parameters));
		put_qualifiers(emitter, &list, parameters->qualifiers);
		text_puts(&list, " },\n");
	}
	if (count > 0)
		text_printf(out, ",\n\t  .parameters = %s, .parameter_count = %zu",
			    emitter_array(emitter, "struct cim_parameter", "parameters", &list),
			    count);
}

static void put_methods(struct emitter *emitter, struct text *out, const struct member *methods)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (; methods; methods = methods->next, count++) {
		put_type(&list, methods);
		put_pointer(&list, "origin", methods->origin);
		put_flag(&list, "propagated", methods->propagated);
		put_flag(&list, "is_static", qualifier_flag(methods->qualifiers, "Static"));
		put_parameters(emitter, &list, methods->parameters);
		put_qualifiers(emitter, &list, methods->qualifiers);
		text_puts(&list, " },\n");
	}
	if (count > 0)
		text_printf(out, "\t\t.methods = %s,\n\t\t.method_count = %zu,\n",
			    emitter_array(emitter, "struct cim_method", "methods", &list), count);
}

static void put_properties(struct emitter *emitter, struct text *out,
			   const struct member *properties)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (; properties; properties = properties->next, count++) {
		put_type(&list, properties);
		text_printf(&list, ", .id = %s",
			    constant_of(&emitter->schema->properties, properties->name));
		put_flag(&list, "is_key", qualifier_flag(properties->qualifiers, "Key"));
		put_flag(&list, "is_writable", qualifier_flag(properties->qualifiers, "Write"));
		put_pointer(&list, "reference_class", properties->reference_class);
		put_pointer(&list, "embedded_class", embedded_class(properties));
		put_pointer(&list, "origin", properties->origin);
		put_flag(&list, "propagated", properties->propagated);
		text_puts(&list, ",\n\t  .initial = ");
		emitter_value(emitter, &list, &properties->value);
		put_qualifiers(emitter, &list, properties->qualifiers);
		text_puts(&list, " },\n");
	}
	if (count > 0)
		text_printf(out, "\t\t.properties = %s,\n\t\t.property_count = %zu,\n",
			    emitter_array(emitter, "struct cim_property", "properties", &list),
			    count);
}

#define INDEXES_IN_LINE 16

static void put_property_index(struct emitter *emitter, struct text *out, const struct class *class)
{
	const struct constants *all = &emitter->schema->properties;
	scoped(text_done) struct text list = { 0 };

	for (size_t i = 0; i < all->count; i++) {
		const struct member *at = class->properties;
		size_t index = 0;

		while (at && strcasecmp(at->name, all->constant[i].name) != 0)
			at = at->next, index++;
		text_putc(&list, i % INDEXES_IN_LINE == 0 ? '\t' : ' ');
		if (at)
			text_printf(&list, "%zu,", index);
		else
			text_puts(&list, "NONE,");
		if (i % INDEXES_IN_LINE == INDEXES_IN_LINE - 1 || i == all->count - 1)
			text_putc(&list, '\n');
	}
	text_printf(out, "\t\t.property_index = %s,\n",
		    emitter_array(emitter, "uint16_t", "property_index", &list));
}

static void put_class(struct emitter *emitter, struct text *out, size_t ns,
		      const struct class *class)
{
	const struct constants *ids = &emitter->schema->classes;
	const char *id = constant_of(ids, class->name);
	scoped(text_done) struct text qualifiers = { 0 };

	text_printf(out, "\t[%s] = {\n\t\t.name = \"%s\",\n\t\t.id = %s,\n", id, class->name, id);
	text_printf(out, "\t\t.ns = &namespaces[%zu],\n", ns);
	if (class->super)
		text_printf(out, "\t\t.superclass = &classes_%zu[%s],\n", ns,
			    constant_of(ids, class->super->name));
	text_printf(out, "\t\t.place = %zu,\n", class->place);
	if (class->descendant_count > 0)
		text_printf(out, "\t\t.descendant_count = %zu,\n", class->descendant_count);
	if (class->is_abstract)
		text_puts(out, "\t\t.is_abstract = true,\n");
	if (class->is_association)
		text_puts(out, "\t\t.is_association = true,\n");
	if (class->is_indication)
		text_puts(out, "\t\t.is_indication = true,\n");
	if (put_qualifiers(emitter, &qualifiers, class->qualifiers) > 0)
		text_printf(out, "\t\t%s,\n", qualifiers.bytes + strlen(",\n\t  "));
	put_properties(emitter, out, class->properties);
	put_methods(emitter, out, class->methods);
	put_property_index(emitter, out, class);
	text_puts(out, "\t},\n");
}

/* An array of pointers to the classes of a namespace: all of them, or the associations. */
static size_t put_class_list(struct emitter *emitter, struct text *out, const struct namespace *ns,
			     size_t number, bool associations_only)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < ns->count; i++) {
		if (associations_only && !ns->ordered[i]->is_association)
			continue;
		text_printf(&list, "\t&classes_%zu[%s],\n", number,
			    constant_of(&emitter->schema->classes, ns->ordered[i]->name));
		count++;
	}
	text_puts(out, emitter_array(emitter, "struct cim_class *const", "class_list", &list));
	return count;
}

/* What a namespace's classes need goes out first, then the classes: they wait in a text. What the
 * namespace is goes out behind all, and waits in rows. */
static void emit_namespace(struct emitter *emitter, const struct namespace *ns, size_t number,
			   struct text *rows)
{
	scoped(text_done) struct text classes = { 0 };
	size_t count;

	for (size_t i = 0; i < ns->count; i++)
		put_class(emitter, &classes, number, ns->ordered[i]);
	text_printf(emitter->out,
		    "static const struct cim_class classes_%zu[CIM_CLASS_COUNT] = {\n%s};\n\n",
		    number, classes.bytes ? classes.bytes : "");
	text_printf(rows, "\t{ .name = \"%s\", .by_id = classes_%zu,\n\t  .classes = ", ns->name,
		    number);
	count = put_class_list(emitter, rows, ns, number, false);
	text_printf(rows, ", .class_count = %zu,\n\t  .associations = ", count);
	count = put_class_list(emitter, rows, ns, number, true);
	text_printf(rows, ", .association_count = %zu },\n", count);
}

static void emit_names(struct text *out, const char *name, const struct constants *constants)
{
	text_printf(out, "const char *const %s[] = {\n", name);
	for (size_t i = 0; i < constants->count; i++)
		text_printf(out, "\t[%s] = \"%s\",\n", constants->constant[i].constant,
			    constants->constant[i].name);
	text_puts(out, "};\n\n");
}

static void put_scope(struct text *out, unsigned int scope)
{
	static const char *const names[] = { "CLASS",     "ASSOCIATION", "INDICATION", "PROPERTY",
					     "REFERENCE", "METHOD",      "PARAMETER" };
	const char *before = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (scope & 1u << i) {
			text_printf(out, "%sCIM_SCOPE_%s", before, names[i]);
			before = " | ";
		}
	}
}

static void emit_qualifier_types(struct emitter *emitter)
{
	scoped(text_done) struct text list = { 0 };
	size_t count = 0;

	for (const struct qualifier_type *at = emitter->schema->mof->qualifier_types; at;
	     at = at->next, count++) {
		text_printf(&list, "\t{ .name = \"%s\", .value = ", at->name);
		emitter_value(emitter, &list, &at->value);
		text_puts(&list, ",\n\t  .scope = ");
		put_scope(&list, at->scope);
		put_flag(&list, "overridable", !(at->flavor & FLAVOR_DISABLE_OVERRIDE));
		put_flag(&list, "to_subclass", !(at->flavor & FLAVOR_RESTRICTED));
		put_flag(&list, "translatable", at->flavor & FLAVOR_TRANSLATABLE);
		text_puts(&list, " },\n");
	}
	text_printf(emitter->out,
		    "const struct cim_qualifier_type cim_qualifier_types[] = {\n%s};\n"
		    "const size_t cim_qualifier_type_count = %zu;\n",
		    list.bytes, count);
}

static void emit_namespaces(struct emitter *emitter)
{
	scoped(text_done) struct text rows = { 0 };
	struct text *out = emitter->out;
	size_t count = 0;

	for (const struct namespace *ns = emitter->schema->namespaces; ns; ns = ns->next)
		count++;
	text_printf(out, "static const struct cim_namespace namespaces[%zu];\n\n", count);
	count = 0;
	for (const struct namespace *ns = emitter->schema->namespaces; ns; ns = ns->next)
		emit_namespace(emitter, ns, count++, &rows);
	text_printf(out, "static const struct cim_namespace namespaces[%zu] = {\n%s};\n\n", count,
		    rows.bytes);
	text_puts(out, "const struct cim_namespace *const cim_namespaces[] = {\n");
	for (size_t i = 0; i < count; i++)
		text_printf(out, "\t&namespaces[%zu],\n", i);
	text_printf(out, "};\nconst size_t cim_namespace_count = %zu;\n\n", count);
}

static const char head[] = "/* Made by mofc from the MOF files: change those. */\n"
			   "#include \"cim/schema.h\"\n"
			   "\n"
			   "#define NONE CIM_NO_PROPERTY\n"
			   "\n"
			   "/* A string, and the same escaped for XML. */\n"
			   "#define ESCAPED(text, xml) \\\n"
			   "\t{ .bytes = text, .length = sizeof(text) - 1, \\\n"
			   "\t  .escaped = xml, .escaped_length = sizeof(xml) - 1 }\n"
			   "#define TEXT(text) ESCAPED(text, text)\n"
			   "\n";

void emit_tables(struct text *out, const struct schema *schema)
{
	struct emitter emitter = { .out = out, .schema = schema, .arena = schema->mof->arena };

	text_puts(out, head);
	emit_namespaces(&emitter);
	emit_names(out, "cim_class_names", &schema->classes);
	emit_names(out, "cim_property_names", &schema->properties);
	emit_qualifier_types(&emitter);
	map_done(&emitter.arrays);
}
