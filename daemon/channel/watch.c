/* SPDX-License-Identifier: MIT */
/* watch.c -- one inotify descriptor, the folders that it watches, and who waits for which name. */
#include "channel/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define NEWS        (IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)
#define FOLDER_GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
#define READ_SIZE   16384

struct watch_folder {
	int id;           /* inotify's */
	struct map names; /* text -> struct watch_name */
};

/* A name in a folder for which somebody waits. */
struct watch_name {
	struct watch_folder *folder;
	struct watch_wait *first;
	size_t length;
	char text[];
};

struct watch {
	int fd; /* -1: the kernel has none for us */
	uv_poll_t poll;
	struct map folders;        /* id -> struct watch_folder */
	struct watch_wait *waking; /* those who are about to be told */
};

/* --- Who waits --- */

static void link_wait(struct watch_wait **list, struct watch_wait *wait)
{
	wait->next = *list;
	wait->at = list;
	if (wait->next)
		wait->next->at = &wait->next;
	*list = wait;
}

static void unlink_wait(struct watch_wait *wait)
{
	*wait->at = wait->next;
	if (wait->next)
		wait->next->at = wait->at;
	wait->next = NULL;
	wait->at = NULL;
}

static struct watch_folder *need_folder(struct watch *watch, int id)
{
	struct watch_folder *folder = map_find(&watch->folders, &id, sizeof(id));

	if (folder)
		return folder;
	folder = xcalloc(1, sizeof(*folder));
	folder->id = id;
	map_put(&watch->folders, &folder->id, sizeof(folder->id), folder);
	return folder;
}

static struct watch_name *need_name(struct watch_folder *folder, const char *text, size_t length)
{
	struct watch_name *name = map_find(&folder->names, text, length);

	if (name)
		return name;
	name = xcalloc(1, sizeof(*name) + length);
	name->folder = folder;
	name->length = length;
	memcpy(name->text, text, length);
	map_put(&folder->names, name->text, length, name);
	return name;
}

/* Takes out a folder in which nobody waits any more. */
static void drop_folder(struct watch *watch, struct watch_folder *folder)
{
	if (folder->names.count > 0)
		return;
	inotify_rm_watch(watch->fd, folder->id);
	map_remove(&watch->folders, &folder->id, sizeof(folder->id));
	map_done(&folder->names);
	free(folder);
}

static void drop_name(struct watch *watch, struct watch_name *name)
{
	struct watch_folder *folder = name->folder;

	if (name->first)
		return;
	map_remove(&folder->names, name->text, name->length);
	free(name);
	drop_folder(watch, folder);
}

/* --- Telling --- */

/* Those who waited for a name wait to be told, and for nothing else. */
static void wake_name(struct watch *watch, struct watch_name *name)
{
	while (name->first) {
		struct watch_wait *wait = name->first;

		unlink_wait(wait);
		wait->name = NULL;
		link_wait(&watch->waking, wait);
	}
}

/* The same for all names of a folder that was taken out. */
static void wake_folder(struct watch *watch, struct watch_folder *folder)
{
	struct watch_name *name;

	for (size_t at = 0; (name = map_next(&folder->names, &at));) {
		wake_name(watch, name);
		free(name);
	}
	inotify_rm_watch(watch->fd, folder->id);
	map_done(&folder->names);
	free(folder);
}

/* Events were lost: anything may have happened. */
static void wake_all(struct watch *watch)
{
	struct watch_folder *folder;

	for (size_t at = 0; (folder = map_next(&watch->folders, &at));)
		wake_folder(watch, folder);
	map_done(&watch->folders);
}

static void take_event(struct watch *watch, const struct inotify_event *event)
{
	struct watch_folder *folder = map_find(&watch->folders, &event->wd, sizeof(event->wd));
	struct watch_name *name;

	if (event->mask & IN_Q_OVERFLOW) {
		wake_all(watch);
	} else if (folder && event->mask & FOLDER_GONE) {
		map_remove(&watch->folders, &event->wd, sizeof(event->wd));
		wake_folder(watch, folder);
	} else if (folder && event->len > 0) {
		name = map_find(&folder->names, event->name, strlen(event->name));
		if (name) {
			wake_name(watch, name);
			drop_name(watch, name);
		}
	}
}

/* What they do when they are told may end or begin the waiting of anyone. */
static void tell(struct watch *watch)
{
	while (watch->waking) {
		struct watch_wait *wait = watch->waking;

		unlink_wait(wait);
		wait->changed(wait->context);
	}
}

static void events_came(uv_poll_t *poll, int status, int events)
{
	_Alignas(struct inotify_event) char bytes[READ_SIZE];
	struct watch *watch = poll->data;
	ssize_t size = read(watch->fd, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < size;) {
		const struct inotify_event *event = (const struct inotify_event *)(bytes + at);

		at += (ssize_t)(sizeof(*event) + event->len);
		take_event(watch, event);
	}
	tell(watch);
}

/* --- Waiting --- */

/* Watches the nearest folder above the end of a path that exists; ret_name is what is missing
 * there. Returns inotify's number, or -1. */
static int watch_nearest(const struct watch *watch, const char *path, const char **ret_name)
{
	size_t length = strlen(path);
	char folder[PATH_MAX];
	int id = -1;

	errno = ENAMETOOLONG;
	while (id < 0 && length > 0 && length < sizeof(folder)) {
		while (length > 0 && path[length - 1] != '/')
			length--;
		*ret_name = path + length;
		memcpy(folder, path, length);
		folder[length] = '\0';
		id = inotify_add_watch(watch->fd, folder, NEWS | IN_ONLYDIR);
		if (id < 0 && errno != ENOENT && errno != ENOTDIR)
			break;
		while (length > 0 && path[length - 1] == '/')
			length--;
	}
	return id;
}

/* Whether what was missing came before the watch was there, and leads further down. */
static bool leads_on(const char *path, const char *name)
{
	size_t length = strcspn(name, "/");
	char found[PATH_MAX];
	struct stat st;

	if (name[length] == '\0')
		return false;
	length += (size_t)(name - path);
	memcpy(found, path, length);
	found[length] = '\0';
	return stat(found, &st) == 0 && S_ISDIR(st.st_mode);
}

bool watch_begin(struct watch *watch, struct watch_wait *wait, const char *path,
		 void (*changed)(void *context), void *context, struct okvp_error *err)
{
	struct watch_folder *folder = NULL;
	const char *name;

	do {
		int id = watch_nearest(watch, path, &name);

		if (folder && folder->id != id)
			drop_folder(watch, folder);
		if (id < 0)
			return okvp_fail_errno(err, errno, "inotify");
		folder = need_folder(watch, id);
	} while (leads_on(path, name));
	wait->changed = changed;
	wait->context = context;
	wait->name = need_name(folder, name, strcspn(name, "/"));
	link_wait(&wait->name->first, wait);
	return true;
}

void watch_end(struct watch *watch, struct watch_wait *wait)
{
	struct watch_name *name = take(wait->name);

	if (wait->at)
		unlink_wait(wait);
	if (name)
		drop_name(watch, name);
}

/* --- Creating --- */

static void poll_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct watch *watch_create(uv_loop_t *loop)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0)
		return watch;
	uv_poll_init(loop, &watch->poll, watch->fd);
	watch->poll.data = watch;
	uv_poll_start(&watch->poll, UV_READABLE, events_came);
	return watch;
}

void watch_free(struct watch **watch)
{
	struct watch *w = take(*watch);

	if (!w)
		return;
	map_done(&w->folders);
	if (w->fd < 0) {
		free(w);
		return;
	}
	uv_close((uv_handle_t *)&w->poll, poll_closed);
	close(w->fd);
}
