/* SPDX-License-Identifier: MIT */
/* trouble.c -- what a guest does that it should not: noted, told, and forgotten. */
#include "host/trouble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define MINUTE_MS 60000
#define ANEW_MANY 20 /* beginnings within a minute that are no trouble */

struct trouble {
	struct vm *vm;
	uv_timer_t calm;
	unsigned int calm_ms;
	struct {
		char *text;       /* NULL: there is none */
		uint64_t over_ms; /* if it happens: when it is over */
	} of[TROUBLES];
	uint64_t minute_ms; /* in which beginnings are counted: its begin */
	unsigned int anew;
};

static bool happens(enum trouble_kind kind)
{
	return kind == TROUBLE_RATE || kind == TROUBLE_ANEW;
}

/* --- Telling --- */

struct told {
	const char *text;
	bool degrades;
};

static void change_status(struct vm_status *status, void *context)
{
	const struct told *told = context;

	snprintf(status->trouble, sizeof(status->trouble), "%s", told->text);
	status->degraded = told->degrades;
}

static void tell(struct trouble *trouble)
{
	struct told told = { .text = "" };

	for (enum trouble_kind kind = TROUBLES; kind > 0; kind--)
		if (trouble->of[kind - 1].text) {
			told.text = trouble->of[kind - 1].text;
			told.degrades = kind - 1 != TROUBLE_ANEW; /* which costs nothing but time */
		}
	vm_update_status(trouble->vm, change_status, &told);
}

static void set_text(struct trouble *trouble, enum trouble_kind kind, const char *text)
{
	free(trouble->of[kind].text);
	trouble->of[kind].text = text ? xstrdup(text) : NULL;
}

static void log_trouble(struct trouble *trouble, const char *text)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(trouble->vm);

	if (snapshot)
		log_warning(snapshot->settings->name, "%s", text);
}

/* --- Forgetting --- */

static void set_timer(struct trouble *trouble);

static void calm_came(uv_timer_t *timer)
{
	struct trouble *trouble = timer->data;
	uint64_t now = clock_monotonic_ms();

	for (enum trouble_kind kind = 0; kind < TROUBLES; kind++)
		if (happens(kind) && trouble->of[kind].over_ms <= now)
			set_text(trouble, kind, NULL);
	tell(trouble);
	set_timer(trouble);
}

/* The timer runs while something happens; what happens again only moves the time at which it looks.
 */
static void set_timer(struct trouble *trouble)
{
	uint64_t now = clock_monotonic_ms(), next = UINT64_MAX;

	for (enum trouble_kind kind = 0; kind < TROUBLES; kind++)
		if (happens(kind) && trouble->of[kind].text && trouble->of[kind].over_ms < next)
			next = trouble->of[kind].over_ms;
	if (next < UINT64_MAX)
		uv_timer_start(&trouble->calm, calm_came, next > now ? next - now : 0, 0);
}

/* --- Noting --- */

void trouble_note(struct trouble *trouble, enum trouble_kind kind, const char *text)
{
	bool is_news = !trouble->of[kind].text;

	set_text(trouble, kind, text);
	trouble->of[kind].over_ms = clock_monotonic_ms() + trouble->calm_ms;
	if (is_news)
		log_trouble(trouble, text);
	if (!uv_is_active((uv_handle_t *)&trouble->calm))
		set_timer(trouble);
	tell(trouble);
}

void trouble_end(struct trouble *trouble, enum trouble_kind kind)
{
	if (!trouble->of[kind].text)
		return;
	set_text(trouble, kind, NULL);
	tell(trouble);
}

void trouble_count_anew(struct trouble *trouble)
{
	uint64_t now = clock_monotonic_ms();
	char text[VM_TROUBLE_SIZE];

	if (trouble->anew == 0 || now - trouble->minute_ms >= MINUTE_MS) {
		trouble->minute_ms = now;
		trouble->anew = 0;
	}
	if (++trouble->anew <= ANEW_MANY)
		return;
	snprintf(text, sizeof(text), "the guest's side began anew %u times within %llu s",
		 trouble->anew, (unsigned long long)(now - trouble->minute_ms) / 1000 + 1);
	trouble_note(trouble, TROUBLE_ANEW, text);
}

/* --- Creating --- */

struct trouble *trouble_create(struct loop *loop, struct vm *vm, unsigned int calm_ms)
{
	struct trouble *trouble = xcalloc(1, sizeof(*trouble));

	trouble->vm = vm_ref(vm);
	trouble->calm_ms = calm_ms;
	uv_timer_init(loop_uv(loop), &trouble->calm);
	trouble->calm.data = trouble;
	return trouble;
}

static void timer_closed(uv_handle_t *handle)
{
	struct trouble *trouble = handle->data;

	for (enum trouble_kind kind = 0; kind < TROUBLES; kind++)
		set_text(trouble, kind, NULL);
	vm_release(&trouble->vm);
	free(trouble);
}

void trouble_free(struct trouble **trouble)
{
	struct trouble *t = take(*trouble);

	if (t)
		uv_close((uv_handle_t *)&t->calm, timer_closed);
}
