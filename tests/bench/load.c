/* SPDX-License-Identifier: MIT */
/* load.c -- requests that are not all the same, which wrk is not made for.
 *
 *	load PORT USER:PASSWORD CONNECTIONS MILLISECONDS SCENARIO ARGUMENT...
 *
 * Every answer is looked at; a wrong one ends the program. With "-" for a user the server is one
 * that answers anything, and so anything is right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cimxml.h"
#include "http_load.h"
#include "openkvp/scoped.h"
#include "soap.h"

/* --- post FILE, call FILE: one body again and again --- */

static struct text posted;

static void post_prepare(char **arguments)
{
	FILE *file = fopen(arguments[0], "re");
	char piece[4096];
	size_t got;

	if (!file)
		die_errno(arguments[0]);
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add(&posted, piece, got);
	fclose(file);
}

static void post_ask(struct worker *worker, struct text *body)
{
	text_add(body, posted.bytes, posted.length);
}

static bool post_check(struct worker *worker, const struct http_answer *answer)
{
	return true;
}

/* --- add VMS ITEMS: AddKvpItems with new keys, on one VM after another --- */

static unsigned int add_vms, add_items, add_calls;

static void add_prepare(char **arguments)
{
	add_vms = number_of(arguments[0]);
	add_items = number_of(arguments[1]);
}

static void add_ask(struct worker *worker, struct text *body)
{
	unsigned int call = add_calls++;

	soap_add_kvp_items(body, call % add_vms, BENCH_NEW_KEYS + call * add_items, add_items);
}

static bool add_check(struct worker *worker, const struct http_answer *answer)
{
	return strstr(http_body(answer), SOAP_JOB_STARTED) != NULL;
}

/* --- settings VMS: Get of the settings of one VM after another --- */

static unsigned int settings_vms, settings_calls;

static void settings_prepare(char **arguments)
{
	settings_vms = number_of(arguments[0]);
}

static void settings_ask(struct worker *worker, struct text *body)
{
	soap_get_settings(body, settings_calls++ % settings_vms);
}

static bool settings_check(struct worker *worker, const struct http_answer *answer)
{
	return strstr(http_body(answer), SOAP_HOST_ITEM) != NULL;
}

/* --- enumerate CLASS PAGE COUNT: a listing to its end, and again --- */

static const char *listed_class, *page_size;
static unsigned int listed_count;

struct listing {
	char context[64]; /* "": the next request begins a listing */
	unsigned int seen;
};

static void enumerate_prepare(char **arguments)
{
	listed_class = arguments[0];
	page_size = arguments[1];
	listed_count = number_of(arguments[2]);
}

static void enumerate_ask(struct worker *worker, struct text *body)
{
	struct listing *listing = worker->state;

	if (!listing)
		listing = worker->state = xcalloc(1, sizeof(*listing));
	if (*listing->context) {
		soap_begin(body, listed_class, NS_ENUMERATION "/Pull");
		text_printf(body,
			    "<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>"
			    "<n:MaxElements>%s</n:MaxElements></n:Pull>",
			    listing->context, page_size);
	} else {
		soap_begin(body, listed_class, NS_ENUMERATION "/Enumerate");
		text_printf(body,
			    "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>%s"
			    "</w:MaxElements></n:Enumerate>",
			    page_size);
	}
	soap_end(body);
}

/* Takes over the context, which stands behind a mark; false: there is none. */
static bool read_context(struct listing *listing, const char *body, const char *mark)
{
	const char *begin = strstr(body, mark), *end;

	if (!begin)
		return false;
	begin += strlen(mark);
	end = strchr(begin, '<');
	if (!end || (size_t)(end - begin) >= sizeof(listing->context))
		return false;
	memcpy(listing->context, begin, (size_t)(end - begin));
	listing->context[end - begin] = '\0';
	return true;
}

/* What pages of a binding look like. The context stands before the instances or behind them. */
struct page_form {
	const char *instance, *last, *context;
};

/* Every page has what belongs to it, and the last one completes the number. */
static bool check_page(struct listing *listing, const char *body, const struct page_form *form)
{
	const char *at = body, *behind = body;

	while ((at = strstr(at, form->instance))) {
		listing->seen++;
		behind = ++at;
	}
	if (!strstr(behind, form->last))
		return read_context(listing, behind, form->context) ||
		       read_context(listing, body, form->context);
	if (listing->seen != listed_count)
		return false;
	*listing = (struct listing){ 0 };
	return true;
}

static bool enumerate_check(struct worker *worker, const struct http_answer *answer)
{
	char *instance scoped(xfree_text) = xprintf("</p:%s>", listed_class);
	const struct page_form form = { instance, ":EndOfSequence/>", "<n:EnumerationContext>" };

	return check_page(worker->state, http_body(answer), &form);
}

/* --- pull CLASS PAGE COUNT: the same by CIM-XML --- */

static void pull_ask(struct worker *worker, struct text *body)
{
	struct listing *listing = worker->state;

	if (!listing)
		listing = worker->state = xcalloc(1, sizeof(*listing));
	if (*listing->context)
		cimxml_pull(body, listing->context, page_size);
	else
		cimxml_open(body, listed_class, page_size);
}

static bool pull_check(struct worker *worker, const struct http_answer *answer)
{
	static const struct page_form form = { "</VALUE.INSTANCEWITHPATH>", CIMXML_LAST,
					       CIMXML_CONTEXT };

	return check_page(worker->state, http_body(answer), &form);
}

/* --- All of them --- */

static const struct scenario scenarios[] = {
	{ .name = "post",
	  .arguments = "FILE",
	  .argument_count = 1,
	  .path = SOAP_PATH,
	  .content_type = SOAP_TYPE,
	  .prepare = post_prepare,
	  .ask = post_ask,
	  .check = post_check },
	{ .name = "add",
	  .arguments = "VMS ITEMS",
	  .argument_count = 2,
	  .path = SOAP_PATH,
	  .content_type = SOAP_TYPE,
	  .prepare = add_prepare,
	  .ask = add_ask,
	  .check = add_check },
	{ .name = "settings",
	  .arguments = "VMS",
	  .argument_count = 1,
	  .path = SOAP_PATH,
	  .content_type = SOAP_TYPE,
	  .prepare = settings_prepare,
	  .ask = settings_ask,
	  .check = settings_check },
	{ .name = "enumerate",
	  .arguments = "CLASS PAGE COUNT",
	  .argument_count = 3,
	  .path = SOAP_PATH,
	  .content_type = SOAP_TYPE,
	  .prepare = enumerate_prepare,
	  .ask = enumerate_ask,
	  .check = enumerate_check },
	{ .name = "call",
	  .arguments = "FILE",
	  .argument_count = 1,
	  .path = CIMXML_PATH,
	  .content_type = CIMXML_TYPE,
	  .prepare = post_prepare,
	  .ask = post_ask,
	  .check = post_check },
	{ .name = "pull",
	  .arguments = "CLASS PAGE COUNT",
	  .argument_count = 3,
	  .path = CIMXML_PATH,
	  .content_type = CIMXML_TYPE,
	  .prepare = enumerate_prepare,
	  .ask = pull_ask,
	  .check = pull_check },
};

static const struct scenario *find_scenario(const char *name, unsigned int argument_count)
{
	for (size_t i = 0; i < count_of(scenarios); i++)
		if (strcmp(scenarios[i].name, name) == 0 &&
		    scenarios[i].argument_count == argument_count)
			return &scenarios[i];
	for (size_t i = 0; i < count_of(scenarios); i++)
		fprintf(stderr, "usage: load PORT USER:PASSWORD CONNECTIONS MILLISECONDS %s %s\n",
			scenarios[i].name, scenarios[i].arguments);
	exit(2);
}

int main(int argc, char **argv)
{
	const struct scenario *scenario =
		find_scenario(argc > 5 ? argv[5] : "", argc > 5 ? (unsigned int)argc - 6 : 0);
	struct load load = {
		.scenario = scenario,
		.target = { .port = argv[1],
			    .path = scenario->path,
			    .content_type = scenario->content_type,
			    .credentials = argv[2] },
		.unchecked = strcmp(argv[2], "-") == 0,
		.connections = number_of(argv[3]),
		.duration_ns = number_of(argv[4]) * 1000000ull,
	};
	struct load_result result;

	scenario->prepare(argv + 6);
	load_run(&load, &result);
	printf("{\"rate\": %.1f, \"bytes_rate\": %.0f, \"requests\": %ju, \"body\": %ju, "
	       "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
	       (double)result.requests / result.seconds, (double)result.bytes / result.seconds,
	       (uintmax_t)result.requests, (uintmax_t)(result.bytes / result.requests),
	       samples_us(&result.latency, 50), samples_us(&result.latency, 99));
	samples_done(&result.latency);
	text_done(&posted);
	return 0;
}
