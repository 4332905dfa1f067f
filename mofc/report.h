/* SPDX-License-Identifier: MIT */
/* report.h -- what is wrong with a MOF file, and where. */
#pragma once

struct where {
	const char *file;
	int line;
};

/* Prints "file:line: sentence" and ends the program with 1. */
_Noreturn void report(struct where where, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
