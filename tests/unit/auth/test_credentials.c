/* SPDX-License-Identifier: MIT */
/* test_credentials.c -- auth/credentials */
#include "auth/credentials.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/users.h"

struct fixture {
	char folder[32], path[64];
	struct credentials *credentials;
	struct okvp_error err;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	int answers, right;
	struct principal principal; /* of the last who was right */
};

static void start(struct fixture *f, unsigned int remember_ms, unsigned int delay_ms)
{
	const struct credentials_settings settings = { f->path, remember_ms, delay_ms };

	credentials_free(&f->credentials);
	assert_true(credentials_create(&settings, &f->credentials, &f->err));
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/users-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/users", f->folder);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	start(f, 600000, 1);
	assert_true(users_put(f->path, "ann", ROLE_WRITE, "secret", &f->err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	credentials_free(&f->credentials);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void done(void *context, const struct principal *principal)
{
	struct fixture *f = context;

	pthread_mutex_lock(&f->lock);
	f->answers++;
	if (principal) {
		f->right++;
		f->principal = *principal;
	}
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void ask(struct fixture *f, const char *name, const char *password)
{
	assert_true(credentials_check(f->credentials, name, password, done, f, &f->err));
}

static void await(struct fixture *f, int answers)
{
	pthread_mutex_lock(&f->lock);
	while (f->answers < answers)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static bool known(struct fixture *f, const char *password)
{
	struct principal principal;

	return credentials_known(f->credentials, "ann", password, &principal);
}

static void nothing_is_known_at_first(void **state)
{
	assert_false(known(*state, "secret"));
}

static void a_right_pair_is_answered_and_remembered(void **state)
{
	struct fixture *f = *state;
	struct principal principal;

	ask(f, "ann", "secret");
	await(f, 1);

	assert_int_equal(f->right, 1);
	assert_string_equal(f->principal.name, "ann");
	assert_int_equal(f->principal.role, ROLE_WRITE);
	assert_true(credentials_known(f->credentials, "ann", "secret", &principal));
	assert_string_equal(principal.name, "ann");
	assert_int_equal(principal.role, ROLE_WRITE);
}

static void a_wrong_pair_is_answered_and_not_remembered(void **state)
{
	struct fixture *f = *state;

	ask(f, "ann", "wrong");
	ask(f, "eve", "secret");
	ask(f, "ann", "");
	await(f, 3);

	assert_int_equal(f->right, 0);
	assert_false(known(f, "wrong"));
	assert_false(known(f, "secret"));
}

static void a_name_cannot_borrow_from_its_password(void **state)
{
	struct fixture *f = *state;
	struct principal principal;

	ask(f, "ann", "secret");
	await(f, 1);

	assert_false(credentials_known(f->credentials, "anns", "ecret", &principal));
	assert_false(credentials_known(f->credentials, "an", "nsecret", &principal));
}

static void a_changed_file_is_noticed_at_once(void **state)
{
	struct fixture *f = *state;

	ask(f, "ann", "secret");
	await(f, 1);
	assert_true(known(f, "secret"));

	assert_true(users_put(f->path, "ann", ROLE_READ, "other", &f->err));

	assert_false(known(f, "secret"));
	ask(f, "ann", "secret");
	ask(f, "ann", "other");
	await(f, 3);
	assert_int_equal(f->right, 2);
	assert_int_equal(f->principal.role, ROLE_READ);
}

static void a_removed_file_is_noticed_at_once(void **state)
{
	struct fixture *f = *state;

	ask(f, "ann", "secret");
	await(f, 1);

	unlink(f->path);

	assert_false(known(f, "secret"));
}

static void a_file_that_was_moved_away_is_noticed_at_once(void **state)
{
	struct fixture *f = *state;
	char elsewhere[300];

	snprintf(elsewhere, sizeof(elsewhere), "%s.old", f->path);
	ask(f, "ann", "secret");
	await(f, 1);

	assert_int_equal(rename(f->path, elsewhere), 0);
	assert_false(known(f, "secret"));
	assert_int_equal(rename(elsewhere, f->path), 0);
	assert_false(known(f, "secret"));
}

static void what_is_remembered_grows_old(void **state)
{
	struct fixture *f = *state;

	start(f, 0, 1);
	ask(f, "ann", "secret");
	await(f, 1);

	assert_int_equal(f->right, 1);
	assert_false(known(f, "secret"));
}

static void one_who_waits_for_being_wrong_does_not_hold_up_others(void **state)
{
	struct fixture *f = *state;

	start(f, 600000, 3600000);
	ask(f, "ann", "wrong");
	ask(f, "ann", "secret");
	await(f, 1);

	assert_int_equal(f->right, 1);
	assert_int_equal(f->answers, 1);
}

static void at_most_256_wait_and_the_end_answers_them_all(void **state)
{
	struct fixture *f = *state;

	start(f, 600000, 3600000);
	for (int i = 0; i < 256; i++)
		ask(f, "ann", "wrong");

	assert_false(credentials_check(f->credentials, "ann", "secret", done, f, &f->err));
	assert_int_equal(f->err.status, OKVP_BUSY);
	credentials_free(&f->credentials);
	assert_int_equal(f->answers, 256);
	assert_int_equal(f->right, 0);
}

static void names_and_passwords_of_any_length_are_survived(void **state)
{
	struct fixture *f = *state;
	struct principal principal;
	char *huge = malloc(100001);

	memset(huge, 'x', 100000);
	huge[100000] = '\0';
	ask(f, huge, "secret");
	ask(f, "ann", huge);
	await(f, 2);

	assert_int_equal(f->right, 0);
	assert_false(credentials_known(f->credentials, huge, huge, &principal));
	free(huge);
}

static void more_than_fit_push_out_the_oldest(void **state)
{
	struct fixture *f = *state;
	char name[32];
	int still = 0;

	/* 1,100 users share one cheap hash: DES-crypt of "pw". */
	FILE *file = fopen(f->path, "w");

	for (int i = 0; i < 1100; i++)
		fprintf(file, "user%d:read:xxkjwJp/A2uBQ\n", i);
	fclose(file);
	for (int i = 0; i < 1100; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		ask(f, name, "pw");
		await(f, i + 1);
	}
	for (int i = 0; i < 1100; i++) {
		struct principal principal;

		snprintf(name, sizeof(name), "user%d", i);
		still += credentials_known(f->credentials, name, "pw", &principal);
	}

	assert_int_equal(f->right, 1100);
	assert_in_range(still, 500, 1024);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(nothing_is_known_at_first),
		test(a_right_pair_is_answered_and_remembered),
		test(a_wrong_pair_is_answered_and_not_remembered),
		test(a_name_cannot_borrow_from_its_password),
		test(a_changed_file_is_noticed_at_once),
		test(a_removed_file_is_noticed_at_once),
		test(a_file_that_was_moved_away_is_noticed_at_once),
		test(what_is_remembered_grows_old),
		test(one_who_waits_for_being_wrong_does_not_hold_up_others),
		test(at_most_256_wait_and_the_end_answers_them_all),
		test(names_and_passwords_of_any_length_are_survived),
		test(more_than_fit_push_out_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
