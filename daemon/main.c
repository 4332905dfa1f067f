/* SPDX-License-Identifier: MIT */
/* main.c -- openkvpd: reads its settings, opens what it needs from the bottom up, and runs until
 * told to stop. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "auth/credentials.h"
#include "base/log.h"
#include "base/memory.h"
#include "cim/enumeration.h"
#include "cim/event.h"
#include "config.h"
#include "front/cimxml/cimxml.h"
#include "front/http_server.h"
#include "front/json/json.h"
#include "front/wsman/wsman.h"
#include "host/host.h"
#include "indication/indication.h"
#include "openkvp/scoped.h"
#include "provider/events.h"
#include "provider/item_texts.h"
#include "provider/providers.h"

#define KIB             1024
#define EXPIRE_EVERY_MS 1000

enum { EXIT_FAULT = 1, EXIT_USAGE = 2 };

/* What a listener serves; the local socket has both. */
enum { SERVICE_MANAGEMENT = 1, SERVICE_CIMXML = 2 };

/* Everything that runs, in the order of opening. */
struct service {
	struct config config;
	char store_path[CONFIG_TEXT_SIZE + 16];
	int lock_fd;
	uv_loop_t loop;
	struct host *host;
	struct cim_service *cim;
	struct cim_enumerations *enumerations;
	struct cim_events *events;
	struct provider_events *provider_events;
	struct indications *indications;
	struct credentials *credentials;
	struct wsman *wsman;
	struct cimxml *cimxml;
	struct json_api *api;
	struct http_server *http;
	struct http_listener listeners[5];
	char *addresses[5]; /* as they are shown: "http://127.0.0.1:5985" */
	size_t listener_count;
	uv_signal_t signals[2];
	uv_timer_t expire;
};

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
	      "      --check-config    read the settings, say what is wrong, and end\n"
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

/* A file that was asked for must be there; the default one may be missing. */
static bool read_settings(const struct options *options, struct config *config,
			  struct okvp_error *err)
{
	char *in_dir scoped(xfree_text) = NULL;
	const char *path = options->config_path;

	config_init(config);
	if (options->state_dir) {
		in_dir = xprintf("%s/openkvpd.conf", options->state_dir);
		if (!apply_state_dir(config, options->state_dir, err))
			return false;
	}
	if (!path)
		path = in_dir ? in_dir : CONFIG_PATH;
	if (!config_read(path, config, err) &&
	    (options->config_path || err->status != OKVP_NOT_FOUND))
		return false;
	for (size_t i = 0; i < options->setting_count; i++)
		if (!apply_setting(config, options->settings[i], err))
			return false;
	return config_finish(config, err);
}

static void apply_log_level(const struct config *config)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (size_t i = 0; i < count_of(names); i++)
		if (strcmp(names[i], config->log_level) == 0)
			log_set_level((enum log_level)i);
}

/* --- Opening --- */

static bool make_folder(const char *path, mode_t mode, struct okvp_error *err)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return true;
	return okvp_fail_errno(err, errno, "%s", path);
}

/* One daemon a state folder: the lock goes with the process. */
static bool lock_state(struct service *service, struct okvp_error *err)
{
	char *path scoped(xfree_text) = xprintf("%s/lock", service->config.state_dir);

	if (!make_folder(service->config.state_dir, 0750, err))
		return false;
	service->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (service->lock_fd < 0)
		return okvp_fail_errno(err, errno, "%s", path);
	if (flock(service->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return okvp_fail(err, OKVP_BUSY, "another openkvpd uses the folder %s",
				 service->config.state_dir);
	return true;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* A group by its name; -1 where it does not exist. */
static int find_group(const char *name)
{
	struct group *group = *name ? getgrnam(name) : NULL;

	return group ? (int)group->gr_gid : -1;
}

static bool open_host(struct service *service, struct okvp_error *err)
{
	const struct config *config = &service->config;
	struct host_settings settings = {
		.store_path = service->store_path,
		.store = {
			.vms = config->vms,
			.items = config->items,
			.item_bytes = config->item_bytes * KIB,
			.host_only_items = config->host_only_items,
			.allow_case_variants = config->allow_case_variants,
			.lazy_ms = 5000,
			.objects = config->indications,
		},
		.channel = {
			.answer_timeout_ms = (unsigned int)config->guest_answer_timeout * 1000,
			.silence_timeout_ms = 4 * OKVP_OWN_HEARTBEAT_MS,
			.negotiation_timeout_ms = (unsigned int)config->negotiation_timeout * 1000,
			.silence_notice_ms = 5000,
			.message_rate = (unsigned int)config->guest_message_rate,
			.byte_rate = (unsigned int)config->guest_byte_rate * KIB,
		},
		.hub = {
			.vsock_port = (uint32_t)config->vsock_port,
			.socket_group = find_group(config->channel_group),
		},
		.guest_data_max_age_ms = (unsigned int)config->guest_data_max_age,
		.guest_read_wait_ms = (unsigned int)config->guest_read_wait,
		.guest_poll_interval_ms = (unsigned int)config->guest_poll_interval * 1000,
		.guest_items = config->guest_items,
		.guest_bytes = config->guest_bytes * KIB,
		.jobs_max = config->jobs_max,
		.refuse_missing_remove = strcmp(config->remove_missing, "refuse") == 0,
		.modify_not_found = (enum job_error)config->not_found_code,
	};

	return host_open(&service->loop, &settings, &service->host, err);
}

static void open_cim(struct service *service)
{
	const struct config *config = &service->config;
	const struct cim_enumerations_limits limits = {
		.per_user = config->enumerations_per_user,
		.in_all = config->enumerations,
		.idle_ms = (unsigned int)config->enumeration_idle * 1000,
	};
	const struct cim_events_limits event_limits = {
		.per_user = config->subscriptions_per_user,
		.in_all = config->subscriptions,
		.queue = config->event_queue,
		.queue_bytes = config->event_queue_bytes * KIB,
	};

	item_texts_limit(config->text_cache * KIB);
	service->cim = cim_service_create(providers, service->host);
	service->enumerations = cim_enumerations_create(&limits);
	service->events = cim_events_create(&event_limits);
	service->provider_events = provider_events_create(service->host, service->events);
	service->wsman = wsman_create(&(struct wsman_settings){
		.service = service->cim,
		.enumerations = service->enumerations,
		.events = service->events,
		.envelope_max = config->envelope_max * KIB,
	});
	service->cimxml = cimxml_create(&(struct cimxml_settings){
		.service = service->cim,
		.enumerations = service->enumerations,
		.idle_s = (unsigned int)config->enumeration_idle,
		.page_max = config->envelope_max * KIB,
		.host_name = host_name(service->host),
	});
}

static void refresh_indications(void *indications)
{
	indications_refresh(indications);
}

static void open_indications(struct service *service)
{
	const struct config *config = &service->config;

	service->indications = indications_create(&(struct indications_settings){
		.service = service->cim,
		.events = service->events,
		.host_name = host_name(service->host),
		.tries = (unsigned int)config->indication_tries,
		.pause_most_ms = (unsigned int)config->indication_pause * 1000,
		.timeout_ms = (unsigned int)config->indication_timeout * 1000,
		.ca = config->indication_ca,
	});
	host_watch_objects(service->host, refresh_indications, service->indications);
}

static bool open_credentials(struct service *service, struct okvp_error *err)
{
	const struct config *config = &service->config;
	const struct credentials_settings settings = {
		.users_path = config->users_file,
		.remember_ms = (unsigned int)config->credential_memory * 1000,
		.wrong_password_delay_ms = (unsigned int)config->wrong_password_delay,
	};

	return credentials_create(&settings, &service->credentials, err);
}

/* Without an address there is none. */
static void add_tcp_listener(struct http_listener **next, const struct config *config,
			     const char *address, bool tls, unsigned int service)
{
	if (*address)
		*(*next)++ = (struct http_listener){
			.address = address,
			.certificate = tls ? config->certificate : NULL,
			.key = tls ? config->key : NULL,
			.group = -1,
			.services = service,
		};
}

static bool plan_listeners(struct service *service, struct okvp_error *err)
{
	const struct config *config = &service->config;
	struct http_listener *next = service->listeners;
	char *folder scoped(xfree_text) = xstrdup(config->socket);
	char *slash = strrchr(folder, '/');

	if (slash && slash != folder) {
		*slash = '\0';
		if (!make_folder(folder, 0755, err))
			return false;
	}
	*next++ = (struct http_listener){
		.address = config->socket,
		.mode = 0660,
		.group = find_group(config->socket_group),
		.trusted = true,
	};
	add_tcp_listener(&next, config, config->listen_http, false, SERVICE_MANAGEMENT);
	add_tcp_listener(&next, config, config->listen_https, true, SERVICE_MANAGEMENT);
	add_tcp_listener(&next, config, config->listen_cimxml_http, false, SERVICE_CIMXML);
	add_tcp_listener(&next, config, config->listen_cimxml_https, true, SERVICE_CIMXML);
	service->listener_count = (size_t)(next - service->listeners);
	return true;
}

static const char *listener_address(void *context, size_t index)
{
	struct service *service = context;

	return index < service->listener_count ? service->addresses[index] : NULL;
}

/* A port that was asked for as 0 has a number now. */
static void name_listeners(void *context, const struct http_server *server)
{
	struct service *service = context;

	for (size_t i = 0; i < service->listener_count; i++) {
		const struct http_listener *listener = &service->listeners[i];
		const char *scheme = listener->trusted       ? ""
				     : listener->certificate ? "https://"
							     : "http://";

		service->addresses[i] =
			xprintf("%s%s%s", scheme, http_server_address(server, i),
				listener->services == SERVICE_CIMXML ? "/cimom" : "");
	}
}

static bool open_http(struct service *service, struct okvp_error *err)
{
	const struct config *config = &service->config;
	struct http_route routes[WSMAN_ROUTES + JSON_API_ROUTES + CIMXML_ROUTES];
	struct http_settings settings = {
		.listeners = service->listeners,
		.routes = routes,
		.route_count = count_of(routes),
		.credentials = service->credentials,
		.connections_max = (unsigned int)config->connections,
		.body_max = config->body_max * KIB,
		.idle_timeout_s = (unsigned int)config->idle_timeout,
		.listening = name_listeners,
		.context = service,
	};

	if (!plan_listeners(service, err))
		return false;
	settings.listener_count = service->listener_count;
	settings.threads = config->http_threads ? (unsigned int)config->http_threads
						: (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	service->api = json_api_create(&(struct json_api_settings){
		.host = service->host,
		.users_path = config->users_file,
		.store = service->store_path,
		.listener = listener_address,
		.context = service,
	});
	wsman_routes(service->wsman, routes);
	json_api_routes(service->api, routes + WSMAN_ROUTES);
	cimxml_routes(service->cimxml, routes + WSMAN_ROUTES + JSON_API_ROUTES);
	for (size_t i = 0; i < count_of(routes); i++)
		routes[i].service =
			i < WSMAN_ROUTES + JSON_API_ROUTES ? SERVICE_MANAGEMENT : SERVICE_CIMXML;
	return http_server_start(&settings, &service->http, err);
}

/* --- Running --- */

static void stop(uv_signal_t *handle, int number)
{
	log_info("", "stopping on %s", strsignal(number));
	uv_stop(handle->loop);
}

static void expire(uv_timer_t *timer)
{
	struct service *service = timer->data;

	cim_enumerations_expire(service->enumerations);
	wsman_expire(service->wsman);
}

static void watch(struct service *service)
{
	static const int numbers[] = { SIGTERM, SIGINT };

	for (size_t i = 0; i < count_of(numbers); i++) {
		uv_signal_init(&service->loop, &service->signals[i]);
		uv_signal_start(&service->signals[i], stop, numbers[i]);
	}
	uv_timer_init(&service->loop, &service->expire);
	service->expire.data = service;
	uv_timer_start(&service->expire, expire, EXPIRE_EVERY_MS, EXPIRE_EVERY_MS);
}

static void say_where(struct service *service)
{
	for (size_t i = 0; i < service->listener_count; i++)
		log_info("", "listening on %s", service->addresses[i]);
	log_info("", "openkvpd " OPENKVP_VERSION " is ready, store %s", service->store_path);
}

/* Opens everything; what was opened before a failure is closed by the caller. */
static bool open_service(struct service *service, struct okvp_error *err)
{
	raise_descriptor_limit();
	if (!lock_state(service, err) || !open_host(service, err))
		return false;
	open_cim(service);
	open_indications(service);
	watch(service); /* before anybody can know that there is something to stop */
	return open_credentials(service, err) && open_http(service, err);
}

/* The end of events ends the requests that wait for them; the host tells of some to its end. */
static void close_service(struct service *service)
{
	if (service->events)
		cim_events_stop(service->events);
	if (service->host)
		host_watch_objects(service->host, NULL, NULL);
	indications_free(&service->indications);
	http_server_stop(&service->http);
	json_api_free(&service->api);
	credentials_free(&service->credentials);
	cimxml_free(&service->cimxml);
	wsman_free(&service->wsman);
	cim_enumerations_free(&service->enumerations);
	cim_service_free(&service->cim);
	item_texts_clear();
	host_close(&service->host);
	provider_events_free(&service->provider_events);
	cim_events_free(&service->events);
	for (size_t i = 0; i < count_of(service->signals); i++)
		if (service->signals[i].loop)
			uv_close((uv_handle_t *)&service->signals[i], NULL);
	if (service->expire.loop)
		uv_close((uv_handle_t *)&service->expire, NULL);
	uv_run(&service->loop, UV_RUN_DEFAULT);
	uv_loop_close(&service->loop);
	for (size_t i = 0; i < service->listener_count; i++)
		xfree_text(&service->addresses[i]);
	if (service->lock_fd >= 0)
		close(service->lock_fd);
}

static int fault(const struct okvp_error *err)
{
	log_error("", "%s", err->message);
	return EXIT_FAULT;
}

int main(int argc, char **argv)
{
	static struct service service = { .lock_fd = -1 };
	struct options options = { 0 };
	struct okvp_error err;
	int status;

	if (!read_options(argc, argv, &options, &status))
		return status;
	if (!read_settings(&options, &service.config, &err))
		return fault(&err);
	if (options.check_config)
		return puts("the settings are right") < 0;
	snprintf(service.store_path, sizeof(service.store_path), "%s/openkvp.db",
		 service.config.state_dir);
	if (options.check_store)
		return store_check(service.store_path, &err) ? puts("the store is sound") < 0
							     : fault(&err);
	apply_log_level(&service.config);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails */
	uv_loop_init(&service.loop);
	if (open_service(&service, &err)) {
		say_where(&service);
		uv_run(&service.loop, UV_RUN_DEFAULT);
		status = 0;
	} else {
		status = fault(&err);
	}
	close_service(&service);
	return status;
}
