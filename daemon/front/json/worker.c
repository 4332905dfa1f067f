/* SPDX-License-Identifier: MIT */
/* worker.c -- a bounded ring of tasks and the thread that takes them. */
#include "front/json/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

struct task {
	void (*run)(void *context);
	void *context;
};

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct task ring[WORKER_QUEUE_MAX];
	unsigned int first, count;
	bool ending;
};

/* Waits for a task; false: there is none and will be none. */
static bool take_task(struct worker *worker, struct task *ret_task)
{
	bool found;

	pthread_mutex_lock(&worker->lock);
	while (worker->count == 0 && !worker->ending)
		pthread_cond_wait(&worker->changed, &worker->lock);
	found = worker->count > 0;
	if (found) {
		*ret_task = worker->ring[worker->first];
		worker->first = (worker->first + 1) % WORKER_QUEUE_MAX;
		worker->count--;
	}
	pthread_mutex_unlock(&worker->lock);
	return found;
}

static void *work(void *context)
{
	struct task task;

	while (take_task(context, &task))
		task.run(task.context);
	return NULL;
}

struct worker *worker_create(void)
{
	struct worker *worker = xcalloc(1, sizeof(*worker));

	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->changed, NULL);
	if (pthread_create(&worker->thread, NULL, work, worker) != 0)
		abort(); /* as when memory ends: a program without its threads cannot go on */
	return worker;
}

void worker_free(struct worker **worker)
{
	struct worker *gone = take(*worker);

	if (!gone)
		return;
	pthread_mutex_lock(&gone->lock);
	gone->ending = true;
	pthread_cond_signal(&gone->changed);
	pthread_mutex_unlock(&gone->lock);
	pthread_join(gone->thread, NULL);
	pthread_cond_destroy(&gone->changed);
	pthread_mutex_destroy(&gone->lock);
	free(gone);
}

bool worker_submit(struct worker *worker, void (*run)(void *context), void *context)
{
	bool fits;

	pthread_mutex_lock(&worker->lock);
	fits = worker->count < WORKER_QUEUE_MAX;
	if (fits) {
		unsigned int last = (worker->first + worker->count) % WORKER_QUEUE_MAX;

		worker->ring[last] = (struct task){ .run = run, .context = context };
		worker->count++;
		pthread_cond_signal(&worker->changed);
	}
	pthread_mutex_unlock(&worker->lock);
	return fits;
}
