/* SPDX-License-Identifier: MIT */
/* path.c -- percent-encoding of RFC 3986: what is not unreserved is encoded. */
#include "cli/path.h"

#include <string.h>

void path_add(struct text *path, const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (text_putc(path, '/'); *name; name++)
		if (strchr(plain, *name))
			text_putc(path, *name);
		else
			text_printf(path, "%%%02X", (unsigned char)*name);
}
