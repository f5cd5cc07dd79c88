// SPDX-License-Identifier: MIT
// See dwarf_frames.h.
#include "dwarf_frames.h"

#include "function_name.h"
#include "unit_map.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A place in the source. file points into libdw's memory.
struct place {
    const char *file;
    int line;
    int column;
};

struct walk {
    Dwarf_Addr pc;
    const char *symbol;
    const char *comp_dir; // what relative file names start from; may be NULL
    struct place place;   // where pc is, then where each frame that was emitted is called
    rg_frame_fn emit;
    void *arg;
};

// DIEs of a broken file can be nested as deeply as it is long.
enum { MAX_DEPTH = 256 };

// Whether libdw has put dir in front of file already, as it does for the first folder of a line table.
static bool begins_with_dir(const char *file, const char *dir) {
    size_t len = strlen(dir);
    return !strncmp(file, dir, len) && file[len] == '/';
}

// Makes the path of a file as full as the DWARF allows, without "./" in it: where the compilation
// folder dir (NULL if unknown) is relative itself, as in Debian's glibc, so is the result. The caller
// frees it; NULL when memory is short.
static char *full_path(const char *dir, const char *file) {
    char *path = NULL;
    if (dir && file[0] != '/' && !begins_with_dir(file, dir)) {
        if (asprintf(&path, "%s/%s", dir, file) < 0) {
            return NULL;
        }
    } else {
        path = strdup(file);
    }
    for (char *p = path ? strstr(path, "/./") : NULL; p; p = strstr(p, "/./")) {
        memmove(p, p + 2, strlen(p + 2) + 1);
    }
    if (path && !strncmp(path, "./", 2)) {
        memmove(path, path + 2, strlen(path + 2) + 1);
    }
    return path;
}

static const char *string_of(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attr;
    return dwarf_formstring(dwarf_attr(die, name, &attr));
}

static int number_of(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attr;
    Dwarf_Word value;
    return dwarf_formudata(dwarf_attr(die, name, &attr), &value) == 0 ? (int)value : 0;
}

static struct place place_of_pc(Dwarf_Die *lines, Dwarf_Addr pc) {
    struct place place = {0};
    Dwarf_Line *line = dwarf_getsrc_die(lines, pc);
    if (line) {
        place.file = dwarf_linesrc(line, NULL, NULL);
        dwarf_lineno(line, &place.line);
        dwarf_linecol(line, &place.column);
    }
    return place;
}

// Where the inlined function `die` was called.
static struct place place_of_call(Dwarf_Die *die) {
    struct place place = {
        .line = number_of(die, DW_AT_call_line),
        .column = number_of(die, DW_AT_call_column),
    };
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t count;
    int index = number_of(die, DW_AT_call_file);
    if (dwarf_diecu(die, &unit, NULL, NULL) && dwarf_getsrcfiles(&unit, &files, &count) == 0 &&
        index >= 0 && (size_t)index < count) {
        place.file = dwarf_filesrc(files, (size_t)index, NULL, NULL);
    }
    return place;
}

// Emits the function at w->place and frees its name.
static void emit_frame(struct walk *w, char *function) {
    struct rg_frame frame = {
        .function = function,
        .line = w->place.line,
        .column = w->place.column,
    };
    char *file = w->place.file ? full_path(w->comp_dir, w->place.file) : NULL;
    frame.file = file;
    w->emit(w->arg, &frame);
    free(file);
    free(function);
}

static bool emit_functions_below(struct walk *w, Dwarf_Die *parent, int depth);

// Emits the functions at pc in the scope `die`, innermost first. Returns whether that ended in a
// function that is not inlined, which is all there is to find.
static bool emit_functions_at(struct walk *w, Dwarf_Die *die, int depth) {
    switch (dwarf_tag(die)) {
    case DW_TAG_subprogram:
        if (dwarf_haspc(die, w->pc) <= 0) {
            return emit_functions_below(w, die, depth); // a nested function has code of its own
        }
        emit_functions_below(w, die, depth);
        emit_frame(w, rg_function_name(die, w->symbol));
        return true;
    case DW_TAG_inlined_subroutine:
        if (dwarf_haspc(die, w->pc) > 0) {
            emit_functions_below(w, die, depth);
            emit_frame(w, rg_function_name(die, NULL));
            w->place = place_of_call(die);
        }
        return false;
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        return emit_functions_below(w, die, depth);
    default:
        return false;
    }
}

// libdw's own dwarf_getscopes does not look into namespaces, where clang puts functions.
static bool emit_functions_below(struct walk *w, Dwarf_Die *parent, int depth) {
    Dwarf_Die child;
    if (depth >= MAX_DEPTH) {
        return false;
    }
    for (int more = dwarf_child(parent, &child); more == 0;
         more = dwarf_siblingof(&child, &child)) {
        if (emit_functions_at(w, &child, depth + 1)) {
            return true;
        }
    }
    return false;
}

void rg_dwarf_frames(const struct rg_unit *unit, Dwarf_Addr pc, const char *symbol,
                     rg_frame_fn emit, void *arg) {
    struct walk w = {.pc = pc, .symbol = symbol, .emit = emit, .arg = arg};
    bool found = false;
    if (unit) {
        Dwarf_Die lines = unit->lines;
        Dwarf_Die scopes = unit->scopes;
        w.comp_dir = string_of(&lines, DW_AT_comp_dir);
        w.place = place_of_pc(&lines, pc);
        found = emit_functions_below(&w, &scopes, 0);
    }
    if (!found) {
        emit_frame(&w, rg_symbol_name(symbol));
    }
}
