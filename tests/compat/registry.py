# SPDX-License-Identifier: MIT
"""Every job by its name. A module of jobs has a table JOBS and is listed here; a program NAME_suite.py
beside this file is taken up as an external job of that name (see kinds.External)."""

import glob
import os

import jobs
import programs
from services import nginx, postgresql, redis
from kinds import External

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = (jobs, programs, nginx, postgresql, redis)

JOBS = {name: job for module in MODULES for name, job in module.JOBS.items()}
JOBS["gdb"] = External("../pitfalls/check_debuggers.py",
                       ("--exe", "{build}/tests/pitfalls/debugged", "gdb"))
for suite in sorted(glob.glob(os.path.join(HERE, "*_suite.py"))):
    JOBS[os.path.basename(suite).removesuffix(".py")] = External(os.path.basename(suite))
