/* SPDX-License-Identifier: MIT */
/* commands.c -- every command of openkvp. */
#include "cli/command.h"

#include <string.h>

#define CHANGE (WITH(IF_GENERATION) | WITH(WAIT))
#define BATCH  (CHANGE | WITH(HOST_ONLY))
#define FLAGS  (WITH(SECRET) | WITH(ONCE) | WITH(TRANSIENT) | WITH(PLAIN))

const struct command commands[] = {
	{ "vm define", "NAME", WITH(ID) | WITH(CHANNEL), vm_define, "make a VM known" },
	{ "vm list", "", 0, vm_list, "show all VMs" },
	{ "vm show", "VM", WITH(SNIPPET), vm_show,
	  "show all that is known of a VM, and what its hypervisor must be told" },
	{ "vm attach", "VM ADDRESS", 0, vm_attach, "give a VM a channel, or another one" },
	{ "vm detach", "VM", 0, vm_detach, "take away a VM's channel" },
	{ "vm set", "VM", WITH(CHANNEL) | WITH(EXCHANGE) | WITH(HOST_ITEMS) | WITH(ALLOW_SECRETS),
	  vm_set, "change a VM's settings" },
	{ "vm rename", "VM NAME", 0, vm_rename, "give a VM another name; its GUID stays" },
	{ "vm undefine", "VM", WITH(ITEMS), vm_undefine, "forget a VM" },
	{ "vm ip", "VM", WITH(MAC) | WITH(FAMILY) | WITH(ALL), vm_ip,
	  "print the addresses of a guest that is in contact" },
	{ "vm wait", "VM", WITH(FOR) | WITH(TIMEOUT) | WITH(MAC) | WITH(FAMILY) | WITH(ALL),
	  vm_wait, "wait for a guest, for its address, or for an item that it publishes" },

	{ "item add", "VM KEY VALUE [KEY VALUE]...", BATCH | FLAGS, item_add,
	  "add items; refuse keys that exist" },
	{ "item modify", "VM KEY VALUE [KEY VALUE]...", BATCH | FLAGS, item_modify,
	  "change items; refuse keys that do not exist" },
	{ "item put", "VM KEY VALUE [KEY VALUE]...", BATCH | FLAGS | WITH(FILE), item_put,
	  "add or change items" },
	{ "item put-ignition", "VM FILE", CHANGE | FLAGS, item_put_ignition,
	  "put a configuration where Ignition looks for it" },
	{ "item remove", "VM KEY...", BATCH, item_remove, "remove items" },
	{ "item clear", "VM", BATCH, item_clear, "remove all items" },
	{ "item list", "VM", WITH(HOST_ONLY) | WITH(SECRETS), item_list,
	  "show items and how far each has come" },
	{ "item get", "VM KEY", WITH(HOST_ONLY) | WITH(SECRETS) | WITH(FILE), item_get,
	  "print the value of one item" },

	{ "guest list", "VM", 0, guest_list, "show what the guest publishes and says of itself" },
	{ "guest get", "VM KEY", WITH(FILE), guest_get, "print one value that it publishes" },

	{ "job list", "", 0, job_list, "show the jobs of the last minutes" },
	{ "job show", "JOB", 0, job_show, "show one job" },
	{ "job wait", "JOB", WITH(WAIT), job_wait, "wait for the end of a job" },

	{ "user add", "USER", WITH(ROLE) | WITH(PASSWORD_STDIN), user_add,
	  "add a user, or give one another role and password" },
	{ "user list", "", 0, user_list, "show users and their roles" },
	{ "user remove", "USER", 0, user_remove, "remove a user" },

	{ "status", "", 0, show_status, "show the state of openkvpd" },
	{ "help", "[COMMAND]...", 0, show_help, "say what there is, or how to use a command" },
	{ "completion bash", "", 0, completion_bash, "print the completion script for bash" },
	{ "completion words", "[WORD]...", 0, completion_words, NULL },
	{ 0 },
};

const struct option_text option_texts[OPTION_COUNT] = {
#define X(name, text, argument, help) [OPTION_##name] = { text, argument, help },
	OPTION_LIST(X)
#undef X
};

/* How many words of a command's name begin a list of words; 0 unless all do. */
static size_t matching_words(const char *name, const char *const *words, size_t count)
{
	size_t used = 0;

	for (;;) {
		size_t length = strcspn(name, " ");

		if (used == count || strlen(words[used]) != length ||
		    memcmp(words[used], name, length) != 0)
			return 0;
		used++;
		if (name[length] == '\0')
			return used;
		name += length + 1;
	}
}

const struct command *command_find(const char *const *words, size_t count, size_t *ret_used)
{
	for (const struct command *command = commands; command->name; command++) {
		*ret_used = matching_words(command->name, words, count);
		if (*ret_used > 0)
			return command;
	}
	return NULL;
}
