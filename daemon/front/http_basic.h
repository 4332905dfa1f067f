/* SPDX-License-Identifier: MIT */
/* http_basic.h -- HTTP Basic authentication (RFC 7617). */
#pragma once
#include <stdbool.h>

#define HTTP_BASIC_MAX 1024 /* bytes of base64: more than the longest name and password take */

/* Reads "Basic <base64 of name:password>" from an Authorization header. A domain in front of the
 * name, as Windows sends it (".\ann", "HOST\ann"), is left out. The two texts are in out. */
bool http_basic_read(const char *header, char out[static HTTP_BASIC_MAX], const char **ret_name,
		     const char **ret_password);
