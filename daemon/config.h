/* SPDX-License-Identifier: MIT */
/* config.h -- the settings of openkvpd: one table says what exists, what it may be and what it
 * means. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "openkvp/error.h"

#define CONFIG_PATH      "/etc/openkvp/openkvpd.conf"
#define CONFIG_TEXT_SIZE 256

/* Values of all settings, each in the unit that its row says. */
struct config {
	char state_dir[CONFIG_TEXT_SIZE];
	char users_file[CONFIG_TEXT_SIZE];
	char socket[CONFIG_TEXT_SIZE];
	char socket_group[CONFIG_TEXT_SIZE];
	char log_level[CONFIG_TEXT_SIZE];

	char listen_http[CONFIG_TEXT_SIZE];
	char listen_https[CONFIG_TEXT_SIZE];
	char listen_cimxml_http[CONFIG_TEXT_SIZE];
	char listen_cimxml_https[CONFIG_TEXT_SIZE];
	char certificate[CONFIG_TEXT_SIZE];
	char key[CONFIG_TEXT_SIZE];
	unsigned long http_threads, connections, idle_timeout, body_max;
	unsigned long credential_memory, wrong_password_delay;
	unsigned long enumerations_per_user, enumerations, enumeration_idle, envelope_max;
	unsigned long subscriptions_per_user, subscriptions, event_queue, event_queue_bytes;
	unsigned long text_cache;

	unsigned long indications_per_user, indications;
	unsigned long indication_tries, indication_pause, indication_timeout;
	char indication_ca[CONFIG_TEXT_SIZE];

	char remove_missing[CONFIG_TEXT_SIZE];
	unsigned long not_found_code;
	bool allow_case_variants;
	unsigned long vms, items, item_bytes, host_only_items, jobs_max;

	char channel_group[CONFIG_TEXT_SIZE];
	unsigned long vsock_port, guest_answer_timeout, negotiation_timeout, guest_data_max_age,
		guest_read_wait, guest_poll_interval, guest_message_rate, guest_byte_rate,
		guest_items, guest_bytes, adapter_setups_per_user, adapter_setups;
};

/* The defaults of all settings. */
void config_init(struct config *config);

/* Reads an INI file over what config holds. A missing file is OKVP_NOT_FOUND. A fault is told with
 * file, line, setting, and what would be right. */
bool config_read(const char *path, struct config *config, struct okvp_error *err);

/* Gives one setting a value, as the file would: "listen_http", "127.0.0.1:5985". */
bool config_set(struct config *config, const char *name, const char *value, struct okvp_error *err);

/* Checks what depends on several settings: certificates, addresses that are not loopback. Empty
 * paths that follow from state_dir are filled in. */
bool config_finish(struct config *config, struct okvp_error *err);

enum config_form { CONFIG_HELP, CONFIG_MANUAL, CONFIG_EXAMPLE };

/* Prints all settings: for --help, as a part of the manual (scdoc), as a commented file. */
void config_print(FILE *out, enum config_form form);
