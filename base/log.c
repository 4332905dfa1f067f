/* SPDX-License-Identifier: MIT */
/* log.c -- lines on standard error; under systemd each begins with its level ("<6>"). */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define SUBJECTS     4096 /* places; subjects that share one share its allowance */
#define SUBJECT_SIZE 64
#define MINUTE_MS    60000

static struct subject {
	char name[SUBJECT_SIZE]; /* whose line was held back last */
	uint64_t since_ms;
	unsigned int lines, held_back;
} subjects[SUBJECTS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum log_level most = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	most = level;
}

static void write_line(enum log_level level, const char *subject, const char *message)
{
	static const char *const names[] = { "error: ", "warning: ", "", "debug: " };
	static const char *const journal[] = { "<3>", "<4>", "<6>", "<7>" };
	bool in_journal = getenv("JOURNAL_STREAM") != NULL;
	char line[1600];
	int length;

	length = snprintf(line, sizeof(line) - 1, "%s%s%s%s%s", in_journal ? journal[level] : "",
			  in_journal ? "" : names[level], subject, *subject ? ": " : "", message);
	if (length > (int)sizeof(line) - 2)
		length = (int)sizeof(line) - 2;
	for (int i = 0; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
			line[i] = '?';
	line[length] = '\n';
	if (write(STDERR_FILENO, line, (size_t)length + 1) < 0)
		return; /* nobody is left to be told */
}

static struct subject *find_subject(const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return &subjects[hash % SUBJECTS];
}

/* Tells how many lines were held back, and whose at last. */
static void tell_held_back(const struct subject *subject)
{
	char note[64];

	snprintf(note, sizeof(note), "%u more lines were held back", subject->held_back);
	write_line(LOG_LEVEL_WARNING, subject->name, note);
}

/* Whether a line of this subject may be written now. */
static bool allowed(const char *name)
{
	struct subject *subject = find_subject(name);
	uint64_t now = clock_monotonic_ms();

	if (subject->lines == 0 || now - subject->since_ms >= MINUTE_MS) {
		if (subject->held_back > 0)
			tell_held_back(subject);
		*subject = (struct subject){ .since_ms = now };
	}
	if (subject->lines < LOG_LINES_PER_MINUTE) {
		subject->lines++;
		return true;
	}
	subject->held_back++;
	snprintf(subject->name, SUBJECT_SIZE, "%s", name);
	return false;
}

void log_line(enum log_level level, const char *subject, const char *format, ...)
{
	char message[1400];
	va_list args;

	if (level > most)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pthread_mutex_lock(&lock);
	if (!*subject || allowed(subject))
		write_line(level, subject, message);
	pthread_mutex_unlock(&lock);
}
