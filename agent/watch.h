/* SPDX-License-Identifier: MIT */
/* watch.h -- notices when somebody changes a pool file (inotify). */
#pragma once
#include "openkvp/error.h"
#include "openkvp/pool.h"

struct watch;

/* Watches the pool files of a folder that exists. */
bool watch_open(const char *folder, struct watch **ret_watch, struct okvp_error *err);
void watch_close(struct watch **watch);

/* A descriptor that is readable when something has happened. */
int watch_descriptor(const struct watch *watch);

/* Whether each pool may have been changed, by anybody, since this was asked last. */
void watch_read(struct watch *watch, bool ret_changed[static OKVP_POOL_COUNT]);
