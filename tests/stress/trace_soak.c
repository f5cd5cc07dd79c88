// SPDX-License-Identifier: MIT
// The writer of traces alone, without the front: threads that write events, each with stacks that are new to all of them
// at the same time, that are interrupted, use the common stream, end and hand their streams on. Meanwhile the main thread
// reads the file again and again, and it stops the trace, or forks. What the file has of each thread is complete up to
// some event and in order, and each stack that an event names has its record. Works under the sanitizers.
//
//   trace_soak whole|stop|fork FOLDER
#include "trace/stream.h"

#include "base/lock.h"
#include "base/options.h"
#include "stack/depot.h"
#include "stack/modules.h"
#include "stack/walk.h"
#include "trace/format.h"

#include "../unit/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
    LANES = 6,
    FOLLOWERS = 10, // threads of a lane, one after the other
    STEPS = 3000,   // of each, but for every eighth, of which only handlers write
    NUMBERS = LANES * FOLLOWERS + 2,
    CHILD = NUMBERS - 1, // the forked child's number
    FRAMES_MOST = 12,
    STACKS_MOST = 1 << 20,
    FORKS = 5,
};

// An event's `how` tells which of its thread's sequences it belongs to, and its address the place there.
enum { OWN, COMMON, SEQUENCES };

struct worker {
    uint32_t number;
    struct rg_trace_stream *stream;
    uint64_t random, ticks;
    uint32_t next[SEQUENCES];
    bool has_stopped;
};

static struct worker workers[NUMBERS];
static atomic_uint next_number;
static atomic_uint lanes_done;

static struct {
    pthread_mutex_t lock;
    struct rg_trace_stream streams[LANES];
    bool is_taken[LANES];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct rg_trace_stream *take_stream(void) {
    struct rg_trace_stream *found = NULL;
    pthread_mutex_lock(&pool.lock);
    for (size_t i = 0; i < LANES && !found; i++) {
        if (!pool.is_taken[i]) {
            pool.is_taken[i] = true;
            found = &pool.streams[i];
        }
    }
    pthread_mutex_unlock(&pool.lock);
    require(found != NULL);
    return found;
}

static void give_stream(struct rg_trace_stream *s) {
    pthread_mutex_lock(&pool.lock);
    pool.is_taken[s - pool.streams] = false;
    pthread_mutex_unlock(&pool.lock);
}

// Of an event: every fifth has a stack of its own, others have those that all threads come to at about the same time.
static uint32_t stack_of(uint32_t number, uint32_t place) {
    const uint32_t which = place % 5 == 0 ? (number + 1) << 16 | place : place / 4;
    const size_t count = 1 + which % FRAMES_MOST;
    uintptr_t pcs[FRAMES_MOST];
    for (size_t i = 0; i < count; i++) {
        pcs[i] = i == 0       ? 0x100000 + which
                 : i % 3 == 1 ? (uintptr_t)take_stream + 1 + which % 32
                              : 0x1000 + i;
    }
    const uint32_t id = rg_depot_put(pcs, count, rg_modules_epoch()).v;
    require(id > 0 && id < STACKS_MOST);
    return id;
}

static uint64_t tick(struct worker *w) {
    const uint64_t now = rg_trace_ticks();
    w->ticks = now > w->ticks ? now : w->ticks + 1;
    return w->ticks;
}

static struct rg_trace_event make_event(struct worker *w, enum rg_trace_how how, uint32_t stack) {
    const uint32_t place = w->next[how == RG_TRACE_BY_NEW ? COMMON : OWN]++;
    struct rg_trace_event e = {
        .kind = RG_TRACE_ALLOC, .how = how, .stack = stack, .ticks = tick(w)};
    if (how == RG_TRACE_BY_FREE) {
        e.kind = RG_TRACE_FREE;
        e.old = (uint64_t)place << 4;
    } else {
        e.address = (uint64_t)place << 4;
        e.size = w->number;
    }
    return e;
}

static bool is_ready(struct worker *w, uint32_t stack) {
    const struct rg_origin origin = {.stack = stack, .thread = (uint16_t)w->number};
    w->has_stopped = w->has_stopped || !rg_trace_is_on() ||
                     !(rg_trace_is_ready(w->stream, stack) || rg_trace_begin(w->stream, origin));
    return !w->has_stopped;
}

static void put_later(struct worker *w, struct rg_trace_stream *s, enum rg_trace_how how,
                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct rg_trace_event e = make_event(w, how, 0);
        rg_trace_put_later(s, &e, w->number);
    }
}

// A call, with `interruptions` calls of signal handlers in the middle of it.
static void call(struct worker *w, bool is_free, size_t interruptions) {
    struct rg_trace_event e;
    // The time of a free is that of its beginning, so what interrupts it comes behind it.
    const uint32_t place = w->next[OWN] + (is_free ? 0 : (uint32_t)interruptions);
    const uint32_t stack = stack_of(w->number, place);
    if (!is_ready(w, stack)) {
        return;
    }
    if (is_free) {
        e = make_event(w, RG_TRACE_BY_FREE, stack);
    }
    put_later(w, w->stream, RG_TRACE_BY_CALLOC, interruptions);
    if (!is_free) {
        e = make_event(w, RG_TRACE_BY_MALLOC, stack);
    }
    rg_trace_put(w->stream, &e);
}

static void take_step(struct worker *w) {
    const size_t kind = random_below(&w->random, 1000);
    if (kind < 10) {
        put_later(w, NULL, RG_TRACE_BY_NEW, 1);
    } else if (kind == 10 && is_ready(w, 0)) {
        // More than can wait: a handler has left the heap by a jump.
        put_later(w, w->stream, RG_TRACE_BY_NEW, RG_TRACE_WAITING_MOST + 1);
    } else {
        call(w, kind % 2, kind < 100 ? kind % 4 : 0);
    }
}

static void *be_thread(void *arg) {
    struct worker *w = arg;
    w->stream = take_stream();
    w->random = w->number;
    for (int i = 0; i < STEPS && w->number % 8 != 0 && !w->has_stopped; i++) {
        take_step(w);
    }
    // Handlers that come behind the last event of the thread.
    put_later(w, w->stream, RG_TRACE_BY_CALLOC, 2);
    rg_trace_stream_end(w->stream);
    give_stream(w->stream);
    return NULL;
}

static void *be_lane(void *arg) {
    for (int i = 0; i < FOLLOWERS; i++) {
        pthread_t thread;
        struct worker *w = &workers[atomic_fetch_add(&next_number, 1)];
        w->number = (uint32_t)(w - workers);
        require(pthread_create(&thread, NULL, be_thread, w) == 0);
        pthread_join(thread, NULL);
    }
    atomic_fetch_add(&lanes_done, 1);
    return arg;
}

// What is in the file.
struct found {
    uint32_t next[NUMBERS][SEQUENCES];
    bool names_stack[STACKS_MOST], has_stack[STACKS_MOST];
    size_t notes;
};

static struct module { uint64_t bias; } modules[1000];

static const unsigned char *get(const unsigned char *at, const unsigned char *end, uint64_t *ret) {
    at = rg_trace_get_varint(at, end, ret);
    require(at != NULL);
    return at;
}

static void read_module(const unsigned char *at, const unsigned char *end) {
    uint64_t index, start, last, bias;
    get(get(get(get(at, end, &index), end, &start), end, &last), end, &bias);
    require(index > 0 && index < RG_ARRAY_LEN(modules) && start < last);
    modules[index].bias = bias;
}

static void read_stack(struct found *f, const unsigned char *at, const unsigned char *end) {
    uint64_t id, count, module, address;
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    at = get(get(at, end, &id), end, &count);
    require(id > 0 && id < STACKS_MOST && !f->has_stack[id]);
    const struct rg_stack stack =
        rg_depot_get((struct rg_stack_id){(uint32_t)id}, pcs, RG_STACK_DEPTH_MAX);
    require(stack.count == count && count > 0);
    for (size_t i = 0; i < count; i++) {
        at = get(get(at, end, &module), end, &address);
        require(module < RG_ARRAY_LEN(modules));
        require(modules[module].bias + address == rg_pc_lookup(stack.pcs[i]));
        require((module > 0) == (i % 3 == 1));
    }
    require(at == end);
    f->has_stack[id] = true;
}

static void read_meta(struct found *f, const unsigned char *at, const unsigned char *end) {
    while (at < end && atomic_load((const _Atomic unsigned char *)at) != 0) {
        const unsigned char type = *at;
        uint64_t bytes;
        at = get(at + 1, end, &bytes);
        require(bytes <= (uint64_t)(end - at));
        if (type == RG_TRACE_MODULE) {
            read_module(at, at + bytes);
        } else if (type == RG_TRACE_STACK) {
            read_stack(f, at, at + bytes);
        }
        f->notes += type == RG_TRACE_NOTE;
        at += bytes;
    }
}

static void check_event(struct found *f, uint32_t number, const struct rg_trace_event *e) {
    const bool is_free = e->kind == RG_TRACE_FREE;
    uint32_t *next = &f->next[number][e->how == RG_TRACE_BY_NEW ? COMMON : OWN];
    require(is_free ? e->how == RG_TRACE_BY_FREE : e->kind == RG_TRACE_ALLOC && e->size == number);
    require((is_free ? e->old : e->address) >> 4 == *next);
    const bool has_stack = is_free || e->how == RG_TRACE_BY_MALLOC;
    require(e->stack == (has_stack ? stack_of(number, *next) : 0));
    f->names_stack[e->stack] = true;
    *next += 1;
}

static void read_events(struct found *f, const struct rg_trace_chunk *head,
                        const unsigned char *end) {
    struct rg_trace_state state = {.ticks = head->start.ticks};
    struct rg_trace_event e;
    const unsigned char *at = (const unsigned char *)(head + 1);
    require(head->thread < NUMBERS);
    while (at < end && atomic_load((const _Atomic unsigned char *)at) != 0) {
        at = rg_trace_get_event(at, end, &state, &e);
        require(at != NULL);
        check_event(f, head->thread, &e);
    }
}

// As it is now. The mapping is another one than that of those who write, so no sanitizer sees them together.
static void read_chunks(struct found *f, const char *path, enum rg_trace_chunk_kind kind) {
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    require(fd >= 0 && fstat(fd, &st) == 0);
    const size_t length = (size_t)st.st_size;
    unsigned char *base = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    require(base != MAP_FAILED);
    close(fd);
    for (size_t at = RG_TRACE_PAGE; at < length;) {
        const struct rg_trace_chunk *head = (const struct rg_trace_chunk *)(base + at);
        if (atomic_load((const _Atomic uint32_t *)&head->magic) == 0) {
            break;
        }
        const uint32_t bytes = atomic_load((const _Atomic uint32_t *)&head->bytes);
        require(head->magic == RG_TRACE_CHUNK_MAGIC && bytes % RG_TRACE_PAGE == 0);
        require(bytes > 0 && bytes <= length - at);
        if (head->kind == RG_TRACE_META && kind == RG_TRACE_META) {
            read_meta(f, (const unsigned char *)(head + 1), base + at + bytes);
        } else if (head->kind == RG_TRACE_EVENTS && kind == RG_TRACE_EVENTS) {
            read_events(f, head, base + at + bytes);
        }
        at += bytes;
    }
    munmap(base, length);
}

// Whatever an event names has been written before it.
static const struct found *check_file(const char *path) {
    static struct found f;
    memset(&f, 0, sizeof f);
    read_chunks(&f, path, RG_TRACE_EVENTS);
    read_chunks(&f, path, RG_TRACE_META);
    for (size_t id = 1; id < STACKS_MOST; id++) {
        require(!f.names_stack[id] || f.has_stack[id]);
    }
    return &f;
}

// To go beyond that length would send SIGXFSZ.
static void limit_file(const char *path) {
    struct stat st;
    struct rlimit limit;
    require(stat(path, &st) == 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = (rlim_t)st.st_size;
    require(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

// It reads its file itself: stacks that are new here have ids that the parent does not know, or for others.
static RG_NORETURN void be_child(void) {
    struct worker *w = &workers[CHILD];
    *w = (struct worker){.number = CHILD, .stream = &pool.streams[0]};
    for (int i = 0; i < STEPS; i++) {
        call(w, i % 2, (size_t)i % 3);
    }
    const struct found *f = check_file(rg_trace_file_name());
    for (uint32_t i = 0; i < NUMBERS; i++) {
        require(f->next[i][OWN] == (i == CHILD ? w->next[OWN] : 0) && f->next[i][COMMON] == 0);
    }
    unlink(rg_trace_file_name());
    _exit(!w->has_stopped && w->next[OWN] == 2 * STEPS ? 0 : 1);
}

// As the front does it.
static void fork_once(void) {
    int status;
    rg_lock_all();
    const pid_t child = fork();
    if (child == 0) {
        rg_lock_reset_all();
        rg_trace_after_fork();
        for (size_t i = 0; i < LANES; i++) {
            rg_trace_stream_forget(&pool.streams[i], false);
        }
        rg_lock_unmask();
        be_child();
    }
    rg_unlock_all();
    require(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void check_all(bool is_stopped, const char *path) {
    const struct found *f = check_file(path);
    size_t events = 0;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        for (int which = 0; which < SEQUENCES; which++) {
            require(is_stopped ? f->next[i][which] <= workers[i].next[which]
                               : f->next[i][which] == workers[i].next[which]);
            events += f->next[i][which];
        }
    }
    require(f->notes == is_stopped && rg_trace_is_on() == !is_stopped);
    require(rg_trace_has_to_say == is_stopped && events > 0);
    printf("%zu events\n", events);
}

int main(int argc, char **argv) {
    pthread_t lanes[LANES];
    require(argc == 3);
    const bool stops = strcmp(argv[1], "stop") == 0, forks = strcmp(argv[1], "fork") == 0;
    snprintf(rg_options.trace, sizeof rg_options.trace, "%s/trace_soak.%s", argv[2], argv[1]);
    rg_trace_init();
    require(rg_trace_is_on());
    struct rg_trace_stream stream = {0};
    struct worker *first = &workers[NUMBERS - 2];
    *first = (struct worker){.number = NUMBERS - 2, .stream = &stream};
    put_later(first, NULL, RG_TRACE_BY_NEW, 1); // now there is a file
    for (int i = 0; i < LANES; i++) {
        require(pthread_create(&lanes[i], NULL, be_lane, NULL) == 0);
    }
    for (int turn = 0; atomic_load(&lanes_done) < LANES; turn++) {
        check_file(rg_trace_file_name());
        if (stops && turn == 0) {
            limit_file(rg_trace_file_name());
        }
        if (forks && turn < FORKS) {
            fork_once();
        }
    }
    for (int i = 0; i < LANES; i++) {
        pthread_join(lanes[i], NULL);
    }
    put_later(first, first->stream, RG_TRACE_BY_CALLOC, 2);
    rg_trace_end(first->stream);
    check_all(stops, rg_trace_file_name());
    unlink(rg_trace_file_name());
    return 0;
}
