/* SPDX-License-Identifier: MIT */
/* users.c -- the users file: read whole, replaced whole. */
#include "auth/users.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "openkvp/scoped.h"

#define FILE_MAX (1024 * 1024) /* bytes: 4,096 lines of a name, a role and a hash, and comments */
#define HASH_MAX 200           /* crypt(5): yescrypt has 73 at the usual cost */

/* A line of the file; of a user, if its name is not empty. */
struct line {
	const char *begin;
	size_t length;
	bool broken; /* neither a user nor a comment */
	struct user user;
	char hash[HASH_MAX + 1];
};

static void close_file(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool name_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-@");

	return length > 0 && length <= USERS_NAME_MAX && name[length] == '\0';
}

/* Reads the file; a missing one is empty. */
static bool read_file(const char *path, struct text *ret_text, struct okvp_error *err)
{
	scoped(close_file) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[8192];
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT || okvp_fail_errno(err, errno, "%s", path);
	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		text_add(ret_text, piece, (size_t)got);
		if (ret_text->length > FILE_MAX)
			return okvp_fail(err, OKVP_LIMIT, "%s: larger than %d bytes", path,
					 FILE_MAX);
	}
	return got == 0 || okvp_fail_errno(err, errno, "%s", path);
}

/* Splits "name:role:hash". */
static bool parse_user(const char *text, size_t length, struct line *ret_line)
{
	char copy[USERS_NAME_MAX + 16 + HASH_MAX], *role, *hash;

	if (length >= sizeof(copy) || memchr(text, '\0', length))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	role = strchr(copy, ':');
	hash = role ? strchr(role + 1, ':') : NULL;
	if (!hash)
		return false;
	*role++ = '\0';
	*hash++ = '\0';
	if (!name_valid(copy) || !role_from_name(role, &ret_line->user.role) || *hash == '\0' ||
	    strlen(hash) > HASH_MAX)
		return false;
	memcpy(ret_line->user.name, copy, strlen(copy) + 1);
	memcpy(ret_line->hash, hash, strlen(hash) + 1);
	return true;
}

/* Takes the next line off a text; false at the end, and the line is then nobody's. */
static bool next_line(const char **text, struct line *ret_line)
{
	const char *begin = *text, *end;

	*ret_line = (struct line){ .begin = begin };
	if (!begin || !*begin)
		return false;
	end = strchrnul(begin, '\n');
	ret_line->length = (size_t)(end - begin);
	ret_line->broken = ret_line->length > 0 && *begin != '#' &&
			   !parse_user(begin, ret_line->length, ret_line);
	*text = *end ? end + 1 : end;
	return true;
}

bool users_list(const char *path, struct user **ret_users, size_t *ret_count,
		struct okvp_error *err)
{
	scoped(text_done) struct text text = { 0 };
	size_t count = 0, room = 0, number = 0;
	struct user *users = NULL;
	const char *rest;
	struct line line;

	if (!read_file(path, &text, err))
		return false;
	rest = text.bytes;
	while (next_line(&rest, &line)) {
		number++;
		if (line.broken || count == USERS_MAX) {
			free(users);
			return line.broken ? okvp_fail(err, OKVP_CORRUPT,
						       "%s:%zu: not name:role:hash, with a "
						       "role of read, write or admin",
						       path, number)
					   : okvp_fail(err, OKVP_LIMIT, "%s: more than %d users",
						       path, USERS_MAX);
		}
		if (!*line.user.name)
			continue;
		grow(users, count, room);
		users[count++] = line.user;
	}
	*ret_users = users;
	*ret_count = count;
	return true;
}

bool users_check(const char *path, struct okvp_error *err)
{
	struct user *users = NULL;
	size_t count;
	bool ok = users_list(path, &users, &count, err);

	free(users);
	return ok;
}

/* Writes a text to a new file that looks to others like the one it will replace. */
static bool write_file(int folder, const char *name, const char *old, const struct text *text,
		       struct okvp_error *err)
{
	scoped(close_file) int fd =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat info;

	if (fd < 0)
		return okvp_fail_errno(err, errno, "%s", name);
	if (fstatat(folder, old, &info, 0) == 0 && fchown(fd, info.st_uid, info.st_gid) != 0 &&
	    fchown(fd, (uid_t)-1, info.st_gid) != 0 && errno != EPERM)
		return okvp_fail_errno(err, errno, "%s", name);
	for (size_t at = 0; at < text->length;) {
		ssize_t written = write(fd, text->bytes + at, text->length - at);

		if (written < 0)
			return okvp_fail_errno(err, errno, "%s", name);
		at += (size_t)written;
	}
	if (fchmod(fd, 0640) != 0 || fsync(fd) != 0)
		return okvp_fail_errno(err, errno, "%s", name);
	return true;
}

/* Replaces the file in one step; the caller holds the lock of its folder. */
static bool replace_file(int folder, const char *path, const struct text *text,
			 struct okvp_error *err)
{
	char *copy = xstrdup(path), *old = basename(copy), *new = xprintf("%s.new", old);
	bool ok;

	unlinkat(folder, new, 0); /* left behind by one who died */
	ok = write_file(folder, new, old, text, err);
	if (ok && (renameat(folder, new, folder, old) != 0 || fsync(folder) != 0))
		ok = okvp_fail_errno(err, errno, "%s", path);
	if (!ok)
		unlinkat(folder, new, 0);
	free(new);
	free(copy);
	return ok;
}

/* Opens the folder of the file and locks it, so that changes follow one another. Closing unlocks.
 */
static bool lock_folder(const char *path, int *ret_folder, struct okvp_error *err)
{
	char *copy = xstrdup(path);
	const char *name = dirname(copy);
	bool ok = true;

	*ret_folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_folder < 0 || flock(*ret_folder, LOCK_EX) != 0)
		ok = okvp_fail_errno(err, errno, "%s", name);
	free(copy);
	return ok;
}

/* Copies the file with the line of one user replaced (NULL: left out), or added at its end. */
static bool rewrite(const char *path, const char *name, const char *new_line, bool *ret_was_there,
		    struct text *ret_text, struct okvp_error *err)
{
	scoped(text_done) struct text text = { 0 };
	const char *rest;
	struct line line;
	size_t users = 0;

	*ret_was_there = false;
	if (!read_file(path, &text, err))
		return false;
	rest = text.bytes;
	while (next_line(&rest, &line)) {
		users += *line.user.name != '\0';
		if (strcmp(line.user.name, name) != 0) {
			text_add(ret_text, line.begin, line.length);
			text_putc(ret_text, '\n');
			continue;
		}
		if (new_line && !*ret_was_there)
			text_puts(ret_text, new_line);
		*ret_was_there = true;
	}
	if (*ret_was_there || !new_line)
		return true;
	if (users >= USERS_MAX)
		return okvp_fail(err, OKVP_LIMIT, "%s: holds %zu users, the most is %d", path,
				 users, USERS_MAX);
	text_puts(ret_text, new_line);
	return true;
}

/* What crypt() needs to work in: holds traces of the password. */
static void free_crypt_data(struct crypt_data **data)
{
	if (*data)
		explicit_bzero(*data, sizeof(**data));
	free(*data);
}

/* Hashes a password with the usual yescrypt; "" when that fails. */
static void make_hash(const char *password, char ret_hash[static HASH_MAX + 1])
{
	scoped(free_crypt_data) struct crypt_data *data = xcalloc(1, sizeof(*data));
	scoped(xfree_text) char *salt = crypt_gensalt_ra("$y$", 0, NULL, 0);
	const char *hash = salt ? crypt_rn(password, salt, data, sizeof(*data)) : NULL;

	snprintf(ret_hash, HASH_MAX + 1, "%s", hash ? hash : "");
}

bool users_put(const char *path, const char *name, enum role role, const char *password,
	       struct okvp_error *err)
{
	scoped(text_done) struct text text = { 0 }, line = { 0 };
	scoped(close_file) int folder = -1;
	char hash[HASH_MAX + 1];
	bool was_there;

	if (!name_valid(name))
		return okvp_fail(err, OKVP_INVALID,
				 "a user's name has 1 to %d letters, digits and . _ - @",
				 USERS_NAME_MAX);
	if (*password == '\0' || strlen(password) > USERS_PASSWORD_MAX)
		return okvp_fail(err, OKVP_INVALID, "a password has 1 to %d bytes",
				 USERS_PASSWORD_MAX);
	make_hash(password, hash);
	if (*hash == '\0')
		return okvp_fail_errno(err, errno, "cannot hash the password");
	text_printf(&line, "%s:%s:%s\n", name, role_name(role), hash);
	return lock_folder(path, &folder, err) &&
	       rewrite(path, name, line.bytes, &was_there, &text, err) &&
	       replace_file(folder, path, &text, err);
}

bool users_remove(const char *path, const char *name, struct okvp_error *err)
{
	scoped(text_done) struct text text = { 0 };
	scoped(close_file) int folder = -1;
	bool was_there;

	if (!name_valid(name))
		return okvp_fail(err, OKVP_NOT_FOUND, "no such user");
	if (!lock_folder(path, &folder, err) || !rewrite(path, name, NULL, &was_there, &text, err))
		return false;
	if (!was_there)
		return okvp_fail(err, OKVP_NOT_FOUND, "no user '%s'", name);
	return replace_file(folder, path, &text, err);
}

static bool equal_in_constant_time(const char *a, const char *b)
{
	size_t length = strlen(a);
	unsigned char difference = 0;

	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

static bool password_matches(const char *password, const char *hash)
{
	scoped(free_crypt_data) struct crypt_data *data = xcalloc(1, sizeof(*data));
	const char *result = crypt_rn(password, hash, data, sizeof(*data));

	return result && equal_in_constant_time(result, hash);
}

bool users_verify(const char *path, const char *name, const char *password,
		  struct principal *ret_principal, struct okvp_error *err)
{
	/* The hash of a password that nobody knows, for a name that nobody has. */
	static const char nobody[] =
		"$y$j9T$AhF/pgSkxwrIQ47IaO3Th1$BDBySyaTd8V7i1L7md.4.S1dur/nCYsstQV1E8iFKC/";
	scoped(text_done) struct text text = { 0 };
	struct line line;
	const char *rest;
	bool matches;

	if (strlen(password) > USERS_PASSWORD_MAX)
		return okvp_fail(err, OKVP_DENIED, "wrong name or password");
	if (!read_file(path, &text, err))
		return false;
	rest = text.bytes;
	while (next_line(&rest, &line))
		if (*line.user.name && strcmp(line.user.name, name) == 0)
			break;
	matches = password_matches(password, *line.user.name ? line.hash : nobody);
	if (!matches || !*line.user.name)
		return okvp_fail(err, OKVP_DENIED, "wrong name or password");
	*ret_principal = (struct principal){ .role = line.user.role };
	snprintf(ret_principal->name, sizeof(ret_principal->name), "%s", name);
	return true;
}
