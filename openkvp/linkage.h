/* SPDX-License-Identifier: MIT */
/* linkage.h -- what lets C++ include the headers of this library. */
#pragma once

#ifdef __cplusplus
#define OKVP_BEGIN_DECLS extern "C" {
#define OKVP_END_DECLS   }
#define OKVP_AT_LEAST
#else
#define OKVP_BEGIN_DECLS
#define OKVP_END_DECLS
#define OKVP_AT_LEAST static /* in an array parameter, where C++ has no such word */
#endif
