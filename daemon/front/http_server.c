/* SPDX-License-Identifier: MIT */
/* http_server.c -- starts and stops: for each listener a libmicrohttpd daemon with its threads, and
 * for all of them one thread that ends the connections of those who are late or have gone. */
#include "front/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "front/http_internal.h"
#include "openkvp/scoped.h"

#define PEM_MAX    (1024 * 1024)
#define SWEEP_MS   1000
#define ABANDON_MS 10 /* between two looks for those who fell asleep meanwhile */

/* --- Callbacks that concern no single request --- */

static enum MHD_Result admit(void *context, const struct sockaddr *address, socklen_t length)
{
	const struct http_server *server = context;

	return server->stopping ? MHD_NO : MHD_YES;
}

__attribute__((format(printf, 2, 0))) static void log_message(void *context, const char *format,
							      va_list args)
{
	char message[500];

	vsnprintf(message, sizeof(message), format, args);
	message[strcspn(message, "\n")] = '\0';
	log_debug("http", "%s", message);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX in place. What is no such escape stays as it is, and so does %00, which would end the
 * text. */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		int high = *in == '%' ? hex_value(in[1]) : -1;
		int low = high >= 0 ? hex_value(in[2]) : -1;

		*out = *in;
		if (low >= 0 && high + low > 0) {
			*out = (char)(high << 4 | low);
			in += 2;
		}
		out++;
	}
	*out = '\0';
	return (size_t)(out - text);
}

/* --- TLS --- */

static bool read_pem(const char *path, const char *label, struct text *ret_text,
		     struct okvp_error *err)
{
	FILE *file = fopen(path, "re");
	char piece[4096];
	size_t got;
	bool ok;

	if (!file)
		return okvp_fail_errno(err, errno, "%s", path);
	while (ret_text->length <= PEM_MAX && (got = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add(ret_text, piece, got);
	ok = !ferror(file) && ret_text->length > 0 && ret_text->length <= PEM_MAX;
	explicit_bzero(piece, sizeof(piece));
	fclose(file);
	if (!ok)
		return okvp_fail(err, OKVP_INVALID, "%s: cannot be read as PEM", path);
	return strstr(ret_text->bytes, label) ||
	       okvp_fail(err, OKVP_INVALID, "%s: there is no %s in PEM in it", path, label);
}

/* Tells what is wrong with a certificate and its key, which libmicrohttpd does not. */
static bool check_pair(const struct http_listener *wanted, const struct text *certificate,
		       const struct text *key, struct okvp_error *err)
{
	gnutls_datum_t certificate_data = { (unsigned char *)certificate->bytes,
					    (unsigned int)certificate->length };
	gnutls_datum_t key_data = { (unsigned char *)key->bytes, (unsigned int)key->length };
	gnutls_certificate_credentials_t credentials;
	int code = gnutls_certificate_allocate_credentials(&credentials);

	if (code == 0) {
		code = gnutls_certificate_set_x509_key_mem(credentials, &certificate_data,
							   &key_data, GNUTLS_X509_FMT_PEM);
		gnutls_certificate_free_credentials(credentials);
	}
	return code >= 0 || okvp_fail(err, OKVP_INVALID, "%s and %s: %s", wanted->certificate,
				      wanted->key, gnutls_strerror(code));
}

static void wipe(struct text *text)
{
	if (text->bytes)
		explicit_bzero(text->bytes, text->length);
	text_done(text);
}

/* A certificate with its chain and its key, as texts of PEM; nothing for a listener without TLS. */
static bool read_pair(const struct http_listener *wanted, struct text *ret_certificate,
		      struct text *ret_key, struct okvp_error *err)
{
	return !wanted->certificate ||
	       (read_pem(wanted->certificate, "CERTIFICATE", ret_certificate, err) &&
		read_pem(wanted->key, "PRIVATE KEY", ret_key, err) &&
		check_pair(wanted, ret_certificate, ret_key, err));
}

/* Puts the name of a listener, if it has one, in front of what is wrong with it. */
static bool fail_listener(const struct http_listener *listener, struct okvp_error *err)
{
	return listener->name ? okvp_fail_in(err, "%s", listener->name) : false;
}

bool http_listener_check(const struct http_listener *listener, struct okvp_error *err)
{
	scoped(text_done) struct text certificate = { 0 };
	scoped(wipe) struct text key = { 0 };

	return (listener_check(listener->address, err) &&
		read_pair(listener, &certificate, &key, err)) ||
	       fail_listener(listener, err);
}

/* --- Starting --- */

static char tls_choice[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static struct MHD_Daemon *start_daemon(struct served *served, const struct http_settings *settings,
				       int fd, const struct text *certificate,
				       const struct text *key)
{
	struct http_server *server = served->server;
	unsigned int threads = settings->threads > 1 ? settings->threads : 0;
	unsigned int connections = settings->connections_max;
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate->bytes },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, key->bytes },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, tls_choice },
		{ MHD_OPTION_END, 0, NULL },
	};

	/* Each thread has its share of the connections. */
	if (threads > 0)
		connections = (connections + threads - 1) / threads * threads;
	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			(served->secure ? MHD_USE_TLS : 0),
		0, admit, server, exchange_continue, served,
		/* first, so that it hears of all the others */
		MHD_OPTION_EXTERNAL_LOGGER, log_message, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, connections,
		MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_s,
		MHD_OPTION_NOTIFY_CONNECTION, client_notify, served, MHD_OPTION_URI_LOG_CALLBACK,
		client_begins_request, server, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed,
		server, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
		served->secure ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
}

static bool serve(struct served *served, const struct http_listener *wanted,
		  const struct http_settings *settings, struct okvp_error *err)
{
	scoped(text_done) struct text certificate = { 0 };
	scoped(wipe) struct text key = { 0 };
	int fd;

	if (!read_pair(wanted, &certificate, &key, err))
		return false;
	/* libmicrohttpd closes the one it gets. */
	fd = fcntl(served->listener.fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		served->daemon = start_daemon(served, settings, fd, &certificate, &key);
	return served->daemon ||
	       okvp_fail(err, OKVP_INTERNAL, "cannot serve %s", served->listener.address);
}

static bool listen_on_all(struct http_server *server, const struct http_settings *settings,
			  struct okvp_error *err)
{
	for (size_t i = 0; i < server->served_count; i++) {
		const struct http_listener *wanted = &settings->listeners[i];
		struct served *served = &server->served[i];

		served->secure = wanted->certificate != NULL;
		served->services = wanted->services;
		if (!listener_open(wanted, &served->listener, err))
			return fail_listener(wanted, err);
	}
	if (settings->listening)
		settings->listening(settings->context, server);
	return true;
}

static void *sweep(void *context)
{
	struct http_server *server = context;
	struct timespec next;

	while (!server->stopping) {
		clients_sweep(server);
		exchanges_abandon_gone(server);
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_sec += SWEEP_MS / 1000;
		pthread_mutex_lock(&server->lock);
		if (!server->stopping)
			pthread_cond_timedwait(&server->changed, &server->lock, &next);
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

static struct http_server *server_create(const struct http_settings *settings)
{
	struct http_server *server = xcalloc(1, sizeof(*server));
	pthread_condattr_t monotonic;

	server->routes = xcalloc(settings->route_count, sizeof(*server->routes));
	memcpy(server->routes, settings->routes, settings->route_count * sizeof(*server->routes));
	server->route_count = settings->route_count;
	server->credentials = settings->credentials;
	server->body_max = settings->body_max;
	server->idle_timeout_s = settings->idle_timeout_s;
	server->stop_ms = STOP_MS;
	server->served_count = settings->listener_count;
	server->served = xcalloc(settings->listener_count, sizeof(*server->served));
	for (size_t i = 0; i < server->served_count; i++)
		server->served[i] = (struct served){ .server = server, .listener = { .fd = -1 } };
	pthread_mutex_init(&server->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&server->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return server;
}

bool http_server_start(const struct http_settings *settings, struct http_server **ret_server,
		       struct okvp_error *err)
{
	struct http_server *server = server_create(settings);
	int failure = pthread_create(&server->sweeper, NULL, sweep, server);
	bool ok = failure == 0;

	server->sweeping = ok;
	if (!ok)
		okvp_fail_errno(err, failure, "cannot start a thread");
	ok = ok && listen_on_all(server, settings, err);
	for (size_t i = 0; i < server->served_count && ok; i++)
		ok = serve(&server->served[i], &settings->listeners[i], settings, err) ||
		     fail_listener(&settings->listeners[i], err);
	if (!ok) {
		http_server_stop(&server);
		return false;
	}
	*ret_server = server;
	return true;
}

const char *http_server_address(const struct http_server *server, size_t listener)
{
	return server->served[listener].listener.address;
}

/* --- Stopping --- */

static struct timespec in_ms(unsigned int milliseconds)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += milliseconds / 1000;
	time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

/* Waits for the requests that are being answered; after some time for no one any more. Afterwards
 * no connection sleeps, which libmicrohttpd insists on. */
static void drain(struct http_server *server)
{
	struct timespec until = in_ms(server->stop_ms), look;

	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_cond_broadcast(&server->changed);
	while (server->counted > 0)
		if (pthread_cond_timedwait(&server->changed, &server->lock, &until) == ETIMEDOUT)
			break;
	if (server->counted > 0)
		log_warning("", "stopping with %zu requests unanswered", server->counted);
	while (server->asleep || server->waking > 0) {
		exchanges_abandon(server);
		look = in_ms(ABANDON_MS);
		if (server->asleep || server->waking > 0)
			pthread_cond_timedwait(&server->changed, &server->lock, &look);
	}
	server->closed = true;
	pthread_mutex_unlock(&server->lock);
}

void http_server_stop(struct http_server **server_address)
{
	struct http_server *server = take(*server_address);

	if (!server)
		return;
	drain(server);
	for (size_t i = 0; i < server->served_count; i++) {
		if (server->served[i].daemon)
			MHD_stop_daemon(server->served[i].daemon);
		listener_close(&server->served[i].listener);
	}
	if (server->sweeping)
		pthread_join(server->sweeper, NULL);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
	free(server->served);
	free(server->routes);
	free(server);
}
