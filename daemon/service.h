/* SPDX-License-Identifier: MIT */
/* service.h -- openkvpd as a whole: what it is made of, its start and its end in order. */
#pragma once
#include <stdbool.h>

#include "config.h"
#include "openkvp/error.h"

struct service;

/* Checks what the settings name, without opening any of it: users, addresses, certificates. */
bool service_check_settings(const struct config *config, struct okvp_error *err);

/* Checks the database of a service that does not run, without changing it. */
bool service_check_store(const struct config *config, struct okvp_error *err);

/* The settings are borrowed for as long as the service lives. */
struct service *service_create(const struct config *config);

/* Opens everything, from the bottom up. After a failure some of it is open. */
bool service_start(struct service *service, struct okvp_error *err);

/* Says where it is reached, and serves until SIGTERM or SIGINT. */
void service_run(struct service *service);

/* Closes what is open, in reverse. */
void service_free(struct service **service);
