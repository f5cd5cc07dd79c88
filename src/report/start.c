// SPDX-License-Identifier: MIT
// See start.h. State: what the process was started as; set before there are threads and in a forked child.
#include "report/start.h"

#include "base/options.h"
#include "base/sys.h"
#include "report/json.h"
#include "report/json_line.h"
#include "report/sink.h"

#include <string.h>
#include <sys/auxv.h>
#include <time.h>

enum { PATH_CAP = 1024, ARGUMENTS_CAP = 4096 };

static char program[PATH_CAP];
static char arguments[ARGUMENTS_CAP]; // each ended by a zero byte
static size_t arguments_len;
static bool is_cut;
static int own_pid, parent_pid;
static bool is_written; // and not lost
static int guest_pid;   // a vfork child, which has no memory of its own, has had a line too

static void read_program(void) {
    long n = rg_sys3(SYS_readlink, (long)"/proc/self/exe", (long)program, PATH_CAP - 1);
    const char *started_as = (const char *)getauxval(AT_EXECFN);
    if (n <= 0 && started_as) {
        n = (long)strnlen(started_as, PATH_CAP - 1);
        memcpy(program, started_as, (size_t)n);
    }
    program[n > 0 ? n : 0] = 0;
}

void rg_start_init(void) {
    read_program();
    long n = rg_read_file("/proc/self/cmdline", arguments, sizeof arguments);
    arguments_len = n > 0 ? (size_t)n : 0;
    is_cut = arguments_len == sizeof arguments - 1;
    own_pid = rg_getpid();
    parent_pid = (int)rg_sys0(SYS_getppid);
}

void rg_start_after_fork(void) {
    parent_pid = own_pid;
    own_pid = rg_getpid();
    is_written = false;
    guest_pid = 0;
}

int rg_start_pid(void) {
    int pid = rg_getpid();
    return pid > 0 ? pid : own_pid;
}

static void put_arguments(struct rg_buf *b) {
    rg_json_open(b, "arguments", '[');
    for (size_t at = 0; at < arguments_len; at += strlen(arguments + at) + 1) {
        rg_json_put_text(b, NULL, arguments + at);
    }
    rg_json_close(b, ']');
    rg_json_put_flag(b, "arguments_cut", is_cut);
}

// Those that differ from their defaults.
static void put_options(struct rg_buf *b) {
    size_t count;
    const struct rg_option_info *table = rg_options_table(&count);
    rg_json_open(b, "options", '{');
    for (const struct rg_option_info *o = table; o < table + count; o++) {
        char number[40], initial_number[40];
        const char *value = (const char *)&rg_options + o->offset, *initial = o->initial_text;
        if (o->type != RG_TYPE_STRING) {
            struct rg_buf v, i;
            rg_buf_init(&v, number, sizeof number);
            rg_buf_init(&i, initial_number, sizeof initial_number);
            rg_option_put_value(&v, &rg_options, o);
            rg_option_put_default(&i, o);
            value = number;
            initial = initial_number;
        }
        if (strcmp(value, initial) != 0) {
            rg_json_put_text(b, o->name, value);
        }
    }
    rg_json_close(b, '}');
}

static void put_time(struct rg_buf *b) {
    struct timespec now = {0};
    rg_sys2(SYS_clock_gettime, CLOCK_REALTIME, (long)&now);
    rg_json_put_number(b, "time", (size_t)now.tv_sec);
    rg_buf_fmt(b, ".%03ld", now.tv_nsec / 1000000);
}

// Whether it was written. Where nobody reads it comes before what is written next.
static bool write_line(char *buffer, size_t cap, int parent) {
    size_t lost = rg_sink_lost();
    struct rg_buf b;
    rg_buf_init(&b, buffer, cap);
    rg_json_begin_line(&b, "start");
    rg_json_put_number(&b, "ppid", (size_t)parent);
    put_time(&b);
    rg_json_put_text(&b, "program", program);
    put_arguments(&b);
    rg_json_put_text(&b, "guard_version", RG_VERSION);
    put_options(&b);
    rg_json_end_line(&b);
    rg_sink_write(b.data, b.len);
    return rg_sink_lost() == lost;
}

void rg_start_write_once(char *buffer, size_t cap) {
    int pid = rg_start_pid();
    if (pid == own_pid && !is_written) {
        is_written = write_line(buffer, cap, parent_pid);
    } else if (pid != own_pid && pid != guest_pid) {
        guest_pid = write_line(buffer, cap, own_pid) ? pid : guest_pid;
    }
}
