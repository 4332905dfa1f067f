/* SPDX-License-Identifier: MIT */
/* digest.c -- SipHash-2-4 (Aumasson and Bernstein, 2012), fed piece by piece. */
#include "openkvp/digest.h"

#include <string.h>

#include "openkvp/wire.h"

/* v after the key 00 01 ... 0F. */
static const uint64_t first_state[4] = { 0x7469686173716475, 0x6b617f6d656e6665, 0x6b7f62616d677361,
					 0x7b6b696e727e6c7b };

struct sip {
	uint64_t v[4], word; /* word: bytes that do not make eight yet */
	size_t size;         /* bytes so far */
};

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_rounds(uint64_t v[static 4], int count)
{
	while (count-- > 0) {
		v[0] += v[1], v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0], v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1], v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2], v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void sip_word(struct sip *sip, uint64_t word)
{
	sip->v[3] ^= word;
	sip_rounds(sip->v, 2);
	sip->v[0] ^= word;
}

static void sip_byte(struct sip *sip, uint8_t byte)
{
	sip->word |= (uint64_t)byte << 8 * (sip->size++ & 7);
	if ((sip->size & 7) > 0)
		return;
	sip_word(sip, sip->word);
	sip->word = 0;
}

static void sip_add(struct sip *sip, const void *bytes, size_t size)
{
	const uint8_t *at = bytes, *end;

	if (size == 0) /* then bytes may be NULL */
		return;
	end = at + size;
	while (at < end && (sip->size & 7) > 0)
		sip_byte(sip, *at++);
	for (; end - at >= 8; at += 8, sip->size += 8) {
		struct wire_reader in = wire_reader_on(at, 8);

		sip_word(sip, wire_read_u64(&in));
	}
	while (at < end)
		sip_byte(sip, *at++);
}

static uint64_t sip_end(struct sip *sip)
{
	sip_word(sip, sip->word | (uint64_t)sip->size << 56);
	sip->v[2] ^= 0xff;
	sip_rounds(sip->v, 4);
	return sip->v[0] ^ sip->v[1] ^ sip->v[2] ^ sip->v[3];
}

static struct sip sip_begin(void)
{
	struct sip sip = { .size = 0 };

	memcpy(sip.v, first_state, sizeof(sip.v));
	return sip;
}

uint64_t okvp_siphash(const void *bytes, size_t size)
{
	struct sip sip = sip_begin();

	sip_add(&sip, bytes, size);
	return sip_end(&sip);
}

uint64_t okvp_digest_of(enum okvp_pool pool, size_t index, const struct okvp_item *item)
{
	bool ordered = pool == OKVP_POOL_GUEST || pool == OKVP_POOL_AUTO;
	uint8_t head[8];
	struct wire_writer out = wire_writer_on(head, sizeof(head));
	struct sip sip = sip_begin();

	wire_write_u32(&out, ordered ? (uint32_t)index : 0);
	wire_write_u16(&out, item->key_length);
	wire_write_u16(&out, item->value_length);
	sip_add(&sip, head, sizeof(head));
	sip_add(&sip, item->key, item->key_length);
	sip_add(&sip, item->value, item->value_length);
	return sip_end(&sip);
}
