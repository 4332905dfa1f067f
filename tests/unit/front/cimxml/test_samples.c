/* SPDX-License-Identifier: MIT */
/* test_samples.c -- requests as clients write them, and what they are answered.
 *
 * samples/NAME.request holds headers and a body, as they were seen on the wire; the answer must be
 * samples/NAME.answer, whose first line is the HTTP status and CIMError. An
 * argument --write writes the answers instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "../samples.h"
#include "base/memory.h"
#include "talk.h"

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

static const char *ask(void *talk, struct text *request, struct text *ret_first_line)
{
	struct talk *asked = talk;
	const struct cimxml_message blank = asked->message;
	char *at = request->bytes, *end;
	const char *answer;

	for (; (end = strchr(at, '\n')) != at; at = end + 1) {
		char *colon = strchr(at, ':');

		*end = *colon = '\0';
		take_header(&asked->message, at, colon + 1 + strspn(colon + 1, " "));
	}
	answer = talk_raw(asked, at + 1, strlen(at + 1));
	asked->message = blank;
	text_printf(ret_first_line, "%u %s", asked->status, asked->error);
	return answer;
}

static const struct samples samples = {
	.folder = SAMPLES,
	.request = ".request",
	.answer = ".answer",
	.identifiers = (const char *const[]){ "<VALUE>uuid:", NULL },
	.ask = ask,
};

static void every_sample_is_answered_as_its_file_says(void **state)
{
	samples_check(&samples, *state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_sample_is_answered_as_its_file_says,
						talk_set_up, talk_tear_down),
	};

	samples_take_arguments(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
