/* SPDX-License-Identifier: MIT */
/* bench_store.c -- durable lists a second: the store beside raw SQLite, with the same rows.
 *
 *	bench_store [FOLDER [SECONDS [VMS]]]
 *
 * The store: 64 lists of four items are always under way, made by as many threads as there are
 * processors, as those of an HTTP server would be. Raw SQLite: one thread writes the rows of 64
 * such lists in each transaction, and nothing else. Both in turns, on files that begin the same. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/store.h"

#define UNDER_WAY     64
#define ITEMS_OF_VM   20
#define ITEMS_OF_LIST 4
#define ROUNDS        3

static const struct store_limits limits = {
	.vms = 1000000,
	.items = 1024,
	.item_bytes = 1 << 20,
	.host_only_items = 128,
	.lazy_ms = 5000,
};

static unsigned int vms = 10000;
static uint64_t round_ms = 3000;

static void die(const char *what)
{
	fprintf(stderr, "bench_store: %s\n", what);
	exit(1);
}

/* --- The load: list number n changes VM n, four items of it in turn. --- */

static struct guid vm_id(uint64_t n)
{
	struct guid id = { { 0 } };
	uint64_t mixed = (n % vms + 1) * 0x9E3779B97F4A7C15; /* a bijection: VMs are spread */

	memcpy(id.bytes, &mixed, sizeof(mixed));
	return id;
}

struct pair {
	char key[16], value[32];
	struct okvp_item item;
};

static void make_pair(struct pair *pair, uint64_t n, unsigned int i)
{
	unsigned int key = (unsigned int)(n / vms * ITEMS_OF_LIST + i) % ITEMS_OF_VM;
	int key_length = snprintf(pair->key, sizeof(pair->key), "setting-%02u", key);
	int value_length = snprintf(pair->value, sizeof(pair->value), "value-%020ju", (uintmax_t)n);

	pair->item = (struct okvp_item){ .key = pair->key,
					 .value = pair->value,
					 .key_length = (uint16_t)key_length,
					 .value_length = (uint16_t)value_length };
}

static struct change_list *make_list(uint64_t n, unsigned int items)
{
	struct guid id = vm_id(n);
	struct change_list *list = change_list_create(&id);

	for (unsigned int i = 0; i < items; i++) {
		struct pair pair;

		make_pair(&pair, n, i);
		change_list_put(list, SPACE_EXTERNAL, &pair.item, EXPECT_ANY);
	}
	return list;
}

/* --- The store --- */

struct run {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	unsigned int free; /* lists that may be submitted */
	uint64_t next, done;
	uint64_t end_ms;
};

static void list_done(void *context, const struct store_result *result)
{
	struct run *run = context;

	if (result->error.status != OKVP_OK)
		die(result->error.message);
	pthread_mutex_lock(&run->lock);
	run->done++;
	run->free++;
	pthread_cond_signal(&run->wake);
	pthread_mutex_unlock(&run->lock);
}

/* Waits for a list that may be submitted; its number, or 0: the time is over. */
static uint64_t next_list(struct run *run)
{
	uint64_t n = 0;

	pthread_mutex_lock(&run->lock);
	while (run->free == 0)
		pthread_cond_wait(&run->wake, &run->lock);
	if (clock_monotonic_ms() < run->end_ms) {
		run->free--;
		n = run->next++;
	}
	pthread_mutex_unlock(&run->lock);
	return n;
}

static void *submit_lists(void *context)
{
	struct run *run = context;
	uint64_t n;

	while ((n = next_list(run)))
		store_submit(run->store, make_list(n, ITEMS_OF_LIST), list_done, run);
	return NULL;
}

static void *apply_lists(void *context)
{
	struct run *run = context;
	struct okvp_error err;
	uint64_t n;

	while ((n = next_list(run))) {
		if (!store_apply(run->store, make_list(n, ITEMS_OF_LIST), NULL, &err))
			die(err.message);
		list_done(run, &(struct store_result){ .generation = n });
	}
	return NULL;
}

static double run_store(const char *path, long threads, void *(*work)(void *run), uint64_t *next)
{
	struct run run = { .lock = PTHREAD_MUTEX_INITIALIZER,
			   .wake = PTHREAD_COND_INITIALIZER,
			   .free = UNDER_WAY,
			   .next = *next };
	pthread_t thread[UNDER_WAY];
	struct okvp_error err;
	uint64_t begin_ms;

	if (!store_open(path, &limits, &(struct store_events){ 0 }, &run.store, &err))
		die(err.message);
	begin_ms = clock_monotonic_ms();
	run.end_ms = begin_ms + round_ms;
	for (long i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, &run);
	for (long i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	store_close(&run.store);
	*next = run.next;
	return 1000.0 * (double)run.done / (double)(clock_monotonic_ms() - begin_ms);
}

/* --- The same rows without a store --- */

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	return statement;
}

static void step(sqlite3 *db, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		die(sqlite3_errmsg(db));
	sqlite3_reset(statement);
}

static void write_list(sqlite3 *db, sqlite3_stmt *item, sqlite3_stmt *vm, uint64_t n)
{
	struct guid id = vm_id(n);

	for (unsigned int i = 0; i < ITEMS_OF_LIST; i++) {
		struct pair pair;

		make_pair(&pair, n, i);
		sqlite3_bind_blob(item, 1, id.bytes, sizeof(id.bytes), SQLITE_STATIC);
		sqlite3_bind_text(item, 2, pair.key, pair.item.key_length, SQLITE_STATIC);
		sqlite3_bind_text(item, 3, pair.value, pair.item.value_length, SQLITE_STATIC);
		sqlite3_bind_int64(item, 4, (int64_t)n);
		step(db, item);
	}
	sqlite3_bind_blob(vm, 1, id.bytes, sizeof(id.bytes), SQLITE_STATIC);
	sqlite3_bind_int64(vm, 2, (int64_t)n);
	step(db, vm);
}

static double run_raw(const char *path, uint64_t *next)
{
	sqlite3_stmt *begin, *commit, *item, *vm;
	uint64_t begin_ms, first = *next;
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		die("cannot open the database");
	run_sql(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;"
		    "PRAGMA cache_size = -8192");
	begin = prepare(db, "BEGIN IMMEDIATE");
	commit = prepare(db, "COMMIT");
	item = prepare(db, "INSERT OR REPLACE INTO item VALUES (?1,0,?2,?3,0,0,?4,?4,?4,0)");
	vm = prepare(db, "UPDATE vm SET generation = ?2 WHERE id = ?1");
	for (begin_ms = clock_monotonic_ms(); clock_monotonic_ms() < begin_ms + round_ms;) {
		step(db, begin);
		for (unsigned int i = 0; i < UNDER_WAY; i++)
			write_list(db, item, vm, (*next)++);
		step(db, commit);
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(item);
	sqlite3_finalize(vm);
	sqlite3_close(db);
	return 1000.0 * (double)(*next - first) / (double)(clock_monotonic_ms() - begin_ms);
}

/* --- Both --- */

static void fill(const char *path)
{
	struct okvp_error err;
	struct store *store;

	unlink(path);
	if (!store_open(path, &limits, &(struct store_events){ 0 }, &store, &err))
		die(err.message);
	for (unsigned int n = 0; n < vms; n++) {
		struct change_list *list = make_list(n, ITEMS_OF_VM);
		char name[16];

		snprintf(name, sizeof(name), "vm-%u", n);
		change_list_define(list, name, "");
		store_submit(store, list, NULL, NULL);
	}
	store_close(&store);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	scoped(xfree_text) char *store_path = xprintf("%s/bench-store.db", folder);
	scoped(xfree_text) char *raw_path = xprintf("%s/bench-raw.db", folder);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t store_next, raw_next;
	double raw = 0, store = 0, blocking = 0;

	if (argc > 2)
		round_ms = strtoul(argv[2], NULL, 10) * 1000;
	if (argc > 3)
		vms = (unsigned int)strtoul(argv[3], NULL, 10);
	store_next = raw_next = vms;
	fill(store_path);
	fill(raw_path);
	for (int round = 0; round < ROUNDS; round++) {
		raw += run_raw(raw_path, &raw_next) / ROUNDS;
		store += run_store(store_path, processors < UNDER_WAY ? processors : UNDER_WAY,
				   submit_lists, &store_next) /
			 ROUNDS;
		blocking += run_store(store_path, UNDER_WAY, apply_lists, &store_next) / ROUNDS;
	}
	printf("%u VMs of %d items, lists of %d items, %d under way\n", vms, ITEMS_OF_VM,
	       ITEMS_OF_LIST, UNDER_WAY);
	printf("raw SQLite                 %8.0f lists/s\n", raw);
	printf("store                      %8.0f lists/s   %.2f of raw\n", store, store / raw);
	printf("store, threads that wait   %8.0f lists/s   %.2f of raw\n", blocking,
	       blocking / raw);
	unlink(store_path);
	unlink(raw_path);
	return 0;
}
