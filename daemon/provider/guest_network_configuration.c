/* SPDX-License-Identifier: MIT */
/* guest_network_configuration.c -- SetGuestNetworkAdapterConfiguration: how network adapters are to
 * be set up inside a guest, as instances of Msvm_GuestNetworkAdapterConfiguration.
 *
 * InstanceID ends with the adapter's MAC or GUID: "Microsoft:GuestNetwork\VM\52:54:00:12:34:56". */
#include "provider/service_methods.h"

#include <string.h>
#include <strings.h>

#include "cim/embedded.h"
#include "host/guest_network.h"
#include "host/host.h"
#include "openkvp/scoped.h"

#define CLASS "Msvm_GuestNetworkAdapterConfiguration"

/* A call on its way; it lives in the operation's arena. */
struct call {
	struct cim_operation *operation;
	struct guest_network_call network;
};

/* --- Reading --- */

/* Reads an array property; each element goes to add() with its index. */
static bool read_list(const struct cim_embedded *embedded, const char *name,
		      bool (*add)(struct okvp_adapter *adapter, size_t at,
				  const struct cim_string *text, struct okvp_error *err),
		      struct okvp_adapter *adapter, struct okvp_error *err)
{
	const struct cim_embedded_array *array = cim_embedded_find_array(embedded, name);

	for (size_t i = 0; array && i < array->count; i++) {
		if (!array->item[i].bytes)
			return okvp_fail(err, OKVP_INVALID, "%s[%zu] is NULL", name, i);
		if (!add(adapter, i, &array->item[i], err))
			return okvp_fail_in(err, "%s[%zu]", name, i);
	}
	return true;
}

static bool read_address(const struct cim_string *text, struct okvp_address *ret_address,
			 struct okvp_error *err)
{
	return okvp_address_from_text(text->bytes, text->length, ret_address) ||
	       okvp_fail(err, OKVP_INVALID, "'%.*s' is no address",
			 (int)(text->length < 64 ? text->length : 64), text->bytes);
}

static bool too_many(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_LIMIT, "too many: %d addresses and %d gateways of a family",
			 OKVP_ADDRESSES_MAX, OKVP_GATEWAYS_MAX);
}

static bool add_address(struct okvp_adapter *adapter, size_t at, const struct cim_string *text,
			struct okvp_error *err)
{
	struct okvp_address address;

	if (!read_address(text, &address, err))
		return false;
	address.origin = OKVP_ORIGIN_STATIC;
	return okvp_add_address(&adapter->addresses, &address) || too_many(err);
}

static bool add_subnet(struct okvp_adapter *adapter, size_t at, const struct cim_string *text,
		       struct okvp_error *err)
{
	if (at >= adapter->addresses.count)
		return okvp_fail(err, OKVP_INVALID, "there is no address for it");
	return okvp_prefix_from_text(text->bytes, text->length, &adapter->addresses.address[at]) ||
	       okvp_fail(err, OKVP_INVALID, "'%.*s' is no subnet of its address",
			 (int)(text->length < 64 ? text->length : 64), text->bytes);
}

static bool add_origin(struct okvp_adapter *adapter, size_t at, const struct cim_string *text,
		       struct okvp_error *err)
{
	if (at >= adapter->addresses.count || text->length != 1 || *text->bytes < '0' ||
	    *text->bytes > '2')
		return okvp_fail(err, OKVP_INVALID, "it is 0, 1 or 2, of an address");
	adapter->addresses.address[at].origin = (uint8_t)(*text->bytes - '0');
	return true;
}

static bool add_gateway(struct okvp_adapter *adapter, size_t at, const struct cim_string *text,
			struct okvp_error *err)
{
	struct okvp_address address;

	return read_address(text, &address, err) &&
	       (okvp_add_gateway(&adapter->gateways, &address) || too_many(err));
}

static bool add_dns(struct okvp_adapter *adapter, size_t at, const struct cim_string *text,
		    struct okvp_error *err)
{
	struct okvp_address address;

	return read_address(text, &address, err) &&
	       (okvp_add_address(&adapter->dns, &address) || too_many(err));
}

static bool read_dhcp(struct arena *arena, const struct cim_embedded *embedded, bool *ret_dhcp,
		      struct okvp_error *err)
{
	const struct cim_embedded_property *property = cim_embedded_find(embedded, "DHCPEnabled");
	struct cim_value value = { 0 };

	if (!property)
		return okvp_fail(err, OKVP_INVALID, "DHCPEnabled is missing");
	if (!cim_value_from_text(arena, CIM_BOOLEAN, property->text, property->length, &value, err))
		return okvp_fail_in(err, "DHCPEnabled");
	*ret_dhcp = value.boolean;
	return true;
}

static bool check_subnets(const struct cim_embedded *embedded, const struct okvp_adapter *adapter,
			  struct okvp_error *err)
{
	const struct cim_embedded_array *subnets = cim_embedded_find_array(embedded, "Subnets");
	size_t count = subnets ? subnets->count : 0;

	return count == adapter->addresses.count ||
	       okvp_fail(err, OKVP_INVALID, "%zu IPAddresses have %zu Subnets",
			 adapter->addresses.count, count);
}

static bool read_adapter(struct arena *arena, const struct cim_embedded *embedded,
			 struct okvp_adapter *adapter, struct okvp_error *err)
{
	const struct cim_embedded_property *id = cim_embedded_find(embedded, "InstanceID");

	if (!id)
		return okvp_fail(err, OKVP_INVALID, "InstanceID is missing");
	return guest_network_read_id(id->text, adapter->id, err) &&
	       read_dhcp(arena, embedded, &adapter->dhcp, err) &&
	       read_list(embedded, "IPAddresses", add_address, adapter, err) &&
	       check_subnets(embedded, adapter, err) &&
	       read_list(embedded, "Subnets", add_subnet, adapter, err) &&
	       read_list(embedded, "IPAddressOrigins", add_origin, adapter, err) &&
	       read_list(embedded, "DefaultGateways", add_gateway, adapter, err) &&
	       read_list(embedded, "DNSServers", add_dns, adapter, err);
}

static bool read_configuration(struct arena *arena, const struct cim_value *text,
			       struct okvp_adapter *adapter, struct okvp_error *err)
{
	struct cim_embedded embedded;

	if (!text->is_set)
		return okvp_fail(err, OKVP_INVALID, "it is NULL");
	if (!cim_embedded_read(arena, text->string.bytes, text->string.length, &embedded, err))
		return false;
	if (strcasecmp(embedded.class_name, CLASS) != 0)
		return okvp_fail(err, OKVP_INVALID, "an instance of " CLASS " is needed");
	return read_adapter(arena, &embedded, adapter, err);
}

static bool read_configurations(struct call *call, struct okvp_error *err)
{
	struct arena *arena = call->operation->arena;
	const struct cim_value *list = cim_input(call->operation, "NetworkConfiguration");
	size_t count = list->is_set ? list->array.count : 0;
	struct okvp_adapter *adapters;

	if (count > GUEST_NETWORK_MAX)
		return okvp_fail(err, OKVP_LIMIT, "NetworkConfiguration has %zu elements", count);
	adapters = arena_array(arena, struct okvp_adapter, count);
	for (size_t i = 0; i < count; i++)
		if (!read_configuration(arena, &list->array.item[i], &adapters[i], err))
			return okvp_fail_in(err, "NetworkConfiguration[%zu]", i);
	call->network.adapters = adapters;
	call->network.count = count;
	return true;
}

/* --- The method --- */

static void finished(struct guest_network_call *network)
{
	struct call *call = network->context;
	struct cim_operation *operation = call->operation;

	vm_release(&network->vm);
	if (network->has_job)
		service_answer_job(operation, &network->job);
	else
		service_refuse(operation, job_error_from(network->error.status), &network->error);
}

void service_set_guest_network_adapter_configuration(struct cim_operation *operation)
{
	struct host *host = cim_service_context(operation->service);
	struct call *call = arena_new(operation->arena, struct call);
	struct vm *vm = service_target(operation, "ComputerSystem");
	struct okvp_error err;

	if (!vm)
		return;
	call->operation = operation;
	call->network.vm = vm;
	call->network.principal = operation->principal;
	call->network.finished = finished;
	call->network.context = call;
	if (read_configurations(call, &err)) {
		guest_network_configure(host_network(host), &call->network);
		return;
	}
	vm_release(&vm);
	service_refuse(operation, job_error_from(err.status), &err);
}
