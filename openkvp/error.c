/* SPDX-License-Identifier: MIT */
/* error.c -- failures as a status and a sentence. */
#include "openkvp/error.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "openkvp/unicode.h"

const char *okvp_status_text(enum okvp_status status)
{
	static const char *const texts[] = {
#define X(name, text) [OKVP_##name] = text,
		OKVP_STATUS_LIST(X)
#undef X
	};

	return texts[status];
}

const char *okvp_status_name(enum okvp_status status)
{
	static const char *const names[] = {
#define X(name, text) [OKVP_##name] = #name,
		OKVP_STATUS_LIST(X)
#undef X
	};

	return names[status];
}

/* Ends a message that was too long for its room with a whole character. */
static void end_with_character(char *message, size_t size)
{
	size_t length = strlen(message);

	if (length == size - 1)
		message[okvp_utf8_prefix(message, length, length)] = '\0';
}

static void __attribute__((format(printf, 3, 0)))
write_message(struct okvp_error *err, enum okvp_status status, const char *format, va_list args)
{
	err->status = status;
	vsnprintf(err->message, sizeof(err->message), format, args);
	end_with_character(err->message, sizeof(err->message));
}

bool okvp_fail(struct okvp_error *err, enum okvp_status status, const char *format, ...)
{
	va_list args;

	if (!err)
		return false;
	va_start(args, format);
	write_message(err, status, format, args);
	va_end(args);
	return false;
}

static enum okvp_status status_of(int errno_value)
{
	switch (errno_value) {
	case ENOMEM:
		return OKVP_NO_MEMORY;
	case ENOENT:
		return OKVP_NOT_FOUND;
	case EACCES:
	case EPERM:
		return OKVP_DENIED;
	default:
		return OKVP_IO;
	}
}

bool okvp_fail_errno(struct okvp_error *err, int errno_value, const char *format, ...)
{
	va_list args;
	size_t length;

	if (!err)
		return false;
	va_start(args, format);
	write_message(err, status_of(errno_value), format, args);
	va_end(args);
	length = strlen(err->message);
	snprintf(err->message + length, sizeof(err->message) - length, ": %s",
		 strerror(errno_value));
	end_with_character(err->message, sizeof(err->message));
	return false;
}

bool okvp_fail_in(struct okvp_error *err, const char *format, ...)
{
	char context[sizeof(err->message)], inner[sizeof(err->message)];
	va_list args;

	if (!err)
		return false;
	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
	memcpy(inner, err->message, sizeof(inner));
	if (snprintf(err->message, sizeof(err->message), "%s: %s", context, inner) < 0)
		err->message[0] = '\0';
	end_with_character(err->message, sizeof(err->message));
	return false;
}
