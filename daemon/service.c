/* SPDX-License-Identifier: MIT */
/* service.c -- the modules of openkvpd: each gets its settings and those that it needs, runs, and
 * is closed in its turn. */
#include "service.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "auth/credentials.h"
#include "auth/users.h"
#include "base/log.h"
#include "base/memory.h"
#include "cim/enumeration.h"
#include "cim/event.h"
#include "front/cimxml/cimxml.h"
#include "front/http_server.h"
#include "front/json/json.h"
#include "front/wsman/wsman.h"
#include "host/host.h"
#include "indication/indication.h"
#include "listeners.h"
#include "openkvp/scoped.h"
#include "provider/events.h"
#include "provider/item_texts.h"
#include "provider/providers.h"
#include "system.h"

#define KIB             1024
#define EXPIRE_EVERY_MS 1000

/* Everything that runs, in the order of opening. */
struct service {
	const struct config *config;
	char *store_path;
	int lock; /* of the state folder; -1: none */
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
	struct listeners listeners;
	uv_signal_t signals[2];
	uv_timer_t expire;
};

static char *store_path_of(const struct config *config)
{
	return xprintf("%s/openkvp.db", config->state_dir);
}

static bool check_authorities(const struct config *config, struct okvp_error *err)
{
	const char *path = config->indication_ca;

	return !*path || access(path, R_OK) == 0 ||
	       okvp_fail_errno(err, errno, "indication_ca: %s", path);
}

bool service_check_settings(const struct config *config, struct okvp_error *err)
{
	if (!users_check(config->users_file, err))
		return okvp_fail_in(err, "users_file");
	return listeners_check(config, err) && check_authorities(config, err);
}

bool service_check_store(const struct config *config, struct okvp_error *err)
{
	char *path scoped(xfree_text) = store_path_of(config);

	return store_check(path, err);
}

struct service *service_create(const struct config *config)
{
	struct service *service = xcalloc(1, sizeof(*service));

	service->config = config;
	service->store_path = store_path_of(config);
	service->lock = -1;
	uv_loop_init(&service->loop);
	return service;
}

/* --- Opening --- */

static bool open_host(struct service *service, struct okvp_error *err)
{
	const struct config *config = service->config;
	struct host_settings settings = {
		.store_path = service->store_path,
		.store = {
			.vms = config->vms,
			.items = config->items,
			.item_bytes = config->item_bytes * KIB,
			.host_only_items = config->host_only_items,
			.allow_case_variants = config->allow_case_variants,
			.lazy_ms = 5000,
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
			.socket_group = system_find_group(config->channel_group),
		},
		.guest_data_max_age_ms = (unsigned int)config->guest_data_max_age,
		.guest_read_wait_ms = (unsigned int)config->guest_read_wait,
		.guest_poll_interval_ms = (unsigned int)config->guest_poll_interval * 1000,
		.guest_items = config->guest_items,
		.guest_bytes = config->guest_bytes * KIB,
		.jobs_max = config->jobs_max,
		.adapter_setups = { config->adapter_setups_per_user, config->adapter_setups },
		.client_objects = { config->indications_per_user, config->indications },
		.refuse_missing_remove = strcmp(config->remove_missing, "refuse") == 0,
		.modify_not_found = (enum job_error)config->not_found_code,
	};

	return host_open(&service->loop, &settings, &service->host, err);
}

static void open_cim(struct service *service)
{
	const struct config *config = service->config;
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
	const struct config *config = service->config;

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
	const struct config *config = service->config;
	const struct credentials_settings settings = {
		.users_path = config->users_file,
		.remember_ms = (unsigned int)config->credential_memory * 1000,
		.wrong_password_delay_ms = (unsigned int)config->wrong_password_delay,
	};

	return credentials_create(&settings, &service->credentials, err);
}

static bool open_http(struct service *service, struct okvp_error *err)
{
	const struct config *config = service->config;
	struct http_route routes[LISTENERS_ROUTES];
	struct http_settings settings = {
		.listeners = service->listeners.listener,
		.routes = routes,
		.route_count = count_of(routes),
		.credentials = service->credentials,
		.connections_max = (unsigned int)config->connections,
		.body_max = config->body_max * KIB,
		.idle_timeout_s = (unsigned int)config->idle_timeout,
		.listening = listeners_name,
		.context = &service->listeners,
	};

	if (!listeners_plan(config, &service->listeners, err))
		return false;
	settings.listener_count = service->listeners.count;
	settings.threads = config->http_threads ? (unsigned int)config->http_threads
						: (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	service->api = json_api_create(&(struct json_api_settings){
		.host = service->host,
		.users_path = config->users_file,
		.store = service->store_path,
		.listener = listeners_address,
		.context = &service->listeners,
	});
	listeners_routes(service->wsman, service->api, service->cimxml, routes);
	return http_server_start(&settings, &service->http, err);
}

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

bool service_start(struct service *service, struct okvp_error *err)
{
	system_prepare();
	if (!system_lock_folder(service->config->state_dir, &service->lock, err) ||
	    !open_host(service, err))
		return false;
	open_cim(service);
	open_indications(service);
	watch(service); /* before anybody can know that there is something to stop */
	return open_credentials(service, err) && open_http(service, err);
}

/* --- Running --- */

void service_run(struct service *service)
{
	const char *address;

	for (size_t i = 0; (address = listeners_address(&service->listeners, i)); i++)
		log_info("", "listening on %s", address);
	log_info("", "openkvpd " OPENKVP_VERSION " is ready, store %s", service->store_path);
	uv_run(&service->loop, UV_RUN_DEFAULT);
}

/* --- Closing --- */

/* The end of events ends the requests that wait for them; the host tells of some to its end. */
static void close_modules(struct service *service)
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
}

static void close_loop(struct service *service)
{
	for (size_t i = 0; i < count_of(service->signals); i++)
		if (service->signals[i].loop)
			uv_close((uv_handle_t *)&service->signals[i], NULL);
	if (service->expire.loop)
		uv_close((uv_handle_t *)&service->expire, NULL);
	uv_run(&service->loop, UV_RUN_DEFAULT);
	uv_loop_close(&service->loop);
}

void service_free(struct service **service)
{
	struct service *old = take(*service);

	if (!old)
		return;
	close_modules(old);
	close_loop(old);
	listeners_done(&old->listeners);
	if (old->lock >= 0)
		close(old->lock);
	xfree_text(&old->store_path);
	free(old);
}
