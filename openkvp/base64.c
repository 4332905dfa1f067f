/* SPDX-License-Identifier: MIT */
/* base64.c -- bytes as text, and back. */
#include "openkvp/base64.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes as a number; those that are not there are zeros. */
static uint32_t take_three(const char *bytes, size_t left)
{
	uint32_t bits = (uint32_t)(uint8_t)bytes[0] << 16;

	if (left > 1)
		bits |= (uint32_t)(uint8_t)bytes[1] << 8;
	if (left > 2)
		bits |= (uint8_t)bytes[2];
	return bits;
}

size_t base64_write(const char *bytes, size_t size, char *out)
{
	char *at = out;

	for (size_t i = 0; i < size; i += 3) {
		uint32_t bits = take_three(bytes + i, size - i);

		*at++ = digits[bits >> 18];
		*at++ = digits[bits >> 12 & 63];
		*at++ = size - i > 1 ? digits[bits >> 6 & 63] : '=';
		*at++ = size - i > 2 ? digits[bits & 63] : '=';
	}
	return (size_t)(at - out);
}

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

bool base64_read(const char *text, size_t length, char *out, size_t room, size_t *ret_size)
{
	size_t padding = 0, written = 0, size;
	uint32_t bits = 0;

	if (length == 0 || length % 4 != 0)
		return false;
	while (padding < 2 && text[length - 1 - padding] == '=')
		padding++;
	size = length / 4 * 3 - padding;
	if (size > room)
		return false;
	for (size_t i = 0; i < length; i++) {
		int value = i < length - padding ? digit_value(text[i]) : 0;

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0 && written < size; shift -= 8)
			out[written++] = (char)(bits >> shift);
	}
	*ret_size = size;
	return padding == 0 || (bits & ((1u << (8 * padding)) - 1)) == 0;
}
