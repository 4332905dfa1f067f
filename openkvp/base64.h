/* SPDX-License-Identifier: MIT */
/* base64.h -- strict Base64 (RFC 4648 section 4): padded, no white space, no left-over bits. Not
 * installed. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Characters that so many bytes make. */
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4)

/* Writes BASE64_SIZE(size) characters, without a NUL; how many. */
size_t base64_write(const char *bytes, size_t size, char *out);

/* Reads text that has at least one character. False when it is no Base64 or makes more bytes than
 * there is room for; out then holds nothing of use. */
bool base64_read(const char *text, size_t length, char *out, size_t room, size_t *ret_size);
