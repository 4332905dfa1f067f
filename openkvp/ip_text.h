/* SPDX-License-Identifier: MIT */
/* ip_text.h -- the structure of IP information with its lists as text, which the messages of
 * version 4.0 and the device of Linux have in common. Not installed. */
#pragma once
#include "openkvp/ip_message.h"
#include "openkvp/wire.h"

enum ip_encoding {
	IP_UTF16, /* of the messages */
	IP_UTF8,  /* of the device, in fields of the same size */
};

/* The id of an adapter, which the binary structure has as well. */
bool ip_write_adapter_id(struct wire_writer *out, enum ip_encoding encoding,
			 const struct okvp_adapter *adapter, struct okvp_error *err);
bool ip_read_adapter_id(struct wire_reader *in, enum ip_encoding encoding,
			struct okvp_adapter *adapter, struct okvp_error *err);

/* All of the structure, as okvp_ip_message_write() and okvp_ip_message_read() have it. */
bool ip_text_write(struct wire_writer *out, enum ip_encoding encoding,
		   const struct okvp_ip_message *message, struct okvp_error *err);
bool ip_text_read(struct wire_reader *in, enum ip_encoding encoding,
		  struct okvp_ip_message *message, struct okvp_error *err);
