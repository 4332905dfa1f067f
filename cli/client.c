/* SPDX-License-Identifier: MIT */
/* client.c -- one HTTP connection by libcurl, kept open from request to request. */
#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define CONNECT_S 10
#define ANSWER_S  75 /* openkvpd itself gives up a request after 60 */
#define ANSWER_MAX                                                                    \
	((size_t)256 << 20) /* bytes; 20,000 VMs or 100,000 jobs are some ten million \
			     */

struct client {
	struct client_settings settings;
	CURL *curl;
	bool is_socket;
	char *password; /* an answer to ask() */
	char reason[CURL_ERROR_SIZE];
};

void reply_done(struct reply *reply)
{
	text_done(&reply->body);
	json_decref(reply->json);
	*reply = (struct reply){ 0 };
}

static bool is_url(const char *server)
{
	return strncasecmp(server, "http://", 7) == 0 || strncasecmp(server, "https://", 8) == 0;
}

struct client *client_create(const struct client_settings *settings)
{
	struct client *client = xcalloc(1, sizeof(*client));

	client->settings = *settings;
	client->is_socket = !is_url(settings->server);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->curl = curl_easy_init();
	if (!client->curl)
		abort();
	return client;
}

void client_free(struct client **client)
{
	struct client *gone = take(*client);

	if (!gone)
		return;
	if (gone->password)
		explicit_bzero(gone->password, strlen(gone->password));
	free(gone->password);
	curl_easy_cleanup(gone->curl);
	curl_global_cleanup();
	free(gone);
}

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct text *body = context;

	if (body->length + size * count > ANSWER_MAX)
		return 0; /* libcurl gives the request up */
	text_add(body, bytes, size * count);
	return size * count;
}

/* Another kind of URL is not meant as the path of a socket. */
static bool check_server(const struct client *client, struct okvp_error *err)
{
	const char *server = client->settings.server;

	return !client->is_socket || !strstr(server, "://") ||
	       okvp_fail(err, OKVP_INVALID,
			 "%s: a server is http://HOST:PORT, https://HOST:PORT or the path of a "
			 "socket",
			 server);
}

static bool find_password(struct client *client, struct okvp_error *err)
{
	const struct client_settings *settings = &client->settings;

	if (client->is_socket || !settings->user || settings->password || client->password)
		return true;
	if (!settings->ask)
		return okvp_fail(err, OKVP_INVALID, "the password of %s is not known",
				 settings->user);
	return settings->ask(settings->user, settings->server, &client->password, err);
}

static void set_server(struct client *client, const char *path)
{
	const struct client_settings *settings = &client->settings;
	scoped(text_done) struct text url = { 0 };

	text_puts(&url, client->is_socket ? "http://localhost" : settings->server);
	while (url.bytes[url.length - 1] == '/')
		url.length--;
	text_puts(&url, path);
	curl_easy_setopt(client->curl, CURLOPT_URL, url.bytes);
	curl_easy_setopt(client->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (client->is_socket) {
		curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH, settings->server);
		curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
	} else if (settings->user) {
		curl_easy_setopt(client->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(client->curl, CURLOPT_USERNAME, settings->user);
		curl_easy_setopt(client->curl, CURLOPT_PASSWORD,
				 settings->password ? settings->password : client->password);
	}
	if (settings->cacert)
		curl_easy_setopt(client->curl, CURLOPT_CAINFO, settings->cacert);
}

static bool nobody_answers(struct client *client, CURLcode code, struct okvp_error *err)
{
	const char *server = client->settings.server;
	long reason = 0;

	curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &reason);
	if (client->is_socket && reason == EACCES)
		return okvp_fail(err, OKVP_UNAVAILABLE,
				 "%s: only root and its group may use this socket", server);
	if (client->is_socket && code == CURLE_COULDNT_CONNECT && reason != 0)
		return okvp_fail(err, OKVP_UNAVAILABLE, "nobody answers at %s: %s", server,
				 strerror((int)reason));
	return okvp_fail(err, OKVP_UNAVAILABLE, "nobody answers at %s: %s", server,
			 *client->reason ? client->reason : curl_easy_strerror(code));
}

/* Whether the answer is a value, byte by byte. */
static bool is_value(struct client *client)
{
	const char *type = NULL;

	curl_easy_getinfo(client->curl, CURLINFO_CONTENT_TYPE, &type);
	return type && strcmp(type, "application/octet-stream") == 0;
}

static bool read_json(struct client *client, struct reply *reply, struct okvp_error *err)
{
	if (reply->status < 400 && (reply->body.length == 0 || is_value(client)))
		return true;
	reply->json = json_loadb(reply->body.bytes ? reply->body.bytes : "", reply->body.length,
				 JSON_ALLOW_NUL, NULL);
	if (json_is_object(reply->json))
		return true;
	return okvp_fail(err, OKVP_UNAVAILABLE,
			 "what answers at %s is not openkvpd: no JSON under HTTP status %u",
			 client->settings.server, reply->status);
}

bool client_call(struct client *client, const char *method, const char *path,
		 const struct text *body, struct reply *ret_reply, struct okvp_error *err)
{
	struct curl_slist *headers = NULL;
	scoped(reply_done) struct reply reply = { 0 };
	long status = 0;
	CURLcode code;

	if (!check_server(client, err) || !find_password(client, err))
		return false;
	curl_easy_reset(client->curl);
	set_server(client, path);
	client->reason[0] = '\0';
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->reason);
	curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)ANSWER_S);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &reply.body);
	curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
	if (body) {
		headers = curl_slist_append(headers,
					    strcmp(method, "PUT") == 0
						    ? "Content-Type: application/octet-stream"
						    : "Content-Type: application/json");
		headers = curl_slist_append(headers, "Expect:"); /* no 100-continue */
		curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body->bytes ? body->bytes : "");
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)body->length);
	}
	code = curl_easy_perform(client->curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return nobody_answers(client, code, err);
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	reply.status = (unsigned int)status;
	if (!read_json(client, &reply, err))
		return false;
	*ret_reply = reply;
	reply = (struct reply){ 0 };
	return true;
}
