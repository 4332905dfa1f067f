/* SPDX-License-Identifier: MIT */
/* connect.c -- kinds of address, and how each is opened. */
#include "base/connect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/vsock.h"
#include "openkvp/scoped.h"

#define PORT_LINK   "/dev/virtio-ports/" CONNECT_PORT_NAME /* made by udev */
#define PORT_FOLDER "/sys/class/virtio-ports"

struct connector {
	const struct kind *kind;
	char *name;
	const char *path; /* within name: what stands behind the kind's prefix */
	struct vsock_place vsock;
	int listener;
};

struct kind {
	const char *prefix;
	bool prefix_is_path;
	bool (*prepare)(struct connector *connector, struct okvp_error *err); /* may be NULL */
	bool (*open)(const struct connector *connector, int *ret_fd, struct okvp_error *err);
	void (*remove)(const struct connector *connector); /* what was prepared; may be NULL */
};

static bool fail_address(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_INVALID,
			 "an address is vsock[:CID[:PORT]], vsock-listen[:PORT], unix:PATH, "
			 "unix-listen:PATH or /dev/PATH");
}

/* --- Unix sockets --- */

static bool unix_address(const char *path, struct sockaddr_un *ret_address, struct okvp_error *err)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret_address->sun_path))
		return okvp_fail(err, OKVP_INVALID, "a socket's path has at most %zu bytes",
				 sizeof(ret_address->sun_path) - 1);
	strcpy(ret_address->sun_path, path);
	return true;
}

static bool unix_open(const struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	struct sockaddr_un address;
	int fd;

	if (!unix_address(connector->path, &address, err))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret_fd = fd;
		return true;
	}
	okvp_fail(err, OKVP_UNAVAILABLE, "the host is not there: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return false;
}

/* A socket, and nothing else, that a program before this one has left. */
static void remove_socket(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

static bool listen_prepare(struct connector *connector, struct okvp_error *err)
{
	struct sockaddr_un address;

	if (!unix_address(connector->path, &address, err))
		return false;
	connector->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	remove_socket(connector->path);
	if (connector->listener < 0 ||
	    bind(connector->listener, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(connector->listener, 1) < 0)
		return okvp_fail_errno(err, errno, "listen");
	return true;
}

static void listen_remove(const struct connector *connector)
{
	if (connector->listener >= 0)
		remove_socket(connector->path);
}

static bool listen_open(const struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	int fd = accept4(connector->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return okvp_fail(err, OKVP_UNAVAILABLE, "the host is not there: %s",
				 strerror(errno));
	*ret_fd = fd;
	return true;
}

/* --- vsock --- */

static bool vsock_prepare(struct connector *connector, struct okvp_error *err)
{
	return vsock_read_place(connector->path, &connector->vsock) || fail_address(err);
}

static bool vsock_open(const struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	return vsock_connect(&connector->vsock, ret_fd, err);
}

static bool vsock_listen_prepare(struct connector *connector, struct okvp_error *err)
{
	uint32_t port;

	if (!vsock_read_port(connector->path, &port))
		return fail_address(err);
	return vsock_listen(port, &connector->listener, err);
}

static bool vsock_listen_open(const struct connector *connector, int *ret_fd,
			      struct okvp_error *err)
{
	return vsock_accept(connector->listener, ret_fd, err);
}

/* --- Ports --- */

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static bool open_port(const char *path, int *ret_fd, struct okvp_error *err)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY)
		return okvp_fail(
			err, OKVP_BUSY,
			"another program has it open, which only one can (a second agent?)");
	if (fd < 0)
		return okvp_fail_errno(err, errno, "open '%s'", path);
	*ret_fd = fd;
	return true;
}

static bool device_open(const struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	return open_port(connector->path, ret_fd, err);
}

/* Whether a port of /sys/class/virtio-ports has our name. */
static bool is_our_port(const char *port)
{
	scoped(xfree_text) char *path = xprintf(PORT_FOLDER "/%s/name", port);
	char name[sizeof(CONNECT_PORT_NAME) + 1] = "";
	FILE *in = fopen(path, "re");

	if (!in)
		return false;
	if (!fgets(name, sizeof(name), in))
		name[0] = '\0';
	fclose(in);
	name[strcspn(name, "\n")] = '\0';
	return strcmp(name, CONNECT_PORT_NAME) == 0;
}

/* Looks for our port where there is no udev to make a link to it. */
static bool find_port(char **ret_path)
{
	scoped(close_folder) DIR *folder = opendir(PORT_FOLDER);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.' && is_our_port(entry->d_name)) {
			*ret_path = xprintf("/dev/%s", entry->d_name);
			return true;
		}
	return false;
}

static bool port_open(const struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	static const struct vsock_place host = { VSOCK_HOST, VSOCK_PORT };
	scoped(xfree_text) char *path = NULL;

	if (access(PORT_LINK, F_OK) == 0)
		return open_port(PORT_LINK, ret_fd, err);
	if (find_port(&path))
		return open_port(path, ret_fd, err);
	if (vsock_exists())
		return vsock_connect(&host, ret_fd, err) || okvp_fail_in(err, "vsock");
	return okvp_fail(err, OKVP_UNAVAILABLE, "this machine has neither such a port nor a vsock");
}

/* --- Kinds --- */

static const struct kind kinds[] = {
	{ .prefix = "vsock-listen", .prepare = vsock_listen_prepare, .open = vsock_listen_open },
	{ .prefix = "vsock", .prepare = vsock_prepare, .open = vsock_open },
	{ .prefix = "unix:", .open = unix_open },
	{ .prefix = "unix-listen:",
	  .prepare = listen_prepare,
	  .open = listen_open,
	  .remove = listen_remove },
	{ .prefix = "/dev/", .prefix_is_path = true, .open = device_open },
};

static const struct kind default_kind = { .open = port_open };

static const struct kind *find_kind(const char *address)
{
	for (size_t i = 0; i < count_of(kinds); i++)
		if (strncmp(address, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	return NULL;
}

bool connector_create(const char *address, struct connector **ret_connector, struct okvp_error *err)
{
	const struct kind *kind = address ? find_kind(address) : &default_kind;
	struct connector *connector;

	if (!kind)
		return fail_address(err) || okvp_fail_in(err, "%s", address);
	connector = xcalloc(1, sizeof(*connector));
	connector->kind = kind;
	connector->listener = -1;
	connector->name = xstrdup(address ? address : "port " CONNECT_PORT_NAME);
	connector->path = connector->name;
	if (address && !kind->prefix_is_path)
		connector->path += strlen(kind->prefix);
	if (kind->prepare && !kind->prepare(connector, err)) {
		okvp_fail_in(err, "%s", connector->name);
		connector_free(&connector);
		return false;
	}
	*ret_connector = connector;
	return true;
}

void connector_free(struct connector **connector)
{
	struct connector *old = *connector;

	*connector = NULL;
	if (!old)
		return;
	if (old->listener >= 0)
		close(old->listener);
	if (old->kind->remove)
		old->kind->remove(old);
	free(old->name);
	free(old);
}

const char *connector_name(const struct connector *connector)
{
	return connector->name;
}

int connector_listener(const struct connector *connector)
{
	return connector->listener;
}

bool connector_open(struct connector *connector, int *ret_fd, struct okvp_error *err)
{
	return connector->kind->open(connector, ret_fd, err) ||
	       okvp_fail_in(err, "%s", connector->name);
}
