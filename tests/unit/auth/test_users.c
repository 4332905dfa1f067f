/* SPDX-License-Identifier: MIT */
/* test_users.c -- auth/users */
#include "auth/users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char folder[32], path[64];
	struct okvp_error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/users-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/users", f->folder);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0); /* nothing else was left there */
	free(f);
	return 0;
}

static void write_users(const struct fixture *f, const char *text)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *read_users(const struct fixture *f)
{
	static char text[4096];
	FILE *file = fopen(f->path, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void a_missing_file_lists_nobody(void **state)
{
	struct fixture *f = *state;
	struct user *users;
	size_t count = 1;

	assert_true(users_list(f->path, &users, &count, &f->err));
	assert_int_equal(count, 0);
	free(users);
}

static void users_are_listed_in_file_order(void **state)
{
	struct fixture *f = *state;
	struct user *users;
	size_t count;

	write_users(f, "# people\n\nann:write:$y$x\nbob@corp:none:*");

	assert_true(users_list(f->path, &users, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(users[0].name, "ann");
	assert_int_equal(users[0].role, ROLE_WRITE);
	assert_string_equal(users[1].name, "bob@corp");
	assert_int_equal(users[1].role, ROLE_NONE);
	free(users);
}

static void a_line_that_is_no_users_is_named(void **state)
{
	static const char *const broken[] = {
		"ann", "ann:write", "ann:boss:x", "a b:read:x", ":read:x", "ann:read:",
	};
	struct fixture *f = *state;
	struct user *users;
	size_t count;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char text[64], expected[128];

		snprintf(text, sizeof(text), "# first\n%s\n", broken[i]);
		write_users(f, text);
		snprintf(expected, sizeof(expected),
			 "%s:2: not name:role:hash, with a role of read, write or admin", f->path);

		assert_false(users_check(f->path, NULL));
		assert_false(users_list(f->path, &users, &count, &f->err));
		assert_int_equal(f->err.status, OKVP_CORRUPT);
		assert_string_equal(f->err.message, expected);
	}
}

static void a_user_that_was_put_has_role_and_password(void **state)
{
	struct fixture *f = *state;
	struct principal principal;

	assert_true(users_put(f->path, "ann", ROLE_WRITE, "s\xC3\xA9same", &f->err));

	assert_true(users_verify(f->path, "ann", "s\xC3\xA9same", &principal, &f->err));
	assert_string_equal(principal.name, "ann");
	assert_int_equal(principal.role, ROLE_WRITE);
	assert_non_null(strstr(read_users(f), "ann:write:$y$"));
}

static void wrong_names_and_passwords_are_denied_alike(void **state)
{
	struct fixture *f = *state;
	struct principal principal;
	struct okvp_error other;

	assert_true(users_put(f->path, "ann", ROLE_WRITE, "secret", &f->err));

	assert_false(users_verify(f->path, "ann", "secret2", &principal, &f->err));
	assert_int_equal(f->err.status, OKVP_DENIED);
	assert_false(users_verify(f->path, "an", "secret", &principal, &other));
	assert_int_equal(other.status, OKVP_DENIED);
	assert_string_equal(f->err.message, other.message);
	assert_false(users_verify(f->path, "", "secret", &principal, &f->err));
	assert_false(users_verify(f->path, "ann", "", &principal, &f->err));
}

static void a_locked_user_has_no_password(void **state)
{
	struct fixture *f = *state;
	struct principal principal;

	write_users(f, "ann:write:*\nbob:read:!\neve:read:*0\n");

	assert_false(users_verify(f->path, "ann", "*", &principal, &f->err));
	assert_int_equal(f->err.status, OKVP_DENIED);
	assert_false(users_verify(f->path, "bob", "!", &principal, &f->err));
	assert_false(users_verify(f->path, "eve", "*0", &principal, &f->err));
}

static void putting_again_changes_one_line_and_keeps_the_rest(void **state)
{
	struct fixture *f = *state;
	struct principal principal;

	write_users(f, "# people\nann:read:*\n\nnobody's line\nbob:read:*\n");

	assert_true(users_put(f->path, "ann", ROLE_ADMIN, "new", &f->err));

	assert_true(users_verify(f->path, "ann", "new", &principal, &f->err));
	assert_int_equal(principal.role, ROLE_ADMIN);
	assert_ptr_equal(strstr(read_users(f), "# people\nann:admin:$y$"), read_users(f));
	assert_non_null(strstr(read_users(f), "\n\nnobody's line\nbob:read:*\n"));
}

static void a_file_without_a_last_newline_can_be_added_to(void **state)
{
	struct fixture *f = *state;

	write_users(f, "ann:read:*");

	assert_true(users_put(f->path, "bob", ROLE_READ, "pw", &f->err));

	assert_ptr_equal(strstr(read_users(f), "ann:read:*\nbob:read:$y$"), read_users(f));
}

static void a_removed_user_is_gone(void **state)
{
	struct fixture *f = *state;

	write_users(f, "ann:read:*\nbob:read:*\n");

	assert_true(users_remove(f->path, "ann", &f->err));

	assert_string_equal(read_users(f), "bob:read:*\n");
	assert_false(users_remove(f->path, "ann", &f->err));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
	assert_false(users_remove(f->path, "bob:read:*", &f->err));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
}

static void names_and_passwords_have_limits(void **state)
{
	struct fixture *f = *state;
	char name[USERS_NAME_MAX + 2], password[USERS_PASSWORD_MAX + 2];
	struct principal principal;

	memset(name, 'n', sizeof(name));
	name[USERS_NAME_MAX + 1] = '\0';
	memset(password, 'p', sizeof(password));
	password[USERS_PASSWORD_MAX + 1] = '\0';

	assert_false(users_put(f->path, name, ROLE_READ, "x", &f->err));
	assert_false(users_put(f->path, "", ROLE_READ, "x", &f->err));
	assert_false(users_put(f->path, "a:b", ROLE_READ, "x", &f->err));
	assert_false(users_put(f->path, "ann", ROLE_READ, "", &f->err));
	assert_false(users_put(f->path, "ann", ROLE_READ, password, &f->err));
	assert_int_equal(f->err.status, OKVP_INVALID);
	name[USERS_NAME_MAX] = '\0';
	password[USERS_PASSWORD_MAX] = '\0';
	assert_true(users_put(f->path, name, ROLE_READ, password, &f->err));
	assert_true(users_verify(f->path, name, password, &principal, &f->err));
}

static void the_file_is_replaced_and_readable_by_its_group(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	write_users(f, "# mine\n");
	chmod(f->path, 0600);
	stat(f->path, &before);

	assert_true(users_put(f->path, "ann", ROLE_READ, "pw", &f->err));

	stat(f->path, &after);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 07777, 0640);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
}

static void a_missing_folder_is_told(void **state)
{
	struct fixture *f = *state;

	assert_false(users_put("/nonexistent/users", "ann", ROLE_READ, "pw", &f->err));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
	assert_non_null(strstr(f->err.message, "/nonexistent"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_missing_file_lists_nobody),
		test(users_are_listed_in_file_order),
		test(a_line_that_is_no_users_is_named),
		test(a_user_that_was_put_has_role_and_password),
		test(wrong_names_and_passwords_are_denied_alike),
		test(a_locked_user_has_no_password),
		test(putting_again_changes_one_line_and_keeps_the_rest),
		test(a_file_without_a_last_newline_can_be_added_to),
		test(a_removed_user_is_gone),
		test(names_and_passwords_have_limits),
		test(the_file_is_replaced_and_readable_by_its_group),
		test(a_missing_folder_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
