/* SPDX-License-Identifier: MIT */
/* hv_message.h -- what travels between /dev/vmbus/hv_kvp and the daemon that opens it
 * (struct hv_kvp_msg of <linux/hyperv.h>).
 *
 * Every read and write is exactly OKVP_HV_MESSAGE_SIZE bytes; texts are UTF-8 with a NUL that the
 * sizes count.
 *
 *	0    u8 operation, u8 pool, u16 0     from the device; in a reply: s32 error
 *	4    SET:       u32 type, u32 key size, u32 value size, key[512] at 16, value[2048] at 528
 *	     DELETE:    u32 key size, key[512] at 8
 *	     ENUMERATE: u32 index, u32 type, u32 key size, u32 value size, key at 20, value at 532
 *	     REGISTER1: version[512]
 *
 * The daemon writes REGISTER1 first; the device answers it with a version; from then on the device
 * sends one request, the daemon one reply, and so on. */
#pragma once
#include "openkvp/ip_message.h"
#include "openkvp/kvp_message.h"
#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

#define OKVP_HV_MESSAGE_SIZE 7432
#define OKVP_HV_REGISTER1    100

/* Writes a request for the daemon. The item's texts must leave room for a NUL (OKVP_TOO_LONG) and
 * be UTF-8 without one (OKVP_INVALID_TEXT). OKVP_UNSUPPORTED for what is not drawn above. */
bool okvp_hv_write_request(const struct okvp_kvp_message *message,
			   uint8_t out[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE], struct okvp_error *err);

/* Reads a daemon's reply to a request (message): its error code into ret_status (an enum
 * okvp_ic_status), and for ENUMERATE that succeeded the item, copied into the message's storage. A
 * text ends at its first NUL: the daemon leaves the sizes as they were in the request. OKVP_INVALID
 * when a size exceeds its field, OKVP_INVALID_TEXT when a text is not UTF-8. */
bool okvp_hv_read_reply(const uint8_t in[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE],
			struct okvp_kvp_message *message, uint32_t *ret_status,
			struct okvp_error *err);

/* The same two for IP information; what the daemon says of the adapter takes the place of what the
 * request said. Fail as okvp_ip_message_write() and okvp_ip_message_read(). */
bool okvp_hv_write_ip_request(const struct okvp_ip_message *message,
			      uint8_t out[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE],
			      struct okvp_error *err);
bool okvp_hv_read_ip_reply(const uint8_t in[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE],
			   struct okvp_ip_message *message, uint32_t *ret_status,
			   struct okvp_error *err);

/* Reads what a device sends (the daemon's side of the protocol, for programs that stand in for it):
 * a request, or OKVP_HV_REGISTER1 as its operation and the version in the item's value. Fails like
 * the two above. */
bool okvp_hv_read_request(const uint8_t in[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE],
			  struct okvp_kvp_message *ret_message, struct okvp_error *err);

/* Writes a daemon's reply to a request (message), for ENUMERATE with its item filled in. */
bool okvp_hv_write_reply(const struct okvp_kvp_message *message, uint32_t status,
			 uint8_t out[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE], struct okvp_error *err);

/* Whether a message from a daemon is its registration. */
bool okvp_hv_is_register(const uint8_t in[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE]);

/* The device's answer to a registration; version as the driver gives it, for example "3.1". */
void okvp_hv_write_register_answer(const char *version,
				   uint8_t out[OKVP_AT_LEAST OKVP_HV_MESSAGE_SIZE]);

OKVP_END_DECLS
