/* SPDX-License-Identifier: MIT */
/* device.h -- /dev/vmbus/hv_kvp: between the bridge and the daemon that opens it.
 *
 * One daemon has it open at a time (EBUSY for a second one). As with Hyper-V's driver it reads and
 * writes whole messages: a write of another size, or out of turn, is EINVAL, and so is a read with
 * less room. A read waits for a message, but may be interrupted or not want to (O_NONBLOCK), and
 * poll(2) tells when there is one.
 *
 * device.c makes it by CUSE; kvp-bridge of the integration tests has a socket in its place. */
#pragma once
#include <poll.h>

#include "cuse/bridge.h"

struct device;

/* fd is /dev/cuse, open and not blocking, and is closed with the device (when there is none, it
 * stays the caller's, as the bridge always does). The device can be opened once device_turn() has
 * taken what the kernel asks first. */
bool device_create(int fd, struct bridge *bridge, struct device **ret_device,
		   struct okvp_error *err);
void device_free(struct device **device);

/* What to poll(2) for, and takes what that has reported (0: nothing). OKVP_UNAVAILABLE when the
 * device is gone. */
struct pollfd device_poll(const struct device *device);
bool device_turn(struct device *device, short reported, struct okvp_error *err);

/* Gives the daemon the message that the bridge has for it, if it waits for one; whether it has read
 * it. */
bool device_push(struct device *device);
