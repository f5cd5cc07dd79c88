// SPDX-License-Identifier: MIT
// A stack in the page that convert --to html writes.
#ifndef RG_TOOLS_CONVERT_HTML_STACK_H
#define RG_TOOLS_CONVERT_HTML_STACK_H

#include "convert_html.h"

// Of an event that may have a stack: where the program's own code is, with the source lines around that.
void rg_html_put_where(struct rg_html *page, const struct rg_value *event);

// All frames, folded.
void rg_html_put_frames(struct rg_html *page, const struct rg_value *event);

#endif
