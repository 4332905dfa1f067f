/* SPDX-License-Identifier: MIT */
/* test_samples.c -- requests as clients write them, and what they are answered.
 *
 * samples/NAME.request.xml is served as it is; the answer must be samples/NAME.answer.xml, whose
 * first line is the HTTP status. An argument --write writes the answers instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../samples.h"
#include "talk.h"

static const char *ask(void *talk, struct text *request, struct text *ret_first_line)
{
	struct talk *asked = talk;
	const char *answer = talk_raw(asked, request->bytes, request->length);

	text_printf(ret_first_line, "%u", asked->status);
	return answer;
}

static const struct samples samples = {
	.folder = SAMPLES,
	.request = ".request.xml",
	.answer = ".answer.xml",
	.identifiers = (const char *const[]){ "<a:MessageID>uuid:", "<n:EnumerationContext>uuid:",
					      "<e:Identifier>uuid:", NULL },
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
