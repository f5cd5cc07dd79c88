# SPDX-License-Identifier: MIT
"""The real programs that must run unchanged under the guard. Each job gets an empty folder with the
workloads beside this file copied into it, prepares its input there, and runs one command."""

import random

from kinds import Job

DATE = "2024-02-03T04:05:06 +0000"
GIT_ENV = {
    "GIT_AUTHOR_NAME": "A. Author", "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "A. Author", "GIT_COMMITTER_EMAIL": "author@example.org",
    "GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE,
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_PAGER": "cat",
}


def write_words(folder, lines=6000):
    rng = random.Random(1)
    stems = ["stem%d" % i for i in range(400)] + ["ending", "apple", "Axe", "Ant", "running", "eel"]
    with open(folder + "/words.txt", "w", encoding="utf-8") as out:
        for _ in range(lines):
            out.write(" ".join(rng.choice(stems) for _ in range(rng.randrange(1, 9))) + "\n")


def write_numbers(folder, count=150000):
    rng = random.Random(2)
    with open(folder + "/numbers.txt", "w", encoding="utf-8") as out:
        for _ in range(count):
            out.write("%d some text %x\n" % (rng.randrange(10**9),
                                              rng.getrandbits(rng.randrange(8, 200))))


def write_files(folder):
    write_words(folder)
    write_numbers(folder, 40000)


def write_rows(folder, rows=100000):
    rng = random.Random(3)
    with open(folder + "/rows.csv", "w", encoding="utf-8") as out:
        for i in range(1, rows + 1):
            out.write("%d,city_%d,%.2f,%d\n" % (i, rng.randrange(3000), rng.random() * 1000,
                                                rng.randrange(365)))


def write_documents(folder, elements=8000, objects=12000):
    rng = random.Random(4)
    with open(folder + "/document.xml", "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0"?>\n<!DOCTYPE list [<!ENTITY e "expanded">]>\n<list>\n')
        for i in range(elements):
            out.write('<item id="%d" class="c%d"><name>n%d &e;</name><v>%s</v></item>\n'
                      % (i, i % 7, rng.randrange(1000), "x" * rng.randrange(60)))
        out.write("</list>\n")
    with open(folder + "/document.json", "w", encoding="utf-8") as out:
        out.write("[" + ",\n".join('{"id": %d, "name": "n%d", "list": [%s]}'
                                   % (i, rng.randrange(500), ",".join(map(str, range(i % 12))))
                                   for i in range(objects)) + "]\n")


JQ_PROGRAM = ('group_by(.name) | map({name: .[0].name, count: length, '
              'sum: (map(.list | add // 0) | add), ids: (map(.id | tostring) | join(","))}) '
              '| sort_by(-.count, .name) | .[:60]')

JOBS = {
    "bash": Job(["/usr/bin/bash", "shell.sh"], status=5),
    "gawk": Job(["/usr/bin/gawk", "-f", "columns.awk", "words.txt"], write_words),
    "gcc": Job(["/usr/bin/bash", "compile.sh"], status=3),
    "git": Job(["/usr/bin/bash", "history.sh"], env=GIT_ENV, uncompared=("/.git/index",)),
    "jq": Job(["/usr/bin/jq", JQ_PROGRAM, "document.json"], write_documents),
    "make": Job(["/usr/bin/make", "-j2"]),
    "perl": Job(["/usr/bin/perl", "words.pl"], write_words),
    "python3": Job(["/usr/bin/python3", "-B", "records.py"],
                   env={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}),
    "sort": Job(["/usr/bin/sort", "--parallel=2", "-S", "2M", "-k", "4", "-o", "sorted.txt",
                 "numbers.txt"], write_numbers),
    "sqlite3": Job(["/usr/bin/sqlite3", "-batch", "sales.db", ".read import.sql"], write_rows),
    "tar_xz": Job(["/usr/bin/bash", "archive.sh"], write_files),
    "vim": Job(["/usr/bin/vim", "-es", "-n", "-i", "NONE", "-u", "NONE", "-S", "edit.vim"],
               write_words),
    "xmllint": Job(["/usr/bin/xmllint", "--noent", "--format", "--xpath",
                    "//item[@class='c3']/name/text() | //item[position() mod 50 = 0]",
                    "document.xml"], write_documents),
}
