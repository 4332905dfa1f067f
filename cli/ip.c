/* SPDX-License-Identifier: MIT */
/* ip.c -- openkvp vm ip, vm wait: a guest's addresses, and waiting for them or for anything else of
 * a guest. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "openkvp/scoped.h"

#define WAIT_S       60  /* unless --timeout says otherwise */
#define WAIT_LOOK_MS 200 /* between two looks */

enum { HTTP_NOT_FOUND = 404, HTTP_UNAVAILABLE = 503 };

/* --- Addresses --- */

static void add_query(struct text *path, char *separator, const char *name, const char *value)
{
	text_printf(path, "%c%s=", *separator, name);
	for (; *value; value++)
		if (strchr(":.-", *value) || (*value >= '0' && *value <= '9') ||
		    (*value >= 'a' && *value <= 'z') || (*value >= 'A' && *value <= 'Z'))
			text_putc(path, *value);
		else
			text_printf(path, "%%%02X", (unsigned char)*value);
	*separator = '&';
}

static void ip_path(struct cli *cli, struct text *ret_path)
{
	const struct arguments *arguments = cli->arguments;
	char separator = '?';

	cli_vm_path(cli, ret_path, "/ip");
	if (arguments->given[OPTION_MAC])
		add_query(ret_path, &separator, "mac", arguments->given[OPTION_MAC]);
	if (arguments->given[OPTION_FAMILY])
		add_query(ret_path, &separator, "family", arguments->given[OPTION_FAMILY]);
	if (arguments->given[OPTION_ALL])
		add_query(ret_path, &separator, "all", "1");
}

/* One address a line; how many. Those of a contact that is over do not count. */
static size_t print_addresses(struct cli *cli, const json_t *answer)
{
	const json_t *adapters = json_object_get(answer, "adapters");
	size_t count = 0;

	if (!json_is_true(json_object_get(answer, "live")))
		return 0;
	for (size_t i = 0; i < json_array_size(adapters); i++) {
		const json_t *list = json_object_get(json_array_get(adapters, i), "addresses");

		for (size_t j = 0; j < json_array_size(list); j++, count++)
			fprintf(cli->out, "%s\n", member_text(json_array_get(list, j), "address"));
	}
	return count;
}

/* --- What stands in the way --- */

/* Why nothing can be had of a guest that is not in contact; "" when it is. */
static void say_contact(struct text *out, const json_t *vm)
{
	const char *contact = member_text(vm, "contact"), *reason = member_text(vm, "reason");

	if (json_is_false(json_object_get(vm, "exchange_enabled")))
		text_puts(out, "the exchange is switched off for this VM");
	else if (strcmp(contact, "open") == 0)
		return;
	else if (strcmp(contact, "connected") == 0)
		text_printf(out, "the guest is connected, but nothing answers in it: %s", reason);
	else if (strcmp(contact, "incompatible") == 0 || strcmp(contact, "lost") == 0)
		text_printf(out, "the contact with the guest is lost: %s", reason);
	else if (json_is_null(json_object_get(vm, "last_contact")))
		text_printf(out, "the guest was never in contact: %s", reason);
	else
		text_printf(out, "the guest is not in contact any more: %s", reason);
}

static enum exit_code look_at_contact(struct cli *cli, struct text *ret_why, bool *ret_hopeless)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	cli_vm_path(cli, &path, "");
	code = cli_get(cli, path.bytes, &reply);
	if (code != EXIT_DONE)
		return code;
	say_contact(ret_why, reply.json);
	*ret_hopeless = json_is_false(json_object_get(reply.json, "exchange_enabled"));
	return EXIT_DONE;
}

/* "IPv4 ", "IPv6 " or "" */
static const char *family_wanted(const struct cli *cli)
{
	const char *family = cli->arguments->given[OPTION_FAMILY];

	return !family ? "" : strcmp(family, "4") == 0 ? "IPv4 " : "IPv6 ";
}

static void say_no_address(const struct cli *cli, struct text *out)
{
	const char *mac = cli->arguments->given[OPTION_MAC];

	text_printf(out, "the guest has no %saddress%s%s", family_wanted(cli),
		    mac ? " at the adapter " : "", mac ? mac : "");
}

enum exit_code vm_ip(struct cli *cli)
{
	scoped(text_done) struct text path = { 0 }, why = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;
	bool hopeless;

	ip_path(cli, &path);
	code = cli_get(cli, path.bytes, &reply);
	if (code != EXIT_DONE || cli_print_json(cli, &reply) ||
	    print_addresses(cli, reply.json) > 0)
		return code;
	code = look_at_contact(cli, &why, &hopeless);
	if (code != EXIT_DONE)
		return code;
	if (why.length == 0)
		say_no_address(cli, &why);
	return cli_fail(cli, EXIT_NOT_FOUND, "%s", why.bytes);
}

/* --- Waiting --- */

/* Looks once: EXIT_DONE and *ret_found, or what openkvpd refuses for. While it is not found, why is
 * what is missing. */
typedef enum exit_code looker(struct cli *cli, const char *what, bool *ret_found,
			      struct text *ret_why);

static enum exit_code look_for_guest(struct cli *cli, const char *what, bool *ret_found,
				     struct text *ret_why)
{
	*ret_found = true; /* the contact was there */
	return EXIT_DONE;
}

/* An adapter that is not there yet is waited for like its addresses. */
static enum exit_code look_for_ip(struct cli *cli, const char *what, bool *ret_found,
				  struct text *ret_why)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	struct okvp_error err;

	ip_path(cli, &path);
	if (!client_call(cli->client, "GET", path.bytes, NULL, &reply, &err))
		return cli_fail(cli, EXIT_NOBODY, "%s", err.message);
	if (reply.status == HTTP_NOT_FOUND || reply.status == HTTP_UNAVAILABLE) {
		text_puts(ret_why, member_text(reply.json, "message"));
		return EXIT_DONE;
	}
	if (reply.status >= 400)
		return cli_refused(cli, &reply);
	*ret_found = print_addresses(cli, reply.json) > 0;
	say_no_address(cli, ret_why);
	return EXIT_DONE;
}

static const json_t *find_key(const json_t *items, const char *key)
{
	for (size_t i = json_array_size(items); i-- > 0;) /* the last one counts */
		if (strcmp(member_text(json_array_get(items, i), "key"), key) == 0)
			return json_array_get(items, i);
	return NULL;
}

static enum exit_code look_for_item(struct cli *cli, const char *key, bool *ret_found,
				    struct text *ret_why)
{
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	const json_t *item = NULL;
	enum exit_code code;

	cli_vm_path(cli, &path, "/guest");
	code = cli_get(cli, path.bytes, &reply);
	if (code == EXIT_DONE && json_is_true(json_object_get(reply.json, "live"))) {
		item = find_key(json_object_get(reply.json, "guest"), key);
		if (!item)
			item = find_key(json_object_get(reply.json, "intrinsic"), key);
	}
	*ret_found = item != NULL;
	if (item)
		fprintf(cli->out, "%s\n", member_text(item, "value"));
	text_printf(ret_why, "the guest has no item '%s'", key);
	return code;
}

static looker *find_look(const char *what, const char **ret_rest)
{
	static const struct {
		const char *name;
		looker *look;
		bool takes_key;
	} looks[] = {
		{ "guest", look_for_guest, false },
		{ "ip", look_for_ip, false },
		{ "item=", look_for_item, true },
	};

	for (size_t i = 0; what && i < count_of(looks); i++) {
		size_t length = strlen(looks[i].name);

		*ret_rest = what + length;
		if (strncmp(what, looks[i].name, length) == 0 &&
		    looks[i].takes_key == (what[length] != '\0'))
			return looks[i].look;
	}
	return NULL;
}

/* Looks at the contact, then for what is wanted. hopeless: waiting changes nothing. */
static enum exit_code look_once(struct cli *cli, looker *look, const char *rest, bool *ret_found,
				bool *ret_hopeless, struct text *ret_why)
{
	enum exit_code code = look_at_contact(cli, ret_why, ret_hopeless);

	*ret_found = false;
	if (code != EXIT_DONE || ret_why->length > 0)
		return code;
	return look(cli, rest, ret_found, ret_why);
}

enum exit_code vm_wait(struct cli *cli)
{
	static const struct timespec pause = { .tv_nsec = WAIT_LOOK_MS * 1000000L };
	const char *rest = "";
	looker *look = find_look(cli->arguments->given[OPTION_FOR], &rest);
	uint64_t timeout_s = WAIT_S, until;
	struct okvp_error err;

	if (!look)
		return cli_fail(cli, EXIT_USAGE, "'--for' is %s",
				option_texts[OPTION_FOR].argument);
	if (!arguments_number(cli->arguments, OPTION_TIMEOUT, UINT32_MAX, &timeout_s, &err))
		return cli_fail(cli, EXIT_USAGE, "%s", err.message);
	until = clock_monotonic_ms() + timeout_s * 1000;
	for (;;) {
		scoped(text_done) struct text why = { 0 };
		bool found, hopeless;
		enum exit_code code = look_once(cli, look, rest, &found, &hopeless, &why);

		if (code != EXIT_DONE || found)
			return code;
		if (hopeless || clock_monotonic_ms() >= until)
			return cli_fail(cli, EXIT_JOB, "%s", why.bytes);
		nanosleep(&pause, NULL);
	}
}
