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

#define SUBJECTS     1024 /* remembered; two that share a place share their allowance */
#define SUBJECT_SIZE 64
#define MINUTE_MS    60000

static struct subject {
	char name[SUBJECT_SIZE];
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

/* Whether a line of this subject may be written now; says how many were held back before. */
static bool allowed(const char *name, unsigned int *ret_held_back)
{
	struct subject *subject = find_subject(name);
	uint64_t now = clock_monotonic_ms();
	bool other = strncmp(subject->name, name, SUBJECT_SIZE - 1) != 0;

	*ret_held_back = 0;
	if (other || now - subject->since_ms >= MINUTE_MS) {
		*ret_held_back = other ? 0 : subject->held_back;
		*subject = (struct subject){ .since_ms = now };
		snprintf(subject->name, SUBJECT_SIZE, "%s", name);
	}
	if (subject->lines < LOG_LINES_PER_MINUTE) {
		subject->lines++;
		return true;
	}
	subject->held_back++;
	return false;
}

void log_line(enum log_level level, const char *subject, const char *format, ...)
{
	unsigned int held_back = 0;
	char message[1400], note[64];
	va_list args;
	bool write_it;

	if (level > most)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pthread_mutex_lock(&lock);
	write_it = !*subject || allowed(subject, &held_back);
	if (held_back > 0) {
		snprintf(note, sizeof(note), "%u more lines were held back", held_back);
		write_line(LOG_LEVEL_WARNING, subject, note);
	}
	if (write_it)
		write_line(level, subject, message);
	pthread_mutex_unlock(&lock);
}
