/* SPDX-License-Identifier: MIT */
/* cimxml.h -- CIM-XML requests for a pulled listing, as pywbem writes them. */
#pragma once
#include "base/text.h"

#define CIMXML_TYPE "application/xml; charset=\"utf-8\""
#define CIMXML_PATH "/cimom"

/* OpenEnumerateInstances, and PullInstancesWithPath. The answer holds CIMXML_LAST when it is the
 * last one, and otherwise the context for the next behind CIMXML_CONTEXT. */
void cimxml_open(struct text *out, const char *class_name, const char *page);
void cimxml_pull(struct text *out, const char *context, const char *page);
#define CIMXML_LAST                                                 \
	"<PARAMVALUE NAME=\"EndOfSequence\" PARAMTYPE=\"boolean\">" \
	"<VALUE>TRUE</VALUE>"
#define CIMXML_CONTEXT                                                  \
	"<PARAMVALUE NAME=\"EnumerationContext\" PARAMTYPE=\"string\">" \
	"<VALUE>"
