/* SPDX-License-Identifier: MIT */
/* http_listener.c -- TCP and unix sockets. */
#include "front/http_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define BACKLOG    1024
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

/* A client whose machine has vanished is noticed after two minutes of silence. */
#define PROBE_AFTER_S 60
#define PROBE_EACH_S  10
#define PROBES        6

static void close_socket(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Splits "127.0.0.1:5985" or "[::1]:5985". Names are not looked up: who listens where must not
 * depend on a server of names. */
static bool split_address(const char *address, char host[static NI_MAXHOST],
			  char port[static NI_MAXSERV], struct okvp_error *err)
{
	const char *colon = strrchr(address, ':'), *begin = address, *end = colon;
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	bool bracketed = colon && colon > address && *address == '[' && colon[-1] == ']';

	if (bracketed) {
		begin++;
		end--;
	}
	if (digits == 0 || digits > 5 || colon[1 + digits] != '\0' || atoi(colon + 1) > 65535 ||
	    end <= begin || end - begin >= NI_MAXHOST ||
	    (!bracketed && memchr(begin, ':', (size_t)(end - begin))))
		return okvp_fail(err, OKVP_INVALID,
				 "'%s' is no address like 127.0.0.1:5985, [::1]:5985 or a path",
				 address);
	snprintf(host, NI_MAXHOST, "%.*s", (int)(end - begin), begin);
	snprintf(port, NI_MAXSERV, "%s", colon + 1);
	if (strcmp(host, "localhost") == 0)
		snprintf(host, NI_MAXHOST, "127.0.0.1");
	return true;
}

/* An address as text: "127.0.0.1", and with its port "[::1]:5985". IPv4 inside IPv6 as IPv4. */
static void address_text(const struct sockaddr_storage *address, socklen_t length, bool with_port,
			 char *out, size_t size)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
	const char *plain = host;

	getnameinfo((const struct sockaddr *)address, length, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	if (strncmp(host, "::ffff:", 7) == 0 && strchr(host, '.'))
		plain = host + 7;
	if (with_port)
		snprintf(out, size, strchr(plain, ':') ? "[%s]:%s" : "%s:%s", plain, port);
	else
		snprintf(out, size, "%s", plain);
}

/* Has the kernel look whether clients are still there; connections have it from their listener. */
static bool probe_clients(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EACH_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
	};

	for (size_t i = 0; i < count_of(options); i++)
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) != 0)
			return false;
	return true;
}

static bool find_address(const char *address, struct addrinfo **ret_found, struct okvp_error *err)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	char host[NI_MAXHOST], port[NI_MAXSERV];

	return split_address(address, host, port, err) &&
	       (getaddrinfo(host, port, &hints, ret_found) == 0 ||
		okvp_fail(err, OKVP_INVALID, "'%s' is no numeric address", host));
}

static bool open_tcp(const struct http_listener *wanted, struct listener *ret_listener,
		     struct okvp_error *err)
{
	char text[NI_MAXHOST + NI_MAXSERV];
	scoped(close_socket) int fd = -1;
	struct sockaddr_storage got;
	socklen_t length = sizeof(got);
	struct addrinfo *found;
	const int yes = 1;
	bool ok;

	if (!find_address(wanted->address, &found, err))
		return false;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	     probe_clients(fd) && bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
	     listen(fd, BACKLOG) == 0 && getsockname(fd, (struct sockaddr *)&got, &length) == 0;
	freeaddrinfo(found);
	if (!ok)
		return okvp_fail_errno(err, errno, "cannot listen on %s", wanted->address);
	address_text(&got, length, true, text, sizeof(text));
	*ret_listener = (struct listener){ .fd = fd, .address = xstrdup(text) };
	fd = -1;
	return true;
}

static bool unix_address(const char *path, struct sockaddr_un *ret_address, struct okvp_error *err)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret_address->sun_path))
		return okvp_fail(err, OKVP_TOO_LONG, "'%s' is too long for a socket's path", path);
	memcpy(ret_address->sun_path, path, strlen(path) + 1);
	return true;
}

static bool somebody_answers(const struct sockaddr_un *address)
{
	scoped(close_socket) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
}

/* Whether the path is free for us: nothing there, or a socket on which nobody answers. */
static bool path_is_free(const char *path, const struct sockaddr_un *address,
			 struct okvp_error *err)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return errno == ENOENT || okvp_fail_errno(err, errno, "%s", path);
	if (!S_ISSOCK(info.st_mode))
		return okvp_fail(err, OKVP_EXISTS, "%s is there and is no socket", path);
	if (somebody_answers(address))
		return okvp_fail(err, OKVP_EXISTS, "somebody answers on %s already", path);
	return true;
}

/* The socket appears under its name with its mode and group in place: it is made under another name
 * first, and the umask, which all threads share, is left alone. */
static bool open_unix(const struct http_listener *wanted, struct listener *ret_listener,
		      struct okvp_error *err)
{
	scoped(xfree_text) char *new = xprintf("%s.new", wanted->address);
	scoped(close_socket) int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address, new_address;
	struct stat info;

	if (!unix_address(wanted->address, &address, err) ||
	    !unix_address(new, &new_address, err) || !path_is_free(wanted->address, &address, err))
		return false;
	unlink(new);
	if (fd < 0 || bind(fd, (struct sockaddr *)&new_address, sizeof(new_address)) != 0)
		return okvp_fail_errno(err, errno, "cannot listen on %s", wanted->address);
	if ((wanted->group >= 0 && lchown(new, (uid_t)-1, (gid_t)wanted->group) != 0) ||
	    chmod(new, wanted->mode) != 0 || stat(new, &info) != 0 || listen(fd, BACKLOG) != 0 ||
	    rename(new, wanted->address) != 0) {
		okvp_fail_errno(err, errno, "cannot listen on %s", wanted->address);
		unlink(new);
		return false;
	}
	*ret_listener = (struct listener){ .fd = fd,
					   .address = xstrdup(wanted->address),
					   .local = true,
					   .trusted = wanted->trusted,
					   .group = info.st_gid };
	fd = -1;
	return true;
}

bool listener_check(const char *address, struct okvp_error *err)
{
	struct sockaddr_un path;
	struct addrinfo *found;

	if (strchr(address, '/'))
		return unix_address(address, &path, err);
	if (!find_address(address, &found, err))
		return false;
	freeaddrinfo(found);
	return true;
}

bool listener_open(const struct http_listener *wanted, struct listener *ret_listener,
		   struct okvp_error *err)
{
	return strchr(wanted->address, '/') ? open_unix(wanted, ret_listener, err)
					    : open_tcp(wanted, ret_listener, err);
}

void listener_close(struct listener *listener)
{
	if (listener->local)
		unlink(listener->address);
	if (listener->fd >= 0)
		close(listener->fd);
	xfree_text(&listener->address);
	*listener = (struct listener){ .fd = -1 };
}

/* Whether the process that connected had a group, as its own or a supplementary one. The kernel
 * knows; a look-up of names could wait for a directory server. */
static bool has_group(int connection, const struct ucred *peer, gid_t group)
{
	socklen_t size = 0;
	gid_t *groups;
	bool found = peer->gid == group;

	if (found || getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 ||
	    errno != ERANGE || size > GROUPS_MAX * sizeof(*groups))
		return found;
	groups = xmalloc(size);
	if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
		for (size_t i = 0; i < size / sizeof(*groups); i++)
			found = found || groups[i] == group;
	free(groups);
	return found;
}

static bool identify_local(const struct listener *listener, int connection, char *ret_peer,
			   size_t peer_size, struct principal *ret_principal)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	snprintf(ret_peer, peer_size, "local");
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	snprintf(ret_peer, peer_size, "uid %u", (unsigned int)peer.uid);
	if (!listener->trusted)
		return true;
	if (peer.uid != 0 && !has_group(connection, &peer, listener->group))
		return false;
	ret_principal->role = ROLE_ADMIN;
	snprintf(ret_principal->name, sizeof(ret_principal->name), "%s", ret_peer);
	return true;
}

bool listener_identify(const struct listener *listener, int connection, char *ret_peer,
		       size_t peer_size, struct principal *ret_principal)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	*ret_principal = (struct principal){ 0 };
	if (listener->local)
		return identify_local(listener, connection, ret_peer, peer_size, ret_principal);
	if (getpeername(connection, (struct sockaddr *)&address, &length) != 0)
		return false;
	address_text(&address, length, false, ret_peer, peer_size);
	return true;
}
