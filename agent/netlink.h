/* SPDX-License-Identifier: MIT */
/* netlink.h -- asks the kernel for its links, addresses and routes (rtnetlink). */
#pragma once
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "openkvp/error.h"

/* A socket that becomes readable when a link, an address or a default route changes; -1: none. */
int netlink_open_events(void);

/* Drops what the socket has to say: that something has changed is all. */
void netlink_drain(int fd);

/* Calls each() for all that the kernel has of a kind: RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE. */
bool netlink_dump(uint16_t type, void (*each)(void *context, const struct nlmsghdr *message),
		  void *context, struct okvp_error *err);

/* The attributes of a message behind its fixed part, by type up to max; NULL where one is missing.
 */
void netlink_attributes(const struct rtattr *first, size_t size, const struct rtattr **ret_table,
			unsigned short max);
