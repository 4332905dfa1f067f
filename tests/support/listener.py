# SPDX-License-Identifier: MIT
"""One who listens to indications: an HTTP server that notes what is posted to it."""
import http.server
import threading
import xml.etree.ElementTree as ElementTree

import cimxml
import dsp0201
from programs import wait_until

ANSWER = ('<?xml version="1.0" encoding="utf-8" ?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0">'
          '<SIMPLEEXPRSP><EXPMETHODRESPONSE NAME="ExportIndication">{}</EXPMETHODRESPONSE></SIMPLEEXPRSP></MESSAGE></CIM>')
REFUSAL = ANSWER.format('<ERROR CODE="1" DESCRIPTION="not now"></ERROR>')


class Indication:
    """What was posted: headers in lower case, the class, and the properties."""

    def __init__(self, headers, body):
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.message = dsp0201.check(body)
        call = self.message.find("MESSAGE/SIMPLEEXPREQ/EXPMETHODCALL")
        assert call.get("NAME") == "ExportIndication"
        (parameter,) = call
        assert parameter.get("NAME") == "NewIndication"
        self.class_name = parameter[0].get("CLASSNAME")
        self.properties = cimxml.properties_of(parameter[0])

    def embedded(self, name="SourceInstance"):
        """The properties of the instance that it is about."""
        return cimxml.properties_of(ElementTree.fromstring(self.properties[name]))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Who does not trust the certificate hangs up."""


class Listener:
    """Listens on a port of its own from start() to stop(). answers are given first, each (status, text); then all is
    taken. hold: nothing is answered until it is set."""

    def __init__(self, certificate=None):
        self.taken, self.tries, self.answers, self.faults = [], 0, [], []
        self.hold, self.certificate, self.port, self.server = None, certificate, 0, None
        self.start()

    @property
    def url(self):
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.port}/indications?of=openkvp"

    def start(self):
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, text = listener.take(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", 'application/xml; charset="utf-8"')
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *words):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        if self.certificate:
            self.server.socket = self.certificate.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, path, headers, body):
        self.tries += 1
        if self.hold:
            self.hold.wait(30)
        if self.answers:
            return self.answers.pop(0)
        try:
            assert path == "/indications?of=openkvp", path
            self.taken.append(Indication(headers, body))
        except Exception as fault:  # pylint: disable=broad-except
            self.faults.append(f"{fault!r} in {body}")
            return 400, ""
        return 200, ANSWER.format("")

    def wait_for(self, count):
        """The indications that were taken, at least so many."""
        wait_until(lambda: len(self.taken) >= count or self.faults, f"{count} indications are there")
        assert not self.faults, self.faults
        return self.taken
