/* SPDX-License-Identifier: MIT */
/* faults.c -- the table of faults, and their XML. */
#include "front/wsman/faults.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "openkvp/unicode.h"

#define WSMAN_ERROR(n)       (0x80338000u + (n))
#define WINDOWS_ACCESS       5u    /* ERROR_ACCESS_DENIED */
#define WINDOWS_INTERNAL     1359u /* ERROR_INTERNAL_ERROR */
#define ACTION_OF_ADDRESSING NS_ADDRESSING "/fault"
#define ACTION_OF_EVENTING   NS_EVENTING "/fault"
#define ACTION_OF_WSMAN      "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"

/* One row of DSP0226's faults. */
struct kind {
	const char *code;    /* of SOAP */
	const char *subcode; /* NULL: none */
	const char *detail;  /* behind .../faultDetail/; NULL: none */
	uint32_t winrm;      /* WinRM's number, which some clients look at */
};

#define SENDER   "s:Sender"
#define RECEIVER "s:Receiver"

static const struct kind kinds[] = {
	[FAULT_VERSION] = { "s:VersionMismatch", NULL, NULL, WSMAN_ERROR(13) },
	[FAULT_NOT_UNDERSTOOD] = { "s:MustUnderstand", NULL, NULL, WSMAN_ERROR(16) },
	[FAULT_SCHEMA] = { SENDER, "w:SchemaValidationError", NULL, WSMAN_ERROR(65) },
	[FAULT_HEADER_MISSING] = { SENDER, "a:MessageInformationHeaderRequired", NULL,
				   WSMAN_ERROR(17) },
	[FAULT_HEADER_INVALID] = { SENDER, "a:InvalidMessageInformationHeader", NULL,
				   WSMAN_ERROR(15) },
	[FAULT_RESOURCE_URI] = { SENDER, "a:DestinationUnreachable", "InvalidResourceURI",
				 WSMAN_ERROR(59) },
	/* A class or namespace that only the query names. */
	[FAULT_QUERIED_CLASS] = { SENDER, "a:DestinationUnreachable", "InvalidResourceURI",
				  WSMAN_ERROR(26) },
	[FAULT_NO_INSTANCE] = { SENDER, "a:DestinationUnreachable", NULL, WSMAN_ERROR(18) },
	[FAULT_UNAVAILABLE] = { RECEIVER, "a:EndpointUnavailable", NULL, WSMAN_ERROR(20) },
	[FAULT_ACTION] = { SENDER, "a:ActionNotSupported", NULL, WSMAN_ERROR(19) },
	[FAULT_ACTION_MISMATCH] = { SENDER, "a:ActionNotSupported", "ActionMismatch",
				    WSMAN_ERROR(49) },
	[FAULT_SELECTORS] = { SENDER, "w:InvalidSelectors", NULL, WSMAN_ERROR(61) },
	[FAULT_SELECTORS_MISSING] = { SENDER, "w:InvalidSelectors", "InsufficientSelectors",
				      WSMAN_ERROR(250) },
	[FAULT_SELECTORS_UNEXPECTED] = { SENDER, "w:InvalidSelectors", "UnexpectedSelectors",
					 WSMAN_ERROR(91) },
	[FAULT_SELECTORS_DUPLICATE] = { SENDER, "w:InvalidSelectors", "DuplicateSelectors",
					WSMAN_ERROR(95) },
	[FAULT_SELECTORS_TYPE] = { SENDER, "w:InvalidSelectors", "TypeMismatch", WSMAN_ERROR(92) },
	[FAULT_SELECTORS_VALUE] = { SENDER, "w:InvalidSelectors", "InvalidValue", WSMAN_ERROR(93) },
	[FAULT_SELECTOR_LIMIT] = { SENDER, "w:EncodingLimit", "SelectorLimit", WSMAN_ERROR(74) },
	[FAULT_PARAMETER] = { SENDER, "w:InvalidParameter", NULL, WSMAN_ERROR(58) },
	[FAULT_PARAMETER_NAME] = { SENDER, "w:InvalidParameter", "InvalidName", WSMAN_ERROR(85) },
	[FAULT_PARAMETER_TYPE] = { SENDER, "w:InvalidParameter", "TypeMismatch", WSMAN_ERROR(84) },
	[FAULT_PARAMETER_VALUE] = { SENDER, "w:InvalidParameter", "InvalidValue", WSMAN_ERROR(58) },
	[FAULT_ACCESS] = { SENDER, "w:AccessDenied", NULL, WINDOWS_ACCESS },
	[FAULT_EXISTS] = { SENDER, "w:AlreadyExists", NULL, WSMAN_ERROR(51) },
	[FAULT_REPRESENTATION_MISSING] = { SENDER, "x:InvalidRepresentation", "MissingValues",
					   WSMAN_ERROR(87) },
	[FAULT_REPRESENTATION_VALUES] = { SENDER, "x:InvalidRepresentation", "InvalidValues",
					  WSMAN_ERROR(86) },
	[FAULT_REPRESENTATION_NAMESPACE] = { SENDER, "x:InvalidRepresentation", "InvalidNamespace",
					     WSMAN_ERROR(88) },
	[FAULT_ENVELOPE_MINIMUM] = { SENDER, "w:EncodingLimit", "MinimumEnvelopeLimit",
				     WSMAN_ERROR(71) },
	[FAULT_ENVELOPE_SIZE] = { SENDER, "w:EncodingLimit", "MaxEnvelopeSizeExceeded",
				  WSMAN_ERROR(72) },
	[FAULT_UNREPORTABLE_SUCCESS] = { SENDER, "w:EncodingLimit", "UnreportableSuccess",
					 WSMAN_ERROR(77) },
	[FAULT_CHARACTER_SET] = { SENDER, "w:EncodingLimit", "CharacterSet", WSMAN_ERROR(76) },
	[FAULT_URI_LIMIT] = { SENDER, "w:EncodingLimit", "URILimitExceeded", WSMAN_ERROR(45) },
	[FAULT_QUOTA] = { SENDER, "w:QuotaLimit", NULL, WSMAN_ERROR(63) },
	[FAULT_CONCURRENCY] = { SENDER, "w:Concurrency", NULL, WSMAN_ERROR(50) },
	[FAULT_TIMED_OUT] = { RECEIVER, "w:TimedOut", NULL, WSMAN_ERROR(41) },
	[FAULT_PULL_TIMED_OUT] = { RECEIVER, "n:TimedOut", NULL, WSMAN_ERROR(28) },
	[FAULT_CONTEXT] = { RECEIVER, "n:InvalidEnumerationContext", NULL, WSMAN_ERROR(27) },
	[FAULT_EXPIRATION_TIME] = { SENDER, "n:InvalidExpirationTime", NULL, WSMAN_ERROR(22) },
	[FAULT_EXPIRATION_TYPE] = { SENDER, "n:UnsupportedExpirationType", NULL, WSMAN_ERROR(23) },
	[FAULT_DIALECT] = { SENDER, "n:FilterDialectRequestedUnavailable", NULL, WSMAN_ERROR(25) },
	[FAULT_FILTER] = { SENDER, "n:CannotProcessFilter", NULL, WSMAN_ERROR(26) },
	[FAULT_FILTERING] = { SENDER, "n:FilteringNotSupported", NULL, WSMAN_ERROR(24) },
	[FAULT_FILTER_REQUIRED] = { SENDER, "w:UnsupportedFeature", "FilteringRequired",
				    WSMAN_ERROR(79) },
	[FAULT_OPTION_NAME] = { SENDER, "w:InvalidOptions", "InvalidName", WSMAN_ERROR(82) },
	[FAULT_OPTION_VALUE] = { SENDER, "w:InvalidOptions", "InvalidValue", WSMAN_ERROR(83) },
	[FAULT_OPTION_UNSUPPORTED] = { SENDER, "w:InvalidOptions", "NotSupported",
				       WSMAN_ERROR(81) },
	[FAULT_OPTION_LIMIT] = { SENDER, "w:EncodingLimit", "OptionLimit", WSMAN_ERROR(75) },
	[FAULT_ADDRESSING_MODE] = { SENDER, "w:UnsupportedFeature", "AddressingMode",
				    WSMAN_ERROR(118) },
	[FAULT_ENUMERATION_MODE] = { SENDER, "w:UnsupportedFeature", "EnumerationMode",
				     WSMAN_ERROR(66) },
	[FAULT_FRAGMENT] = { SENDER, "w:UnsupportedFeature", "FragmentLevelAccess",
			     WSMAN_ERROR(119) },
	[FAULT_LOCALE] = { SENDER, "w:UnsupportedFeature", "Locale", WSMAN_ERROR(103) },
	[FAULT_POLYMORPHISM] = { SENDER, "b:PolymorphismModeNotSupported", NULL, WSMAN_ERROR(66) },
	[FAULT_UNSUPPORTED] = { SENDER, "w:UnsupportedFeature", NULL, WSMAN_ERROR(66) },
	[FAULT_DELIVERY_MODE] = { SENDER, "e:DeliveryModeRequestedUnavailable", NULL,
				  WSMAN_ERROR(30) },
	[FAULT_EVENT_MESSAGE] = { SENDER, "e:InvalidMessage", NULL, WSMAN_ERROR(37) },
	[FAULT_EVENT_EXPIRATION_TIME] = { SENDER, "e:InvalidExpirationTime", NULL,
					  WSMAN_ERROR(31) },
	[FAULT_EVENT_EXPIRATION_TYPE] = { SENDER, "e:UnsupportedExpirationType", NULL,
					  WSMAN_ERROR(32) },
	[FAULT_EVENT_DIALECT] = { SENDER, "e:FilteringRequestedUnavailable", NULL,
				  WSMAN_ERROR(34) },
	[FAULT_EVENT_RENEWAL] = { RECEIVER, "e:UnableToRenew", NULL, WSMAN_ERROR(36) },
	[FAULT_HEARTBEATS] = { SENDER, "w:UnsupportedFeature", "Heartbeats", WSMAN_ERROR(66) },
	[FAULT_BOOKMARKS] = { SENDER, "w:UnsupportedFeature", "Bookmarks", WSMAN_ERROR(66) },
	[FAULT_INTERNAL] = { RECEIVER, "w:InternalError", NULL, WINDOWS_INTERNAL },
};
_Static_assert(count_of(kinds) == FAULT_COUNT, "a row for each fault");

/* What a CIM status is called in WMI, and the fault that it makes when no detail says more. */
static const struct cim_kind {
	enum cim_status status;
	enum wsman_fault_id fault;
	uint32_t hresult;
	const char *wmi;
} cim_kinds[] = {
	{ CIM_STATUS_FAILED, FAULT_INTERNAL, 0x80041001, "WBEM_E_FAILED" },
	{ CIM_STATUS_ACCESS_DENIED, FAULT_ACCESS, 0x80041003, "WBEM_E_ACCESS_DENIED" },
	{ CIM_STATUS_INVALID_NAMESPACE, FAULT_RESOURCE_URI, 0x8004100E,
	  "WBEM_E_INVALID_NAMESPACE" },
	{ CIM_STATUS_INVALID_PARAMETER, FAULT_PARAMETER, 0x80041008, "WBEM_E_INVALID_PARAMETER" },
	{ CIM_STATUS_INVALID_CLASS, FAULT_RESOURCE_URI, 0x80041010, "WBEM_E_INVALID_CLASS" },
	{ CIM_STATUS_NOT_FOUND, FAULT_NO_INSTANCE, 0x80041002, "WBEM_E_NOT_FOUND" },
	{ CIM_STATUS_NOT_SUPPORTED, FAULT_UNSUPPORTED, 0x8004100C, "WBEM_E_NOT_SUPPORTED" },
	{ CIM_STATUS_ALREADY_EXISTS, FAULT_EXISTS, 0x80041019, "WBEM_E_ALREADY_EXISTS" },
	{ CIM_STATUS_NO_SUCH_PROPERTY, FAULT_PARAMETER, 0x80041031, "WBEM_E_INVALID_PROPERTY" },
	{ CIM_STATUS_TYPE_MISMATCH, FAULT_PARAMETER_TYPE, 0x80041005, "WBEM_E_TYPE_MISMATCH" },
	{ CIM_STATUS_QUERY_LANGUAGE_NOT_SUPPORTED, FAULT_DIALECT, 0x80041018,
	  "WBEM_E_INVALID_QUERY_TYPE" },
	{ CIM_STATUS_INVALID_QUERY, FAULT_FILTER, 0x80041017, "WBEM_E_INVALID_QUERY" },
	{ CIM_STATUS_METHOD_NOT_AVAILABLE, FAULT_ACTION, 0x80041055,
	  "WBEM_E_METHOD_NOT_IMPLEMENTED" },
	{ CIM_STATUS_METHOD_NOT_FOUND, FAULT_ACTION, 0x8004102E, "WBEM_E_INVALID_METHOD" },
	{ CIM_STATUS_NAMESPACE_NOT_EMPTY, FAULT_UNSUPPORTED, 0x80041001, "WBEM_E_FAILED" },
	{ CIM_STATUS_INVALID_ENUMERATION_CONTEXT, FAULT_CONTEXT, 0x80041007,
	  "WBEM_E_INVALID_CONTEXT" },
	{ CIM_STATUS_INVALID_OPERATION_TIMEOUT, FAULT_HEADER_INVALID, 0x80041008,
	  "WBEM_E_INVALID_PARAMETER" },
	{ CIM_STATUS_FILTERED_ENUMERATION_NOT_SUPPORTED, FAULT_FILTERING, 0x8004100C,
	  "WBEM_E_NOT_SUPPORTED" },
	{ CIM_STATUS_CONTINUATION_ON_ERROR_NOT_SUPPORTED, FAULT_UNSUPPORTED, 0x8004100C,
	  "WBEM_E_NOT_SUPPORTED" },
	{ CIM_STATUS_SERVER_LIMITS_EXCEEDED, FAULT_QUOTA, 0x8004106C, "WBEM_E_QUOTA_VIOLATION" },
	{ CIM_STATUS_SERVER_IS_SHUTTING_DOWN, FAULT_UNAVAILABLE, 0x80041033,
	  "WBEM_E_SHUTTING_DOWN" },
};

/* What a detail says is more exact than its status. */
static const enum wsman_fault_id detail_kinds[] = {
	[CIM_DETAIL_KEYS_MISSING] = FAULT_SELECTORS_MISSING,
	[CIM_DETAIL_KEY_UNEXPECTED] = FAULT_SELECTORS_UNEXPECTED,
	[CIM_DETAIL_KEY_DUPLICATE] = FAULT_SELECTORS_DUPLICATE,
	[CIM_DETAIL_KEY_TYPE] = FAULT_SELECTORS_TYPE,
	[CIM_DETAIL_KEY_VALUE] = FAULT_SELECTORS_VALUE,
	[CIM_DETAIL_PARAMETER_NAME] = FAULT_PARAMETER_NAME,
	[CIM_DETAIL_PARAMETER_TYPE] = FAULT_PARAMETER_TYPE,
	[CIM_DETAIL_PARAMETER_VALUE] = FAULT_PARAMETER_VALUE,
	[CIM_DETAIL_PARAMETER_MISSING] = FAULT_PARAMETER,
	[CIM_DETAIL_IN_USE] = FAULT_CONCURRENCY,
};

static const struct cim_kind *find_cim_kind(enum cim_status status)
{
	for (size_t i = 0; i < count_of(cim_kinds); i++)
		if (cim_kinds[i].status == status)
			return &cim_kinds[i];
	return &cim_kinds[0];
}

/* Whether a client looks for WinRM's number where the CIM error has its own: with the one it falls
 * back from Get to Enumerate, with the other to another namespace. */
static bool winrm_comes_first(enum wsman_fault_id id)
{
	return id == FAULT_SELECTORS_MISSING || id == FAULT_QUERIED_CLASS;
}

static void set_message(struct wsman_fault *fault, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A message that is too long is cut, at the end of a character. */
static void set_message(struct wsman_fault *fault, const char *format, va_list args)
{
	size_t length;

	vsnprintf(fault->message, sizeof(fault->message), format, args);
	length = strlen(fault->message);
	fault->message[okvp_utf8_prefix(fault->message, length, length)] = '\0';
}

bool wsman_fail(struct wsman_fault *fault, enum wsman_fault_id id, const char *format, ...)
{
	va_list args;

	*fault = (struct wsman_fault){ .id = id };
	va_start(args, format);
	set_message(fault, format, args);
	va_end(args);
	return false;
}

bool wsman_fail_cim(struct wsman_fault *fault, const struct cim_error *error)
{
	enum wsman_fault_id id = detail_kinds[error->detail];

	wsman_fail(fault, id != FAULT_NONE ? id : find_cim_kind(error->status)->fault, "%s",
		   error->message);
	fault->status = error->status;
	return false;
}

/* The Actions that the standard has for faults of WS-Enumeration and the binding are unknown to
 * clients; those who look at the subcode do not look at the Action. */
const char *wsman_fault_action(const struct wsman_fault *fault)
{
	const char *subcode = kinds[fault->id].subcode;

	if (!subcode || *subcode == 'a')
		return ACTION_OF_ADDRESSING;
	return *subcode == 'e' ? ACTION_OF_EVENTING : ACTION_OF_WSMAN;
}

/* XML has no prefix for what is in no namespace. */
static void write_not_understood(struct text *out, const char *ns, const char *name)
{
	text_puts(out, *ns ? "<s:NotUnderstood qname=\"q:" : "<s:NotUnderstood qname=\"");
	text_xml(out, name, strlen(name));
	if (*ns) {
		text_literal(out, "\" xmlns:q=\"");
		text_xml(out, ns, strlen(ns));
	}
	text_literal(out, "\"/>");
}

void wsman_fault_write_header(struct text *out, const struct wsman_fault *fault)
{
	if (fault->id == FAULT_VERSION)
		text_literal(out, "<s:Upgrade><s:SupportedEnvelope qname=\"s:Envelope\"/>"
				  "</s:Upgrade>");
	if (fault->id == FAULT_NOT_UNDERSTOOD)
		write_not_understood(out, fault->header_ns, fault->header_name);
}

/* --- The CIM error --- */

static void write_member(struct text *out, const char *name, const char *type, const char *value)
{
	text_printf(out, "<p:%s xsi:type=\"cim:%s\">", name, type);
	text_xml(out, value, strlen(value));
	text_printf(out, "</p:%s>", name);
}

/* An instance of MSFT_WmiError, a CIM_Error with what WMI says. */
static void write_cim_error(struct text *out, const struct wsman_fault *fault)
{
	const struct cim_kind *cim = find_cim_kind(fault->status);
	const struct kind *kind = &kinds[fault->id];
	char text[32];

	text_literal(out,
		     "<p:MSFT_WmiError xmlns:p=\"" URI_DMTF "MSFT_WmiError\" xmlns:xsi=\"" NS_XSI
		     "\" xmlns:cim=\"" NS_CIM "\" xsi:type=\"p:MSFT_WmiError_Type\" "
		     "b:IsCIM_Error=\"true\">");
	snprintf(text, sizeof(text), "%d", (int)fault->status);
	write_member(out, "CIMStatusCode", "cimUnsignedInt", text);
	write_member(out, "CIMStatusCodeDescription", "cimString", cim_status_name(fault->status));
	write_member(out, "ErrorType", "cimUnsignedShort", "0");
	write_member(out, "Message", "cimString", fault->message);
	snprintf(text, sizeof(text), "HRESULT 0x%08x", cim->hresult);
	write_member(out, "MessageID", "cimString", text);
	write_member(out, "OwningEntity", "cimString", "openkvp");
	write_member(out, "PerceivedSeverity", "cimUnsignedShort", "0");
	write_member(out, "ProbableCause", "cimUnsignedShort", "0");
	write_member(out, "error_Category", "cimUnsignedInt", "0");
	snprintf(text, sizeof(text), "%u",
		 winrm_comes_first(fault->id) ? kind->winrm : cim->hresult);
	write_member(out, "error_Code", "cimUnsignedInt", text);
	write_member(out, "error_Type", "cimString", "HRESULT");
	write_member(out, "error_WindowsErrorMessage", "cimString", cim->wmi);
	text_literal(out, "</p:MSFT_WmiError>");
}

/* --- The fault --- */

static void write_detail(struct text *out, const struct wsman_fault *fault)
{
	const struct kind *kind = &kinds[fault->id];

	text_literal(out, "<s:Detail>");
	if (kind->detail)
		text_printf(out,
			    "<w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/"
			    "faultDetail/%s</w:FaultDetail>",
			    kind->detail);
	/* Message stands alone: a client takes anything beside it for a syntax error. */
	text_printf(out, "<f:WSManFault xmlns:f=\"" NS_FAULT "\" Code=\"%u\" Machine=\"openkvp\">",
		    kind->winrm);
	text_literal(out, "<f:Message>");
	text_xml(out, fault->message, strlen(fault->message));
	if (fault->status != CIM_STATUS_OK)
		text_printf(out, " (%s)", find_cim_kind(fault->status)->wmi);
	text_literal(out, "</f:Message></f:WSManFault>");
	if (fault->status != CIM_STATUS_OK)
		write_cim_error(out, fault);
	text_literal(out, "</s:Detail>");
}

void wsman_fault_write(struct text *out, const struct wsman_fault *fault)
{
	const struct kind *kind = &kinds[fault->id];

	text_literal(out, "<s:Fault xmlns:b=\"" NS_CIM_BINDING "\"><s:Code><s:Value>");
	text_puts(out, kind->code);
	text_literal(out, "</s:Value>");
	if (kind->subcode)
		text_printf(out, "<s:Subcode><s:Value>%s</s:Value></s:Subcode>", kind->subcode);
	text_literal(out, "</s:Code><s:Reason><s:Text xml:lang=\"en-US\">");
	text_xml(out, fault->message, strlen(fault->message));
	text_literal(out, "</s:Text></s:Reason>");
	write_detail(out, fault);
	text_literal(out, "</s:Fault>");
}
