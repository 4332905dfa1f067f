/* SPDX-License-Identifier: MIT */
/* fuzz_http_basic.c -- any Authorization header: what is read are two texts. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "front/http_basic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *header = xstrndup((const char *)data, size), text[HTTP_BASIC_MAX];
	const char *name, *password;

	if (http_basic_read(header, text, &name, &password)) {
		assert(!strchr(name, ':'));
		assert(name + strlen(name) < password);
		assert(strlen(password) < HTTP_BASIC_MAX);
	}
	free(header);
	return 0;
}
