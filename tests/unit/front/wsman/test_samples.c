/* SPDX-License-Identifier: MIT */
/* test_samples.c -- requests as clients write them, and what they are answered.
 *
 * samples/NAME.request.xml is served as it is; the answer must be samples/NAME.answer.xml, whose
 * first line is the HTTP status, with a line break between any two tags and with stars for its own
 * identifiers. An argument --write writes the answers instead. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define REQUEST ".request.xml"

static bool write_answers;

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

/* How long the text in front of an identifier that differs each time is; 0: it is none. */
static size_t before_identifier(const char *at)
{
	static const char *const elements[] = { "<a:MessageID>uuid:", "<n:EnumerationContext>uuid:",
						"<e:Identifier>uuid:" };

	for (size_t i = 0; i < count_of(elements); i++)
		if (strncmp(at, elements[i], strlen(elements[i])) == 0)
			return strlen(elements[i]);
	return 0;
}

/* The answer as its file has it. */
static void write_plainly(const struct talk *talk, struct text *out)
{
	const char *at = talk->answer.bytes;

	text_printf(out, "%u\n", talk->status);
	while (*at) {
		size_t before = before_identifier(at);

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

static void check_sample(struct talk *talk, const char *name, size_t length)
{
	scoped(xfree_text) char *request_path = xprintf(SAMPLES "/%.*s" REQUEST, (int)length, name);
	scoped(xfree_text) char *answer_path =
		xprintf(SAMPLES "/%.*s.answer.xml", (int)length, name);
	scoped(text_done) struct text request = { 0 }, expected = { 0 }, got = { 0 };

	read_file(request_path, &request);
	talk_raw(talk, request.bytes, request.length);
	write_plainly(talk, &got);
	if (write_answers) {
		FILE *file = fopen(answer_path, "w");

		assert_non_null(file);
		fputs(got.bytes, file);
		fclose(file);
		return;
	}
	read_file(answer_path, &expected);
	if (strcmp(expected.bytes, got.bytes) != 0)
		fail_msg("%.*s is answered otherwise:\n%s", (int)length, name, got.bytes);
}

static void every_sample_is_answered_as_its_file_says(void **state)
{
	struct dirent **entries;
	int count = scandir(SAMPLES, &entries, NULL, alphasort), samples = 0;

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *suffix = strstr(name, REQUEST);

		if (suffix && strcmp(suffix, REQUEST) == 0) {
			check_sample(*state, name, (size_t)(suffix - name));
			samples++;
		}
		free(entries[i]);
	}
	free(entries);
	assert_true(samples > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_sample_is_answered_as_its_file_says,
						talk_set_up, talk_tear_down),
	};

	write_answers = argc > 1 && strcmp(argv[1], "--write") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
