/* SPDX-License-Identifier: MIT */
/* path_xml.h -- object paths as DSP0201 writes them. */
#pragma once

#define LOCAL_V2                                                                             \
	"<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/><NAMESPACE NAME=\"virtualization\"/>" \
	"<NAMESPACE NAME=\"v2\"/></LOCALNAMESPACEPATH>"
#define KEY(n, v)     "<KEYBINDING NAME=\"" n "\"><KEYVALUE>" v "</KEYVALUE></KEYBINDING>"
#define NAME(c, keys) "<INSTANCENAME CLASSNAME=\"" c "\">" keys "</INSTANCENAME>"
