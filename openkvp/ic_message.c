/* SPDX-License-Identifier: MIT */
/* ic_message.c -- integration-component headers and version negotiation. */
#include "openkvp/ic_message.h"

#include <inttypes.h>
#include <stdio.h>

#include "openkvp/wire.h"

const char *okvp_ic_status_text(uint32_t status, char out[static 64])
{
	static const struct {
		uint32_t status;
		const char *text;
	} known[] = {
		{ OKVP_IC_OK, "success" },
		{ OKVP_IC_FAIL, "failed" },
		{ OKVP_IC_NO_MORE_ITEMS, "no more items" },
		{ OKVP_IC_NOT_SUPPORTED, "not supported" },
		{ OKVP_IC_NOT_FOUND, "not found" },
		{ OKVP_IC_INVALID_ARGUMENT, "invalid argument" },
		{ OKVP_IC_EXISTS, "already exists" },
		{ OKVP_IC_DISK_FULL, "disk full" },
		{ OKVP_IC_NOT_CONNECTED, "not connected" },
		{ OKVP_IC_LOCKED, "locked" },
		{ OKVP_IC_CANCELLED, "cancelled" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].status == status) {
			snprintf(out, 64, "0x%08" PRIX32 " (%s)", status, known[i].text);
			return out;
		}
	}
	snprintf(out, 64, "0x%08" PRIX32, status);
	return out;
}

static struct okvp_version read_version(struct wire_reader *in)
{
	struct okvp_version version;

	version.major = wire_read_u16(in);
	version.minor = wire_read_u16(in);
	return version;
}

static void write_version(struct wire_writer *out, struct okvp_version version)
{
	wire_write_u16(out, version.major);
	wire_write_u16(out, version.minor);
}

bool okvp_ic_read(const uint8_t *bytes, size_t size, struct okvp_ic_header *ret_header,
		  const uint8_t **ret_body, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(bytes, size);

	ret_header->framework = read_version(&in);
	ret_header->type = wire_read_u16(&in);
	ret_header->message = read_version(&in);
	ret_header->size = wire_read_u16(&in);
	ret_header->status = wire_read_u32(&in);
	ret_header->transaction = wire_read_u8(&in);
	ret_header->flags = wire_read_u8(&in);
	wire_skip(&in, 2);
	*ret_body = wire_read_bytes(&in, ret_header->size);
	if (!wire_ok(&in))
		return okvp_fail(err, OKVP_INVALID, "an integration message cut at byte %zu", size);
	return true;
}

void okvp_ic_write_header(const struct okvp_ic_header *header,
			  uint8_t out[static OKVP_IC_HEADER_SIZE])
{
	struct wire_writer writer = wire_writer_on(out, OKVP_IC_HEADER_SIZE);

	write_version(&writer, header->framework);
	wire_write_u16(&writer, header->type);
	write_version(&writer, header->message);
	wire_write_u16(&writer, header->size);
	wire_write_u32(&writer, header->status);
	wire_write_u8(&writer, header->transaction);
	wire_write_u8(&writer, header->flags);
	wire_write_u16(&writer, 0);
}

bool okvp_negotiation_read(const uint8_t *body, size_t size, struct okvp_negotiation *ret_list,
			   struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, size);

	ret_list->framework_count = wire_read_u16(&in);
	ret_list->message_count = wire_read_u16(&in);
	wire_skip(&in, 4);
	if (ret_list->framework_count > OKVP_IC_VERSIONS_MAX ||
	    ret_list->message_count > OKVP_IC_VERSIONS_MAX)
		return okvp_fail(err, OKVP_INVALID, "a negotiation of %u and %u versions",
				 ret_list->framework_count, ret_list->message_count);
	for (size_t i = 0; i < ret_list->framework_count; i++)
		ret_list->framework[i] = read_version(&in);
	for (size_t i = 0; i < ret_list->message_count; i++)
		ret_list->message[i] = read_version(&in);
	if (!wire_ok(&in))
		return okvp_fail(err, OKVP_INVALID, "a negotiation cut at byte %zu", size);
	return true;
}

size_t okvp_negotiation_write(const struct okvp_negotiation *list, uint8_t *out, size_t room)
{
	struct wire_writer writer = wire_writer_on(out, room);

	wire_write_u16(&writer, list->framework_count);
	wire_write_u16(&writer, list->message_count);
	wire_write_u32(&writer, 0);
	for (size_t i = 0; i < list->framework_count; i++)
		write_version(&writer, list->framework[i]);
	for (size_t i = 0; i < list->message_count; i++)
		write_version(&writer, list->message[i]);
	return wire_written(&writer) ? writer.at : 0;
}

/* The first of the known versions that is offered too; NULL when none is. */
static const struct okvp_version *first_common(const struct okvp_version *known, size_t known_count,
					       const struct okvp_version *offered,
					       size_t offered_count)
{
	for (size_t i = 0; i < known_count; i++)
		for (size_t j = 0; j < offered_count; j++)
			if (known[i].major == offered[j].major &&
			    known[i].minor == offered[j].minor)
				return &known[i];
	return NULL;
}

bool okvp_negotiation_choose(const struct okvp_negotiation *offered,
			     const struct okvp_negotiation *known,
			     struct okvp_negotiation *ret_answer)
{
	const struct okvp_version *framework, *message;

	framework = first_common(known->framework, known->framework_count, offered->framework,
				 offered->framework_count);
	message = first_common(known->message, known->message_count, offered->message,
			       offered->message_count);
	*ret_answer = (struct okvp_negotiation){ 0 };
	if (!framework || !message)
		return false;
	ret_answer->framework_count = ret_answer->message_count = 1;
	ret_answer->framework[0] = *framework;
	ret_answer->message[0] = *message;
	return true;
}
