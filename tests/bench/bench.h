/* SPDX-License-Identifier: MIT */
/* bench.h -- what the programs of the benchmark share: a clock, samples, the VMs of a made store,
 * sockets. A program that cannot go on says why and ends; a result is one line of JSON. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"

__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);
__attribute__((noreturn)) void die_errno(const char *what);

/* A number of at least 1 from the command line. */
unsigned int number_of(const char *text);

uint64_t now_ns(void);

/* Durations, of which percentiles are wanted. All zeros is none. */
struct samples {
	uint64_t *ns;
	size_t count, room;
};
void samples_add(struct samples *samples, uint64_t ns);
void samples_done(struct samples *samples);
double samples_us(struct samples *samples, double percent); /* sorts; 0 when there is none */
void samples_report(struct samples *samples); /* prints {"p50_us": ..., "p99_us": ...} */

/* VM number n, from 0, of a store made by make_store: its GUID is spread over all GUIDs, as real
 * ones are. */
struct guid bench_vm(unsigned int n);

#define BENCH_KEY_LENGTH 16
#define BENCH_NEW_KEYS   90000000 /* keys from here on are in no store that was made */

/* Its key number i: 16 bytes and a NUL; returns out. */
const char *bench_key(unsigned int i, char out[static BENCH_KEY_LENGTH + 1]);

/* A pair of sockets that both block; connect to a unix socket, which may come within some seconds;
 * "127.0.0.1:PORT". */
void socket_pair(int type, int ret_fd[2]);
int connect_unix(const char *path, int type);
int listen_unix(const char *path, int type); /* the path is there once somebody can connect */
int connect_tcp(const char *port);

/* All of it, on a blocking descriptor. */
void write_all(int fd, const void *bytes, size_t size);
void read_all(int fd, void *bytes, size_t size);
