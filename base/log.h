/* SPDX-License-Identifier: MIT */
/* log.h -- lines on standard error, bounded for each subject.
 *
 * Every line has a subject: a VM, a client's address, or "" for the program itself. A subject other
 * than "" has at most LOG_LINES_PER_MINUTE lines a minute; then one line tells how many were held
 * back. Values of items appear in no line. */
#pragma once

#define LOG_LINES_PER_MINUTE 10

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* What is less urgent than this is not written; the beginning is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Writes "subject: message"; control characters in it appear as '?'. */
void log_line(enum log_level level, const char *subject, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(subject, ...)   log_line(LOG_LEVEL_ERROR, subject, __VA_ARGS__)
#define log_warning(subject, ...) log_line(LOG_LEVEL_WARNING, subject, __VA_ARGS__)
#define log_info(subject, ...)    log_line(LOG_LEVEL_INFO, subject, __VA_ARGS__)
#define log_debug(subject, ...)   log_line(LOG_LEVEL_DEBUG, subject, __VA_ARGS__)
