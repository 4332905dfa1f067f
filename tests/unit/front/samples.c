/* SPDX-License-Identifier: MIT */
/* samples.c -- requests as clients write them, and what they are answered, each in a file. */
#include "samples.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

static bool write_answers;

void samples_take_arguments(int argc, char **argv)
{
	write_answers = argc > 1 && strcmp(argv[1], "--write") == 0;
}

static void read_file(const char *path, struct text *ret_text)
{
	FILE *file = fopen(path, "r");
	char piece[4096];
	size_t got;

	if (!file)
		fail_msg("cannot read %s", path);
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add(ret_text, piece, got);
	fclose(file);
}

static void write_file(const char *path, const struct text *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text->bytes, file);
	fclose(file);
}

/* How long the text in front of an identifier that differs each time is; 0: it is none. */
static size_t before_identifier(const struct samples *samples, const char *at)
{
	for (const char *const *before = samples->identifiers; *before; before++)
		if (strncmp(at, *before, strlen(*before)) == 0)
			return strlen(*before);
	return 0;
}

/* An answer as its file has it. */
static void write_plainly(const struct samples *samples, const char *at, struct text *out)
{
	while (*at) {
		size_t before = before_identifier(samples, at);

		if (before > 0) {
			text_add(out, at, before);
			text_putc(out, '*');
			at += before + strcspn(at + before, "<");
			continue;
		}
		text_putc(out, *at++);
		if (at[-1] == '>' && *at == '<')
			text_putc(out, '\n');
	}
	text_putc(out, '\n');
}

static void check(const struct samples *samples, void *talk, const char *name, int length)
{
	scoped(xfree_text) char *request_path =
		xprintf("%s/%.*s%s", samples->folder, length, name, samples->request);
	scoped(xfree_text) char *answer_path =
		xprintf("%s/%.*s%s", samples->folder, length, name, samples->answer);
	scoped(text_done) struct text request = { 0 }, expected = { 0 }, got = { 0 };
	const char *answer;

	read_file(request_path, &request);
	answer = samples->ask(talk, &request, &got);
	assert_non_null(answer);
	text_putc(&got, '\n');
	write_plainly(samples, answer, &got);
	if (write_answers) {
		write_file(answer_path, &got);
		return;
	}
	read_file(answer_path, &expected);
	if (strcmp(expected.bytes, got.bytes) != 0)
		fail_msg("%.*s is answered otherwise:\n%s", length, name, got.bytes);
}

void samples_check(const struct samples *samples, void *talk)
{
	struct dirent **entries;
	int count = scandir(samples->folder, &entries, NULL, alphasort), checked = 0;

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *suffix = strstr(name, samples->request);

		if (suffix && strcmp(suffix, samples->request) == 0) {
			check(samples, talk, name, (int)(suffix - name));
			checked++;
		}
		free(entries[i]);
	}
	free(entries);
	assert_true(checked > 0);
}
