/* SPDX-License-Identifier: MIT */
/* faulty_disk.c -- for LD_PRELOAD: at one step of what a program writes below a folder the disk
 * fails, or the program dies.
 *
 *	FAULTY_DISK=HOW:STEP:FOLDER
 *
 * A step is a write, truncation, sync, rename or removal of a file there; they are counted from 1.
 * At step STEP, HOW is
 *
 *	kill     the program is killed before it
 *	half     the program is killed after half of it (a write), or after it
 *	power    the program is killed after it, and what was not synced is gone
 *	fail     it fails with ENOSPC, a write after half of it; later ones succeed
 *	full     it and all later ones fail with ENOSPC, but for removals
 *	readonly it and all later ones fail with EROFS
 *
 * When STEP comes, a file FOLDER.reached is made beside the folder: whoever counts upwards knows
 * that he is through when it is missing. What is synced is copied to FOLDER.synced, for power. A
 * name that was made, changed or removed counts as synced. */
#undef _FILE_OFFSET_BITS /* it would make two functions of one below */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum how { NOTHING, KILL, HALF, POWER, FAIL, FULL, READ_ONLY } how;
static long steps_left;
static char folder[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The real function of a name, with the type of that function. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static __attribute__((constructor)) void read_order(void)
{
	static const char *const names[] = {
		"", "kill", "half", "power", "fail", "full", "readonly"
	};
	const char *order = getenv("FAULTY_DISK");
	char name[16];

	if (!order || sscanf(order, "%15[a-z]:%ld:%4095s", name, &steps_left, folder) != 3)
		return;
	for (enum how i = KILL; i <= READ_ONLY; i++)
		if (strcmp(names[i], name) == 0)
			how = i;
}

/* --- What lies below the folder --- */

static bool is_below(const char *path)
{
	size_t length = strlen(folder);

	return how != NOTHING && strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* The path of an open file or folder that concerns us; false for all others. */
static bool path_of(int fd, char ret_path[static PATH_MAX])
{
	char link[64];
	struct stat info;
	ssize_t length;

	if (how == NOTHING || fstat(fd, &info) < 0 ||
	    (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, ret_path, PATH_MAX - 1);
	if (length < 0)
		return false;
	ret_path[length] = '\0';
	return is_below(ret_path);
}

/* --- What is synced --- */

/* Where the synced form of a file is kept; folders are flat. */
static void shadow_of(const char *path, char ret_path[static PATH_MAX])
{
	snprintf(ret_path, PATH_MAX, "%.2000s.synced/%.2000s", folder, strrchr(path, '/') + 1);
}

/* Makes a file what another one is. */
static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char bytes[65536];
	ssize_t got;

	while ((got = read(in, bytes, sizeof(bytes))) > 0)
		if (REAL(write)(out, bytes, (size_t)got) != got)
			abort();
	close(in);
	close(out);
}

static void remember(const char *path)
{
	char shadow[PATH_MAX];

	if (how != POWER)
		return;
	snprintf(shadow, sizeof(shadow), "%.4000s.synced", folder);
	mkdir(shadow, 0700);
	shadow_of(path, shadow);
	copy(path, shadow);
}

/* Puts every file into the state in which it was synced last. */
static void lose_what_is_not_synced(void)
{
	DIR *list = opendir(folder);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		char path[PATH_MAX], shadow[PATH_MAX];

		if (entry->d_type != DT_REG)
			continue;
		snprintf(path, sizeof(path), "%.3800s/%.255s", folder, entry->d_name);
		shadow_of(path, shadow);
		if (access(shadow, F_OK) == 0)
			copy(shadow, path);
		else if (REAL(truncate)(path, 0) < 0)
			abort();
	}
}

/* --- Steps --- */

static void say_that_it_is_reached(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.4000s.reached", folder);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void die(void)
{
	if (how == POWER)
		lose_what_is_not_synced();
	kill(getpid(), SIGKILL);
	pause();
}

enum fate { GO_ON, GO_HALF, GO_AND_DIE, REFUSE };

/* What becomes of the next step. The lock is held until end_step(), or for ever. */
static enum fate begin_step(bool is_removal)
{
	pthread_mutex_lock(&lock);
	if (--steps_left == 0)
		say_that_it_is_reached();
	if (how == READ_ONLY && steps_left <= 0)
		return REFUSE;
	if (how == FULL && steps_left <= 0)
		return is_removal ? GO_ON : REFUSE;
	if (steps_left != 0)
		return GO_ON;
	if (how == KILL)
		die();
	return how == FAIL ? REFUSE : how == HALF ? GO_HALF : GO_AND_DIE;
}

static void end_step(enum fate fate)
{
	int saved = errno;

	if (fate == GO_AND_DIE || fate == GO_HALF)
		die();
	pthread_mutex_unlock(&lock);
	errno = saved;
}

static int refuse(void)
{
	errno = how == READ_ONLY ? EROFS : ENOSPC;
	return -1;
}

/* A call that is done whole, or not. */
#define WHOLE_STEP(type, call, is_removal)                          \
	({                                                          \
		enum fate fate_ = begin_step(is_removal);           \
		type result_ = fate_ == REFUSE ? refuse() : (call); \
		end_step(fate_);                                    \
		result_;                                            \
	})

/* A write, of which half may be done. */
#define WRITE_STEP(call, size)                           \
	({                                               \
		enum fate fate_ = begin_step(false);     \
		ssize_t result_;                         \
		if (fate_ == REFUSE || fate_ == GO_HALF) \
			(size) = ((size) + 1) / 2;       \
		result_ = (call);                        \
		if (fate_ == REFUSE)                     \
			result_ = refuse();              \
		end_step(fate_);                         \
		result_;                                 \
	})

/* --- The functions --- */

ssize_t write(int fd, const void *bytes, size_t size)
{
	__typeof__(&write) real = REAL(write);
	char path[PATH_MAX];

	return path_of(fd, path) ? WRITE_STEP(real(fd, bytes, size), size) : real(fd, bytes, size);
}

#define PWRITE(name, offset_type)                                                          \
	ssize_t name(int fd, const void *bytes, size_t size, offset_type offset)           \
	{                                                                                  \
		__typeof__(&name) real = REAL(name);                                       \
		char path[PATH_MAX];                                                       \
                                                                                           \
		return path_of(fd, path) ? WRITE_STEP(real(fd, bytes, size, offset), size) \
					 : real(fd, bytes, size, offset);                  \
	}

#define FTRUNCATE(name, offset_type)                                              \
	int name(int fd, offset_type size)                                        \
	{                                                                         \
		__typeof__(&name) real = REAL(name);                              \
		char path[PATH_MAX];                                              \
                                                                                  \
		return path_of(fd, path) ? WHOLE_STEP(int, real(fd, size), false) \
					 : real(fd, size);                        \
	}

#define SYNC(name)                                                               \
	int name(int fd)                                                         \
	{                                                                        \
		__typeof__(&name) real = REAL(name);                             \
		char path[PATH_MAX];                                             \
                                                                                 \
		return path_of(fd, path) ? sync_step(real, fd, path) : real(fd); \
	}

static int sync_step(int (*real)(int fd), int fd, const char *path)
{
	enum fate fate = begin_step(false);
	struct stat info;
	int result = fate == REFUSE ? refuse() : real(fd);

	if (result == 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		remember(path);
	end_step(fate);
	return result;
}

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to)
{
	__typeof__(&rename) real = REAL(rename);

	return is_below(to) ? WHOLE_STEP(int, real(from, to), false) : real(from, to);
}

int unlink(const char *path)
{
	__typeof__(&unlink) real = REAL(unlink);

	return is_below(path) ? WHOLE_STEP(int, real(path), true) : real(path);
}
