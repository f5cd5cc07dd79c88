# SPDX-License-Identifier: MIT
"""Further real programs, of the kinds that have much of their own to do with memory or signals: virtual
machines, interpreters, an editor, media, build and mirror tools, a browser."""

import jobs
from kinds import Job

# PHP's blocks are otherwise cut from large ones.
PHP_ENV = {"USE_ZEND_ALLOC": "0"}
# Both export a malloc of their own, which the loader prefers.
CHROMIUM = ("/usr/lib/chromium/chromium", "/usr/lib/chromium/chrome_crashpad_handler")


def shell(script, prepare=None, programs=(), **others):
    return Job(["/usr/bin/bash", script], prepare, programs=("/usr/bin/bash", *programs), **others)


JOBS = {
    "chromium": Job(["/usr/bin/bash", "browse.sh"], bare=CHROMIUM, uncompared=("/settings.dat",)),
    "cmake": shell("configure.sh", programs=("/usr/bin/cmake", "/usr/bin/ctest")),
    "emacs": Job(["/usr/bin/emacs", "-Q", "-batch", "-l", "buffers.el"], jobs.write_words, status=9),
    "ffmpeg": shell("media.sh", programs=("/usr/bin/ffmpeg", "/usr/bin/ffprobe")),
    "git_gc": shell("pack.sh", jobs.write_words, env=jobs.GIT_ENV, programs=("/usr/bin/git",)),
    "imagemagick": shell("pictures.sh", programs=("/usr/bin/convert", "/usr/bin/identify")),
    "java": Job(["/usr/bin/java", "-XX:-UsePerfData", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=2",
                 "-Xmx64m", "-Xss512k", "Checks.java"], jobs.write_words, status=7),
    "lua": Job(["/usr/bin/lua5.4", "tables.lua"], jobs.write_words, status=1),
    "node": Job(["/usr/bin/node", "threads.js"], jobs.write_words, status=6),
    "php": Job(["/usr/bin/php", "-n", "arrays.php"], jobs.write_words, env=PHP_ENV, status=4),
    "rsync": shell("mirror.sh", jobs.write_files, programs=("/usr/bin/rsync",)),
    "ruby": Job(["/usr/bin/ruby", "objects.rb"], jobs.write_words, status=3),
    "tcl": Job(["/usr/bin/tclsh", "lists.tcl"], jobs.write_words, status=2),
}
