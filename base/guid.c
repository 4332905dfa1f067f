/* SPDX-License-Identifier: MIT */
/* guid.c -- RFC 9562, versions 4 and 7. */
#include "base/guid.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool guid_from_text(const char *text, struct guid *ret_guid)
{
	bool brace = *text == '{';
	struct guid guid = { 0 };
	int count = 0;

	text += brace;
	for (; *text && *text != '}'; text++) {
		int value = digit(*text);

		if (*text == '-' && (count == 8 || count == 12 || count == 16 || count == 20) &&
		    text[-1] != '-')
			continue;
		if (value < 0 || count == 32)
			return false;
		guid.bytes[count / 2] |= (uint8_t)(count % 2 ? value : value << 4);
		count++;
	}
	if (count != 32 || brace != (*text == '}') || (brace && text[1]))
		return false;
	*ret_guid = guid;
	return true;
}

const char *guid_to_text(const struct guid *guid, char out[static GUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789ABCDEF";
	char *at = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[guid->bytes[i] >> 4];
		*at++ = digits[guid->bytes[i] & 15];
	}
	*at = '\0';
	return out;
}

bool guid_equal(const struct guid *a, const struct guid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Random bytes are fetched for several GUIDs at once, by each thread for itself. */
static void fill_random(void *bytes, size_t size)
{
	static _Thread_local uint8_t random[256]; /* what is less, getrandom() gives at once */
	static _Thread_local size_t left;

	if (left < size) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			abort();
		left = sizeof(random);
	}
	memcpy(bytes, random + sizeof(random) - left, size);
	left -= size;
}

static void mark(struct guid *guid, int version)
{
	guid->bytes[6] = (uint8_t)((guid->bytes[6] & 0x0F) | version << 4);
	guid->bytes[8] = (guid->bytes[8] & 0x3F) | 0x80;
}

struct guid guid_random(void)
{
	struct guid guid;

	fill_random(guid.bytes, sizeof(guid.bytes));
	mark(&guid, 4);
	return guid;
}

struct guid guid_time_ordered(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint64_t last; /* milliseconds, and 12 bits that count within one */
	struct guid guid;
	uint64_t now;

	fill_random(guid.bytes + 8, 8);
	pthread_mutex_lock(&lock);
	now = (uint64_t)(clock_wall_us() / 1000) << 12;
	last = now > last ? now : last + 1;
	now = last;
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 6; i++)
		guid.bytes[i] = (uint8_t)(now >> (12 + 8 * (5 - i)));
	guid.bytes[6] = (uint8_t)(now >> 8 & 0x0F);
	guid.bytes[7] = (uint8_t)now;
	mark(&guid, 7);
	return guid;
}
