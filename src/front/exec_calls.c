// SPDX-License-Identifier: MIT
// The calls of calls.h that no row of the table can describe: their arguments do not fit into six words, or
// they need what `environ` leads to. State: the C library's functions, as in calls.c.
#include "front/bounce.h"
#include "front/next.h"

#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wordexp.h>

static struct {
    rg_call_fn *execv, *execve, *execvp, *execvpe, *popen, *posix_spawnp, *system, *wordexp,
        *recvfrom;
    ssize_t (*recvfrom_checked)(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("execv", &next.execv);
    rg_find_next("execve", &next.execve);
    rg_find_next("execvp", &next.execvp);
    rg_find_next("execvpe", &next.execvpe);
    rg_find_next("popen", &next.popen);
    rg_find_next("posix_spawnp", &next.posix_spawnp);
    rg_find_next("system", &next.system);
    rg_find_next("wordexp", &next.wordexp);
    rg_find_next("recvfrom", &next.recvfrom);
    rg_find_next("__recvfrom_chk", &next.recvfrom_checked);
}

static void have_next(void) {
    if (rg_unlikely(!next.recvfrom_checked)) {
        find_all();
    }
}

// clang-format off
#define STRING(index, name)  {name, index, RG_CALL_READS, RG_SIZE_STRING, 0, 0, 0}
#define STRINGS(index, name) {name, index, RG_CALL_READS, RG_SIZE_STRINGS, 0, 0, 0}
#define ROW(name, file, list, environment)                                                         \
    {name, {STRING(0, file), STRINGS(1, list), STRINGS(2, environment)}}
// clang-format on

static const struct rg_call execl_call = ROW("execl", "pathname", "arg", "environ");
static const struct rg_call execlp_call = ROW("execlp", "file", "arg", "environ");
static const struct rg_call execle_call = ROW("execle", "pathname", "arg", "envp");
static const struct rg_call execv_call = ROW("execv", "pathname", "argv", "environ");
static const struct rg_call execvp_call = ROW("execvp", "file", "argv", "environ");
static const struct rg_call popen_environ = {"popen", {STRINGS(0, "environ")}};
static const struct rg_call popen_call = {"popen", {STRING(0, "command")}};
static const struct rg_call system_environ = {"system", {STRINGS(0, "environ")}};
static const struct rg_call system_call = {"system", {STRING(0, "command")}};
static const struct rg_call wordexp_environ = {"wordexp", {STRINGS(0, "environ")}};
static const struct rg_call wordexp_call = {.name = "wordexp"};
static const struct rg_call posix_spawnp_environ = {"posix_spawnp", {STRINGS(0, "environ")}};
static const struct rg_call posix_spawnp_call = {
    "posix_spawnp",
    {{"pid", 0, RG_CALL_WRITES, RG_SIZE_FIXED, 0, 0, sizeof(pid_t)},
     STRING(1, "file"),
     {"file_actions", 2, RG_CALL_READS, RG_SIZE_ACTIONS, 0, 0, 0},
     {"attrp", 3, RG_CALL_READS, RG_SIZE_FIXED, 0, 0, sizeof(posix_spawnattr_t)},
     STRINGS(4, "argv"),
     STRINGS(5, "envp")}};

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

// Where something is stale, the function that is given the environment takes the place of the one that looks for it
// in `environ`.
static int run(const struct rg_call *call, rg_call_fn *function, rg_call_fn *with_environment,
               const char *file, const char *const *v, struct rg_caller caller) {
    long words[RG_CALL_WORDS] = {(long)file, (long)v, (long)environ};
    return (int)(rg_call_is_stale(call, words) ? rg_call_make(call, with_environment, words, caller)
                                               : function(words[0], words[1], 0, 0, 0, 0));
}

// The C library's function looks at `environ`, with no signal let through, or hands it to the kernel, so that leads
// to bounce buffers meanwhile. Other threads may be reading those too: they are left where there are any.
static long lend_environment(const struct rg_call *environment, const struct rg_call *call,
                             rg_call_fn *function, const long *words, struct rg_caller caller) {
    struct rg_bounces b = {.call = environment, .caller = caller};
    char **own = environ, **lent;
    long word[RG_CALL_WORDS] = {(long)own};
    rg_bounce_begin(&b, word);
    lent = (char **)word[0]; // the same where there is no memory
    environ = lent;
    long result = make(call, function, words, caller);
    bool is_ours = environ == lent;
    if (is_ours) {
        environ = own;
    }
    return lent == own || (is_ours && __libc_single_threaded) ? rg_bounce_end(&b, result) : result;
}

static long run_among_environ(const struct rg_call *environment, const struct rg_call *call,
                              rg_call_fn *function, const long *words, struct rg_caller caller) {
    long word[RG_CALL_WORDS] = {(long)environ};
    return rg_call_is_stale(environment, word)
               ? lend_environment(environment, call, function, words, caller)
               : make(call, function, words, caller);
}

RG_EXPORT int execv(const char *file, char *const *v) {
    have_next();
    return run(&execv_call, next.execv, next.execve, file, (const char *const *)v, RG_CALLER());
}

RG_EXPORT int execvp(const char *file, char *const *v) {
    have_next();
    return run(&execvp_call, next.execvp, next.execvpe, file, (const char *const *)v, RG_CALLER());
}

RG_EXPORT int system(const char *command) {
    long words[RG_CALL_WORDS] = {(long)command};
    have_next();
    return (int)run_among_environ(&system_environ, &system_call, next.system, words, RG_CALLER());
}

RG_EXPORT FILE *popen(const char *command, const char *type) {
    long words[RG_CALL_WORDS] = {(long)command, (long)type};
    have_next();
    return (FILE *)run_among_environ(&popen_environ, &popen_call, next.popen, words, RG_CALLER());
}

RG_EXPORT int wordexp(const char *restrict text, wordexp_t *restrict ret_words, int flags) {
    long words[RG_CALL_WORDS] = {(long)text, (long)ret_words, flags};
    have_next();
    return (int)run_among_environ(&wordexp_environ, &wordexp_call, next.wordexp, words,
                                  RG_CALLER());
}

RG_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const *v,
                           char *const *environment) {
    long words[RG_CALL_WORDS] = {(long)pid,        (long)file, (long)actions,
                                 (long)attributes, (long)v,    (long)environment};
    have_next();
    return (int)run_among_environ(&posix_spawnp_environ, &posix_spawnp_call, next.posix_spawnp,
                                  words, RG_CALLER());
}

RG_EXPORT int execl(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    va_end(list);
    have_next();
    return run(&execl_call, next.execv, next.execve, file, v, RG_CALLER());
}

RG_EXPORT int execlp(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    va_end(list);
    have_next();
    return run(&execlp_call, next.execvp, next.execvpe, file, v, RG_CALLER());
}

RG_EXPORT int execle(const char *file, const char *arg, ...) {
    LIST_TO_ARRAY(v, arg, list);
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    have_next();
    long words[RG_CALL_WORDS] = {(long)file, (long)v, (long)environment};
    return (int)make(&execle_call, next.execve, words, RG_CALLER());
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
