/* SPDX-License-Identifier: MIT */
/* own_guest.h -- for tests of host/: the fixture's guest when it speaks openkvp's own protocol. */
#pragma once
#include "host_fixture.h"

/* Says how its pools stand, if the host has greeted it since it last did. */
void own_guest_stand(struct guest *guest);

/* Answers what the host asks. */
void own_guest_serve(struct guest *guest);

/* Tells the host that a pool has changed, from its item at an index on: so many went, so many came.
 * The digest of before is that of what was told last. */
void own_guest_tell(struct fixture *fixture, uint8_t pool, uint32_t at, uint32_t gone,
		    uint32_t come);

/* The same, without saying what. */
void own_guest_tell_nothing(struct fixture *fixture, uint8_t pool);
