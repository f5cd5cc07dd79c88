// SPDX-License-Identifier: MIT
// The life of a block as a small picture, see convert_html.h: a line for each step, oldest on top, with a bar for the
// size. A block that was moved once has no steps in the log; they are made of what is known of it.
#include "convert_html.h"

#include "html_text.h"
#include "need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_CAP = 16, // a log of ours has 15 at most
    ROW = 22,
    BAR_CAP = 120, // the largest size
    BAR_LEAST = 2,
    BAR_X = 122,
    TEXT_X = 254,
    PLACE_CAP = 44, // characters
    WIDTH = 640,
};

struct step {
    const char *name; // as in the log
    const char *place;
    uint64_t size; // 0: not known
    uint64_t first_size;
    uint64_t calls;
};

struct life {
    struct step steps[STEPS_CAP];
    size_t count;
};

static bool is(const struct step *s, const char *name) {
    return !strcmp(s->name, name);
}

static void add(struct life *l, struct step s) {
    if (l->count < STEPS_CAP) {
        l->steps[l->count++] = s;
    }
}

static void take_steps(struct life *l, const struct rg_value *life) {
    for (const struct rg_value *v = life->first; v; v = v->next) {
        const char *name = rg_value_text(v, "step");
        add(l, (struct step){.name = name ? name : "",
                             .place = rg_value_text(v, "place"),
                             .size = rg_value_number_or_0(v, "size"),
                             .first_size = rg_value_number_or_0(v, "first_size"),
                             .calls = rg_value_number_or_0(v, "calls")});
    }
}

static void make_steps(struct life *l, const struct rg_value *v) {
    const struct rg_value *block = rg_value_at(v, "block");
    const struct rg_value *allocated = rg_value_at(block, "allocated");
    const struct rg_value *moved = rg_value_at(block, "moved");
    const struct rg_value *freed = rg_value_at(block, "freed");
    const char *today = rg_value_text(v, "today.state");
    uint64_t size = rg_value_number_or_0(block, "size");
    if (!moved && !freed) {
        return;
    }
    add(l, (struct step){.name = allocated ? "allocated" : "unknown",
                         .place = rg_value_text(allocated, "place"),
                         .size = size});
    if (moved) {
        add(l, (struct step){.name = "used"});
        add(l, (struct step){.name = "moved",
                             .place = rg_value_text(moved, "place"),
                             .size = rg_value_number_or_0(moved, "to_size"),
                             .calls = 1});
    }
    if (freed) {
        add(l, (struct step){.name = "freed", .place = rg_value_text(freed, "place")});
    } else if (today) {
        add(l, (struct step){.name = !strcmp(today, "live") ? "live" : "freed",
                             .place = rg_value_text(v, "today.place")});
    }
}

// What happened in the step, as text of an element or of an attribute.
static void put_words(FILE *out, const struct step *s, size_t place_cap) {
    if (is(s, "left-out")) {
        rg_html_put_count(out, s->calls, "more move", "more moves");
    } else if (is(s, "used")) {
        fputs("the pointer that was used is from here", out);
    } else if (is(s, "unknown")) {
        fputs("what was before is not known any more", out);
    } else if (is(s, "live")) {
        fputs("live today", out);
    } else {
        rg_html_put(out, s->name);
    }
    if (is(s, "moved") && s->calls > 1) {
        fprintf(out, " %" PRIu64 " times", s->calls);
    }
    if (s->place) {
        fputs(" at ", out);
        rg_html_put_short(out, s->place, place_cap);
    }
    if (is(s, "moved") && s->calls > 1 && s->first_size > 0) {
        fprintf(out, ", first to %" PRIu64, s->first_size);
    }
}

// The same for those who do not see it.
static void put_label(FILE *out, const struct life *l) {
    fputs("Life of the block: ", out);
    for (size_t i = 0; i < l->count; i++) {
        fputs(i > 0 ? "; " : "", out);
        if (l->steps[i].size > 0) {
            rg_html_put_bytes(out, l->steps[i].size);
            fputs(", ", out);
        }
        put_words(out, &l->steps[i], SIZE_MAX);
    }
}

static uint64_t largest_of(const struct life *l) {
    uint64_t largest = 1;
    for (size_t i = 0; i < l->count; i++) {
        largest = l->steps[i].size > largest ? l->steps[i].size : largest;
    }
    return largest;
}

static void put_mark(FILE *out, const struct step *s, int y) {
    if (is(s, "used")) {
        fprintf(out, "<path class=\"used\" d=\"M4 %d l14 0 l-7 8z\"/>", y - 4);
    } else if (is(s, "left-out")) {
        fprintf(out,
                "<circle class=\"gap\" cx=\"11\" cy=\"%d\" r=\"1.5\"/><circle class=\"gap\" "
                "cx=\"11\" cy=\"%d\" r=\"1.5\"/><circle class=\"gap\" cx=\"11\" cy=\"%d\" "
                "r=\"1.5\"/>",
                y - 6, y, y + 6);
    } else if (is(s, "freed")) {
        fprintf(out, "<path class=\"freed\" d=\"M6 %d l10 10 m0 -10 l-10 10\"/>", y - 5);
    } else {
        fprintf(out, "<circle class=\"%s\" cx=\"11\" cy=\"%d\" r=\"5\"/>",
                is(s, "live") ? "live" : "step", y);
    }
}

static void put_row(FILE *out, const struct step *s, int y, uint64_t largest) {
    bool is_used = is(s, "used");
    put_mark(out, s, y);
    if (s->size > 0) {
        fprintf(out, "<text class=\"size\" x=\"%d\" y=\"%d\">", BAR_X - 8, y + 4);
        rg_html_put_bytes(out, s->size);
        fprintf(out,
                "</text><rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"10\" "
                "rx=\"2\"/>",
                BAR_X, y - 5,
                BAR_LEAST + (int)((double)s->size / (double)largest * (BAR_CAP - BAR_LEAST)));
    }
    fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", is_used ? "words used" : "words",
            is_used       ? 28
            : s->size > 0 ? TEXT_X
                          : 28,
            y + 4);
    put_words(out, s, PLACE_CAP);
    fputs("</text>\n", out);
}

void rg_html_put_life(struct rg_html *page, const struct rg_value *v) {
    FILE *out = page->out;
    const struct rg_value *steps = rg_value_at(v, "life");
    struct life l = {.count = 0};
    if (steps) {
        take_steps(&l, steps);
    } else {
        make_steps(&l, v);
    }
    if (l.count == 0) {
        return;
    }
    int height = (int)l.count * ROW;
    fputs("<figure class=\"life\"><figcaption>Life of the block</figcaption>\n<svg role=\"img\" "
          "aria-label=\"",
          out);
    put_label(out, &l);
    fprintf(out, "\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", WIDTH, height, WIDTH,
            height);
    fprintf(out, "<path class=\"line\" d=\"M11 %d V%d\"/>\n", ROW / 2, height - ROW / 2);
    for (size_t i = 0; i < l.count; i++) {
        put_row(out, &l.steps[i], (int)i * ROW + ROW / 2, largest_of(&l));
    }
    fputs("</svg></figure>\n", out);
}
