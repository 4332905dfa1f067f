/* SPDX-License-Identifier: MIT */
/* test_http_tls.c -- front/http_server with TLS */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "front/http_server.h"
#include "http_peer.h"

struct fixture {
	char folder[32], certificate[64], key[64];
	struct http_server *server;
	struct okvp_error err;
};

static void describe(struct http_exchange *exchange, void *context)
{
	struct text body = { 0 };

	text_puts(&body, http_request(exchange)->secure ? "secure" : "plain");
	http_answer(exchange, 200, "text/plain", &body);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/", .handle = describe },
};

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
	FILE *file = fopen(path, "w");

	assert_int_equal(fwrite(pem->data, 1, pem->size, file), pem->size);
	fclose(file);
	gnutls_free(pem->data);
}

/* A certificate that we sign ourselves, good for an hour. */
static void make_certificate(const char *certificate_path, const char *key_path)
{
	time_t now = time(NULL);
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
	gnutls_datum_t pem;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&certificate);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
				     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_set_version(certificate, 3);
	gnutls_x509_crt_set_serial(certificate, "\x01", 1);
	gnutls_x509_crt_set_dn(certificate, "CN=localhost", NULL);
	gnutls_x509_crt_set_activation_time(certificate, now - 60);
	gnutls_x509_crt_set_expiration_time(certificate, now + 3600);
	gnutls_x509_crt_set_key(certificate, key);
	assert_int_equal(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0),
			 0);
	gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(certificate_path, &pem);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(key_path, &pem);
	gnutls_x509_crt_deinit(certificate);
	gnutls_x509_privkey_deinit(key);
}

static bool start(struct fixture *f)
{
	const struct http_listener listener = { .name = "main",
						.address = "127.0.0.1:0",
						.certificate = f->certificate,
						.key = f->key };
	const struct http_settings settings = {
		.listeners = &listener,
		.listener_count = 1,
		.routes = routes,
		.route_count = 1,
		.threads = 1,
		.connections_max = 8,
		.body_max = 1000,
		.idle_timeout_s = 60,
	};

	return http_server_start(&settings, &f->server, &f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/tls-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->certificate, sizeof(f->certificate), "%s/certificate", f->folder);
	snprintf(f->key, sizeof(f->key), "%s/key", f->folder);
	make_certificate(f->certificate, f->key);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	http_server_stop(&f->server);
	unlink(f->certificate);
	unlink(f->key);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

/* Connects with a choice of TLS versions and asks for "/"; the handshake's result. */
static int ask(const struct fixture *f, const char *priorities, char *ret_reply, size_t size)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	struct peer peer;
	ssize_t got = 0;
	int result;

	peer_connect(&peer, http_server_address(f->server, 0));
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_init(&session, GNUTLS_CLIENT);
	gnutls_priority_set_direct(session, priorities, NULL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(session, peer.fd);
	do
		result = gnutls_handshake(session);
	while (result < 0 && !gnutls_error_is_fatal(result));
	if (result == 0) {
		gnutls_record_send(session, request, sizeof(request) - 1);
		while (got >= 0 && !memmem(ret_reply, strlen(ret_reply), "secure", 6)) {
			size_t length = strlen(ret_reply);

			got = gnutls_record_recv(session, ret_reply + length, size - 1 - length);
			if (got == 0)
				break;
		}
	}
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	peer_close(&peer);
	return result;
}

static void a_request_by_tls_is_secure(void **state)
{
	static const char *const versions[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2",
						"NORMAL:-VERS-ALL:+VERS-TLS1.3" };
	struct fixture *f = *state;

	assert_true(start(f));

	for (int i = 0; i < 2; i++) {
		char reply[1000] = "";

		assert_int_equal(ask(f, versions[i], reply, sizeof(reply)), 0);
		assert_non_null(strstr(reply, "\r\n\r\nsecure"));
	}
}

static void old_versions_of_tls_are_refused(void **state)
{
	struct fixture *f = *state;
	char reply[1000] = "";

	assert_true(start(f));

	assert_int_not_equal(ask(f, "NORMAL:-VERS-ALL:+VERS-TLS1.1", reply, sizeof(reply)), 0);
}

static void a_file_that_is_missing_or_broken_is_named(void **state)
{
	struct fixture *f = *state;
	gnutls_datum_t broken = { (unsigned char *)gnutls_malloc(4), 4 };
	char expected[200];

	memcpy(broken.data, "oops", 4);
	write_pem(f->key, &broken);
	assert_false(start(f));
	assert_int_equal(f->err.status, OKVP_INVALID);
	snprintf(expected, sizeof(expected), "main: %s: there is no PRIVATE KEY in PEM in it",
		 f->key);
	assert_string_equal(f->err.message, expected);
	unlink(f->certificate);
	assert_false(start(f));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
	assert_non_null(strstr(f->err.message, f->certificate));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_request_by_tls_is_secure),
		test(old_versions_of_tls_are_refused),
		test(a_file_that_is_missing_or_broken_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
