/* SPDX-License-Identifier: MIT */
/* send_queue.h -- for host/contact: items that wait to be sent, each a reference. */
#pragma once
#include <stdbool.h>

#include "store/snapshot.h"

/* All zeros is an empty queue; those before at were taken. */
struct send_queue {
	struct stored_item **item;
	size_t at, count, room;
};

/* Takes the reference. */
void send_queue_add(struct send_queue *queue, struct stored_item *item);

/* Puts one back in front of all others; takes the reference. */
void send_queue_put_back(struct send_queue *queue, struct stored_item *item);

/* Adds a reference to each item of a set. */
void send_queue_add_set(struct send_queue *queue, const struct item_set *set);

/* The first item, NULL when there is none: peek leaves it, take hands it over. */
const struct stored_item *send_queue_peek(const struct send_queue *queue);
struct stored_item *send_queue_take(struct send_queue *queue);

/* Releases those that are not to be kept; the others stay in their order. */
void send_queue_filter(struct send_queue *queue,
		       bool (*keep)(void *context, const struct stored_item *item), void *context);

size_t send_queue_length(const struct send_queue *queue);

void send_queue_clear(struct send_queue *queue);
