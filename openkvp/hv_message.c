/* SPDX-License-Identifier: MIT */
/* hv_message.c -- what /dev/vmbus/hv_kvp carries (struct hv_kvp_msg of <linux/hyperv.h>). */
#include "openkvp/hv_message.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "openkvp/ic_message.h"
#include "openkvp/ip_text.h"
#include "openkvp/unicode.h"
#include "openkvp/wire.h"

/* The fields of the device are as large as those of the wire, but hold UTF-8. */
#define KEY_FIELD     512
#define VALUE_FIELD   2048
#define VERSION_FIELD 512

static bool check_text(const char *name, const char *text, size_t length, size_t field,
		       struct okvp_error *err)
{
	if (length >= field)
		return okvp_fail(err, OKVP_TOO_LONG, "%s: %zu bytes, at most %zu are possible",
				 name, length, field - 1);
	if (!okvp_utf8_valid(text, length) || (length > 0 && memchr(text, '\0', length)))
		return okvp_fail(err, OKVP_INVALID_TEXT, "%s: not UTF-8, or a NUL in it", name);
	return true;
}

static bool check_key(const struct okvp_item *item, struct okvp_error *err)
{
	return check_text("key", item->key, item->key_length, KEY_FIELD, err);
}

static bool check_item(const struct okvp_item *item, struct okvp_error *err)
{
	return check_key(item, err) &&
	       check_text("value", item->value, item->value_length, VALUE_FIELD, err);
}

static void write_text(struct wire_writer *out, const char *text, size_t length, size_t field)
{
	wire_write_bytes(out, text, length);
	wire_write_zeros(out, field - length);
}

/* Numbers are decimal text by now, as the driver makes them. */
static void write_item(struct wire_writer *out, const struct okvp_item *item)
{
	wire_write_u32(out, OKVP_REG_SZ);
	wire_write_u32(out, item->key_length + 1u);
	wire_write_u32(out, item->value_length + 1u);
	write_text(out, item->key, item->key_length, KEY_FIELD);
	write_text(out, item->value, item->value_length, VALUE_FIELD);
}

static void write_header(struct wire_writer *out, uint8_t operation, uint8_t pool)
{
	wire_write_u8(out, operation);
	wire_write_u8(out, pool);
	wire_write_u16(out, 0);
}

bool okvp_hv_write_request(const struct okvp_kvp_message *message,
			   uint8_t out[static OKVP_HV_MESSAGE_SIZE], struct okvp_error *err)
{
	struct wire_writer writer = wire_writer_on(out, OKVP_HV_MESSAGE_SIZE);
	const struct okvp_item *item = &message->item;

	memset(out, 0, OKVP_HV_MESSAGE_SIZE);
	write_header(&writer, message->operation, message->pool);
	switch (message->operation) {
	case OKVP_KVP_SET:
		if (!check_item(item, err))
			return false;
		write_item(&writer, item);
		return true;
	case OKVP_KVP_DELETE:
		if (!check_key(item, err))
			return false;
		wire_write_u32(&writer, item->key_length + 1u);
		write_text(&writer, item->key, item->key_length, KEY_FIELD);
		return true;
	case OKVP_KVP_ENUMERATE:
		wire_write_u32(&writer, message->index);
		return true;
	default:
		return okvp_fail(err, OKVP_UNSUPPORTED, "operation %u", message->operation);
	}
}

bool okvp_hv_write_ip_request(const struct okvp_ip_message *message,
			      uint8_t out[static OKVP_HV_MESSAGE_SIZE], struct okvp_error *err)
{
	struct wire_writer writer = wire_writer_on(out, OKVP_HV_MESSAGE_SIZE);

	memset(out, 0, OKVP_HV_MESSAGE_SIZE);
	write_header(&writer, message->operation, message->pool);
	return ip_text_write(&writer, IP_UTF8, message, err);
}

bool okvp_hv_write_reply(const struct okvp_kvp_message *message, uint32_t status,
			 uint8_t out[static OKVP_HV_MESSAGE_SIZE], struct okvp_error *err)
{
	struct wire_writer writer = wire_writer_on(out, OKVP_HV_MESSAGE_SIZE);

	memset(out, 0, OKVP_HV_MESSAGE_SIZE);
	wire_write_u32(&writer, status);
	if (message->operation != OKVP_KVP_ENUMERATE || status != OKVP_IC_OK)
		return true;
	if (!check_item(&message->item, err))
		return false;
	wire_write_u32(&writer, message->index);
	write_item(&writer, &message->item);
	return true;
}

/* Copies a text of at most so many bytes; a NUL ends it. */
static bool read_text(const char *name, const uint8_t *field, size_t most, char *out,
		      uint16_t *ret_length, struct okvp_error *err)
{
	size_t length = strnlen((const char *)field, most);

	if (!okvp_utf8_valid((const char *)field, length))
		return okvp_fail(err, OKVP_INVALID_TEXT, "%s: not UTF-8", name);
	memcpy(out, field, length);
	*ret_length = (uint16_t)length;
	return true;
}

static bool read_key(const uint8_t *field, size_t most, struct okvp_kvp_message *message,
		     struct okvp_error *err)
{
	return read_text("key", field, most, message->storage.key, &message->item.key_length, err);
}

static bool read_value(const uint8_t *field, size_t most, struct okvp_kvp_message *message,
		       struct okvp_error *err)
{
	return read_text("value", field, most, message->storage.value, &message->item.value_length,
			 err);
}

static bool check_count(uint32_t count, size_t field, struct okvp_error *err)
{
	if (count > field)
		return okvp_fail(err, OKVP_INVALID, "%" PRIu32 " bytes in a field of %zu", count,
				 field);
	return true;
}

/* counted: whether the counts say how long the texts are. The daemon of Linux does not set them in
 * its replies; they stand there as the request had them. */
static bool read_item(struct wire_reader *in, bool counted, struct okvp_kvp_message *message,
		      struct okvp_error *err)
{
	uint32_t key_count, value_count;
	const uint8_t *key, *value;

	wire_skip(in, 4); /* the driver leaves the type 0: what it sends is text */
	key_count = wire_read_u32(in);
	value_count = wire_read_u32(in);
	key = wire_read_bytes(in, KEY_FIELD);
	value = wire_read_bytes(in, VALUE_FIELD);
	return check_count(key_count, KEY_FIELD, err) &&
	       check_count(value_count, VALUE_FIELD, err) &&
	       read_key(key, counted ? key_count : KEY_FIELD, message, err) &&
	       read_value(value, counted ? value_count : VALUE_FIELD, message, err);
}

static bool read_delete(struct wire_reader *in, struct okvp_kvp_message *message,
			struct okvp_error *err)
{
	uint32_t count = wire_read_u32(in);

	return check_count(count, KEY_FIELD, err) &&
	       read_key(wire_read_bytes(in, KEY_FIELD), count, message, err);
}

static void clear_item(struct okvp_kvp_message *message)
{
	message->item =
		(struct okvp_item){ .key = message->storage.key, .value = message->storage.value };
}

bool okvp_hv_read_reply(const uint8_t in[static OKVP_HV_MESSAGE_SIZE],
			struct okvp_kvp_message *message, uint32_t *ret_status,
			struct okvp_error *err)
{
	struct wire_reader reader = wire_reader_on(in, OKVP_HV_MESSAGE_SIZE);
	uint32_t status = wire_read_u32(&reader);

	*ret_status = status;
	if (message->operation != OKVP_KVP_ENUMERATE || status != OKVP_IC_OK)
		return true;
	wire_skip(&reader, 4); /* index */
	clear_item(message);
	return read_item(&reader, false, message, err);
}

bool okvp_hv_read_ip_reply(const uint8_t in[static OKVP_HV_MESSAGE_SIZE],
			   struct okvp_ip_message *message, uint32_t *ret_status,
			   struct okvp_error *err)
{
	struct wire_reader reader = wire_reader_on(in, OKVP_HV_MESSAGE_SIZE);

	*ret_status = wire_read_u32(&reader);
	if (message->operation != OKVP_KVP_GET_IP || *ret_status != OKVP_IC_OK)
		return true;
	memset(&message->adapter, 0, sizeof(message->adapter));
	return ip_text_read(&reader, IP_UTF8, message, err);
}

bool okvp_hv_read_request(const uint8_t in[static OKVP_HV_MESSAGE_SIZE],
			  struct okvp_kvp_message *ret_message, struct okvp_error *err)
{
	struct wire_reader reader = wire_reader_on(in, OKVP_HV_MESSAGE_SIZE);

	ret_message->operation = wire_read_u8(&reader);
	ret_message->pool = wire_read_u8(&reader);
	wire_skip(&reader, 2);
	ret_message->index = 0;
	clear_item(ret_message);
	switch (ret_message->operation) {
	case OKVP_KVP_SET:
		return read_item(&reader, true, ret_message, err);
	case OKVP_KVP_DELETE:
		return read_delete(&reader, ret_message, err);
	case OKVP_KVP_ENUMERATE:
		ret_message->index = wire_read_u32(&reader);
		return true;
	case OKVP_HV_REGISTER1:
		return read_value(wire_read_bytes(&reader, VERSION_FIELD), VERSION_FIELD,
				  ret_message, err);
	default:
		return okvp_fail(err, OKVP_UNSUPPORTED, "operation %u", ret_message->operation);
	}
}

bool okvp_hv_is_register(const uint8_t in[static OKVP_HV_MESSAGE_SIZE])
{
	return in[0] == OKVP_HV_REGISTER1; /* the daemon leaves the other bytes to chance */
}

void okvp_hv_write_register_answer(const char *version, uint8_t out[static OKVP_HV_MESSAGE_SIZE])
{
	struct wire_writer writer = wire_writer_on(out, OKVP_HV_MESSAGE_SIZE);

	assert(strlen(version) < VERSION_FIELD);
	memset(out, 0, OKVP_HV_MESSAGE_SIZE);
	wire_write_u8(&writer, OKVP_HV_REGISTER1);
	wire_write_zeros(&writer, 3);
	wire_write_bytes(&writer, version, strlen(version));
}
