/* SPDX-License-Identifier: MIT */
/* http_basic.c -- HTTP Basic authentication (RFC 7617). */
#include "front/http_basic.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "openkvp/base64.h"

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
	if (length >= HTTP_BASIC_MAX ||
	    !base64_read(header, length, out, HTTP_BASIC_MAX - 1, &decoded) ||
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
