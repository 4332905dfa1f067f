/* SPDX-License-Identifier: MIT */
/* pool_lock.h -- both kinds of lock that writers of pool files take. Not installed.
 *
 * The Linux daemon takes fcntl() locks, cloud-init flock(); neither sees the other's. The fcntl()
 * kind is taken as an open file description lock, which meets a daemon's just the same but holds
 * between two descriptors of one process too, and does not end when another one is closed. */
#pragma once
#include "openkvp/error.h"

/* Takes both locks, or neither; OKVP_BUSY after OKVP_POOL_FILE_LOCK_MS. */
bool pool_lock(int fd, bool exclusive, struct okvp_error *err);
void pool_unlock(int fd);
