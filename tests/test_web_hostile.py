"""What nobody sends who means well: broken requests at the socket."""

import base64
import socket

import pytest

from gis import accounts
from gis.settings import Settings
from gis.store import open_store
from gis.web import create_app
from serving import served
from test_web_signing import HOST, PASSWORD

STUDY = "minh-hoa"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("hostile")
    (home / "studies" / STUDY).mkdir(parents=True)
    (home / "studies" / STUDY / "study.yaml").write_text("title: x\n", encoding="utf-8")
    return home


def basic(text):
    return b"Authorization: Basic " + base64.b64encode(text)


NAMED = f"Connection: close\r\nHost: {HOST}".encode()
BROKEN = {
    "no name of a server": b"GET / HTTP/1.0\r\n",
    "an empty name": b"GET / HTTP/1.1\r\nHost:",
    "half an address": b"GET / HTTP/1.1\r\nHost: [::1",
    "a name with a space": b"GET / HTTP/1.1\r\nHost: a b",
    "a name of other octets": b"GET / HTTP/1.1\r\nHost: \xff\xfe",
    "a port of letters": b"GET / HTTP/1.1\r\n" + NAMED + b":abc",
    "a name with a person": b"GET / HTTP/1.1\r\n" + NAMED + b"@evil.example",
    "a stranger's name": b"GET /studies//x HTTP/1.1\r\nHost: evil.example",
    "a whole address": b"GET http://evil.example/sign-in HTTP/1.1\r\n" + NAMED,
    "an address of two slashes": b"GET //evil.example/%2e%2e HTTP/1.1\r\n" + NAMED,
    "a name behind the proxy": b"GET /studies//x HTTP/1.1\r\n" + NAMED + b"\r\nX-Forwarded-Host: evil.example",
    "an address behind the proxy": b"GET /sign-in HTTP/1.1\r\n" + NAMED + b"\r\nX-Forwarded-For: <b>, 1, x\r\nX-Forwarded-Proto: a'b",
    "no method": b"FOO / HTTP/1.1\r\n" + NAMED,
    "TRACE": b"TRACE /sign-in HTTP/1.1\r\n" + NAMED,
    "OPTIONS of all": b"OPTIONS * HTTP/1.1\r\n" + NAMED,
    "broken escapes": b"GET /studies/%ff%fe%zz?next=%ff&lang=%ff HTTP/1.1\r\n" + NAMED,
    "nothing in a path": b"GET /studies/a%00b HTTP/1.1\r\n" + NAMED,
    "a line in a query": b"GET /sign-in?next=/%0d%0aSet-Cookie:%20evil=1 HTTP/1.1\r\n" + NAMED,
    "a line in a path": b"GET /join/%0d%0aSet-Cookie:%20evil=1 HTTP/1.1\r\n" + NAMED,
    "cookies": b'GET /sign-in HTTP/1.1\r\n' + NAMED + b'\r\nCookie: __Host-langmap=.eJx\xff; lang="; session=;;;',
    "a key of no letters": b"GET /ogc HTTP/1.1\r\n" + NAMED + b"\r\n" + basic(b"\xff\x00:\xfe"),
    "a key without an end": b"GET /ogc HTTP/1.1\r\n" + NAMED + b"\r\nAuthorization: Basic !!!!",
    "a key of another kind": b'GET /ogc HTTP/1.1\r\n' + NAMED + b'\r\nAuthorization: Digest username="x", nonce=',
    "a very long key": b"GET /api/v1/studies HTTP/1.1\r\n" + NAMED + b"\r\n" + basic(b"x" * 3000 + b"\0:" + b"y" * 9000),
    "wishes": b"GET /nope HTTP/1.1\r\n" + NAMED + b"\r\nAccept: ;;q=zz,\xff\r\nAccept-Encoding: gzip;q=abc\r\nRange: bytes=9-,--",
    "a form of another kind": b"POST /sign-in HTTP/1.1\r\n" + NAMED + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "parts without a border": b"POST /sign-in HTTP/1.1\r\n" + NAMED
    + b"\r\nContent-Type: multipart/form-data\r\nContent-Length: 2\r\n\r\n{}",
    "letters that are none": b"POST /sign-in HTTP/1.1\r\n" + NAMED
    + b"\r\nContent-Type: application/x-www-form-urlencoded; charset=foo\r\nContent-Length: 6\r\n\r\na=%ff%",
    "less than nothing": b"POST /sign-in HTTP/1.1\r\n" + NAMED + b"\r\nContent-Length: -5",
    "a broken piece": b"POST /sign-in HTTP/1.1\r\n" + NAMED + b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}  # fmt: skip


def sent(port, data):
    """What comes back for octets, until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(data)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_a_broken_request_is_refused_and_leads_nowhere(folder, quick_hashes):
    store = open_store(folder / "store")
    accounts.add_user(store, "Dung", PASSWORD, "administrator", who="Dung")
    settings = Settings(studies=folder / "studies", host="0.0.0.0", names=HOST, proxy=True, workers=0)
    wrong = {}
    with served(create_app(settings, store)) as site:
        port = int(site.rpartition(":")[2])
        for what, data in BROKEN.items():
            # said twice it would not be understood
            close = b"" if b"Connection" in data else b"\r\nConnection: close"
            ends = data if b"\r\n\r\n" in data else data + close + b"\r\n\r\n"
            head, _, body = sent(port, ends).partition(b"\r\n\r\n")
            first, told = head.split(b"\r\n")[0], head.lower()
            of_ours = b"content-security-policy" in told
            by_waitress = first.endswith(b"400 Bad Request")
            leads = b"evil.example" in told or b"\nset-cookie: evil" in told
            if b" 500 " in first or b"Traceback" in body or leads or not (of_ours or by_waitress):
                wrong[what] = head
    store.close()
    assert not wrong
