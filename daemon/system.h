/* SPDX-License-Identifier: MIT */
/* system.h -- what openkvpd asks of the system for itself: limits, signals, folders, groups. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "openkvp/error.h"

/* As many descriptors as are allowed. A peer that is gone and a file that may not grow are writes
 * that fail, and no signals. */
void system_prepare(void);

/* A folder that is there already is left as it is; its parent must exist. */
bool system_make_folder(const char *path, mode_t mode, struct okvp_error *err);

/* Makes a state folder this process's own; OKVP_BUSY: it is another's. The lock is a descriptor,
 * which the caller closes; it goes with the process at the latest. */
bool system_lock_folder(const char *folder, int *ret_lock, struct okvp_error *err);

/* A group by its name; -1 where it does not exist, or the name is empty. */
int system_find_group(const char *name);
