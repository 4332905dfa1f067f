/* SPDX-License-Identifier: MIT */
/* snippets.c -- the lines for QEMU, libvirt, Cloud Hypervisor and Firecracker, ready to paste. */
#include "cli/snippets.h"

#include <string.h>

#include "cli/display.h"
#include "openkvp/scoped.h"

#define PORT_NAME "org.openkvp.0" /* of virtio-serial: the one that the agent looks for */
#define GUEST_CID 3               /* where it does not matter: nobody else sees it */

/* --- Text in each format --- */

/* A word of a shell's command line. */
static void add_word(struct text *out, const char *word)
{
	static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789_./:@%+=,-";

	if (word[strspn(word, harmless)] == '\0') {
		text_puts(out, word);
		return;
	}
	text_putc(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			text_puts(out, "'\\''");
		else
			text_putc(out, *word);
	text_putc(out, '\'');
}

/* A path within an option of QEMU, where a comma is written twice. */
static void add_qemu_path(struct text *out, const char *path)
{
	for (; *path; path++) {
		text_putc(out, *path);
		if (*path == ',')
			text_putc(out, ',');
	}
}

static void add_xml(struct text *out, const char *value)
{
	text_xml(out, value, strlen(value));
}

/* --- Hypervisors --- */

static bool is(const char *road, const char *kind)
{
	return strcmp(road, kind) == 0;
}

static void write_qemu(struct text *out, const char *road, const char *rest)
{
	scoped(text_done) struct text chardev = { 0 };

	if (is(road, "vsock:")) {
		text_printf(out, "-device vhost-vsock-pci,guest-cid=%s\n", rest);
		return;
	}
	text_puts(&chardev, "socket,id=openkvp,path=");
	add_qemu_path(&chardev, rest);
	text_puts(&chardev, is(road, "unix:") ? ",server=on,wait=off" : ",reconnect=1");
	text_puts(out, "-device virtio-serial-pci\n-chardev ");
	add_word(out, chardev.bytes);
	text_puts(out, "\n-device virtserialport,chardev=openkvp,name=" PORT_NAME "\n");
}

static void write_libvirt(struct text *out, const char *road, const char *rest)
{
	if (is(road, "vsock:")) {
		text_printf(out,
			    "<vsock model='virtio'>\n"
			    "  <cid auto='no' address='%s'/>\n"
			    "</vsock>\n",
			    rest);
		return;
	}
	text_printf(out, "<channel type='unix'>\n  <source mode='%s' path='",
		    is(road, "unix:") ? "bind" : "connect");
	add_xml(out, rest);
	text_puts(out, is(road, "unix:") ? "'/>\n"
					 : "'>\n"
					   "    <reconnect enabled='yes' timeout='1'/>\n"
					   "  </source>\n");
	text_puts(out, "  <target type='virtio' name='" PORT_NAME "'/>\n</channel>\n");
}

static void write_cloud_hypervisor(struct text *out, const char *road, const char *rest)
{
	scoped(text_done) struct text option = { 0 };
	const char *quote = strpbrk(rest, ",[]") ? "\"" : "";

	text_printf(&option, "cid=%d,socket=%s%s%s", GUEST_CID, quote, rest, quote);
	text_puts(out, "--vsock ");
	add_word(out, option.bytes);
	text_putc(out, '\n');
}

static void write_firecracker(struct text *out, const char *road, const char *rest)
{
	text_printf(out, "\"vsock\": {\"guest_cid\": %d, \"uds_path\": ", GUEST_CID);
	text_json(out, rest, strlen(rest));
	text_puts(out, "}\n");
}

const struct snippet snippets[] = {
	{ "qemu", "QEMU", "unix: unix-listen: vsock:", true, write_qemu },
	{ "libvirt", "libvirt, in <devices>", "unix: unix-listen: vsock:", false, write_libvirt },
	{ "cloud-hypervisor", "Cloud Hypervisor", "hybrid:", true, write_cloud_hypervisor },
	{ "firecracker", "Firecracker, in its configuration file", "hybrid:", false,
	  write_firecracker },
	{ 0 },
};

/* --- All of them --- */

const struct snippet *snippet_find(const char *name)
{
	for (const struct snippet *snippet = snippets; snippet->name; snippet++)
		if (strcmp(snippet->name, name) == 0)
			return snippet;
	return NULL;
}

/* Whether one of the words of a list is this kind. */
static bool has_road(const char *roads, const char *road)
{
	size_t length = strlen(road);

	for (const char *at = roads; *at; at += *at == ' ') {
		size_t word = strcspn(at, " ");

		if (word == length && memcmp(at, road, length) == 0)
			return true;
		at += word;
	}
	return false;
}

bool snippet_write(const struct snippet *snippet, struct text *out, const char *channel)
{
	const char *colon = strchr(channel, ':');
	scoped(text_done) struct text road = { 0 };

	if (!colon)
		return false;
	text_add(&road, channel, (size_t)(colon + 1 - channel));
	if (!has_road(snippet->roads, road.bytes))
		return false;
	snippet->write(out, road.bytes, colon + 1);
	return true;
}

/* Appends lines with two spaces before each; those of a command line become one line of a shell. */
static void add_indented(struct text *out, const struct text *lines, bool shell)
{
	const char *at = lines->bytes;

	while (*at) {
		size_t length = strcspn(at, "\n");

		text_puts(out, "  ");
		display_add(out, at, length);
		text_puts(out, shell && at[length + 1] ? " \\\n" : "\n");
		at += length + 1;
	}
}

static void write_one(struct text *out, const struct snippet *snippet, const char *vm,
		      const char *channel)
{
	const char *example = has_road(snippet->roads, "hybrid:") ? "hybrid:/path" : "unix:/path";
	scoped(text_done) struct text lines = { 0 };

	text_printf(out, "\n%s:\n", snippet->title);
	if (!snippet_write(snippet, &lines, channel)) {
		text_printf(&lines, "it takes another channel: openkvp vm attach ");
		add_word(&lines, vm);
		text_printf(&lines, " %s\n", example);
	}
	add_indented(out, &lines, snippet->shell);
}

void snippets_write_all(struct text *out, const char *vm, const char *channel, unsigned int port)
{
	bool vsock = strncmp(channel, "vsock:", 6) == 0 || strncmp(channel, "hybrid:", 7) == 0;

	for (const struct snippet *snippet = snippets; snippet->name; snippet++)
		write_one(out, snippet, vm, channel);
	text_puts(out, "\nIn the guest:\n  openkvp-agent serve");
	if (vsock && port != SNIPPETS_PORT)
		text_printf(out, " --connect vsock:2:%u", port);
	text_putc(out, '\n');
}
