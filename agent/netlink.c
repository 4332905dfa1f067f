/* SPDX-License-Identifier: MIT */
/* netlink.c -- dumps and events of rtnetlink. */
#include "agent/netlink.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "openkvp/scoped.h"

#define ANSWER_SIZE 32768 /* what the kernel sends at once at most */

static void close_socket(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int open_socket(uint32_t groups)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int netlink_open_events(void)
{
	return open_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			   RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
}

void netlink_drain(int fd)
{
	char bytes[8192];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0 || errno == ENOBUFS ||
	       errno == EINTR)
		;
}

void netlink_attributes(const struct rtattr *first, size_t size, const struct rtattr **ret_table,
			unsigned short max)
{
	int left = (int)size;

	memset(ret_table, 0, (max + 1u) * sizeof(*ret_table));
	for (const struct rtattr *one = first; RTA_OK(one, left); one = RTA_NEXT(one, left)) {
		unsigned short type = one->rta_type & NLA_TYPE_MASK;

		if (type <= max)
			ret_table[type] = one;
	}
}

static bool ask(int fd, uint16_t type)
{
	const struct {
		struct nlmsghdr head;
		struct rtgenmsg general;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = type,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			  .nlmsg_seq = 1 },
		.general.rtgen_family = AF_UNSPEC,
	};

	return send(fd, &request, sizeof(request), 0) == sizeof(request);
}

bool netlink_dump(uint16_t type, void (*each)(void *context, const struct nlmsghdr *message),
		  void *context, struct okvp_error *err)
{
	scoped(close_socket) int fd = open_socket(0);
	alignas(struct nlmsghdr) char bytes[ANSWER_SIZE];

	if (fd < 0 || !ask(fd, type))
		return okvp_fail_errno(err, errno, "netlink");
	for (;;) {
		ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
		unsigned int left = size > 0 ? (unsigned int)size : 0;
		const struct nlmsghdr *message = (const void *)bytes;

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return okvp_fail_errno(err, errno, "netlink");
		for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return true;
			if (message->nlmsg_type == NLMSG_ERROR)
				return okvp_fail(err, OKVP_IO, "netlink: refused");
			each(context, message);
		}
	}
}
