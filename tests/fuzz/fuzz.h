/* SPDX-License-Identifier: MIT */
/* fuzz.h -- what every fuzz target defines: libFuzzer calls it with one input after another. It
 * returns 0; whatever must hold, it asserts. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
