/* SPDX-License-Identifier: MIT */
/* observer.h -- a thread that reads by the JSON API what guests have changed: of one change after
 * another how long it takes until the host shows it, and in the end whether every value is the last
 * one. */
#pragma once
#include "guests.h"

struct observer;

/* Reads from "127.0.0.1:port" as "user:password". */
struct observer *observer_start(const char *port, const char *credentials);

/* Guest number n has changed its item i at a time: looked at if there is nothing else to look at.
 * For the thread of the guests. */
void observer_tell(struct observer *observer, unsigned int n, unsigned int i, uint32_t sequence,
		   uint64_t written_ns);

/* The guests change nothing any more: each must be seen as it is within some seconds. Then the
 * thread prints a line of JSON: changes and lost, p50_us and p99_us of what was looked at. The
 * guests stay alive, and as they are. */
void observer_end(struct observer *observer, const struct guest *guests, unsigned int count);
