/* SPDX-License-Identifier: MIT */
/* device.c -- a character device made by CUSE, with libfuse's low-level interface. */
#define FUSE_USE_VERSION 35

#include "cuse/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuse_lowlevel.h>

#include "base/log.h"
#include "base/memory.h"

struct device {
	struct bridge *bridge;
	struct fuse_session *session;
	struct fuse_buf buffer; /* for what the kernel asks */

	fuse_req_t reader;            /* a read that waits for a message, or NULL */
	struct fuse_pollhandle *poll; /* who wants to be told of one, or NULL */
};

static struct device *device_of(fuse_req_t request)
{
	return fuse_req_userdata(request);
}

static void made(void *device)
{
	log_info("", "/dev/vmbus/hv_kvp is there");
}

static void forget_poll(struct device *device)
{
	if (device->poll)
		fuse_pollhandle_destroy(device->poll);
	device->poll = NULL;
}

static void refuse_reader(struct device *device, int error)
{
	fuse_req_t reader = device->reader;

	device->reader = NULL;
	if (reader)
		fuse_reply_err(reader, error);
}

static void forget_daemon(struct device *device)
{
	refuse_reader(device, EINTR);
	forget_poll(device);
	bridge_daemon_closed(device->bridge);
}

/* --- What the daemon does --- */

static void take_open(fuse_req_t request, struct fuse_file_info *file)
{
	struct device *device = device_of(request);

	if (bridge_state(device->bridge) != BRIDGE_NO_DAEMON) {
		fuse_reply_err(request, EBUSY);
		return;
	}
	bridge_daemon_opened(device->bridge);
	if (fuse_reply_open(request, file) != 0)
		forget_daemon(device); /* it has not waited for the answer, and will not close */
}

static void take_release(fuse_req_t request, struct fuse_file_info *file)
{
	forget_daemon(device_of(request));
	fuse_reply_err(request, 0);
}

static void interrupt(fuse_req_t request, void *device)
{
	refuse_reader(device, EINTR);
}

/* Reads wait here, until device_push() has something. */
static void take_read(fuse_req_t request, size_t size, off_t offset, struct fuse_file_info *file)
{
	struct device *device = device_of(request);

	if (size < OKVP_HV_MESSAGE_SIZE) {
		fuse_reply_err(request, EINVAL);
	} else if (device->reader) {
		fuse_reply_err(request, EBUSY);
	} else if (!bridge_to_daemon(device->bridge) && file->flags & O_NONBLOCK) {
		fuse_reply_err(request, EAGAIN);
	} else if (fuse_req_interrupted(request)) {
		fuse_reply_err(request, EINTR);
	} else {
		device->reader = request;
		fuse_req_interrupt_func(request, interrupt, device);
	}
}

static void take_write(fuse_req_t request, const char *bytes, size_t size, off_t offset,
		       struct fuse_file_info *file)
{
	struct device *device = device_of(request);

	if (size == OKVP_HV_MESSAGE_SIZE &&
	    bridge_daemon_wrote(device->bridge, (const uint8_t *)bytes))
		fuse_reply_write(request, size);
	else
		fuse_reply_err(request, EINVAL);
}

static void take_poll(fuse_req_t request, struct fuse_file_info *file, struct fuse_pollhandle *poll)
{
	struct device *device = device_of(request);

	if (poll) {
		forget_poll(device);
		device->poll = poll;
	}
	fuse_reply_poll(request, bridge_to_daemon(device->bridge) ? POLLIN | POLLRDNORM : 0);
}

static void take_ioctl(fuse_req_t request, int command, void *argument, struct fuse_file_info *file,
		       unsigned int flags, const void *in, size_t in_size, size_t out_size)
{
	fuse_reply_err(request, ENOTTY);
}

bool device_push(struct device *device)
{
	const uint8_t *message = bridge_to_daemon(device->bridge);
	fuse_req_t reader = device->reader;

	if (message && device->poll) {
		fuse_lowlevel_notify_poll(device->poll);
		forget_poll(device);
	}
	if (!message || !reader)
		return false;
	device->reader = NULL;
	/* Fails when the reader was killed: what it has not read goes when it is released. */
	if (fuse_reply_buf(reader, (const char *)message, OKVP_HV_MESSAGE_SIZE) != 0)
		return false;
	bridge_daemon_read(device->bridge);
	return true;
}

/* --- The device --- */

static const struct cuse_lowlevel_ops operations = {
	.init_done = made,
	.open = take_open,
	.read = take_read,
	.write = take_write,
	.release = take_release,
	.ioctl = take_ioctl,
	.poll = take_poll,
};

/* libfuse takes a descriptor that is open already by this name. */
static bool give_descriptor(struct fuse_session *session, int fd)
{
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	return fuse_session_mount(session, name) == 0;
}

bool device_create(int fd, struct bridge *bridge, struct device **ret_device,
		   struct okvp_error *err)
{
	const char *about[] = { "DEVNAME=vmbus/hv_kvp" };
	const struct cuse_info info = { .dev_info_argc = count_of(about), .dev_info_argv = about };
	char *argv[] = { (char[]){ "openkvp-cuse" }, NULL };
	struct fuse_args arguments = FUSE_ARGS_INIT(1, argv);
	struct device *device = xcalloc(1, sizeof(*device));

	device->bridge = bridge;
	device->session = cuse_lowlevel_new(&arguments, &info, &operations, device);
	fuse_opt_free_args(&arguments);
	if (device->session && give_descriptor(device->session, fd)) {
		*ret_device = device;
		return true;
	}
	device_free(&device);
	return okvp_fail(err, OKVP_IO, "libfuse refuses to make a device");
}

void device_free(struct device **device)
{
	struct device *old = *device;

	*device = NULL;
	if (!old)
		return;
	refuse_reader(old, ENODEV);
	forget_poll(old);
	if (old->session)
		fuse_session_destroy(old->session);
	free(old->buffer.mem);
	free(old);
}

struct pollfd device_poll(const struct device *device)
{
	return (struct pollfd){ .fd = fuse_session_fd(device->session), .events = POLLIN };
}

bool device_turn(struct device *device, short reported, struct okvp_error *err)
{
	int size = 0;

	if (reported)
		size = fuse_session_receive_buf(device->session, &device->buffer);
	if (size == -EINTR || size == -EAGAIN)
		return true;
	if (size < 0)
		return okvp_fail(err, OKVP_UNAVAILABLE, "/dev/cuse: %s", strerror(-size));
	if (size > 0)
		fuse_session_process_buf(device->session, &device->buffer);
	return !fuse_session_exited(device->session) ||
	       okvp_fail(err, OKVP_UNAVAILABLE, "the kernel has taken the device away");
}
