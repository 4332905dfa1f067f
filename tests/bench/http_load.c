/* SPDX-License-Identifier: MIT */
/* http_load.c -- a loop over epoll(7) around connections. */
#include "http_load.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/memory.h"

#define EVENTS_MAX 64

static void ask(struct worker *worker)
{
	text_clear(&worker->body);
	worker->load->scenario->ask(worker, &worker->body);
	text_clear(&worker->request);
	http_add_post(&worker->request, &worker->load->target, &worker->body);
	http_answer_clear(&worker->answer);
	worker->sent_ns = now_ns();
	write_all(worker->fd, worker->request.bytes, worker->request.length);
}

static void finish(struct worker *worker, struct load_result *result)
{
	const struct load *load = worker->load;

	samples_add(&result->latency, now_ns() - worker->sent_ns);
	result->requests++;
	result->bytes += worker->answer.whole - worker->answer.body_at;
	if (!load->unchecked &&
	    (!http_is_ok(&worker->answer) || !load->scenario->check(worker, &worker->answer)))
		die("%s: a wrong answer:\n%.2000s", load->scenario->name,
		    worker->answer.text.bytes);
}

static void run(int poll_fd, uint64_t end_ns, unsigned int under_way, struct load_result *result)
{
	struct epoll_event events[EVENTS_MAX];

	while (under_way > 0) {
		int ready = epoll_wait(poll_fd, events, EVENTS_MAX, -1);

		if (ready < 0 && errno != EINTR)
			die_errno("epoll_wait");
		for (int i = 0; i < ready; i++) {
			struct worker *worker = events[i].data.ptr;

			if (!http_receive(worker->fd, &worker->answer))
				continue;
			finish(worker, result);
			if (now_ns() < end_ns)
				ask(worker);
			else
				under_way--;
		}
	}
}

static struct worker *connect_workers(const struct load *load, int poll_fd)
{
	struct worker *workers = xcalloc(load->connections, sizeof(*workers));

	for (unsigned int i = 0; i < load->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &workers[i] };

		workers[i].load = load;
		workers[i].fd = connect_tcp(load->target.port);
		if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, workers[i].fd, &event) < 0)
			die_errno("epoll_ctl");
	}
	return workers;
}

static void close_workers(struct worker *workers, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		close(workers[i].fd);
		text_done(&workers[i].body);
		text_done(&workers[i].request);
		text_done(&workers[i].answer.text);
		free(workers[i].state);
	}
	free(workers);
}

void load_run(const struct load *load, struct load_result *ret_result)
{
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct worker *workers = connect_workers(load, poll_fd);
	uint64_t begin_ns = now_ns();

	*ret_result = (struct load_result){ 0 };
	for (unsigned int i = 0; i < load->connections; i++)
		ask(&workers[i]);
	run(poll_fd, begin_ns + load->duration_ns, load->connections, ret_result);
	ret_result->seconds = (double)(now_ns() - begin_ns) / 1e9;
	close_workers(workers, load->connections);
	close(poll_fd);
}
