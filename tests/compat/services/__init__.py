# SPDX-License-Identifier: MIT
"""Jobs that are servers with their clients; each module has a table JOBS."""
