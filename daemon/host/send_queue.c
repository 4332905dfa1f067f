/* SPDX-License-Identifier: MIT */
/* send_queue.c -- items that wait to be sent. */
#include "host/send_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void send_queue_add(struct send_queue *queue, struct stored_item *item)
{
	grow(queue->item, queue->count, queue->room);
	queue->item[queue->count++] = item;
}

void send_queue_put_back(struct send_queue *queue, struct stored_item *item)
{
	if (queue->at == 0) {
		grow(queue->item, queue->count, queue->room);
		memmove(queue->item + 1, queue->item, queue->count * sizeof(*queue->item));
		queue->count++;
		queue->at = 1;
	}
	queue->item[--queue->at] = item;
}

void send_queue_add_set(struct send_queue *queue, const struct item_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		send_queue_add(queue, stored_item_ref(set->item[i]));
}

const struct stored_item *send_queue_peek(const struct send_queue *queue)
{
	return queue->at < queue->count ? queue->item[queue->at] : NULL;
}

struct stored_item *send_queue_take(struct send_queue *queue)
{
	if (queue->at < queue->count)
		return queue->item[queue->at++];
	send_queue_clear(queue); /* nothing is held for a guest at rest */
	return NULL;
}

void send_queue_clear(struct send_queue *queue)
{
	for (size_t i = queue->at; i < queue->count; i++)
		stored_item_release(&queue->item[i]);
	free(queue->item);
	*queue = (struct send_queue){ 0 };
}
