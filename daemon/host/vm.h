/* SPDX-License-Identifier: MIT */
/* vm.h -- a virtual machine as the host sees it now, and the list of all of them.
 *
 * What is stored of a VM comes as an immutable snapshot; what is known of its guest at this moment
 * comes as a struct vm_status by value. Both may be asked for on any thread. */
#pragma once
#include "openkvp/ic_message.h"
#include "store/snapshot.h"

struct vm;
struct vm_registry;
struct host_events; /* event.h */

/* How the guest is in contact: the states of channel.h, in the words of this layer. */
enum vm_contact {
	VM_CONTACT_NONE,         /* no connection: off, as far as anyone can tell */
	VM_CONTACT_CONNECTED,    /* a connection, and nothing negotiated on it yet */
	VM_CONTACT_OPEN,         /* a version is agreed upon: items are exchanged */
	VM_CONTACT_LOST,         /* was open on this connection; a deadline passed */
	VM_CONTACT_INCOMPATIBLE, /* no version in common */
};

#define VM_TROUBLE_SIZE 200

struct vm_status {
	enum vm_contact contact;
	struct okvp_version framework, message; /* Hyper-V's, while open ... */
	unsigned int own_version;               /* ... or openkvp's own */
	uint64_t connected_ms;                  /* since the connection was made; 0: none */
	int64_t last_contact_us; /* wall time of what the guest said last in this run; 0: nothing */
	int64_t guest_read_us;   /* wall time of the last reading of the guest's pools; 0: none */
	uint64_t guest_read_ms;  /* the same, monotonic */
	bool guest_live;         /* that was in this contact */
	bool guest_tells;        /* and the guest has told of each change since */
	bool fault;              /* there can be no contact as things are; the reason says why */
	char reason[160];        /* why there is no contact */
	bool degraded;           /* the guest loses something by its trouble */
	char trouble[VM_TROUBLE_SIZE]; /* what the guest does that it should not; "": nothing */
};

struct vm *vm_ref(struct vm *vm);
void vm_release(struct vm **vm);

const struct guid *vm_id(const struct vm *vm);
const char *vm_id_text(const struct vm *vm); /* upper case */

/* The VM's picture now; the caller owns a reference. NULL: it was undefined meanwhile. */
struct snapshot *vm_snapshot(struct vm *vm);

struct vm_status vm_status(struct vm *vm);

/* A VM at one moment. It owns references to the VM and the snapshot. */
struct vm_picture {
	struct vm *vm;
	struct snapshot *snapshot;
	struct vm_status status;
};

/* Takes one; false: the VM is gone. */
bool vm_picture_take(struct vm *vm, struct vm_picture *ret_picture);
struct vm_picture vm_picture_ref(const struct vm_picture *picture);
void vm_picture_done(struct vm_picture *picture);

/* For host/: where the state of contact is kept. Calls change() with the status under the VM's
 * lock. */
void vm_update_status(struct vm *vm, void (*change)(struct vm_status *status, void *context),
		      void *context);

/* The network adapters that a guest with openkvp's own protocol has told of, as the body of its
 * message, which was checked: okvp_own_read_adapters(). Kept when the contact is lost. */
struct guest_adapters {
	atomic_uint references;
	int64_t told_us; /* wall time */
	size_t length;
	uint8_t body[];
};

#define GUEST_ADAPTERS_MAX 65536 /* bytes; more are not kept */

/* What was told last; the caller owns a reference. NULL: nothing yet. */
struct guest_adapters *vm_adapters(struct vm *vm);
void guest_adapters_release(struct guest_adapters **adapters);

/* For host/: keeps what was told; a longer list than allowed leaves what was there. */
void vm_set_adapters(struct vm *vm, const uint8_t *body, size_t length);

/* What delivery knows of the VM; it hangs here so that a reader finds it. See delivery.h. */
struct delivery *vm_delivery(struct vm *vm);

/* --- The list of all VMs --- */

/* An immutable list; each of its VMs is counted by it. */
struct vm_list {
	atomic_uint references;
	size_t count;
	struct vm *vm[];
};

/* events hears of what changes; NULL: nobody does. */
struct vm_registry *vm_registry_create(struct host_events *events);
void vm_registry_free(struct vm_registry **registry);

/* Takes a new picture in, or NULL: the VM is gone. For the store's events. Returns the VM
 * (borrowed), NULL if it went. */
struct vm *vm_registry_publish(struct vm_registry *registry, const struct guid *id,
			       struct snapshot *snapshot);

/* Finds a VM by GUID, in any of its forms, or by name without case. The caller owns a reference;
 * NULL: none. */
struct vm *vm_registry_find(struct vm_registry *registry, const char *name_or_guid);
struct vm *vm_registry_find_id(struct vm_registry *registry, const struct guid *id);

/* The VMs there are now, in the order of their definition. */
struct vm_list *vm_registry_list(struct vm_registry *registry);
struct vm_list *vm_list_ref(struct vm_list *list);
void vm_list_release(struct vm_list **list);
