// SPDX-License-Identifier: MIT
// A trace as a heap profile for pprof, see export.h: profile.proto with the four kinds of samples of Go's heap profiles.
// Its parts may come in any order and piece by piece, so each is written when it is first referred to.
#include "export.h"

#include "need.h"
#include "pair_index.h"
#include "proto_writer.h"
#include "text_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Fields of the schema.
enum {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_MAPPING = 3,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    PROFILE_TIME_NS = 9,
    PROFILE_DURATION_NS = 10,
    PROFILE_PERIOD_TYPE = 11,
    PROFILE_PERIOD = 12,
    PROFILE_COMMENT = 13,
    PROFILE_DEFAULT_SAMPLE_TYPE = 14,
    TYPE_NAME = 1,
    TYPE_UNIT = 2,
    SAMPLE_LOCATIONS = 1,
    SAMPLE_VALUES = 2,
    MAPPING_ID = 1,
    MAPPING_START = 2,
    MAPPING_LIMIT = 3,
    MAPPING_FILE = 5,
    MAPPING_BUILD_ID = 6,
    MAPPING_HAS_FUNCTIONS = 7,
    MAPPING_HAS_FILES = 8,
    MAPPING_HAS_LINES = 9,
    MAPPING_HAS_INLINED = 10,
    LOCATION_ID = 1,
    LOCATION_MAPPING = 2,
    LOCATION_ADDRESS = 3,
    LOCATION_LINE = 4,
    LINE_FUNCTION = 1,
    LINE_NUMBER = 2,
    FUNCTION_ID = 1,
    FUNCTION_NAME = 2,
    FUNCTION_SYSTEM_NAME = 3,
    FUNCTION_FILE = 4,
};

struct pprof {
    const struct rg_export *export;
    struct rg_proto profile;        // what is to be written next
    struct rg_text_index texts;     // the first one is "", whose index in the profile is 0
    struct rg_pair_index functions; // by the indexes of name and file
    struct rg_pair_index locations; // by module and address
    uint64_t *stack;                // locations of the sample at hand
    size_t stack_len, stack_cap;
};

static uint64_t text_of(struct pprof *p, const char *text) {
    bool is_new;
    char *clean = rg_export_text(text);
    const uint64_t number = rg_text_index_of(&p->texts, clean, &is_new);
    if (is_new) {
        rg_proto_text(&p->profile, PROFILE_STRING, clean);
    }
    free(clean);
    return number - 1;
}

static uint64_t function_of(struct pprof *p, const char *name, const char *file) {
    bool is_new;
    const uint64_t name_text = text_of(p, name), file_text = text_of(p, file ? file : "");
    const uint64_t id = rg_pair_index_of(&p->functions, name_text, file_text, &is_new);
    if (is_new) {
        struct rg_proto function = {0};
        rg_proto_number(&function, FUNCTION_ID, id);
        rg_proto_number(&function, FUNCTION_NAME, name_text);
        rg_proto_number(&function, FUNCTION_SYSTEM_NAME, name_text);
        rg_proto_number(&function, FUNCTION_FILE, file_text);
        rg_proto_message(&p->profile, PROFILE_FUNCTION, &function);
        rg_proto_done(&function);
    }
    return id;
}

static void put_line(struct pprof *p, struct rg_proto *location, const char *function,
                     const char *file, unsigned number) {
    struct rg_proto line = {0};
    rg_proto_number(&line, LINE_FUNCTION, function_of(p, function, file));
    rg_proto_number(&line, LINE_NUMBER, number);
    rg_proto_message(location, LOCATION_LINE, &line);
    rg_proto_done(&line);
}

// frame: NULL where there is no stack.
static void put_location(struct pprof *p, uint64_t id, const struct rg_trace_frame *frame) {
    struct rg_proto location = {0};
    rg_proto_number(&location, LOCATION_ID, id);
    if (!frame) {
        put_line(p, &location, RG_EXPORT_NO_STACK, NULL, 0);
    } else {
        const struct rg_trace_module *m = rg_trace_reader_module(p->export->reader, frame->module);
        const struct rg_trace_frame_names names = rg_trace_names_of(p->export->names, *frame);
        rg_proto_number(&location, LOCATION_MAPPING, m ? frame->module : 0);
        rg_proto_number(&location, LOCATION_ADDRESS, frame->address + (m ? m->bias : 0));
        for (size_t i = 0; i < names.count; i++) {
            const struct rg_trace_name *name = &names.names[i];
            put_line(p, &location, name->function, name->file, name->line);
        }
    }
    rg_proto_message(&p->profile, PROFILE_LOCATION, &location);
    rg_proto_done(&location);
}

static void push_location(struct pprof *p, const struct rg_trace_frame *frame) {
    bool is_new;
    // Of no module is 0, so that no frame has the last number.
    const uint64_t module = frame ? frame->module : UINT64_MAX;
    const uint64_t id =
        rg_pair_index_of(&p->locations, module, frame ? frame->address : 0, &is_new);
    if (is_new) {
        put_location(p, id, frame);
    }
    p->stack = rg_need_room(p->stack, p->stack_len, sizeof *p->stack);
    p->stack[p->stack_len++] = id;
}

static void put_sample(struct pprof *p, uint32_t id) {
    const struct rg_export *e = p->export;
    const struct rg_trace_figures *f = rg_trace_model_of(e->model, id);
    const uint64_t values[] = {f->allocations, f->bytes,
                               e->is_at_peak ? f->at_peak_blocks : f->live_blocks,
                               e->is_at_peak ? f->at_peak_bytes : f->live_bytes};
    if (f->allocations == 0) {
        return;
    }
    const struct rg_trace_stack stack = rg_trace_reader_stack(e->reader, id);
    p->stack_len = 0;
    for (size_t i = 0; i < stack.count; i++) {
        push_location(p, &stack.frames[i]);
    }
    if (stack.count == 0) {
        push_location(p, NULL);
    }
    struct rg_proto sample = {0};
    rg_proto_numbers(&sample, SAMPLE_LOCATIONS, p->stack, p->stack_len);
    rg_proto_numbers(&sample, SAMPLE_VALUES, values, RG_ARRAY_LEN(values));
    rg_proto_message(&p->profile, PROFILE_SAMPLE, &sample);
    rg_proto_done(&sample);
    rg_proto_write(&p->profile, e->out);
}

static void put_type(struct pprof *p, unsigned field, const char *name, const char *unit) {
    struct rg_proto type = {0};
    rg_proto_number(&type, TYPE_NAME, text_of(p, name));
    rg_proto_number(&type, TYPE_UNIT, text_of(p, unit));
    rg_proto_message(&p->profile, field, &type);
    rg_proto_done(&type);
}

static void put_mapping(struct pprof *p, uint32_t index) {
    const struct rg_trace_module *m = rg_trace_reader_module(p->export->reader, index);
    struct rg_proto mapping = {0};
    rg_proto_number(&mapping, MAPPING_ID, index);
    rg_proto_number(&mapping, MAPPING_START, m->start);
    rg_proto_number(&mapping, MAPPING_LIMIT, m->end);
    rg_proto_number(&mapping, MAPPING_FILE, text_of(p, m->path));
    rg_proto_number(&mapping, MAPPING_BUILD_ID,
                    text_of(p, !strcmp(m->build_id, "-") ? "" : m->build_id));
    // All that is known is here: pprof need not look into the file.
    rg_proto_number(&mapping, MAPPING_HAS_FUNCTIONS, 1);
    rg_proto_number(&mapping, MAPPING_HAS_FILES, 1);
    rg_proto_number(&mapping, MAPPING_HAS_LINES, 1);
    rg_proto_number(&mapping, MAPPING_HAS_INLINED, 1);
    rg_proto_message(&p->profile, PROFILE_MAPPING, &mapping);
    rg_proto_done(&mapping);
}

// pprof takes the first one for the program's.
static void put_mappings(struct pprof *p) {
    const char *program = rg_trace_reader_info(p->export->reader)->program;
    for (int is_other = 0; is_other < 2; is_other++) {
        const struct rg_trace_module *m;
        for (uint32_t i = 1; (m = rg_trace_reader_module(p->export->reader, i)); i++) {
            if ((strcmp(m->path, program) != 0) == is_other) {
                put_mapping(p, i);
            }
        }
    }
}

static void put_comment(struct pprof *p, const char *text) {
    const uint64_t number = text_of(p, text);
    rg_proto_numbers(&p->profile, PROFILE_COMMENT, &number, 1);
}

static void put_comments(struct pprof *p) {
    const struct rg_export *e = p->export;
    const struct rg_trace_info *info = rg_trace_reader_info(e->reader);
    char *command = rg_need_text("command: %s", info->command);
    char *process =
        rg_need_text("process %" PRIu32 "%s", info->pid,
                     info->has_ended ? "" : ", which was killed, has crashed, or still runs");
    put_comment(p, command);
    put_comment(p, process);
    free(command);
    free(process);
    if (e->is_at_peak) {
        const uint64_t us =
            rg_trace_reader_ns(e->reader, rg_trace_model_peak_ticks(e->model)) / 1000;
        char *peak =
            rg_need_text("inuse: at the peak, %" PRIu64 ".%03" PRIu64 " ms after the start",
                         us / 1000, us % 1000);
        put_comment(p, peak);
        free(peak);
    } else {
        put_comment(p, "inuse: at the end");
    }
    for (size_t i = 0; i < info->note_count; i++) {
        put_comment(p, info->notes[i]);
    }
}

void rg_export_pprof(const struct rg_export *e) {
    struct pprof p = {.export = e};
    rg_trace_model_read(e->model, e->reader, NULL, NULL, true);
    const struct rg_trace_info *info = rg_trace_reader_info(e->reader);
    text_of(&p, "");
    put_type(&p, PROFILE_SAMPLE_TYPE, "alloc_objects", "count");
    put_type(&p, PROFILE_SAMPLE_TYPE, "alloc_space", "bytes");
    put_type(&p, PROFILE_SAMPLE_TYPE, "inuse_objects", "count");
    put_type(&p, PROFILE_SAMPLE_TYPE, "inuse_space", "bytes");
    put_type(&p, PROFILE_PERIOD_TYPE, "space", "bytes");
    rg_proto_number(&p.profile, PROFILE_PERIOD, 1); // every byte was counted
    rg_proto_number(&p.profile, PROFILE_TIME_NS, info->realtime_ns);
    rg_proto_number(&p.profile, PROFILE_DURATION_NS, info->duration_ns);
    rg_proto_number(&p.profile, PROFILE_DEFAULT_SAMPLE_TYPE, text_of(&p, "inuse_space"));
    put_comments(&p);
    put_mappings(&p);
    rg_proto_write(&p.profile, e->out);
    for (uint64_t id = 0; id <= rg_trace_model_last_stack(e->model); id++) {
        put_sample(&p, (uint32_t)id);
    }
    rg_text_index_done(&p.texts);
    rg_pair_index_done(&p.functions);
    rg_pair_index_done(&p.locations);
    rg_proto_done(&p.profile);
    free(p.stack);
}
