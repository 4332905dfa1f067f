/* SPDX-License-Identifier: MIT */
/* watch.c -- inotify on the folder: a file that is put in the place of another is noticed too. */
#include "agent/watch.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/memory.h"

/* A file is changed when a write is done, not when its writer closes it. */
#define EVENTS (IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)

struct watch {
	int fd;
	char *folder;
};

static bool add_folder(struct watch *watch)
{
	return inotify_add_watch(watch->fd, watch->folder, EVENTS | IN_ONLYDIR) >= 0;
}

bool watch_open(const char *folder, struct watch **ret_watch, struct okvp_error *err)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->folder = xstrdup(folder);
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0 || !add_folder(watch)) {
		okvp_fail_errno(err, errno, "watch '%s'", folder);
		watch_close(&watch);
		return false;
	}
	*ret_watch = watch;
	return true;
}

void watch_close(struct watch **watch)
{
	struct watch *old = *watch;

	*watch = NULL;
	if (!old)
		return;
	if (old->fd >= 0)
		close(old->fd);
	free(old->folder);
	free(old);
}

int watch_descriptor(const struct watch *watch)
{
	return watch->fd;
}

static void take_event(struct watch *watch, const struct inotify_event *event,
		       bool changed[static OKVP_POOL_COUNT])
{
	bool lost = event->mask & (IN_Q_OVERFLOW | IN_IGNORED);

	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++) {
		char name[32];

		snprintf(name, sizeof(name), ".kvp_pool_%d", pool);
		if (lost || (event->len > 0 && strcmp(event->name, name) == 0))
			changed[pool] = true;
	}
	if (event->mask & IN_IGNORED)
		add_folder(watch); /* the folder went; perhaps there is another in its place */
}

void watch_read(struct watch *watch, bool ret_changed[static OKVP_POOL_COUNT])
{
	alignas(struct inotify_event) char bytes[4096];
	ssize_t size;

	memset(ret_changed, 0, OKVP_POOL_COUNT * sizeof(*ret_changed));
	while ((size = read(watch->fd, bytes, sizeof(bytes))) > 0)
		for (const char *at = bytes; at < bytes + size;) {
			const struct inotify_event *event = (const void *)at;

			take_event(watch, event, ret_changed);
			at += sizeof(*event) + event->len;
		}
}
