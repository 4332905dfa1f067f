/* SPDX-License-Identifier: MIT */
/* system.c -- limits, signals, folders and groups. */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void system_prepare(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	raise_descriptor_limit();
}

bool system_make_folder(const char *path, mode_t mode, struct okvp_error *err)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return true;
	return okvp_fail_errno(err, errno, "%s", path);
}

bool system_lock_folder(const char *folder, int *ret_lock, struct okvp_error *err)
{
	char *path scoped(xfree_text) = xprintf("%s/lock", folder);
	int lock;

	if (!system_make_folder(folder, 0750, err))
		return false;
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (lock < 0)
		return okvp_fail_errno(err, errno, "%s", path);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		close(lock);
		return okvp_fail(err, OKVP_BUSY, "another openkvpd uses the folder %s", folder);
	}
	*ret_lock = lock;
	return true;
}

int system_find_group(const char *name)
{
	struct group *group = *name ? getgrnam(name) : NULL;

	return group ? (int)group->gr_gid : -1;
}
