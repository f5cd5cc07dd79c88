// SPDX-License-Identifier: MIT
// The C library's calls that read into, or write from, one buffer. Each is the plain call unless its
// buffer is stale (bounce.h). State: the C library's functions, looked up once, in the constructor; a
// call before that looks its own up.
#include "front/bounce.h"

#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

// What a call that returned this many bytes has written.
static size_t written(ssize_t ret) {
    return ret > 0 ? (size_t)ret : 0;
}

typedef ssize_t io_fn(int, void *, size_t);
typedef ssize_t io_at_fn(int, void *, size_t, off_t);
typedef ssize_t io_flags_fn(int, void *, size_t, int);
typedef ssize_t io_from_fn(int, void *, size_t, int, struct sockaddr *, socklen_t *);
typedef ssize_t io_to_fn(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
typedef ssize_t link_fn(const char *, char *, size_t);
typedef ssize_t link_at_fn(int, const char *, char *, size_t);
typedef size_t stream_fn(void *, size_t, size_t, FILE *);

static struct {
    io_fn *read, *write;
    io_at_fn *pread, *pwrite;
    io_flags_fn *recv, *send;
    io_from_fn *recvfrom;
    io_to_fn *sendto;
    ssize_t (*getrandom)(void *, size_t, unsigned);
    char *(*getcwd)(char *, size_t);
    link_fn *readlink;
    link_at_fn *readlinkat;
    stream_fn *fread, *fwrite;
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("read", &next.read);
    rg_find_next("write", &next.write);
    rg_find_next("pread", &next.pread);
    rg_find_next("pwrite", &next.pwrite);
    rg_find_next("recv", &next.recv);
    rg_find_next("send", &next.send);
    rg_find_next("recvfrom", &next.recvfrom);
    rg_find_next("sendto", &next.sendto);
    rg_find_next("getrandom", &next.getrandom);
    rg_find_next("getcwd", &next.getcwd);
    rg_find_next("readlink", &next.readlink);
    rg_find_next("readlinkat", &next.readlinkat);
    rg_find_next("fread", &next.fread);
    rg_find_next("fwrite", &next.fwrite);
}

static void have_next(void) {
    if (rg_unlikely(!next.fwrite)) {
        find_all();
    }
}

RG_EXPORT ssize_t read(int fd, void *buffer, size_t n) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.read(fd, buffer, n);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"read", "buf", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.read(fd, b.buffer, n);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT ssize_t write(int fd, const void *buffer, size_t n) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.write(fd, (void *)(uintptr_t)buffer, n);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"write", "buf", false, RG_CALLER()}, buffer, n);
    ssize_t ret = next.write(fd, b.buffer, n);
    rg_bounce_end(&b, 0);
    return ret;
}

static ssize_t pread_for(int fd, void *buffer, size_t n, off_t at, struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.pread(fd, buffer, n, at);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"pread", "buf", true, caller}, buffer, n);
    ssize_t ret = next.pread(fd, b.buffer, n, at);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT ssize_t pread(int fd, void *buffer, size_t n, off_t at) {
    return pread_for(fd, buffer, n, at, RG_CALLER());
}

RG_EXPORT ssize_t pread64(int fd, void *buffer, size_t n, off64_t at) {
    return pread_for(fd, buffer, n, at, RG_CALLER());
}

static ssize_t pwrite_for(int fd, const void *buffer, size_t n, off_t at, struct rg_caller caller) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.pwrite(fd, (void *)(uintptr_t)buffer, n, at);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"pwrite", "buf", false, caller}, buffer, n);
    ssize_t ret = next.pwrite(fd, b.buffer, n, at);
    rg_bounce_end(&b, 0);
    return ret;
}

RG_EXPORT ssize_t pwrite(int fd, const void *buffer, size_t n, off_t at) {
    return pwrite_for(fd, buffer, n, at, RG_CALLER());
}

RG_EXPORT ssize_t pwrite64(int fd, const void *buffer, size_t n, off64_t at) {
    return pwrite_for(fd, buffer, n, at, RG_CALLER());
}

RG_EXPORT ssize_t recv(int fd, void *buffer, size_t n, int flags) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.recv(fd, buffer, n, flags);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"recv", "buf", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.recv(fd, b.buffer, n, flags);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT ssize_t send(int fd, const void *buffer, size_t n, int flags) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.send(fd, (void *)(uintptr_t)buffer, n, flags);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"send", "buf", false, RG_CALLER()}, buffer, n);
    ssize_t ret = next.send(fd, b.buffer, n, flags);
    rg_bounce_end(&b, 0);
    return ret;
}

RG_EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t n, int flags, __SOCKADDR_ARG from,
                           socklen_t *restrict from_len) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.recvfrom(fd, buffer, n, flags, from.__sockaddr__, from_len);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"recvfrom", "buf", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.recvfrom(fd, b.buffer, n, flags, from.__sockaddr__, from_len);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT ssize_t sendto(int fd, const void *buffer, size_t n, int flags, __CONST_SOCKADDR_ARG to,
                         socklen_t to_len) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.sendto(fd, buffer, n, flags, to.__sockaddr__, to_len);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"sendto", "buf", false, RG_CALLER()}, buffer, n);
    ssize_t ret = next.sendto(fd, b.buffer, n, flags, to.__sockaddr__, to_len);
    rg_bounce_end(&b, 0);
    return ret;
}

RG_EXPORT ssize_t getrandom(void *buffer, size_t n, unsigned flags) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.getrandom(buffer, n, flags);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"getrandom", "buffer", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.getrandom(b.buffer, n, flags);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT char *getcwd(char *buffer, size_t n) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.getcwd(buffer, n);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"getcwd", "buf", true, RG_CALLER()}, buffer, n);
    char *ret = next.getcwd(b.buffer, n);
    rg_bounce_end(&b, ret ? n : 0);
    return ret ? buffer : NULL;
}

RG_EXPORT ssize_t readlink(const char *restrict path, char *restrict buffer, size_t n) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.readlink(path, buffer, n);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"readlink", "buf", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.readlink(path, b.buffer, n);
    rg_bounce_end(&b, written(ret));
    return ret;
}

RG_EXPORT ssize_t readlinkat(int fd, const char *restrict path, char *restrict buffer, size_t n) {
    have_next();
    if (rg_likely(!rg_buffer_is_stale(buffer, n))) {
        return next.readlinkat(fd, path, buffer, n);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"readlinkat", "buf", true, RG_CALLER()}, buffer, n);
    ssize_t ret = next.readlinkat(fd, path, b.buffer, n);
    rg_bounce_end(&b, written(ret));
    return ret;
}

// Large transfers of a stream go past its own buffer, straight between the kernel and the program's.
RG_EXPORT size_t fread(void *restrict buffer, size_t size, size_t count, FILE *restrict stream) {
    size_t n;
    have_next();
    if (rg_likely(__builtin_mul_overflow(size, count, &n) || !rg_buffer_is_stale(buffer, n))) {
        return next.fread(buffer, size, count, stream);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"fread", "ptr", true, RG_CALLER()}, buffer, n);
    size_t ret = next.fread(b.buffer, size, count, stream);
    // A last, partial element has been written too.
    rg_bounce_end(&b, ret < count ? n : ret * size);
    return ret;
}

RG_EXPORT size_t fwrite(const void *restrict buffer, size_t size, size_t count,
                        FILE *restrict stream) {
    size_t n;
    have_next();
    if (rg_likely(__builtin_mul_overflow(size, count, &n) || !rg_buffer_is_stale(buffer, n))) {
        return next.fwrite((void *)(uintptr_t)buffer, size, count, stream);
    }
    struct rg_bounce b =
        rg_bounce_begin(&(struct rg_call){"fwrite", "ptr", false, RG_CALLER()}, buffer, n);
    size_t ret = next.fwrite(b.buffer, size, count, stream);
    rg_bounce_end(&b, 0);
    return ret;
}
