/* SPDX-License-Identifier: MIT */
/* main.c -- mofc, the MOF compiler: classes in, C tables out. Part of the build, not installed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mofc/emit.h"
#include "mofc/qualifier.h"
#include "openkvp/scoped.h"

struct options {
	struct namespace *namespaces;
	const char *ids, *tables;
};

static _Noreturn void usage(void)
{
	fputs("usage: mofc {--namespace NAME | --bare NAME}... --ids FILE --tables FILE MOF...\n"
	      "Compiles MOF files into C: the constants of classes and properties, and the tables\n"
	      "of the namespaces, the first of which is the default. A bare one has what sections\n"
	      "name for it, and what that needs.\n",
	      stderr);
	exit(2);
}

static void add_namespace(struct arena *arena, struct options *options, const char *name,
			  bool is_bare)
{
	struct namespace *ns = arena_new(arena, struct namespace);

	ns->name = name;
	ns->is_bare = is_bare;
	append(options->namespaces, ns);
}

static struct options parse_options(struct arena *arena, int argc, char **argv)
{
	static const struct option known[] = {
		{ "namespace", required_argument, NULL, 'n' },
		{ "bare", required_argument, NULL, 'b' },
		{ "ids", required_argument, NULL, 'i' },
		{ "tables", required_argument, NULL, 't' },
		{ 0 },
	};
	struct options options = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'n' || option == 'b')
			add_namespace(arena, &options, optarg, option == 'b');
		else if (option == 'i')
			options.ids = optarg;
		else if (option == 't')
			options.tables = optarg;
		else
			usage();
	}
	if (!options.namespaces || !options.ids || !options.tables || optind == argc)
		usage();
	return options;
}

/* A section for a namespace that nobody asked for is a slip of the pen. */
static void check_sections(const struct mof *mof, const struct namespace *namespaces)
{
	for (const struct class *class = mof->classes; class; class = class->next) {
		for (const struct name *name = class->section; name; name = name->next) {
			const struct namespace *ns = namespaces;

			while (ns && strcasecmp(ns->name, name->text) != 0)
				ns = ns->next;
			if (!ns)
				report(class->where, "class %s is for an unknown namespace '%s'",
				       class->name, name->text);
		}
	}
}

static void write_file(const char *path, const struct text *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text->bytes, 1, text->length, file) != text->length ||
	    fclose(file) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	scoped(arena_free) struct arena *arena = arena_create();
	scoped(text_done) struct text ids = { 0 }, tables = { 0 };
	struct options options = parse_options(arena, argc, argv);
	struct mof mof = { .arena = arena };
	struct schema schema = { .mof = &mof, .namespaces = options.namespaces };

	for (int i = optind; i < argc; i++)
		mof_read(&mof, argv[i]);
	check_sections(&mof, options.namespaces);
	qualifier_types_resolve(&mof);
	for (struct namespace *ns = options.namespaces; ns; ns = ns->next) {
		namespace_collect(&mof, ns);
		namespace_resolve(&mof, ns);
	}
	schema.classes = class_constants(&mof, options.namespaces);
	schema.properties = property_constants(&mof, options.namespaces);

	emit_ids(&ids, &schema);
	emit_tables(&tables, &schema);
	write_file(options.ids, &ids);
	write_file(options.tables, &tables);
	return 0;
}
