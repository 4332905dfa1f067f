/* SPDX-License-Identifier: MIT */
/* test_snippets.c -- cli/snippets */
#include "cli/snippets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct text text;

static int forget(void **state)
{
	text_done(&text);
	return 0;
}

/* A hypervisor's snippet for a channel; NULL: it has none. */
static const char *snippet_for(const char *hypervisor, const char *channel)
{
	const struct snippet *snippet = snippet_find(hypervisor);

	text_clear(&text);
	assert_non_null(snippet);
	return snippet_write(snippet, &text, channel) ? text.bytes : NULL;
}

static void qemu_makes_the_socket_or_connects_to_it(void **state)
{
	assert_string_equal(snippet_for("qemu", "unix:/run/web1.sock"),
			    "-device virtio-serial-pci\n"
			    "-chardev socket,id=openkvp,path=/run/web1.sock,server=on,wait=off\n"
			    "-device virtserialport,chardev=openkvp,name=org.openkvp.0\n");
	assert_non_null(strstr(snippet_for("qemu", "unix-listen:/run/web1.sock"),
			       "path=/run/web1.sock,reconnect=1\n"));
	assert_string_equal(snippet_for("qemu", "vsock:7"),
			    "-device vhost-vsock-pci,guest-cid=7\n");
}

static void libvirt_gets_a_channel_or_a_vsock(void **state)
{
	assert_string_equal(snippet_for("libvirt", "unix:/s"),
			    "<channel type='unix'>\n"
			    "  <source mode='bind' path='/s'/>\n"
			    "  <target type='virtio' name='org.openkvp.0'/>\n"
			    "</channel>\n");
	assert_string_equal(snippet_for("libvirt", "unix-listen:/s"),
			    "<channel type='unix'>\n"
			    "  <source mode='connect' path='/s'>\n"
			    "    <reconnect enabled='yes' timeout='1'/>\n"
			    "  </source>\n"
			    "  <target type='virtio' name='org.openkvp.0'/>\n"
			    "</channel>\n");
	assert_string_equal(snippet_for("libvirt", "vsock:7"), "<vsock model='virtio'>\n"
							       "  <cid auto='no' address='7'/>\n"
							       "</vsock>\n");
}

static void hybrid_vsock_is_for_two_of_them(void **state)
{
	assert_string_equal(snippet_for("cloud-hypervisor", "hybrid:/s"),
			    "--vsock cid=3,socket=/s\n");
	assert_string_equal(snippet_for("firecracker", "hybrid:/s"),
			    "\"vsock\": {\"guest_cid\": 3, \"uds_path\": \"/s\"}\n");
	assert_null(snippet_for("qemu", "hybrid:/s"));
	assert_null(snippet_for("libvirt", "hybrid:/s"));
	assert_null(snippet_for("firecracker", "unix:/s"));
	assert_null(snippet_for("qemu", ""));
}

static void odd_paths_keep_their_meaning(void **state)
{
	assert_non_null(strstr(snippet_for("qemu", "unix:/a,b"), "path=/a,,b,server=on"));
	assert_non_null(strstr(snippet_for("qemu", "unix:/a 'b"),
			       "-chardev 'socket,id=openkvp,path=/a '\\''b,server=on,wait=off'\n"));
	assert_non_null(strstr(snippet_for("libvirt", "unix:/a'<&"), "path='/a&apos;&lt;&amp;'"));
	assert_non_null(strstr(snippet_for("firecracker", "hybrid:/a\"b"), "\"/a\\\"b\""));
	assert_non_null(strstr(snippet_for("cloud-hypervisor", "hybrid:/a,b"), "socket=\"/a,b\""));
}

static void arguments_of_a_command_line_can_be_pasted_behind_it(void **state)
{
	text_clear(&text);
	snippets_write_all(&text, "web1", "unix:/s", SNIPPETS_PORT);
	assert_non_null(strstr(text.bytes, "  -device virtio-serial-pci \\\n  -chardev socket"));
	assert_non_null(strstr(text.bytes, "name=org.openkvp.0\n"));
	assert_non_null(strstr(text.bytes,
			       "Firecracker, in its configuration file:\n  it takes another "
			       "channel: openkvp vm attach web1 hybrid:/path\n"));
	assert_non_null(strstr(text.bytes, "  openkvp-agent serve\n"));
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, forget)
	const struct CMUnitTest tests[] = {
		test(qemu_makes_the_socket_or_connects_to_it),
		test(libvirt_gets_a_channel_or_a_vsock),
		test(hybrid_vsock_is_for_two_of_them),
		test(odd_paths_keep_their_meaning),
		test(arguments_of_a_command_line_can_be_pasted_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
