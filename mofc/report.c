/* SPDX-License-Identifier: MIT */
/* report.c -- the first mistake ends the program: those that follow are mostly its children. */
#include "mofc/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void report(struct where where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s:%d: ", where.file, where.line);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}
