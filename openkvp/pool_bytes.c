/* SPDX-License-Identifier: MIT */
/* pool_bytes.c -- reads and writes that go on where the system stopped. */
#include "openkvp/pool_bytes.h"

#include <errno.h>
#include <unistd.h>

bool pool_bytes_read(int fd, void *bytes, size_t size, uint64_t offset, size_t *ret_size,
		     struct okvp_error *err)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got =
			pread(fd, (uint8_t *)bytes + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return okvp_fail_errno(err, errno, "read");
		if (got == 0)
			break;
		done += (size_t)got;
	}
	*ret_size = done;
	return true;
}

bool pool_bytes_write(int fd, const void *bytes, size_t size, uint64_t offset,
		      struct okvp_error *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t put = pwrite(fd, (const uint8_t *)bytes + done, size - done,
				     (off_t)(offset + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return okvp_fail_errno(err, errno, "write");
		done += (size_t)put;
	}
	return true;
}
