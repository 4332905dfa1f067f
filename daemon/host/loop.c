/* SPDX-License-Identifier: MIT */
/* loop.c -- a queue under a lock, a wake-up, and one timer for all that is to run later. */
#include "host/loop.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

struct task {
	void (*run)(void *context);
	void *context;
	uint64_t due_ms;
	struct task *next;
};

struct loop {
	uv_loop_t *uv;
	uv_async_t wake;
	uv_timer_t timer;
	unsigned int handles;

	pthread_mutex_t lock;
	struct task *first, **last; /* posted */
	struct task **later;        /* a heap by due_ms; only the loop's thread */
	size_t later_count, later_room;
};

static void enqueue(struct loop *loop, struct task *task)
{
	bool was_empty;

	pthread_mutex_lock(&loop->lock);
	was_empty = !loop->first;
	*loop->last = task;
	loop->last = &task->next;
	pthread_mutex_unlock(&loop->lock);
	if (was_empty)
		uv_async_send(&loop->wake);
}

static struct task *task_create(void (*run)(void *context), void *context, uint64_t due_ms)
{
	struct task *task = xcalloc(1, sizeof(*task));

	task->run = run;
	task->context = context;
	task->due_ms = due_ms;
	return task;
}

void loop_post(struct loop *loop, void (*run)(void *context), void *context)
{
	enqueue(loop, task_create(run, context, 0));
}

void loop_after(struct loop *loop, unsigned int ms, void (*run)(void *context), void *context)
{
	enqueue(loop, task_create(run, context, clock_monotonic_ms() + ms));
}

/* --- The heap --- */

static void swap(struct task **a, struct task **b)
{
	struct task *held = *a;

	*a = *b;
	*b = held;
}

static void heap_add(struct loop *loop, struct task *task)
{
	size_t at = loop->later_count;

	grow(loop->later, loop->later_count, loop->later_room);
	loop->later[loop->later_count++] = task;
	for (; at > 0 && loop->later[(at - 1) / 2]->due_ms > loop->later[at]->due_ms;
	     at = (at - 1) / 2)
		swap(&loop->later[at], &loop->later[(at - 1) / 2]);
}

static struct task *heap_take(struct loop *loop)
{
	struct task *first = loop->later[0];
	size_t at = 0, child;

	loop->later[0] = loop->later[--loop->later_count];
	while ((child = 2 * at + 1) < loop->later_count) {
		if (child + 1 < loop->later_count &&
		    loop->later[child + 1]->due_ms < loop->later[child]->due_ms)
			child++;
		if (loop->later[at]->due_ms <= loop->later[child]->due_ms)
			break;
		swap(&loop->later[at], &loop->later[child]);
		at = child;
	}
	return first;
}

/* --- Running --- */

static void run_task(struct task *task)
{
	task->run(task->context);
	free(task);
}

static void set_timer(struct loop *loop);

static void run_due(uv_timer_t *timer)
{
	struct loop *loop = timer->data;
	uint64_t now = clock_monotonic_ms();

	while (loop->later_count > 0 && loop->later[0]->due_ms <= now)
		run_task(heap_take(loop));
	set_timer(loop);
}

static void set_timer(struct loop *loop)
{
	uint64_t now = clock_monotonic_ms(), due;

	if (loop->later_count == 0)
		return;
	due = loop->later[0]->due_ms;
	uv_update_time(loop->uv);
	uv_timer_start(&loop->timer, run_due, due > now ? due - now : 0, 0);
}

static struct task *take_posted(struct loop *loop)
{
	struct task *first;

	pthread_mutex_lock(&loop->lock);
	first = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);
	return first;
}

static void run_posted(uv_async_t *wake)
{
	struct loop *loop = wake->data;

	for (struct task *task = take_posted(loop), *next; task; task = next) {
		next = task->next;
		if (task->due_ms > 0)
			heap_add(loop, task);
		else
			run_task(task);
	}
	set_timer(loop);
}

struct loop *loop_create(uv_loop_t *uv)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->uv = uv;
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	uv_async_init(uv, &loop->wake, run_posted);
	uv_timer_init(uv, &loop->timer);
	loop->wake.data = loop->timer.data = loop;
	loop->handles = 2;
	return loop;
}

static void handle_closed(uv_handle_t *handle)
{
	struct loop *loop = handle->data;

	if (--loop->handles > 0)
		return;
	pthread_mutex_destroy(&loop->lock);
	free(loop->later);
	free(loop);
}

void loop_free(struct loop **loop)
{
	struct loop *l = take(*loop);

	if (!l)
		return;
	do {
		run_posted(&l->wake);
		while (l->later_count > 0)
			run_task(heap_take(l));
	} while (l->first);
	uv_close((uv_handle_t *)&l->wake, handle_closed);
	uv_close((uv_handle_t *)&l->timer, handle_closed);
}

uv_loop_t *loop_uv(const struct loop *loop)
{
	return loop->uv;
}
