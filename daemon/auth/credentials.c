/* SPDX-License-Identifier: MIT */
/* credentials.c -- a small table of what was right, and one thread that checks the rest. */
#include "auth/credentials.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/users.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define WAITING_MAX 256
#define HASH_SIZE   32 /* of HMAC-SHA-256 */
#define SETS        256
#define WAYS        4 /* pairs whose hashes begin alike; a fifth takes the place of the oldest */

/* A pair that was right. */
struct known {
	uint8_t hash[HASH_SIZE];
	uint64_t until_ms; /* 0: free */
	struct principal principal;
};

/* Who waits: to be checked, or, checked and wrong, to be told so later. */
struct waiting {
	struct waiting *next;
	char *name, *password;
	uint64_t due_ms;
	void (*done)(void *context, const struct principal *principal);
	void *context;
};

struct queue {
	struct waiting *first, **last;
};

struct credentials {
	char *users_path;
	unsigned int remember_ms, delay_ms;

	pthread_t thread;
	pthread_mutex_t lock;   /* of what follows */
	gnutls_hmac_hd_t keyed; /* with a key that nobody knows */
	pthread_cond_t changed;
	bool stopping;
	struct queue unchecked, wrong; /* wrong: in the order of due_ms, since all wait as long */
	size_t waiting;
	int file_fd;      /* of the users file; -1: there is none */
	struct stat file; /* as it was when the table was empty */
	bool unread;      /* it is new, and nobody has looked at its lines */
	struct known known[SETS][WAYS];
};

static void queue_add(struct queue *queue, struct waiting *waiting)
{
	waiting->next = NULL;
	*queue->last = waiting;
	queue->last = &waiting->next;
}

static struct waiting *queue_take(struct queue *queue)
{
	struct waiting *waiting = queue->first;

	queue->first = waiting->next;
	if (!queue->first)
		queue->last = &queue->first;
	return waiting;
}

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	xfree_text(text);
}

/* A pair's name in the table: useless to whoever does not have the key. Called with the lock held.
 */
static void hash_pair(struct credentials *credentials, const char *name, const char *password,
		      uint8_t ret_hash[static HASH_SIZE])
{
	size_t name_size = strlen(name) + 1, password_size = strlen(password);
	char pair[PRINCIPAL_NAME_SIZE + USERS_PASSWORD_MAX];

	memcpy(pair, name, name_size);
	memcpy(pair + name_size, password, password_size);
	gnutls_hmac(credentials->keyed, pair, name_size + password_size);
	gnutls_hmac_output(credentials->keyed, ret_hash); /* which begins the next one */
	explicit_bzero(pair, sizeof(pair));
}

/* Whether a pair can be right at all. */
static bool plausible(const char *name, const char *password)
{
	return strlen(name) <= USERS_NAME_MAX && strlen(password) <= USERS_PASSWORD_MAX;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Whether the file that is open is what it was. To be replaced, removed or renamed changes a file's
 * st_ctim; asking an open file costs a fraction of looking for its name. */
static bool is_unchanged(const struct credentials *credentials)
{
	struct stat now;

	return credentials->file_fd >= 0 && fstat(credentials->file_fd, &now) == 0 &&
	       same_file(&now, &credentials->file);
}

/* Forgets all that was right for a users file other than the present one. */
static void follow_file(struct credentials *credentials)
{
	struct stat now = { 0 };

	if (is_unchanged(credentials))
		return;
	if (credentials->file_fd >= 0)
		close(credentials->file_fd);
	credentials->file_fd = open(credentials->users_path, O_PATH | O_CLOEXEC);
	if (credentials->file_fd >= 0 && fstat(credentials->file_fd, &now) != 0)
		now = (struct stat){ 0 };
	if (same_file(&now, &credentials->file))
		return;
	credentials->file = now;
	credentials->unread = true;
	explicit_bzero(credentials->known, sizeof(credentials->known));
}

static struct known *look_up(struct credentials *credentials, const uint8_t hash[static HASH_SIZE])
{
	struct known *set = credentials->known[hash[0] % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].until_ms > clock_monotonic_ms() &&
		    memcmp(set[i].hash, hash, HASH_SIZE) == 0)
			return &set[i];
	return NULL;
}

static void remember(struct credentials *credentials, const uint8_t hash[static HASH_SIZE],
		     const struct principal *principal)
{
	struct known *set = credentials->known[hash[0] % SETS], *oldest = set;

	for (size_t i = 1; i < WAYS; i++)
		if (set[i].until_ms < oldest->until_ms)
			oldest = &set[i];
	memcpy(oldest->hash, hash, HASH_SIZE);
	oldest->principal = *principal;
	oldest->until_ms = clock_monotonic_ms() + credentials->remember_ms;
}

bool credentials_known(struct credentials *credentials, const char *name, const char *password,
		       struct principal *ret_principal)
{
	uint8_t hash[HASH_SIZE];
	const struct known *known;

	if (!plausible(name, password))
		return false;
	pthread_mutex_lock(&credentials->lock);
	hash_pair(credentials, name, password, hash);
	follow_file(credentials);
	known = look_up(credentials, hash);
	if (known)
		*ret_principal = known->principal;
	pthread_mutex_unlock(&credentials->lock);
	return known != NULL;
}

/* Checks one pair, without the lock while the hash is computed. */
static bool check(struct credentials *credentials, const struct waiting *waiting,
		  struct principal *ret_principal)
{
	uint8_t hash[HASH_SIZE];
	struct okvp_error err;
	struct stat file;
	bool right;

	/* Somebody may have come with the same pair just before. */
	if (credentials_known(credentials, waiting->name, waiting->password, ret_principal))
		return true;
	pthread_mutex_lock(&credentials->lock);
	file = credentials->file;
	pthread_mutex_unlock(&credentials->lock);
	right = users_verify(credentials->users_path, waiting->name, waiting->password,
			     ret_principal, &err);
	if (!right && err.status != OKVP_DENIED)
		log_error("users file", "%s", err.message);
	if (!right)
		return false;
	pthread_mutex_lock(&credentials->lock);
	hash_pair(credentials, waiting->name, waiting->password, hash);
	follow_file(credentials);
	if (same_file(&file, &credentials->file))
		remember(credentials, hash, ret_principal);
	pthread_mutex_unlock(&credentials->lock);
	return true;
}

/* Tells the outcome (NULL: wrong) and lets one more wait. Called and returns with the lock held. */
static void answer(struct credentials *credentials, struct waiting *waiting,
		   const struct principal *principal)
{
	credentials->waiting--;
	pthread_mutex_unlock(&credentials->lock);
	waiting->done(waiting->context, principal);
	wipe(&waiting->name);
	wipe(&waiting->password);
	free(waiting);
	pthread_mutex_lock(&credentials->lock);
}

/* Checks who came first, and lets him wait if he is wrong. Called with the lock held. */
static void check_next(struct credentials *credentials)
{
	struct waiting *waiting = queue_take(&credentials->unchecked);
	struct principal principal;
	bool right;

	pthread_mutex_unlock(&credentials->lock);
	right = check(credentials, waiting, &principal);
	pthread_mutex_lock(&credentials->lock);
	if (right) {
		answer(credentials, waiting, &principal);
		return;
	}
	wipe(&waiting->password);
	waiting->due_ms = clock_monotonic_ms() + credentials->delay_ms;
	queue_add(&credentials->wrong, waiting);
}

/* Tells of a line that is nobody's: who it was meant for only hears that his password is wrong.
 * Called with the lock held. */
static void read_lines(struct credentials *credentials)
{
	struct okvp_error err;

	credentials->unread = false;
	pthread_mutex_unlock(&credentials->lock);
	if (!users_check(credentials->users_path, &err))
		log_warning("", "users_file: %s", err.message);
	pthread_mutex_lock(&credentials->lock);
}

static void wait_until(struct credentials *credentials, uint64_t due_ms)
{
	struct timespec due = { .tv_sec = (time_t)(due_ms / 1000),
				.tv_nsec = (long)(due_ms % 1000) * 1000000 };

	pthread_cond_timedwait(&credentials->changed, &credentials->lock, &due);
}

static void *run(void *context)
{
	struct credentials *credentials = context;
	struct queue *unchecked = &credentials->unchecked, *wrong = &credentials->wrong;

	pthread_mutex_lock(&credentials->lock);
	while (!credentials->stopping) {
		if (credentials->unread)
			read_lines(credentials);
		else if (wrong->first && wrong->first->due_ms <= clock_monotonic_ms())
			answer(credentials, queue_take(wrong), NULL);
		else if (unchecked->first)
			check_next(credentials);
		else if (wrong->first)
			wait_until(credentials, wrong->first->due_ms);
		else
			pthread_cond_wait(&credentials->changed, &credentials->lock);
	}
	while (unchecked->first)
		answer(credentials, queue_take(unchecked), NULL);
	while (wrong->first)
		answer(credentials, queue_take(wrong), NULL);
	pthread_mutex_unlock(&credentials->lock);
	return NULL;
}

static void init_lock(struct credentials *credentials)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&credentials->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&credentials->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static void release(struct credentials *credentials)
{
	pthread_cond_destroy(&credentials->changed);
	pthread_mutex_destroy(&credentials->lock);
	xfree_text(&credentials->users_path);
	if (credentials->keyed)
		gnutls_hmac_deinit(credentials->keyed, NULL);
	if (credentials->file_fd >= 0)
		close(credentials->file_fd);
	explicit_bzero(credentials, sizeof(*credentials));
	free(credentials);
}

static bool make_key(struct credentials *credentials, struct okvp_error *err)
{
	uint8_t key[HASH_SIZE];
	bool ok = getrandom(key, sizeof(key), 0) == sizeof(key) &&
		  gnutls_hmac_init(&credentials->keyed, GNUTLS_MAC_SHA256, key, sizeof(key)) == 0;

	explicit_bzero(key, sizeof(key));
	return ok || okvp_fail(err, OKVP_IO, "no random numbers");
}

bool credentials_create(const struct credentials_settings *settings,
			struct credentials **ret_credentials, struct okvp_error *err)
{
	struct credentials *credentials = xcalloc(1, sizeof(*credentials));
	int failure;

	credentials->users_path = xstrdup(settings->users_path);
	credentials->remember_ms = settings->remember_ms;
	credentials->delay_ms = settings->wrong_password_delay_ms;
	credentials->unchecked.last = &credentials->unchecked.first;
	credentials->wrong.last = &credentials->wrong.first;
	init_lock(credentials);
	credentials->file_fd = -1;
	follow_file(credentials);
	if (!make_key(credentials, err)) {
		release(credentials);
		return false;
	}
	failure = pthread_create(&credentials->thread, NULL, run, credentials);
	if (failure != 0) {
		release(credentials);
		return okvp_fail_errno(err, failure, "cannot start a thread");
	}
	*ret_credentials = credentials;
	return true;
}

void credentials_free(struct credentials **credentials)
{
	struct credentials *gone = take(*credentials);

	if (!gone)
		return;
	pthread_mutex_lock(&gone->lock);
	gone->stopping = true;
	pthread_cond_signal(&gone->changed);
	pthread_mutex_unlock(&gone->lock);
	pthread_join(gone->thread, NULL);
	release(gone);
}

bool credentials_check(struct credentials *credentials, const char *name, const char *password,
		       void (*done)(void *context, const struct principal *principal),
		       void *context, struct okvp_error *err)
{
	struct waiting *waiting;
	bool room;

	pthread_mutex_lock(&credentials->lock);
	room = credentials->waiting < WAITING_MAX;
	if (room) {
		waiting = xcalloc(1, sizeof(*waiting));
		waiting->name = xstrdup(name);
		waiting->password = xstrdup(password);
		waiting->done = done;
		waiting->context = context;
		queue_add(&credentials->unchecked, waiting);
		credentials->waiting++;
		pthread_cond_signal(&credentials->changed);
	}
	pthread_mutex_unlock(&credentials->lock);
	return room || okvp_fail(err, OKVP_BUSY, "%d logins are being checked", WAITING_MAX);
}
