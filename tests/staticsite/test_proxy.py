"""deploy/nginx.conf in front of the application: which hosts it answers, by a real nginx."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.test import Client

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = "privacy.example.com"
EVIL = "evil.example"
needs_nginx = pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")),
    reason="nginx or openssl is not installed",
)
# What a request is answered with: the status and the Location, or None if it is closed.
Answer = tuple[int, str | None] | None


def free_ports(number: int) -> list[int]:
    """Return ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """Make a certificate; return its folder."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}",
         "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder


@contextmanager
def nginx(
    folder: Path, configuration: str, *, public: int = 0, staff: int = 0
) -> Iterator[Callable[..., Answer]]:
    """Run nginx with a configuration; give what requests a path by TLS or not, a host and an SNI name.

    `public` and `staff` are the ports of the application, by default such that nothing answers.
    """
    plain, encrypted, unused = free_ports(3)
    configuration = re.sub(r" *listen \[::\].*\n", "", configuration)
    configuration = (
        configuration.replace("listen 80", f"listen 127.0.0.1:{plain}")
        .replace("listen 443", f"listen 127.0.0.1:{encrypted}")
        .replace("127.0.0.1:8000", f"127.0.0.1:{staff or unused}")
        .replace("127.0.0.1:8001", f"127.0.0.1:{public or unused}")
    )
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(
        f"{user}\ndaemon off;\npid {folder}/pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{configuration}\n}}\n"
    )
    server = subprocess.Popen(["nginx", "-c", file, "-e", folder / "log"])

    def connect(by_tls: bool, name: str) -> http.client.HTTPConnection:
        if not by_tls:
            return http.client.HTTPConnection("127.0.0.1", plain, timeout=10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            "127.0.0.1", encrypted, timeout=10, context=context
        )
        opened = socket.create_connection(("127.0.0.1", encrypted), timeout=10)
        connection.sock = context.wrap_socket(opened, server_hostname=name)
        return connection

    def request(by_tls: bool, host: str, name: str, path: str = "/x") -> Answer:
        try:
            with closing(connect(by_tls, name)) as connection:
                connection.request("GET", path, headers={"Host": host})
                answer = connection.getresponse()
                return answer.status, answer.getheader("Location")
        except (http.client.RemoteDisconnected, ssl.SSLError):
            return None

    try:
        for _ in range(100):
            try:
                request(False, NAME, NAME)
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield request
    finally:
        server.terminate()
        server.wait()


def shipped(certificate: Path) -> str:
    return (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/registry", str(certificate))


@needs_nginx
@pytest.mark.slow
def test_only_the_name_of_the_registry_is_answered(certificate, tmp_path):
    with nginx(tmp_path, shipped(certificate)) as request:
        assert request(False, NAME, NAME) == (301, f"https://{NAME}/x")
        assert request(True, NAME, NAME) == (502, None)  # the application does not run here
        for host in (EVIL, "127.0.0.1", f"{NAME}.{EVIL}", f"{NAME}@{EVIL}"):
            assert request(False, host, NAME) in (None, (400, None)), host
            assert request(True, host, NAME) in (None, (400, None)), host
        assert request(True, NAME, EVIL) is None


@needs_nginx
@pytest.mark.slow
def test_a_redirect_to_the_host_of_the_request_would_lead_elsewhere(certificate, tmp_path):
    alone = re.sub(r"server \{[^}]*return 444;\n\}\n", "", shipped(certificate))
    configuration = alone.replace(f"return 301 https://{NAME}", "return 301 https://$host")
    assert configuration.count("server {") == 2

    with nginx(tmp_path, configuration) as request:
        assert request(False, EVIL, NAME) == (301, f"https://{EVIL}/x")


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Run a server that answers everything with a status; give its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@needs_nginx
@pytest.mark.slow
def test_staff_and_readers_are_sent_to_processes_of_their_own(tmp_path, certificate):
    with (
        answering(201) as public,
        answering(202) as staff,
        nginx(tmp_path, shipped(certificate), public=public, staff=staff) as request,
    ):

        def answered(*paths):
            return {request(True, NAME, NAME, path)[0] for path in paths}

        assert answered("/", "/r/", "/api/v1/registers/", "/healthz", "/adminx/", "/static/x") == {
            201
        }
        assert answered("/admin/", "/admin/search/", "/accounts/login/", "/readyz") == {202}
    with (
        answering(201) as public,
        nginx(tmp_path, shipped(certificate), public=public) as request,
    ):
        assert request(True, NAME, NAME, "/r/") == (201, None)  # whatever becomes of the other
        assert request(True, NAME, NAME, "/admin/") == (502, None)


@needs_nginx
@pytest.mark.slow
def test_one_address_cannot_fill_the_processes_of_staff(tmp_path, certificate):
    slower = shipped(certificate).replace("rate=10r/s", "rate=1r/m")
    with (
        answering(201) as public,
        answering(202) as staff,
        nginx(tmp_path, slower, public=public, staff=staff) as request,
    ):
        asked = [request(True, NAME, NAME, "/accounts/login/")[0] for _ in range(45)]

        assert asked == [202] * 41 + [429] * 4
        assert {request(True, NAME, NAME, "/r/")[0] for _ in range(45)} == {201}


def test_nginx_keeps_no_answers():
    assert "proxy_cache" not in (DEPLOY / "nginx.conf").read_text()


@pytest.mark.parametrize("path", ["/", "/healthz", "/register/", "/admin/", "/api/v1/registers/"])
@pytest.mark.parametrize("secure", [False, True])
def test_the_application_itself_refuses_other_hosts(settings, path, secure):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, [NAME]

    refused = Client(headers={"host": EVIL}).get(path, secure=secure)

    assert refused.status_code == 400
    assert EVIL not in refused.text + str(refused.headers)


def test_an_application_that_allows_every_host_would_redirect_there(settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["*"]

    redirected = Client(headers={"host": EVIL}).get("/")

    assert redirected.headers["Location"] == f"https://{EVIL}/"
