// SPDX-License-Identifier: MIT
// The C library's calls that fill a structure or an array of them. State: the C library's functions, as in
// io_calls.c.
#include "front/bounce.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "one layout on x86-64");

static struct {
    int (*stat)(const char *, struct stat *);
    int (*lstat)(const char *, struct stat *);
    int (*fstat)(int, struct stat *);
    int (*fstatat)(int, const char *, struct stat *, int);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*epoll_wait)(int, struct epoll_event *, int, int);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("stat", &next.stat);
    rg_find_next("lstat", &next.lstat);
    rg_find_next("fstat", &next.fstat);
    rg_find_next("fstatat", &next.fstatat);
    rg_find_next("poll", &next.poll);
    rg_find_next("epoll_wait", &next.epoll_wait);
}

static void have_next(void) {
    if (rg_unlikely(!next.epoll_wait)) {
        find_all();
    }
}

static struct rg_bounce begin(const char *name, const char *argument, struct rg_caller caller,
                              const void *p, size_t n) {
    return rg_bounce_begin(&(struct rg_call){name, argument, true, caller}, p, n);
}

static int stat_for(const char *path, struct stat *st, struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(st, sizeof *st))) {
        return next.stat(path, st);
    }
    struct rg_bounce b = begin("stat", "statbuf", caller, st, sizeof *st);
    int ret = next.stat(path, b.buffer);
    rg_bounce_end(&b, ret == 0 ? sizeof *st : 0);
    return ret;
}

static int lstat_for(const char *path, struct stat *st, struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(st, sizeof *st))) {
        return next.lstat(path, st);
    }
    struct rg_bounce b = begin("lstat", "statbuf", caller, st, sizeof *st);
    int ret = next.lstat(path, b.buffer);
    rg_bounce_end(&b, ret == 0 ? sizeof *st : 0);
    return ret;
}

static int fstat_for(int fd, struct stat *st, struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(st, sizeof *st))) {
        return next.fstat(fd, st);
    }
    struct rg_bounce b = begin("fstat", "statbuf", caller, st, sizeof *st);
    int ret = next.fstat(fd, b.buffer);
    rg_bounce_end(&b, ret == 0 ? sizeof *st : 0);
    return ret;
}

static int fstatat_for(int fd, const char *path, struct stat *st, int flags,
                       struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(st, sizeof *st))) {
        return next.fstatat(fd, path, st, flags);
    }
    struct rg_bounce b = begin("fstatat", "statbuf", caller, st, sizeof *st);
    int ret = next.fstatat(fd, path, b.buffer, flags);
    rg_bounce_end(&b, ret == 0 ? sizeof *st : 0);
    return ret;
}

RG_EXPORT int stat(const char *restrict path, struct stat *restrict st) {
    return stat_for(path, st, RG_CALLER());
}

RG_EXPORT int stat64(const char *restrict path, struct stat64 *restrict st) {
    return stat_for(path, (struct stat *)(void *)st, RG_CALLER());
}

RG_EXPORT int lstat(const char *restrict path, struct stat *restrict st) {
    return lstat_for(path, st, RG_CALLER());
}

RG_EXPORT int lstat64(const char *restrict path, struct stat64 *restrict st) {
    return lstat_for(path, (struct stat *)(void *)st, RG_CALLER());
}

RG_EXPORT int fstat(int fd, struct stat *st) {
    return fstat_for(fd, st, RG_CALLER());
}

RG_EXPORT int fstat64(int fd, struct stat64 *st) {
    return fstat_for(fd, (struct stat *)(void *)st, RG_CALLER());
}

RG_EXPORT int fstatat(int fd, const char *restrict path, struct stat *restrict st, int flags) {
    return fstatat_for(fd, path, st, flags, RG_CALLER());
}

RG_EXPORT int fstatat64(int fd, const char *restrict path, struct stat64 *restrict st, int flags) {
    return fstatat_for(fd, path, (struct stat *)(void *)st, flags, RG_CALLER());
}

RG_EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(fds, count * sizeof *fds))) {
        return next.poll(fds, count, timeout);
    }
    struct rg_bounce b = begin("poll", "fds", RG_CALLER(), fds, count * sizeof *fds);
    int ret = next.poll(b.buffer, count, timeout);
    rg_bounce_end(&b, ret >= 0 ? count * sizeof *fds : 0);
    return ret;
}

RG_EXPORT int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    size_t n = most > 0 ? (size_t)most * sizeof *events : 0;
    have_next();
    if (rg_likely(!rg_buffer_is_stale(events, n))) {
        return next.epoll_wait(fd, events, most, timeout);
    }
    struct rg_bounce b = begin("epoll_wait", "events", RG_CALLER(), events, n);
    int ret = next.epoll_wait(fd, b.buffer, most, timeout);
    rg_bounce_end(&b, ret > 0 ? (size_t)ret * sizeof *events : 0);
    return ret;
}
