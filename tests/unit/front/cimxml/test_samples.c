/* SPDX-License-Identifier: MIT */
/* test_samples.c -- requests as clients write them, and what they are answered.
 *
 * samples/NAME.request holds headers and a body, as they were seen on the wire; the answer must be
 * samples/NAME.answer, whose first line is the HTTP status, with a line break between any two tags
 * and a star for an enumeration context. An argument --write writes the answers instead. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define REQUEST ".request"

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

/* --- A request --- */

static void take_header(struct cimxml_message *message, const char *name, const char *value)
{
	const struct {
		const char *name, **place;
	} headers[] = {
		{ "Content-Type", &message->content_type },
		{ "CIMOperation", &message->cim_operation },
		{ "CIMMethod", &message->cim_method },
		{ "CIMObject", &message->cim_object },
		{ "CIMProtocolVersion", &message->cim_protocol_version },
	};

	for (size_t i = 0; i < count_of(headers); i++) {
		if (strcasecmp(headers[i].name, name) != 0)
			continue;
		*headers[i].place = value;
		return;
	}
	fail_msg("what is the header %s?", name);
}

static void ask_as_the_file_says(struct talk *talk, struct text *request)
{
	char *at = request->bytes, *end;

	for (; (end = strchr(at, '\n')) != at; at = end + 1) {
		char *colon = strchr(at, ':');

		*end = *colon = '\0';
		take_header(&talk->message, at, colon + 1 + strspn(colon + 1, " "));
	}
	talk_raw(talk, at + 1, strlen(at + 1));
}

/* --- An answer --- */

static void write_plainly(const struct talk *talk, struct text *out)
{
	static const char context[] = "<VALUE>uuid:";
	const char *at = talk->answer.bytes;

	text_printf(out, "%u %s\n", talk->status, talk->error);
	while (*at) {
		if (strncmp(at, context, sizeof(context) - 1) == 0) {
			text_puts(out, "<VALUE>*");
			at += sizeof(context) - 1;
			at += strcspn(at, "<");
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
	scoped(xfree_text) char *answer_path = xprintf(SAMPLES "/%.*s.answer", (int)length, name);
	scoped(text_done) struct text request = { 0 }, expected = { 0 }, got = { 0 };

	read_file(request_path, &request);
	ask_as_the_file_says(talk, &request);
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
	const struct cimxml_message blank = ((struct talk *)*state)->message;
	struct talk *talk = *state;
	struct dirent **entries;
	int count = scandir(SAMPLES, &entries, NULL, alphasort), samples = 0;

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *suffix = strstr(name, REQUEST);

		if (suffix && strcmp(suffix, REQUEST) == 0) {
			talk->message = blank;
			check_sample(talk, name, (size_t)(suffix - name));
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
