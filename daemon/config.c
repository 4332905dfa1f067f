/* SPDX-License-Identifier: MIT */
/* config.c -- the table of settings, and INI files read with inih. */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum kind { TEXT, NUMBER, SWITCH };

/* One setting. The value of a number is in the unit that is named; SIZE bounds are in it too. */
struct setting {
	const char *section, *name;
	enum kind kind;
	size_t offset;
	const char *initial;
	unsigned long least, most;
	const char *unit;
	const char *choices; /* TEXT: "a|b", or NULL for any */
	const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct setting table[] = {
	{ "service", "state_dir", TEXT, AT(state_dir), "/var/lib/openkvp", 0, 0, "path", NULL,
	  "Folder of the database. One daemon uses it at a time." },
	{ "service", "users_file", TEXT, AT(users_file), "/etc/openkvp/users", 0, 0, "path", NULL,
	  "Users of the HTTP listeners: see openkvp user." },
	{ "service", "socket", TEXT, AT(socket), "/run/openkvp/openkvpd.sock", 0, 0, "path", NULL,
	  "Local socket of the JSON API. Its users are root and the group of the setting "
	  "socket_group; they may do everything." },
	{ "service", "socket_group", TEXT, AT(socket_group), "openkvp", 0, 0, "group", NULL,
	  "Group that may use the local socket. Where it does not exist, root alone may." },
	{ "service", "log_level", TEXT, AT(log_level), "info", 0, 0, "", "error|warning|info|debug",
	  "Lines that are less urgent are not written." },

	{ "http", "listen_http", TEXT, AT(listen_http), "127.0.0.1:5985", 0, 0, "address:port",
	  NULL,
	  "Where WS-Management and the JSON API are served without TLS; empty for nowhere. Only "
	  "a loopback address is accepted, because passwords travel in clear. Port 0 takes a "
	  "free one." },
	{ "http", "listen_https", TEXT, AT(listen_https), "", 0, 0, "address:port", NULL,
	  "The same with TLS, for example 0.0.0.0:5986 or [::]:5986." },
	{ "http", "listen_cimxml_http", TEXT, AT(listen_cimxml_http), "127.0.0.1:5988", 0, 0,
	  "address:port", NULL,
	  "Where CIM-XML is served without TLS, as listen_http is for WS-Management; empty for "
	  "nowhere." },
	{ "http", "listen_cimxml_https", TEXT, AT(listen_cimxml_https), "", 0, 0, "address:port",
	  NULL, "The same with TLS, for example 0.0.0.0:5989." },
	{ "http", "certificate", TEXT, AT(certificate), "", 0, 0, "path", NULL,
	  "Certificate for listen_https and listen_cimxml_https, with its chain; PEM." },
	{ "http", "key", TEXT, AT(key), "", 0, 0, "path", NULL, "Private key for it; PEM." },
	{ "http", "threads", NUMBER, AT(http_threads), "0", 0, 256, "threads", NULL,
	  "Threads that serve a listener; 0 for as many as there are processors." },
	{ "http", "connections", NUMBER, AT(connections), "1024", 1, 100000, "connections", NULL,
	  "Open connections of a listener." },
	{ "http", "idle_timeout", NUMBER, AT(idle_timeout), "60", 1, 3600, "seconds", NULL,
	  "A connection on which nothing happens is closed." },
	{ "http", "body_max", NUMBER, AT(body_max), "4096", 64, 65536, "KiB", NULL,
	  "Largest request." },
	{ "http", "credential_memory", NUMBER, AT(credential_memory), "300", 0, 86400, "seconds",
	  NULL, "How long a verified password is remembered, so that it is not hashed again." },
	{ "http", "wrong_password_delay", NUMBER, AT(wrong_password_delay), "1000", 0, 60000,
	  "milliseconds", NULL, "A wrong password is answered this late." },
	{ "http", "enumerations_per_user", NUMBER, AT(enumerations_per_user), "64", 1, 100000,
	  "listings", NULL, "Open enumerations of one user." },
	{ "http", "enumerations", NUMBER, AT(enumerations), "1024", 1, 1000000, "listings", NULL,
	  "Open enumerations in all." },
	{ "http", "enumeration_idle", NUMBER, AT(enumeration_idle), "60", 1, 3600, "seconds", NULL,
	  "An enumeration that is not continued is closed." },
	{ "http", "subscriptions_per_user", NUMBER, AT(subscriptions_per_user), "32", 1, 100000,
	  "subscriptions", NULL, "Subscriptions to events of one user." },
	{ "http", "subscriptions", NUMBER, AT(subscriptions), "1024", 1, 1000000, "subscriptions",
	  NULL, "Subscriptions to events in all." },
	{ "http", "event_queue", NUMBER, AT(event_queue), "1000", 1, 1000000, "events", NULL,
	  "Events of a subscription that wait for its client. More are not kept; the client is "
	  "told how many it misses." },
	{ "http", "event_queue_bytes", NUMBER, AT(event_queue_bytes), "16384", 64, 4194304, "KiB",
	  NULL, "The same in the memory that they take." },
	{ "http", "text_cache", NUMBER, AT(text_cache), "16384", 0, 4194304, "KiB", NULL,
	  "Texts of items, as answers carry them, that are kept for the next reader. 0 for none." },
	{ "http", "envelope_max", NUMBER, AT(envelope_max), "4096", 8, 65536, "KiB", NULL,
	  "Largest WS-Management answer, and largest part of a listing that is pulled by "
	  "CIM-XML." },

	{ "indications", "indications_per_user", NUMBER, AT(indications_per_user), "32", 1, 10000,
	  "subscriptions", NULL,
	  "Subscriptions to indications that one user has made, and as many filters and "
	  "listeners." },
	{ "indications", "indications", NUMBER, AT(indications), "128", 0, 10000, "subscriptions",
	  NULL,
	  "The same in all. What waits for a listener is bounded by event_queue and "
	  "event_queue_bytes." },
	{ "indications", "indication_tries", NUMBER, AT(indication_tries), "10", 1, 1000, "tries",
	  NULL, "An indication that its listener has not taken by then is given up." },
	{ "indications", "indication_pause", NUMBER, AT(indication_pause), "60", 1, 3600, "seconds",
	  NULL, "Longest pause between two tries. The first takes half a second; it doubles." },
	{ "indications", "indication_timeout", NUMBER, AT(indication_timeout), "30", 1, 3600,
	  "seconds", NULL,
	  "A listener who has not answered by then has not taken the indication." },
	{ "indications", "indication_ca", TEXT, AT(indication_ca), "", 0, 0, "path", NULL,
	  "Certificates of those who sign the listeners' behind https, PEM; empty for those of the "
	  "system." },

	{ "items", "remove_missing", TEXT, AT(remove_missing), "ignore", 0, 0, "", "ignore|refuse",
	  "What removing a key that does not exist does: succeed, as Hyper-V hosts since Windows "
	  "Server 2012 R2 behave, or fail with 32773, as documented." },
	{ "items", "not_found_code", NUMBER, AT(not_found_code), "32773", 32773, 32779, "code",
	  NULL, "Error code of modifying a key that does not exist: 32773 or 32779." },
	{ "items", "allow_case_variants", SWITCH, AT(allow_case_variants), "no", 0, 0, "", NULL,
	  "Accept keys that differ from another key of the VM only in case. A Windows guest "
	  "cannot hold both." },
	{ "items", "vms", NUMBER, AT(vms), "20000", 1, 1000000, "VMs", NULL,
	  "Virtual machines in all." },
	{ "items", "items", NUMBER, AT(items), "2048", 1, 65536, "items", NULL,
	  "Items of pool 0 of one VM. A large value is one for each KiB of it, or somewhat more." },
	{ "items", "item_bytes", NUMBER, AT(item_bytes), "2048", 1, 65536, "KiB", NULL,
	  "Keys and values of pool 0 of one VM, in all." },
	{ "items", "host_only_items", NUMBER, AT(host_only_items), "128", 0, 65536, "items", NULL,
	  "Host-only items of one VM." },
	{ "items", "jobs_max", NUMBER, AT(jobs_max), "100000", 1, 10000000, "jobs", NULL,
	  "Visible jobs. A job is visible until five minutes after its end." },

	{ "guest", "channel_group", TEXT, AT(channel_group), "", 0, 0, "group", NULL,
	  "Group that may connect to the sockets on which openkvpd waits for hypervisors, for "
	  "example "
	  "kvm; openkvpd must be a member. Empty, or where it does not exist: openkvpd's own." },
	{ "guest", "vsock_port", NUMBER, AT(vsock_port), "5870", 1, 4294967294, "port", NULL,
	  "Where guests call by vsock, and where a guest's agent is called in Firecracker and "
	  "Cloud "
	  "Hypervisor." },
	{ "guest", "guest_answer_timeout", NUMBER, AT(guest_answer_timeout), "45", 1, 3600,
	  "seconds", NULL, "A guest that does not answer for so long has lost contact." },
	{ "guest", "negotiation_timeout", NUMBER, AT(negotiation_timeout), "60", 1, 3600, "seconds",
	  NULL, "The same while versions are negotiated; Linux may take 55." },
	{ "guest", "guest_data_max_age", NUMBER, AT(guest_data_max_age), "1000", 0, 3600000,
	  "milliseconds", NULL,
	  "A reader of guest items makes the guest be asked again when what "
	  "is known is older." },
	{ "guest", "guest_read_wait", NUMBER, AT(guest_read_wait), "500", 0, 60000, "milliseconds",
	  NULL, "How long that reader waits before it gets what is known." },
	{ "guest", "guest_poll_interval", NUMBER, AT(guest_poll_interval), "60", 1, 86400,
	  "seconds", NULL, "How often guests are asked anyway." },
	{ "guest", "guest_message_rate", NUMBER, AT(guest_message_rate), "1000", 0, 10000000,
	  "messages a second", NULL, "What is taken from one guest; more waits. 0 for no bound." },
	{ "guest", "guest_byte_rate", NUMBER, AT(guest_byte_rate), "8192", 0, 4000000,
	  "KiB a second", NULL, "The same in bytes." },
	{ "guest", "guest_items", NUMBER, AT(guest_items), "2048", 1, 65536, "items", NULL,
	  "Items that are read from one pool of a guest." },
	{ "guest", "guest_bytes", NUMBER, AT(guest_bytes), "4096", 1, 65536, "KiB", NULL,
	  "Keys and values that are read from one pool of a guest." },
	{ "guest", "adapter_setups_per_user", NUMBER, AT(adapter_setups_per_user), "256", 1, 10000,
	  "adapters", NULL,
	  "Setups of network adapters by one user that wait for their guests to answer." },
	{ "guest", "adapter_setups", NUMBER, AT(adapter_setups), "1024", 0, 10000, "adapters", NULL,
	  "The same in all." },
};

/* --- Values --- */

static bool set_text(const struct setting *setting, char *place, const char *value,
		     struct okvp_error *err)
{
	size_t length = strlen(value);

	if (length >= CONFIG_TEXT_SIZE)
		return okvp_fail(err, OKVP_TOO_LONG, "%s: at most %d bytes", setting->name,
				 CONFIG_TEXT_SIZE - 1);
	for (const char *at = setting->choices, *end; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, '|');
		if ((size_t)(end - at) == length && strncmp(at, value, length) == 0)
			break;
		if (!*end)
			return okvp_fail(err, OKVP_INVALID, "%s: '%s' is none of %s", setting->name,
					 value, setting->choices);
	}
	memcpy(place, value, length + 1);
	return true;
}

static bool set_number(const struct setting *setting, unsigned long *place, const char *value,
		       struct okvp_error *err)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno != 0 || number < setting->least ||
	    number > setting->most)
		return okvp_fail(err, OKVP_INVALID, "%s: '%s' is no number of %s from %lu to %lu",
				 setting->name, value, setting->unit, setting->least,
				 setting->most);
	*place = number;
	return true;
}

static bool set_switch(const struct setting *setting, bool *place, const char *value,
		       struct okvp_error *err)
{
	bool on = strcasecmp(value, "yes") == 0;

	if (!on && strcasecmp(value, "no") != 0)
		return okvp_fail(err, OKVP_INVALID, "%s: '%s' is neither yes nor no", setting->name,
				 value);
	*place = on;
	return true;
}

static bool set_value(const struct setting *setting, struct config *config, const char *value,
		      struct okvp_error *err)
{
	void *place = (char *)config + setting->offset;

	switch (setting->kind) {
	case TEXT:
		return set_text(setting, place, value, err);
	case NUMBER:
		return set_number(setting, place, value, err);
	default:
		return set_switch(setting, place, value, err);
	}
}

static const struct setting *find_setting(const char *name)
{
	for (size_t i = 0; i < count_of(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

void config_init(struct config *config)
{
	*config = (struct config){ 0 };
	for (size_t i = 0; i < count_of(table); i++)
		set_value(&table[i], config, table[i].initial, NULL);
}

bool config_set(struct config *config, const char *name, const char *value, struct okvp_error *err)
{
	const struct setting *setting = find_setting(name);

	if (!setting)
		return okvp_fail(err, OKVP_NOT_FOUND, "there is no setting '%s'", name);
	return set_value(setting, config, value, err);
}

/* --- Files --- */

struct reading {
	struct config *config;
	struct okvp_error *err;
	FILE *file;
	const char *path;
	int line;
	bool given[count_of(table)];
	bool failed;
};

static bool fail_line(struct reading *reading)
{
	reading->failed = true;
	return okvp_fail_in(reading->err, "%s, line %d", reading->path, reading->line);
}

/* A section that does not end would be the one before to inih, which goes on reading. */
static bool check_line(const char *line, int size, struct okvp_error *err)
{
	if (strlen(line) == (size_t)size - 1 && line[size - 2] != '\n')
		return okvp_fail(err, OKVP_TOO_LONG, "a line has at most %d bytes", size - 2);
	line += strspn(line, " \t");
	return *line != '[' || strchr(line, ']') ||
	       okvp_fail(err, OKVP_INVALID, "a [section] ends with ]");
}

/* Gives inih the lines, and counts them: it does not tell where a setting stands. */
static char *next_line(char *line, int size, void *context)
{
	struct reading *reading = context;

	if (reading->failed || !fgets(line, size, reading->file))
		return NULL;
	reading->line++;
	if (check_line(line, size, reading->err))
		return line;
	fail_line(reading);
	return NULL;
}

static int take_setting(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;
	const struct setting *setting = find_setting(name);
	bool ok;

	if (!setting)
		ok = okvp_fail(reading->err, OKVP_INVALID, "there is no setting '%s'", name);
	else if (strcmp(setting->section, section) != 0)
		ok = okvp_fail(reading->err, OKVP_INVALID, "%s belongs into section [%s]", name,
			       setting->section);
	else if (reading->given[setting - table])
		ok = okvp_fail(reading->err, OKVP_INVALID, "%s is given twice", name);
	else
		ok = set_value(setting, reading->config, value, reading->err);
	if (setting)
		reading->given[setting - table] = true;
	return ok || fail_line(reading);
}

bool config_read(const char *path, struct config *config, struct okvp_error *err)
{
	struct reading reading = { .config = config, .err = err, .path = path };
	int wrong;

	reading.file = fopen(path, "re");
	if (!reading.file)
		return okvp_fail_errno(err, errno, "%s", path);
	wrong = ini_parse_stream(next_line, &reading, take_setting, &reading);
	fclose(reading.file);
	if (reading.failed)
		return false;
	if (wrong != 0)
		return okvp_fail(err, OKVP_INVALID,
				 "%s, line %d: neither [section] nor name = value", path, wrong);
	return true;
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]:", 6) == 0 ||
	       strncmp(address, "localhost:", 10) == 0;
}

static bool check_plain(const char *setting, const char *address, struct okvp_error *err)
{
	return !*address || is_loopback(address) ||
	       okvp_fail(err, OKVP_INVALID,
			 "%s: '%s' is not loopback, and passwords would travel in clear; use %ss "
			 "with certificate and key",
			 setting, address, setting);
}

static bool check_tls(const struct config *config, const char *setting, const char *address,
		      struct okvp_error *err)
{
	return !*address || (*config->certificate && *config->key) ||
	       okvp_fail(err, OKVP_INVALID, "%s: the settings certificate and key are missing",
			 setting);
}

bool config_finish(struct config *config, struct okvp_error *err)
{
	if (!check_plain("listen_http", config->listen_http, err) ||
	    !check_plain("listen_cimxml_http", config->listen_cimxml_http, err) ||
	    !check_tls(config, "listen_https", config->listen_https, err) ||
	    !check_tls(config, "listen_cimxml_https", config->listen_cimxml_https, err))
		return false;
	if (config->not_found_code != 32773 && config->not_found_code != 32779)
		return okvp_fail(err, OKVP_INVALID, "not_found_code: %lu is none of 32773, 32779",
				 config->not_found_code);
	return true;
}

/* --- Printing --- */

/* Prints words with a prefix before each line and at most 78 columns. */
static void print_wrapped(FILE *out, const char *prefix, const char *words)
{
	size_t column = 0;

	while (*words) {
		size_t word = strcspn(words, " ");

		if (column > 0 && column + 1 + word > 78) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column == 0 ? prefix : " ", (int)word,
					  words);
		words += word + (words[word] == ' ');
	}
	fputc('\n', out);
}

static void print_values(FILE *out, const struct setting *setting)
{
	if (setting->kind == NUMBER)
		fprintf(out, "%s, %lu to %lu; default %s", setting->unit, setting->least,
			setting->most, setting->initial);
	else if (setting->kind == SWITCH)
		fprintf(out, "yes or no; default %s", setting->initial);
	else
		fprintf(out, "%s; default %s", setting->choices ? setting->choices : setting->unit,
			*setting->initial ? setting->initial : "empty");
}

static void print_setting(FILE *out, const struct setting *setting, enum config_form form)
{
	switch (form) {
	case CONFIG_HELP:
		fprintf(out, "  %s (", setting->name);
		print_values(out, setting);
		fputs(")\n", out);
		print_wrapped(out, "      ", setting->help);
		break;
	case CONFIG_MANUAL:
		fprintf(out, "*%s* = _%s_\n", setting->name,
			setting->choices          ? setting->choices
			: setting->kind == SWITCH ? "yes|no"
						  : setting->unit);
		print_wrapped(out, "\t", setting->help);
		fputs("\t(", out);
		print_values(out, setting);
		fputs(")\n\n", out);
		break;
	case CONFIG_EXAMPLE:
		print_wrapped(out, "# ", setting->help);
		fputs("# (", out);
		print_values(out, setting);
		fprintf(out, ")\n#%s = %s\n\n", setting->name, setting->initial);
		break;
	}
}

void config_print(FILE *out, enum config_form form)
{
	const char *section = "";

	for (size_t i = 0; i < count_of(table); i++) {
		if (strcmp(section, table[i].section) != 0) {
			section = table[i].section;
			fprintf(out, form == CONFIG_MANUAL ? "## [%s]\n\n" : "[%s]\n", section);
		}
		print_setting(out, &table[i], form);
	}
}
