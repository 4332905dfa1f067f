/* SPDX-License-Identifier: MIT */
/* talk_on_world.h -- the binding on the small world of tests/unit/cim, whose VMs are associated.
 * Included after cmocka.h. */
#pragma once
#include <stdlib.h>

#include "../../cim/world.h"
#include "talk.h"

#define WORLD_VM(n) "0000000" #n "-AAAA-BBBB-CCCC-0123456789AB"
#define WORLD_NAME(n)               \
	NAME("Msvm_ComputerSystem", \
	     KEY("CreationClassName", "Msvm_ComputerSystem") KEY("Name", WORLD_VM(n)))

struct fixture {
	struct talk *talk;
	struct world *world;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	world_set_up((void **)&f->world);
	talk_set_up((void **)&f->talk);
	talk_to(f->talk, f->world->service);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	int status = talk_tear_down((void **)&f->talk) + world_tear_down((void **)&f->world);

	free(f);
	return status;
}
