# SPDX-License-Identifier: MIT
"""nginx with several workers while clients load it and it is reloaded, upgraded to a new master (the
same binary) and shut down gracefully, all with requests in flight. Compared: every answer; no answer may
fail, and no process may die."""

import collections
import hashlib
import http.client
import os
import random
import re
import signal
import threading

from kinds import Service
from place import free_port
from processes import children_of

SERVER = "/usr/sbin/nginx"
LOADER = "/usr/bin/ab"
RELOADS = 4
CLIENTS = 4
ROUNDS = 60

# Whatever nginx starts gets an environment of its own; env keeps what the guard needs in it.
SETTINGS = """
{user}
worker_processes 3;
worker_shutdown_timeout 60s;
error_log {folder}/error.log notice;
pid {folder}/nginx.pid;
env LD_PRELOAD;
env REALLOC_GUARD_OPTIONS;
env RG_WITNESS;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/temporary/body;
    proxy_temp_path {folder}/temporary/proxy;
    fastcgi_temp_path {folder}/temporary/fastcgi;
    uwsgi_temp_path {folder}/temporary/uwsgi;
    scgi_temp_path {folder}/temporary/scgi;
    proxy_cache_path {folder}/temporary/cache keys_zone=cache:1m;
    types {{ text/plain txt; text/html html; }}
    gzip_types text/plain;
    gzip_min_length 100;
    server_tokens off;
    map $arg_n $mapped {{ default other; "~^1" one; "~(?<digit>[0-9])$" "ends in $digit"; }}
    upstream self {{ server 127.0.0.1:{port}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        root {folder}/www;
        location / {{ etag off; }}
        location /list/ {{ alias {folder}/www/; autoindex on; autoindex_format json; }}
        location /zip/ {{ alias {folder}/www/; gzip on; }}
        location /page/ {{ alias {folder}/www/; ssi on; sub_filter_once off; sub_filter old new; }}
        location /say {{ return 200 "$mapped $arg_n $request_method\\n"; }}
        location /moved {{ rewrite ^/moved/(.*)$ /$1 break; }}
        location /proxy/ {{ proxy_pass http://self/; proxy_http_version 1.1;
            proxy_set_header Connection ""; proxy_buffers 4 4k; }}
        location /cached/ {{ proxy_pass http://self/; proxy_cache cache; proxy_cache_valid 1m; }}
        location /put/ {{ alias {folder}/put/; dav_methods PUT DELETE; create_full_put_path on;
            client_max_body_size 1m; client_body_buffer_size 4k; }}
        location /slow/ {{ alias {folder}/www/; limit_rate 3m; }}
    }}
}}
"""

PATHS = ("/small.txt", "/large.txt", "/zip/large.txt", "/page/page.html", "/say?n=17", "/say?n=29",
         "/say?n=" + "x" * 900, "/moved/small.txt", "/proxy/large.txt", "/proxy/zip/large.txt",
         "/proxy/proxy/small.txt", "/cached/large.txt", "/absent")


def write_site(place):
    rng = random.Random(7)
    www = place.make_folder("www")
    words = ["word%d" % i for i in range(500)]
    for name, count in (("small.txt", 20), ("large.txt", 60000)):
        with open(os.path.join(www, name), "w", encoding="ascii") as out:
            out.write(" ".join(rng.choice(words) for _ in range(count)))
    with open(os.path.join(www, "page.html"), "w", encoding="ascii") as out:
        out.write("".join(f'<p>old {i}<!--# set var="v" value="{i}" --><!--# echo var="v" -->'
                          f'<!--# include virtual="/say?n={i}" --></p>\n' for i in range(30)))
    for name in os.listdir(www):
        os.utime(os.path.join(www, name), (10**9, 10**9))


def request(port, path, method="GET", body=None):
    """Status, a digest of the body, and of the headers those that are the same each time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    # Where a connection is kept, a server that ends may close it just when a request comes.
    headers = {"Accept-Encoding": "gzip", "Connection": "close"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    digest = hashlib.sha256(answer.read()).hexdigest()
    connection.close()
    kept = {name: answer.getheader(name) for name in ("Content-Encoding", "Content-Type")}
    return f"{method} {path[:40]}: {answer.status} {kept} {digest}"


class Client(threading.Thread):
    """Asks for everything over and over; the answers, with their numbers, are in told."""

    def __init__(self, port, number):
        super().__init__()
        self.port, self.number = port, number
        self.told = collections.Counter()

    def run(self):
        for turn in range(ROUNDS):
            for path in PATHS:
                self.tell(path)
            name = f"/put/{self.number}/{turn % 3}"
            self.tell(name, "PUT", "%d " % self.number * (2000 * (turn % 3) + 1))
            self.tell(name)
            self.tell(name, "DELETE")

    def tell(self, path, method="GET", body=None):
        try:
            answer = request(self.port, path, method, body)
        except (OSError, http.client.HTTPException) as problem:
            answer = f"{method} {path[:40]}: {problem!r}"
        self.told[answer] += 1

    def failures(self):
        return [answer for answer in self.told
                if not re.search(r": 20\d " if "/absent" not in answer else ": 404 ", answer)]


def answers(port):
    try:
        return request(port, "/say")
    except OSError:
        return None


def read_log(place):
    with open(place.path("error.log"), encoding="utf-8", errors="replace") as log:
        return log.read()


def read_pid(place):
    try:
        with open(place.path("nginx.pid"), encoding="ascii") as pid:
            return int(pid.read())
    except (OSError, ValueError):
        return None


def wait_end(place, master):
    """A master is an orphan, which this process has adopted."""
    _, status = place.wait_until(lambda: (ended := os.waitpid(master, os.WNOHANG))[0] and ended,
                                 "the master ends")
    place.require(status == 0, f"the master ended with wait status {status}")


def reload(place, master):
    """New workers take over; the old ones end when they have answered."""
    old = set(children_of(master))
    os.kill(master, signal.SIGHUP)
    place.wait_until(lambda: len(set(children_of(master)) - old) >= 3, "there are new workers")


def upgrade(place, master):
    """A new master takes over, and the old one ends; returns the new one's process id."""
    os.kill(master, signal.SIGUSR2)
    successor = place.wait_until(
        lambda: (pid := read_pid(place)) not in (None, master) and len(children_of(pid)) >= 3 and pid,
        "there is a new master")
    os.kill(master, signal.SIGQUIT)
    wait_end(place, master)
    return successor


def finish(place, port, master):
    """Downloads that have begun are completed by a server that is told to end."""
    downloads = []
    for _ in range(4):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        connection.request("GET", "/slow/large.txt")
        downloads.append(connection.getresponse())
    os.kill(master, signal.SIGQUIT)
    return [hashlib.sha256(answer.read()).hexdigest() for answer in downloads]


def serve(place):
    write_site(place)
    is_root = os.geteuid() == 0
    place.make_folder("put", user="www-data" if is_root else None)
    place.make_folder("temporary", user="www-data" if is_root else None)
    port = free_port()
    with open(place.path("nginx.conf"), "w", encoding="ascii") as out:
        out.write(SETTINGS.format(folder=place.folder, port=port,
                                  user="user www-data;" if is_root else ""))
    argv = [SERVER, "-p", place.folder, "-c", place.path("nginx.conf"), "-e", place.path("error.log")]
    told = [place.run([*argv, "-t", "-q"])]
    told.append(place.run(argv))
    place.wait_until(lambda: answers(port), "nginx answers")
    master = read_pid(place)
    place.require_guard_in(master)
    told += [request(port, path) for path in (*PATHS, "/list/")]

    clients = [Client(port, number) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for _ in range(RELOADS):
        reload(place, master)
    master = upgrade(place, master)
    place.require_guard_in(master)
    load = place.run([LOADER, "-n", "3000", "-c", "16", f"http://127.0.0.1:{port}/zip/small.txt"])
    told += re.findall(r"^(?:Complete requests|Failed requests|Non-2xx|Document Length):.*", load,
                       re.MULTILINE)
    for client in clients:
        client.join()
        place.require(not client.failures(), f"failed: {client.failures()}")
        told += [f"{number} times {answer}" for answer, number in sorted(client.told.items())]

    told += finish(place, port, master)
    wait_end(place, master)
    log = read_log(place)
    told += [re.sub(r"^\S+ \S+ (\S+) \S+", r"\1", line) for line in log.splitlines()
             if re.search(r"\[(alert|crit|emerg)\]|exited (on|with code [1-9])", line)]
    place.require("exited with code 0" in log, "no worker is known to have ended")
    return "\n".join(told)


JOBS = {"nginx": Service(serve, (SERVER, LOADER))}
