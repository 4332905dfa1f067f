/* SPDX-License-Identifier: MIT */
/* http_basic.c -- HTTP Basic authentication (RFC 7617). */
#include "front/http_basic.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes strict base64 (RFC 4648 section 4): padded, no white space, no left-over bits. */
static bool decode(const char *text, size_t length, char *out, size_t *ret_length)
{
	size_t padding = 0, written = 0;
	uint32_t bits = 0;

	if (length == 0 || length % 4 != 0)
		return false;
	while (padding < 2 && text[length - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < length; i++) {
		int value = i < length - padding ? digit_value(text[i]) : 0;

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		out[written++] = (char)(bits >> 16);
		out[written++] = (char)(bits >> 8);
		out[written++] = (char)bits;
	}
	*ret_length = written - padding;
	return padding == 0 || (bits & ((1u << (8 * padding)) - 1)) == 0;
}

bool http_basic_read(const char *header, char out[static HTTP_BASIC_MAX], const char **ret_name,
		     const char **ret_password)
{
	size_t length, decoded;
	char *colon, *domain;

	if (strncasecmp(header, "Basic ", 6) != 0)
		return false;
	header += 6 + strspn(header + 6, " ");
	length = strlen(header);
	while (length > 0 && (header[length - 1] == ' ' || header[length - 1] == '\t'))
		length--;
	if (length >= HTTP_BASIC_MAX || !decode(header, length, out, &decoded) ||
	    memchr(out, '\0', decoded))
		return false;
	out[decoded] = '\0';
	colon = strchr(out, ':');
	if (!colon)
		return false;
	*colon = '\0';
	domain = strchr(out, '\\');
	*ret_name = domain ? domain + 1 : out;
	*ret_password = colon + 1;
	return true;
}
