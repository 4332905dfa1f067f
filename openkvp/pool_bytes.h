/* SPDX-License-Identifier: MIT */
/* pool_bytes.h -- pread() and pwrite() of all the bytes. Not installed. */
#pragma once
#include "openkvp/error.h"

#include <stddef.h>
#include <stdint.h>

/* Reads up to the end of the file; ret_size tells how much there was. */
bool pool_bytes_read(int fd, void *bytes, size_t size, uint64_t offset, size_t *ret_size,
		     struct okvp_error *err);
bool pool_bytes_write(int fd, const void *bytes, size_t size, uint64_t offset,
		      struct okvp_error *err);
