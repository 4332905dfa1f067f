/* SPDX-License-Identifier: MIT */
/* kvp_message.c -- key-value messages 3.0 and 4.0. */
#include "openkvp/kvp_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openkvp/unicode.h"
#include "openkvp/wire.h"

/* Reads the decimal text of a U32. */
static bool parse_u32(const char *text, size_t length, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (length == 0 || length > strlen("4294967295"))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*ret_number = (uint32_t)number;
	return number <= UINT32_MAX;
}

/* Writes a text into its zeroed field, and how many bytes it has there with its NUL. */
static bool encode_text(const char *text, size_t length, struct wire_writer *count, uint8_t *field,
			size_t size, struct okvp_error *err)
{
	size_t units = okvp_utf8_units(text, length), bytes;

	if (units == SIZE_MAX || (length > 0 && memchr(text, '\0', length)))
		return okvp_fail(err, OKVP_INVALID_TEXT, "not UTF-8, or a NUL in it");
	if (!okvp_utf8_to_utf16le(text, length, field, size - 2, &bytes))
		return okvp_fail(err, OKVP_TOO_LONG, "%zu UTF-16 units, at most %zu are possible",
				 units, size / 2 - 1);
	wire_write_u32(count, (uint32_t)bytes + 2);
	return true;
}

static bool encode_key(const struct okvp_item *item, struct wire_writer *count, uint8_t *field,
		       struct okvp_error *err)
{
	return encode_text(item->key, item->key_length, count, field, OKVP_KVP_KEY_FIELD, err) ||
	       okvp_fail_in(err, "key");
}

static bool encode_value(const struct okvp_item *item, struct wire_writer *count, uint8_t *field,
			 struct okvp_error *err)
{
	struct wire_writer out = wire_writer_on(field, OKVP_KVP_VALUE_FIELD);
	uint32_t number;

	if (item->type == OKVP_TEXT)
		return encode_text(item->value, item->value_length, count, field,
				   OKVP_KVP_VALUE_FIELD, err) ||
		       okvp_fail_in(err, "value");
	if (!parse_u32(item->value, item->value_length, &number))
		return okvp_fail(err, OKVP_WRONG_TYPE, "value: not a number of 32 bits");
	wire_write_u32(count, sizeof(number));
	wire_write_u32(&out, number);
	return true;
}

static bool write_delete(struct wire_writer *out, const struct okvp_item *item,
			 struct okvp_error *err)
{
	struct wire_writer head = wire_writer_on(wire_write_room(out, 4), 4);
	uint8_t *key = wire_write_room(out, OKVP_KVP_KEY_FIELD);

	return encode_key(item, &head, key, err);
}

static bool write_item(struct wire_writer *out, const struct okvp_item *item,
		       struct okvp_error *err)
{
	struct wire_writer head = wire_writer_on(wire_write_room(out, 12), 12);
	uint8_t *key = wire_write_room(out, OKVP_KVP_KEY_FIELD);
	uint8_t *value = wire_write_room(out, OKVP_KVP_VALUE_FIELD);

	wire_write_u32(&head, item->type == OKVP_U32 ? OKVP_REG_DWORD : OKVP_REG_SZ);
	return encode_key(item, &head, key, err) && encode_value(item, &head, value, err);
}

/* A request to enumerate has no item. */
static bool write_enumerate(struct wire_writer *out, const struct okvp_kvp_message *message,
			    struct okvp_error *err)
{
	const struct okvp_item *item = &message->item;

	wire_write_u32(out, message->index);
	return (item->key_length == 0 && item->value_length == 0) || write_item(out, item, err);
}

bool okvp_kvp_message_write(const struct okvp_kvp_message *message,
			    uint8_t out[static OKVP_KVP_MESSAGE_SIZE], struct okvp_error *err)
{
	struct wire_writer writer = wire_writer_on(out, OKVP_KVP_MESSAGE_SIZE);

	memset(out, 0, OKVP_KVP_MESSAGE_SIZE);
	wire_write_u8(&writer, message->operation);
	wire_write_u8(&writer, message->pool);
	wire_write_u16(&writer, 0);
	switch (message->operation) {
	case OKVP_KVP_SET:
		return write_item(&writer, &message->item, err);
	case OKVP_KVP_DELETE:
		return write_delete(&writer, &message->item, err);
	case OKVP_KVP_ENUMERATE:
		return write_enumerate(&writer, message, err);
	default:
		return okvp_fail(err, OKVP_UNSUPPORTED, "operation %u", message->operation);
	}
}

static bool decode_text(const uint8_t *field, size_t size, uint32_t count, char *out, size_t room,
			uint16_t *ret_length, struct okvp_error *err)
{
	size_t bytes = 0, length;

	if (count > size)
		return okvp_fail(err, OKVP_INVALID, "%" PRIu32 " bytes in a field of %zu", count,
				 size);
	while (bytes + 2 <= count && (field[bytes] || field[bytes + 1]))
		bytes += 2;
	if (bytes + 2 > count)
		bytes = count; /* no NUL; an odd byte at the end is no UTF-16 */
	if (!okvp_utf16le_to_utf8(field, bytes, out, room, &length))
		return okvp_fail(err, OKVP_INVALID_TEXT, "not UTF-16");
	*ret_length = (uint16_t)length;
	return true;
}

static bool decode_number(const uint8_t *field, size_t size, uint32_t count,
			  struct okvp_kvp_message *message, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(field, size);
	uint64_t number = size == 8 ? wire_read_u64(&in) : wire_read_u32(&in);

	if (count != size)
		return okvp_fail(err, OKVP_INVALID, "value: a number of %" PRIu32 " bytes", count);
	message->item.value_length = (uint16_t)snprintf(
		message->storage.value, sizeof(message->storage.value), "%" PRIu64, number);
	return true;
}

static bool decode_key(const uint8_t *field, uint32_t count, struct okvp_kvp_message *message,
		       struct okvp_error *err)
{
	return decode_text(field, OKVP_KVP_KEY_FIELD, count, message->storage.key,
			   sizeof(message->storage.key), &message->item.key_length, err) ||
	       okvp_fail_in(err, "key");
}

static bool decode_value(uint32_t type, const uint8_t *field, uint32_t count,
			 struct okvp_kvp_message *message, struct okvp_error *err)
{
	switch (type) {
	case OKVP_REG_SZ:
	case OKVP_REG_EXPAND_SZ:
		return decode_text(field, OKVP_KVP_VALUE_FIELD, count, message->storage.value,
				   sizeof(message->storage.value), &message->item.value_length,
				   err) ||
		       okvp_fail_in(err, "value");
	case OKVP_REG_DWORD:
		message->item.type = OKVP_U32;
		return decode_number(field, 4, count, message, err);
	case OKVP_REG_QWORD:
		return decode_number(field, 8, count, message, err);
	default:
		return okvp_fail(err, OKVP_UNSUPPORTED, "value: type %" PRIu32, type);
	}
}

static bool too_short(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_INVALID, "a key-value message that is too short");
}

static bool read_delete(struct wire_reader *in, struct okvp_kvp_message *message,
			struct okvp_error *err)
{
	uint32_t key_count = wire_read_u32(in);
	const uint8_t *key = wire_read_bytes(in, OKVP_KVP_KEY_FIELD);

	if (!wire_ok(in))
		return too_short(err);
	return decode_key(key, key_count, message, err);
}

static bool read_item(struct wire_reader *in, struct okvp_kvp_message *message,
		      struct okvp_error *err)
{
	uint32_t type = wire_read_u32(in);
	uint32_t key_count = wire_read_u32(in), value_count = wire_read_u32(in);
	const uint8_t *key = wire_read_bytes(in, OKVP_KVP_KEY_FIELD);
	const uint8_t *value = wire_read_bytes(in, OKVP_KVP_VALUE_FIELD);

	if (!wire_ok(in))
		return too_short(err);
	/* A request to enumerate, or its answer in place when it failed. */
	if (message->operation == OKVP_KVP_ENUMERATE && !type && !key_count && !value_count)
		return true;
	return decode_key(key, key_count, message, err) &&
	       decode_value(type, value, value_count, message, err);
}

bool okvp_kvp_message_read(const uint8_t *body, size_t size, struct okvp_kvp_message *ret_message,
			   struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, size);

	ret_message->operation = wire_read_u8(&in);
	ret_message->pool = wire_read_u8(&in);
	wire_skip(&in, 2);
	ret_message->index = 0;
	ret_message->item = (struct okvp_item){ .key = ret_message->storage.key,
						.value = ret_message->storage.value };
	if (!wire_ok(&in))
		return too_short(err);
	switch (ret_message->operation) {
	case OKVP_KVP_ENUMERATE:
		ret_message->index = wire_read_u32(&in);
		return read_item(&in, ret_message, err);
	case OKVP_KVP_SET:
		return read_item(&in, ret_message, err);
	case OKVP_KVP_DELETE:
		return read_delete(&in, ret_message, err);
	default:
		return okvp_fail(err, OKVP_UNSUPPORTED, "operation %u", ret_message->operation);
	}
}
