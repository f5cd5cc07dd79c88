// SPDX-License-Identifier: MIT
// The calls of calls.h that no row of the table can describe: their arguments do not fit into six words.
// State: the C library's functions, as in calls.c.
#include "front/bounce.h"
#include "front/next.h"

#include <stdarg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    rg_call_fn *execv, *execve, *execvp, *recvfrom;
    ssize_t (*recvfrom_checked)(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("execv", &next.execv);
    rg_find_next("execve", &next.execve);
    rg_find_next("execvp", &next.execvp);
    rg_find_next("recvfrom", &next.recvfrom);
    rg_find_next("__recvfrom_chk", &next.recvfrom_checked);
}

static void have_next(void) {
    if (rg_unlikely(!next.recvfrom_checked)) {
        find_all();
    }
}

#define FILE_AND_LIST(file)                                                                        \
    {file, 0, RG_CALL_READS, RG_SIZE_STRING, 0, 0, 0}, {                                           \
        "arg", 1, RG_CALL_READS, RG_SIZE_STRINGS, 0, 0, 0                                          \
    }

static const struct rg_call execl_call = {"execl", {FILE_AND_LIST("pathname")}};
static const struct rg_call execlp_call = {"execlp", {FILE_AND_LIST("file")}};
static const struct rg_call execle_call = {
    "execle", {FILE_AND_LIST("pathname"), {"envp", 2, RG_CALL_READS, RG_SIZE_STRINGS, 0, 0, 0}}};

// How many arguments there are, without the NULL.
static size_t count_list(const char *arg, va_list list) {
    size_t n = 0;
    while (arg) {
        n++;
        arg = va_arg(list, const char *);
    }
    return n;
}

// Fills v with the list and its NULL; the list stands behind that afterwards.
static void fill(const char **v, size_t n, const char *arg, va_list *list) {
    for (size_t i = 0; i < n; i++) {
        v[i] = arg;
        arg = va_arg(*list, const char *);
    }
    v[n] = NULL;
}

// On the stack, as the C library does it: a vfork child may call this.
#define LIST_TO_ARRAY(v, arg, list)                                                                \
    va_list list;                                                                                  \
    va_start(list, arg);                                                                           \
    size_t v##_count = count_list(arg, list);                                                      \
    va_end(list);                                                                                  \
    const char *v[v##_count + 1];                                                                  \
    va_start(list, arg);                                                                           \
    fill(v, v##_count, arg, &list)

static long make(const struct rg_call *call, rg_call_fn *function, const long *words,
                 struct rg_caller caller) {
    return rg_call_is_stale(call, words)
               ? rg_call_make(call, function, words, caller)
               : function(words[0], words[1], words[2], words[3], words[4], words[5]);
}

static int run(const struct rg_call *call, rg_call_fn *function, const char *file, const char **v,
               char *const *environment, struct rg_caller caller) {
    long words[RG_CALL_WORDS] = {(long)file, (long)v, (long)environment};
    return (int)make(call, function, words, caller);
}

RG_EXPORT int execl(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    va_end(list);
    have_next();
    return run(&execl_call, next.execv, file, v, NULL, RG_CALLER());
}

RG_EXPORT int execlp(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    va_end(list);
    have_next();
    return run(&execlp_call, next.execvp, file, v, NULL, RG_CALLER());
}

RG_EXPORT int execle(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    have_next();
    return run(&execle_call, next.execve, file, v, environment, RG_CALLER());
}

RG_EXPORT ssize_t __recvfrom_chk(int fd, void *buffer, size_t n, size_t room, int flags,
                                 struct sockaddr *from, socklen_t *from_len);
RG_EXPORT ssize_t __recvfrom_chk(int fd, void *buffer, size_t n, size_t room, int flags,
                                 struct sockaddr *from, socklen_t *from_len) {
    have_next();
    if (n > room) {
        return next.recvfrom_checked(fd, buffer, n, room, flags, from, from_len);
    }
    long words[RG_CALL_WORDS] = {fd, (long)buffer, (long)n, flags, (long)from, (long)from_len};
    return make(rg_call_of_number(SYS_recvfrom), next.recvfrom, words, RG_CALLER());
}
