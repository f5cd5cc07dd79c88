// SPDX-License-Identifier: MIT
// What a program asks the guard for, for check_interface.py: interface CASE. Valid C and C++, also C++98.
#include "../../src/realloc_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *volatile sink;
static char text[1 << 16];

static char *make_stale(void) {
    char *old = (char *)malloc(40);
    sink = (char *)realloc(old, 400);
    return old;
}

static void use(char *old) {
    *(volatile char *)(old + 3) = 'x';
}

static int read_old(const char *old) {
    return *(const volatile char *)(old + 4);
}

static void count(void) {
    char *old = make_stale();
    printf("%lu\n", realloc_guard_finding_count());
    use(old);
    use(old);
    printf("%lu\n", realloc_guard_finding_count());
    read_old(old);
    printf("%lu\n", realloc_guard_finding_count());
}

static void describe(void) {
    int local = 0;
    char *freed = (char *)malloc(70), *old = make_stale();
    free(freed);
    printf("%d\n", realloc_guard_describe(old + 4));
    printf("%d\n", realloc_guard_describe(sink));
    printf("%d\n", realloc_guard_describe(freed));
    printf("%d %d\n", realloc_guard_describe(&local), realloc_guard_describe(NULL));
    printf("%d\n", realloc_guard_describe((void *)~0UL));
    printf("%lu\n", realloc_guard_finding_count());
}

static void describe_to(void) {
    char *old = make_stale(), few[10] = "123456789";
    size_t size = realloc_guard_describe_to(old, text, sizeof text);
    printf("%d\n", size == strlen(text));
    printf("%d\n", strstr(text, "at offset 0 of the block of 40 bytes") != NULL);
    printf("%d\n", realloc_guard_describe_to(old, few, sizeof few) == size);
    printf("%d\n", strlen(few) == 9 && strncmp(few, text, 9) == 0);
    printf("%d\n", realloc_guard_describe_to(old, NULL, 0) == size);
    printf("%d\n", (int)realloc_guard_describe_to(text, few, sizeof few) + few[0]);
    // It is not stored where nothing can be.
    printf("%d\n", realloc_guard_describe_to(old, (char *)16, 100) == size);
}

static void expect(void) {
    char *old = make_stale();
    use(old);
    for (int i = 0; i < 2; i++) {
        printf("%d\n", realloc_guard_expect_push(i == 0 ? "stale-write" : NULL));
        for (int k = 0; k < 5; k++) {
            use(old);
        }
        printf("%ld\n", realloc_guard_expect_pop());
    }
    printf("%ld %lu\n", realloc_guard_expect_pop(), realloc_guard_finding_count());
}

// In an inner region, in the one around it, and in none.
static void nested(void) {
    char *old = make_stale();
    realloc_guard_expect_push(" stale-write,\tstale-read ");
    realloc_guard_expect_push("stale-read");
    use(old);
    read_old(old);
    free(old);
    printf("%ld\n", realloc_guard_expect_pop());
    read_old(old);
    printf("%ld\n", realloc_guard_expect_pop());
    printf("%lu\n", realloc_guard_finding_count());
}

static void refused(void) {
    int depth = 0;
    printf("%d\n", realloc_guard_expect_push("stale-write,no-such"));
    printf("%d\n", realloc_guard_expect_push(""));
    printf("%d\n", realloc_guard_expect_push("stale-write,"));
    printf("%d\n", realloc_guard_expect_push((const char *)16));
    while (depth < 100 && realloc_guard_expect_push(NULL) == 0) {
        depth++;
    }
    printf("%d\n", depth);
    for (; depth > 0; depth--) {
        realloc_guard_expect_pop();
    }
    printf("%ld\n", realloc_guard_expect_pop());
}

static void *use_in_thread(void *old) {
    use((char *)old);
    return NULL;
}

// Another thread's finding is its own.
static void threads(void) {
    pthread_t thread;
    char *old = make_stale();
    realloc_guard_expect_push("stale-write");
    pthread_create(&thread, NULL, use_in_thread, old);
    pthread_join(thread, NULL);
    use(old);
    printf("%ld %lu\n", realloc_guard_expect_pop(), realloc_guard_finding_count());
}

// A child goes on with the region.
static void child(void) {
    int status = 0;
    char *old = make_stale();
    realloc_guard_expect_push("stale-write");
    use(old);
    fflush(stdout);
    if (fork() == 0) {
        use(old);
        _exit(realloc_guard_expect_pop() == 2 ? 0 : 1);
    }
    wait(&status);
    printf("%d %ld\n", WEXITSTATUS(status), realloc_guard_expect_pop());
}

static char told[8][60];
static int told_count;
static char *other_stale;

static void on_finding(const struct realloc_guard_finding *f, void *arg) {
    int is_whole = f->size >= sizeof *f && strlen(f->text) == f->text_length &&
                   strstr(f->text, f->kind[6] == 'w' ? "write" : "free") != NULL;
    snprintf(told[told_count++], sizeof told[0], "%s %lu %s %d %d %d %d", (char *)arg, f->number,
             f->kind, is_whole, (int)((const char *)f->address - (const char *)f->block),
             (int)f->block_size, f->live_block == sink);
    if (other_stale) {
        // A misuse within, and what is asked for there.
        use(other_stale);
        realloc_guard_describe(other_stale);
    }
}

static void call_back(void) {
    char *old = make_stale();
    char name[] = "told";
    printf("%d\n", realloc_guard_set_callback(on_finding, name));
    use(old);
    use(old);
    realloc_guard_expect_push(NULL);
    read_old(old);
    realloc_guard_expect_pop();
    free(old);
    realloc_guard_set_callback(NULL, NULL);
    read_old(old);
    for (int i = 0; i < told_count; i++) {
        puts(told[i]);
    }
}

static void call_back_within(void) {
    char name[] = "told";
    char *old;
    other_stale = make_stale();
    old = make_stale();
    realloc_guard_set_callback(on_finding, name);
    use(old);
    printf("%d %s %lu\n", told_count, told[0], realloc_guard_finding_count());
}

static void halt_after(const struct realloc_guard_finding *f, void *arg) {
    static const char words[] = "called\n";
    (void)f;
    (void)arg;
    if (write(1, words, sizeof words - 1) < 0) {
        _exit(1);
    }
}

static void call_back_and_halt(void) {
    realloc_guard_set_callback(halt_after, NULL);
    use(make_stale());
    puts("went on");
}

static void on_signal(int number) {
    (void)number;
    realloc_guard_describe(sink);
    realloc_guard_expect_push(NULL);
    realloc_guard_expect_pop();
    text[0] = (char)realloc_guard_finding_count();
}

// Signals come while the thread allocates.
static void in_handler(void) {
    signal(SIGALRM, on_signal);
    make_stale();
    for (int i = 0; i < 20; i++) {
        ualarm(500, 0);
        for (int k = 0; k < 20000; k++) {
            void *p = malloc(50);
            p = realloc(p, 5000);
            free(p);
        }
    }
    puts("done");
}

static void keep_errno(void) {
    char *old = make_stale();
    errno = ENOTDIR;
    realloc_guard_describe(old);
    realloc_guard_describe_to(old, text, sizeof text);
    realloc_guard_describe_to(old, (char *)16, 10);
    realloc_guard_expect_push("nonsense");
    realloc_guard_expect_push(NULL);
    realloc_guard_expect_pop();
    realloc_guard_set_callback(NULL, NULL);
    realloc_guard_finding_count();
    printf("%d\n", errno == ENOTDIR);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } all[] = {{"count", count},
               {"describe", describe},
               {"describe_to", describe_to},
               {"expect", expect},
               {"nested", nested},
               {"refused", refused},
               {"threads", threads},
               {"child", child},
               {"call_back", call_back},
               {"call_back_within", call_back_within},
               {"call_back_and_halt", call_back_and_halt},
               {"in_handler", in_handler},
               {"errno", keep_errno}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (argc > 1 && strcmp(argv[1], all[i].name) == 0) {
            all[i].run();
            return 0;
        }
    }
    return 2;
}
