// SPDX-License-Identifier: MIT
// The subcommands of realloc-guard trace. Each gets its own name as argv[0].
#ifndef RG_TOOLS_CMD_TRACE_H
#define RG_TOOLS_CMD_TRACE_H

int rg_trace_blocks(int argc, char **argv);
int rg_trace_events(int argc, char **argv);
int rg_trace_export(int argc, char **argv);
int rg_trace_folded(int argc, char **argv);
int rg_trace_html(int argc, char **argv);
int rg_trace_realloc(int argc, char **argv);
int rg_trace_summary(int argc, char **argv);
int rg_trace_timeline(int argc, char **argv);
int rg_trace_top(int argc, char **argv);

#endif
