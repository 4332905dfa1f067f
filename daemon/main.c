/* SPDX-License-Identifier: MIT */
/* main.c -- openkvpd: its options, the settings that follow from them, and its exit status. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "config.h"
#include "openkvp/scoped.h"
#include "service.h"

enum { EXIT_FAULT = 1, EXIT_USAGE = 2 };

/* --- Options --- */

struct options {
	const char *config_path;
	const char *state_dir;
	bool check_config, check_store;
	enum config_form print;
	bool printing;
	const char *settings[64]; /* NAME=VALUE */
	size_t setting_count;
};

enum option_id { OPTION_CHECK_CONFIG = 256, OPTION_CHECK_STORE, OPTION_EXAMPLE, OPTION_MANUAL };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state-dir", required_argument, NULL, 's' },
	{ "set", required_argument, NULL, 'o' },
	{ "check-config", no_argument, NULL, OPTION_CHECK_CONFIG },
	{ "check-store", no_argument, NULL, OPTION_CHECK_STORE },
	{ "print-config", no_argument, NULL, OPTION_EXAMPLE },
	{ "print-manual", no_argument, NULL, OPTION_MANUAL },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static void print_help(FILE *out)
{
	fputs("usage: openkvpd [OPTION ...]\n"
	      "\n"
	      "The host's service of the Hyper-V key-value pair exchange: it keeps the items of\n"
	      "virtual machines, brings them into the guests, and answers WS-Management,\n"
	      "CIM-XML and the openkvp command.\n"
	      "\n"
	      "  -c, --config FILE     settings (default " CONFIG_PATH ")\n"
	      "  -s, --state-dir DIR   keep everything in DIR: openkvpd.conf, users, openkvp.db,\n"
	      "                        openkvpd.sock\n"
	      "  -o, --set NAME=VALUE  give a setting a value, after the file\n"
	      "      --check-config    check settings, users and certificates, say what is wrong,\n"
	      "                        and end\n"
	      "      --check-store     check the database without changing it, and end\n"
	      "      --print-config    print a commented configuration file, and end\n"
	      "  -h, --help            this text\n"
	      "  -V, --version         the version\n"
	      "\n"
	      "Exit status: 0 after SIGTERM or SIGINT, 1 for a fault, 2 for wrong usage.\n"
	      "\n"
	      "Settings:\n",
	      out);
	config_print(out, CONFIG_HELP);
}

/* Reads the command line; false: all is done, with *ret_status. */
static bool read_options(int argc, char **argv, struct options *options, int *ret_status)
{
	int option;

	*ret_status = 0;
	while ((option = getopt_long(argc, argv, "c:s:o:hV", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config_path = optarg;
			break;
		case 's':
			options->state_dir = optarg;
			break;
		case 'o':
			if (options->setting_count == count_of(options->settings)) {
				fputs("openkvpd: too many --set\n", stderr);
				*ret_status = EXIT_USAGE;
				return false;
			}
			options->settings[options->setting_count++] = optarg;
			break;
		case OPTION_CHECK_CONFIG:
			options->check_config = true;
			break;
		case OPTION_CHECK_STORE:
			options->check_store = true;
			break;
		case OPTION_EXAMPLE:
		case OPTION_MANUAL:
			config_print(stdout,
				     option == OPTION_MANUAL ? CONFIG_MANUAL : CONFIG_EXAMPLE);
			return false;
		case 'h':
			print_help(stdout);
			return false;
		case 'V':
			puts("openkvpd " OPENKVP_VERSION);
			return false;
		default:
			*ret_status = EXIT_USAGE;
			return false;
		}
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "openkvpd: '%s': no argument is expected; see openkvpd --help\n",
		argv[optind]);
	*ret_status = EXIT_USAGE;
	return false;
}

/* --- Settings --- */

static bool in_state_dir(struct config *config, const char *state_dir, const char *setting,
			 const char *file, struct okvp_error *err)
{
	char *path scoped(xfree_text) = xprintf("%s/%s", state_dir, file);

	return config_set(config, setting, path, err);
}

static bool apply_state_dir(struct config *config, const char *state_dir, struct okvp_error *err)
{
	return config_set(config, "state_dir", state_dir, err) &&
	       in_state_dir(config, state_dir, "users_file", "users", err) &&
	       in_state_dir(config, state_dir, "socket", "openkvpd.sock", err);
}

static bool apply_setting(struct config *config, const char *assignment, struct okvp_error *err)
{
	const char *equals = strchr(assignment, '=');
	char *name scoped(xfree_text) = NULL;

	if (!equals)
		return okvp_fail(err, OKVP_INVALID, "--set %s: NAME=VALUE is needed", assignment);
	name = xstrndup(assignment, (size_t)(equals - assignment));
	return config_set(config, name, equals + 1, err) || okvp_fail_in(err, "--set");
}

static bool apply_options(const struct options *options, struct config *config,
			  struct okvp_error *err)
{
	for (size_t i = 0; i < options->setting_count; i++)
		if (!apply_setting(config, options->settings[i], err))
			return false;
	return true;
}

/* A file that was asked for must be there; the default one may be missing. */
static bool read_file(const struct options *options, struct config *config, struct okvp_error *err)
{
	char *in_dir scoped(xfree_text) = NULL;
	const char *path = options->config_path;

	if (!path && options->state_dir)
		path = in_dir = xprintf("%s/openkvpd.conf", options->state_dir);
	return config_read(path ? path : CONFIG_PATH, config, err) ||
	       (!options->config_path && err->status == OKVP_NOT_FOUND);
}

/* Returns the exit status. */
static int read_settings(const struct options *options, struct config *config,
			 struct okvp_error *err)
{
	config_init(config);
	if (options->state_dir && !apply_state_dir(config, options->state_dir, err))
		return EXIT_USAGE;
	if (!read_file(options, config, err))
		return EXIT_FAULT;
	if (!apply_options(options, config, err))
		return EXIT_USAGE;
	return config_finish(config, err) ? 0 : EXIT_FAULT;
}

static void apply_log_level(const struct config *config)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (size_t i = 0; i < count_of(names); i++)
		if (strcmp(names[i], config->log_level) == 0)
			log_set_level((enum log_level)i);
}

/* --- Running --- */

static int fault(const struct okvp_error *err)
{
	log_error("", "%s", err->message);
	return EXIT_FAULT;
}

static int run(const struct config *config)
{
	struct service *service scoped(service_free) = service_create(config);
	struct okvp_error err;

	if (!service_start(service, &err))
		return fault(&err);
	service_run(service);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct config config;
	struct okvp_error err;
	int status;

	if (!read_options(argc, argv, &options, &status))
		return status;
	status = read_settings(&options, &config, &err);
	if (status != 0) {
		log_error("", "%s", err.message);
		return status;
	}
	if (options.check_config)
		return service_check_settings(&config, &err) ? puts("the settings are right") < 0
							     : fault(&err);
	if (options.check_store)
		return service_check_store(&config, &err) ? puts("the store is sound") < 0
							  : fault(&err);
	apply_log_level(&config);
	return run(&config);
}
