# SPDX-License-Identifier: MIT
# Makes, writes, reads back and sums up JSON records; threads and a child process included.
import collections
import hashlib
import json
import random
import re
import subprocess
import sys
import threading

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
rng = random.Random(7)
records = [{"id": i, "name": "name-%d" % rng.randrange(10**6), "tags": [str(rng.random())] * 3,
            "nested": {"values": [rng.randrange(1000) for _ in range(8)], "flag": i % 3 == 0}}
           for i in range(COUNT)]
with open("records.json", "w") as out:
    json.dump(records, out, indent=1)
with open("records.json") as back:
    text = back.read()
loaded = json.loads(text)
print(loaded == records, len(text))

groups = collections.defaultdict(list)
for record in loaded:
    groups[record["name"][-2:]].append(sum(record["nested"]["values"]))
for key in sorted(groups)[:20]:
    print(key, len(groups[key]), max(groups[key]))

sums = [0] * 4


def add_up(part):
    for record in loaded[part::4]:
        sums[part] += len(json.dumps(record))


threads = [threading.Thread(target=add_up, args=(i,)) for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sums)
print(len(re.findall(r'"name-(\d+)"', text)), hashlib.sha256(text.encode()).hexdigest())
print(subprocess.run(["/usr/bin/wc", "-l", "records.json"], capture_output=True, text=True).stdout)
grown = bytearray()
for i in range(100000):
    grown += b"%d" % i
print(len(grown), sum(grown))
