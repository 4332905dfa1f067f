/* SPDX-License-Identifier: MIT */
/* samples.h -- requests as clients write them, and what they are answered, each in a file.
 *
 * The answer's file has a first line of the test's own, then the document with a line break between
 * any two tags, and with a star for each identifier that differs every time. */
#pragma once
#include "base/text.h"

struct samples {
	const char *folder;
	const char *request, *answer; /* how names of files end */

	/* What stands in front of such identifiers, which end before '<'; NULL behind the last. */
	const char *const *identifiers;

	/* Asks as a file says, which may be written to; the first line, and the answer, which is
	 * the talk's. */
	const char *(*ask)(void *talk, struct text *request, struct text *ret_first_line);
};

/* Fails the test unless each request of the folder, and there are some, is answered as its file
 * says. */
void samples_check(const struct samples *samples, void *talk);

/* The test's argument --write: samples_check() writes the answers instead. */
void samples_take_arguments(int argc, char **argv);
