/* SPDX-License-Identifier: MIT */
/* pool_lock.c -- fcntl() and flock() locks, tried again and again for a limited time. */
#include "openkvp/pool_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "openkvp/pool_file.h"

#define FIRST_PAUSE_US 200
#define LAST_PAUSE_US  50000

static int set_description_lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET }; /* length 0: all of it */

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static bool try_lock(int fd, bool exclusive)
{
	int saved_errno;

	if (set_description_lock(fd, exclusive ? F_WRLCK : F_RDLCK) < 0)
		return false;
	if (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return true;
	saved_errno = errno;
	set_description_lock(fd, F_UNLCK);
	errno = saved_errno;
	return false;
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Waiting in the kernel would have no limit, and one kind of lock would be held meanwhile. */
bool pool_lock(int fd, bool exclusive, struct okvp_error *err)
{
	uint64_t deadline = now_us() + OKVP_POOL_FILE_LOCK_MS * 1000;

	for (long pause_us = FIRST_PAUSE_US; !try_lock(fd, exclusive);) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return okvp_fail_errno(err, errno, "lock");
		if (now_us() >= deadline)
			return okvp_fail(err, OKVP_BUSY, "another program keeps it locked");
		nanosleep(&(struct timespec){ .tv_nsec = pause_us * 1000 }, NULL);
		pause_us = pause_us < LAST_PAUSE_US / 2 ? pause_us * 2 : LAST_PAUSE_US;
	}
	return true;
}

void pool_unlock(int fd)
{
	flock(fd, LOCK_UN);
	set_description_lock(fd, F_UNLCK);
}
