// SPDX-License-Identifier: MIT
// See note.h. State: a buffer for machines, under the REPORT lock.
#include "report/note.h"

#include "base/options.h"
#include "base/sys.h"
#include "report/sink.h"
#include "report/start.h"

enum { TEXT_CAP = 1000 };

static char line[RG_JSON_LINE_CAP];

static void write_text(const char *text) {
    char said[TEXT_CAP];
    struct rg_buf b;
    rg_buf_init(&b, said, sizeof said - 1);
    rg_buf_fmt(&b, "==%d== realloc_guard: %s", rg_getpid(), text);
    // The last byte is kept for the end of the line.
    b.cap++;
    rg_buf_str(&b, "\n");
    rg_sink_write(b.data, b.len);
}

void rg_note_write(const struct rg_note *n) {
    struct rg_buf b;
    if (rg_options.format == RG_FORMAT_TEXT) {
        write_text(n->text);
        return;
    }
    rg_start_write_once(line, sizeof line);
    rg_buf_init(&b, line, sizeof line);
    rg_json_put_note(&b, n);
    rg_sink_write(b.data, b.len);
}
