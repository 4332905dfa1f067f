/* SPDX-License-Identifier: MIT */
/* command.h -- the tables from which dispatch, help and completion are made: commands, options,
 * exit statuses. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct cli;

#define EXIT_LIST(X) /* X(name, text) */                                         \
	X(DONE, "done")                                                          \
	X(REFUSED, "openkvpd refused, or the answer could not be written")       \
	X(USAGE, "the command line is wrong")                                    \
	X(NOBODY, "no openkvpd answers; the error says where it was looked for") \
	X(NOT_FOUND, "no such VM, item, job or user")                            \
	X(JOB, "the job ended with an error, or a wait without what was waited for")

enum exit_code {
#define X(name, text) EXIT_##name,
	EXIT_LIST(X)
#undef X
};

/* The first six belong to every command. An argument in small letters lists the words that may
 * stand there. */
#define OPTION_LIST(X) /* X(name, text, argument, help) */                                        \
	X(SERVER, "server", "URL|PATH", "where openkvpd is: http(s)://HOST:PORT or its socket")   \
	X(USER, "user", "NAME", "who asks, on http(s)://; the password is asked for")             \
	X(CACERT, "cacert", "FILE", "certificates to trust on https://, instead of the system's") \
	X(JSON, "json", NULL, "print openkvpd's answer as it is")                                 \
	X(HELP, "help", NULL, "say what there is, and end")                                       \
	X(VERSION, "version", NULL, "print the version, and end")                                 \
	X(ID, "id", "GUID", "the VM's GUID; one is made if it is missing")                        \
	X(CHANNEL, "channel", "ADDRESS", "the road to the guest: unix:/path, vsock:CID ...")      \
	X(SNIPPET, "snippet", "qemu|libvirt|cloud-hypervisor|firecracker",                        \
	  "print only what this hypervisor must be told")                                         \
	X(EXCHANGE, "exchange", "on|off", "whether items are exchanged with the guest at all")    \
	X(HOST_ITEMS, "host-items", "on|off", "whether the guest is told the host's own facts")   \
	X(ALLOW_SECRETS, "allow-secrets", "on|off",                                               \
	  "whether a guest that cannot hide secrets gets them")                                   \
	X(ITEMS, "items", NULL, "undefine the VM although it has items")                          \
	X(HOST_ONLY, "host-only", NULL, "the items that stay on the host")                        \
	X(SECRET, "secret", NULL, "in the guest for root alone; not shown unasked")               \
	X(ONCE, "once", NULL, "ends when the guest removes it; other items come back")            \
	X(TRANSIENT, "transient", NULL, "goes with the end of the contact")                       \
	X(PLAIN, "plain", NULL, "not secret, once or transient any more")                         \
	X(FILE, "file", "FILE",                                                                   \
	  "the value is in a file, of up to 1 MiB; '-' stands for standard "                      \
	  "input or output")                                                                      \
	X(SECRETS, "secrets", NULL, "show the values of secrets")                                 \
	X(IF_GENERATION, "if-generation", "N", "only if the VM's generation is still this one")   \
	X(WAIT, "wait", "SECONDS", "wait at most so long for the end of the job")                 \
	X(ROLE, "role", "read|write|admin", "what the user may do")                               \
	X(MAC, "mac", "MAC", "only the guest's adapter with this address")                        \
	X(FAMILY, "family", "4|6", "only addresses of IPv4, or of IPv6")                          \
	X(ALL, "all", NULL, "also link-local addresses, and adapters made by software")           \
	X(FOR, "for", "ip|guest|item=KEY", "what to wait for")                                    \
	X(TIMEOUT, "timeout", "SECONDS", "wait at most so long; 60 if it is missing")             \
	X(PASSWORD_STDIN, "password-stdin", NULL, "read the password from standard input")

enum option {
#define X(name, text, argument, help) OPTION_##name,
	OPTION_LIST(X)
#undef X
		OPTION_COUNT
};

#define WITH(name)         (UINT32_C(1) << OPTION_##name)
#define OPTIONS_EVERYWHERE (WITH(ID) - 1)

struct option_text {
	const char *name, *argument, *help; /* argument NULL: takes none */
};

extern const struct option_text option_texts[OPTION_COUNT];

struct command {
	const char *name; /* "item add": the first word is the group */
	const char *args; /* "VM KEY VALUE [KEY VALUE]...": see args.h. With --file: VM KEY */
	uint32_t options; /* besides OPTIONS_EVERYWHERE */
	enum exit_code (*run)(struct cli *cli);
	const char *help; /* NULL: not shown to people */
};

/* Ends with a row without a name. */
extern const struct command commands[];

/* The command whose name is these words; NULL: none. ret_used: how many words its name has. */
const struct command *command_find(const char *const *words, size_t count, size_t *ret_used);

/* What the commands do: vm.c, item.c ... */
enum exit_code vm_define(struct cli *cli);
enum exit_code vm_list(struct cli *cli);
enum exit_code vm_show(struct cli *cli);
enum exit_code vm_set(struct cli *cli);
enum exit_code vm_attach(struct cli *cli);
enum exit_code vm_detach(struct cli *cli);
enum exit_code vm_rename(struct cli *cli);
enum exit_code vm_undefine(struct cli *cli);
enum exit_code vm_ip(struct cli *cli);
enum exit_code vm_wait(struct cli *cli);
enum exit_code item_add(struct cli *cli);
enum exit_code item_modify(struct cli *cli);
enum exit_code item_put(struct cli *cli);
enum exit_code item_remove(struct cli *cli);
enum exit_code item_put_ignition(struct cli *cli);
enum exit_code item_clear(struct cli *cli);
enum exit_code item_list(struct cli *cli);
enum exit_code item_get(struct cli *cli);
enum exit_code guest_list(struct cli *cli);
enum exit_code guest_get(struct cli *cli);
enum exit_code job_list(struct cli *cli);
enum exit_code job_show(struct cli *cli);
enum exit_code job_wait(struct cli *cli);
enum exit_code user_add(struct cli *cli);
enum exit_code user_list(struct cli *cli);
enum exit_code user_remove(struct cli *cli);
enum exit_code show_status(struct cli *cli);
enum exit_code show_help(struct cli *cli);
enum exit_code completion_bash(struct cli *cli);
enum exit_code completion_words(struct cli *cli);
