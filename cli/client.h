/* SPDX-License-Identifier: MIT */
/* client.h -- requests to openkvpd, over its socket or http(s); the one user of libcurl. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "openkvp/error.h"

struct client;

#define CLIENT_DEFAULT_SERVER "/run/openkvp/openkvpd.sock"

struct client_settings {
	const char *server;   /* http://host:port, https://host:port, or the path of a socket */
	const char *user;     /* NULL: nobody */
	const char *password; /* NULL: ask() is called once it is needed */
	const char *cacert;   /* NULL: what the system trusts */

	/* Asks for the user's password: malloc'ed, and freed here. NULL: nobody can be asked. */
	bool (*ask)(const char *user, const char *server, char **ret_password,
		    struct okvp_error *err);
};

/* What was answered. */
struct reply {
	unsigned int status; /* of HTTP */
	struct text body;
	json_t *json; /* NULL: no body, or one that is no JSON: a value */
};

void reply_done(struct reply *reply);

/* Nothing is sent yet. The settings' texts are borrowed. */
struct client *client_create(const struct client_settings *settings);
void client_free(struct client **client);

/* Sends a request and waits for its answer. body: NULL, or JSON; with PUT a value, any bytes.
 * OKVP_UNAVAILABLE: nobody answers, or somebody else; the message says where. Other failures: the
 * server is another kind of URL; the password could not be asked for. */
bool client_call(struct client *client, const char *method, const char *path,
		 const struct text *body, struct reply *ret_reply, struct okvp_error *err);
