/* SPDX-License-Identifier: MIT */
/* test_pool_lock.c -- openkvp/pool_lock, against programs that take one kind of lock only; its
 * pauses pass at once, on a clock of their own. */
#include "openkvp/pool_lock.h"

#include <sys/file.h>
#include <time.h>

#include "tests/unit/openkvp/pool_records.h"

struct fixture {
	char *folder;
	int fd, other;
};

static uint64_t clock_us;
static int pauses, pauses_until_release, release_fd;

int __wrap_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_nanosleep(const struct timespec *pause, struct timespec *left);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	time->tv_sec = (time_t)(clock_us / 1000000);
	time->tv_nsec = (long)(clock_us % 1000000) * 1000;
	return 0;
}

int __wrap_nanosleep(const struct timespec *pause, struct timespec *left)
{
	clock_us += (uint64_t)pause->tv_nsec / 1000;
	if (++pauses == pauses_until_release)
		flock(release_fd, LOCK_UN);
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = temp_folder_create();
	f->fd = open(temp_folder_file(f->folder, "pool"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	f->other = open(temp_folder_file(f->folder, "pool"), O_RDWR | O_CLOEXEC);
	pauses = pauses_until_release = 0;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->fd);
	close(f->other);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

/* A daemon's lock is one of its process; the same rules hold for this one. */
static int lock_as_daemon(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static void a_program_that_uses_flock_keeps_us_out(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;
	uint64_t begin = clock_us;

	assert_int_equal(flock(f->other, LOCK_EX), 0);

	assert_false(pool_lock(f->fd, true, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	assert_true(clock_us - begin >= OKVP_POOL_FILE_LOCK_MS * 1000);
	assert_true(pauses < 200);
	assert_int_equal(lock_as_daemon(f->other, F_WRLCK), 0); /* nothing was kept */
}

static void a_program_that_uses_fcntl_keeps_us_out(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	assert_int_equal(lock_as_daemon(f->other, F_WRLCK), 0);

	assert_false(pool_lock(f->fd, false, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	assert_int_equal(flock(f->other, LOCK_EX | LOCK_NB), 0);
}

static void a_lock_that_is_released_is_had(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(flock(f->other, LOCK_EX), 0);
	pauses_until_release = 5;
	release_fd = f->other;

	assert_true(pool_lock(f->fd, true, NULL));
	assert_int_equal(pauses, 5);
}

static void we_keep_both_kinds_of_programs_out(void **state)
{
	struct fixture *f = *state;

	assert_true(pool_lock(f->fd, true, NULL));
	assert_int_equal(flock(f->other, LOCK_SH | LOCK_NB), -1);
	assert_int_equal(lock_as_daemon(f->other, F_RDLCK), -1);

	pool_unlock(f->fd);
	assert_int_equal(flock(f->other, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(lock_as_daemon(f->other, F_WRLCK), 0);
}

static void readers_do_not_keep_readers_out(void **state)
{
	struct fixture *f = *state;

	assert_true(pool_lock(f->fd, false, NULL));
	assert_true(pool_lock(f->other, false, NULL));
	assert_int_equal(pauses, 0);
}

static void what_cannot_be_locked_is_an_error_at_once(void **state)
{
	struct okvp_error err;

	assert_false(pool_lock(-1, true, &err));
	assert_int_equal(err.status, OKVP_IO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_program_that_uses_flock_keeps_us_out),
		TEST(a_program_that_uses_fcntl_keeps_us_out),
		TEST(a_lock_that_is_released_is_had),
		TEST(we_keep_both_kinds_of_programs_out),
		TEST(readers_do_not_keep_readers_out),
		TEST(what_cannot_be_locked_is_an_error_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
