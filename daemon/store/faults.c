/* SPDX-License-Identifier: MIT */
/* faults.c -- "already there: 'a', 'b' and 3 more; not there: 'c'" */
#include "store/faults.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "openkvp/scoped.h"

static const struct {
	enum okvp_status status;
	const char *text;
} kinds[] = {
#define X(name, status, text) [FAULT_##name] = { OKVP_##status, text },
	FAULT_LIST(X)
#undef X
};

void faults_add(struct faults *faults, enum fault fault, const struct stored_item *item,
		const struct stored_item *against)
{
	size_t count = faults->of[fault].count++;

	faults->all++;
	if (count < OFFENDING_KEYS_SHOWN) {
		faults->of[fault].shown[count] = item;
		faults->of[fault].against[count] = against;
	}
}

static void add_key(struct text *text, const struct stored_item *item)
{
	char key[OKVP_KEY_TEXT_SIZE];

	text_putc(text, '\'');
	text_puts(text, okvp_key_text(item->text, item->key_length, key));
	text_putc(text, '\'');
}

static size_t shown(const struct faults *faults, enum fault fault)
{
	size_t count = faults->of[fault].count;

	return count < OFFENDING_KEYS_SHOWN ? count : OFFENDING_KEYS_SHOWN;
}

/* Keys one after the other; those that do not fit are counted. */
static void tell_keys(struct text *text, const struct faults *faults, enum fault fault)
{
	size_t more = faults->of[fault].count - shown(faults, fault);

	text_puts(text, kinds[fault].text);
	for (size_t i = 0; i < shown(faults, fault); i++) {
		if (i > 0)
			text_puts(text, i + 1 == faults->of[fault].count ? " and " : ", ");
		add_key(text, faults->of[fault].shown[i]);
	}
	if (more > 0)
		text_printf(text, " and %zu more", more);
}

/* A message has room for half as many pairs of keys as for keys. */
static void tell_pairs(struct text *text, const struct faults *faults, enum fault fault)
{
	size_t count = faults->of[fault].count, most = OFFENDING_KEYS_SHOWN / 2;

	for (size_t i = 0; i < count && i < most; i++) {
		text_puts(text, i == 0 ? "differs only in case from " : ", from ");
		add_key(text, faults->of[fault].against[i]);
		text_puts(text, ": ");
		add_key(text, faults->of[fault].shown[i]);
	}
	if (count > most)
		text_printf(text, " and %zu more", count - most);
}

static void show_keys(const struct faults *faults, enum fault fault, struct offending_keys *keys)
{
	for (size_t i = 0; i < shown(faults, fault); i++) {
		const struct stored_item *item = faults->of[fault].shown[i];

		if (keys->count + i < OFFENDING_KEYS_SHOWN)
			okvp_key_text(item->text, item->key_length, keys->key[keys->count + i]);
	}
	keys->count += faults->of[fault].count;
}

void faults_tell(const struct faults *faults, struct failure *failure)
{
	scoped(text_done) struct text text = { 0 };
	enum okvp_status status = OKVP_OK;

	failure->keys.count = 0;
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		if (faults->of[fault].count == 0)
			continue;
		if (status == OKVP_OK)
			status = kinds[fault].status;
		else
			text_puts(&text, "; ");
		if (kinds[fault].text)
			tell_keys(&text, faults, fault);
		else
			tell_pairs(&text, faults, fault);
		show_keys(faults, fault, &failure->keys);
	}
	okvp_fail(&failure->error, status, "%s", text.bytes);
}

/* 1025 as "1,025". */
static void add_number(struct text *text, size_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof(digits), "%zu", number);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text_putc(text, ',');
		text_putc(text, digits[i]);
	}
}

bool fail_limit(struct failure *failure, const char *what, size_t would_be, const char *of,
		size_t most)
{
	scoped(text_done) struct text text = { 0 };

	text_printf(&text, "%s would hold ", what);
	add_number(&text, would_be);
	text_printf(&text, " %s; ", of);
	add_number(&text, most);
	text_literal(&text, " is the most");
	return okvp_fail(&failure->error, OKVP_LIMIT, "%s", text.bytes);
}
