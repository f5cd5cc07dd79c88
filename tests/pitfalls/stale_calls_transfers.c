// SPDX-License-Identifier: MIT
// The kernel touches a stale buffer: EFAULT, and no signal. Reading, writing, sockets, streams, waiting for
// descriptors: each call must be reported, and do what it would have done.
#include "../support/temporary.h"
#include "stale_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

enum { MUCH = 1 << 20, LATER = 60000 };

static char room[1 << 16];
static int zero, null_device, text, ends[2], talk[2], events, terminal[2];

static void set_up(void) {
    char name[] = "/tmp/stale-calls-" SIX_X;
    zero = open("/dev/zero", O_RDWR);
    null_device = open("/dev/null", O_RDWR);
    text = mkstemp(name);
    unlink(name);
    events = epoll_create1(0);
    for (int i = 0; i < 1000; i++) {
        if (write(text, "contents", 8) != 8) {
            exit(1);
        }
    }
    struct epoll_event event = {.events = EPOLLOUT};
    if (pipe(ends) != 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, talk) != 0 ||
        openpty(&terminal[0], &terminal[1], NULL, NULL, NULL) != 0 ||
        epoll_ctl(events, EPOLL_CTL_ADD, talk[0], &event) != 0) {
        exit(1);
    }
}

// Puts a datagram where it can be received.
static int filled(void) {
    send(talk[1], "datagram", 8, 0);
    return talk[0];
}

static int emptied(long result, int fd) {
    recv(fd, room, sizeof room, MSG_DONTWAIT);
    return (int)result;
}

#define IOV(p, n) (&(struct iovec[2]){{room, 2}, {p, n}})

static void reading_and_writing(void) {
    EXACT(read, "buf", (lseek(text, 3, SEEK_SET), call(text, R(5000), 5000L, (long)MUCH)));
    EXACT(read, "buf", (lseek(text, 7996, SEEK_SET), call(text, R(5000), 5000L, (long)MUCH)));
    EXACT(write, "buf", (lseek(text, 0, SEEK_SET), call(text, S("written"), 7L)));
    EXACT(pread, "buf", call(text, R(100), 100L, 3L, (long)MUCH));
    EXACT(pwrite, "buf", call(text, S("written"), 7L, 16L));
    EXACT(readv, "iov", (lseek(text, 0, SEEK_SET), call(text, IOV(R(100), 100), 2)));
    CASE(readv, "iov", (lseek(text, 0, SEEK_SET), call(text, V(struct iovec, {room, 10}), 1)));
    EXACT(writev, "iov", call(null_device, IOV(R(100), 100), 2));
    EXACT(preadv, "iov", call(text, IOV(R(100), 100), 2, 5L));
    EXACT(pwritev, "iov", call(text, IOV(R(10), 10), 2, 24L));
    EXACT(preadv2, "iov", call(text, IOV(R(100), 100), 2, 5L, 0L, 0));
    EXACT(pwritev2, "iov", call(text, IOV(R(10), 10), 2, 40L, 0L, 0));
    CASE(vmsplice, "iov", ({
             long n = call(ends[1], IOV(R(100), 100), 2, 0);
             read(ends[0], room, sizeof room) == n &&room[50] == 'x' ? n : -2;
         }));
    struct iovec remote = {"remote bytes", 12}, local = {room, 12};
    EXACT(process_vm_readv, "local_iov", call(getpid(), IOV(R(20), 20), 2L, &remote, 1L, 0L));
    CASE(process_vm_readv, "remote_iov",
         call(getpid(), &local, 1L, stale(&remote, sizeof remote), 1L, 0L));
    struct iovec here = {room, 22};
    EXACT(process_vm_writev, "local_iov", call(getpid(), IOV(R(20), 20), 2L, &here, 1L, 0L));
    CASE(process_vm_writev, "remote_iov",
         call(getpid(), &local, 1L, stale(&here, sizeof here), 1L, 0L));
    CASE(process_madvise, "iovec", call(NOWHERE, stale(&here, sizeof here), 1L, 0, 0));
    EXACT(sendfile, "offset", call(null_device, text, V(off_t, {5}), 10L));
    EXACT(splice, "off_in",
          (call(text, V(off_t, {5}), ends[1], NULL, 10L, 0) == 10 ? read(ends[0], room, 10) : -1));
    EXACT(splice, "off_out",
          (write(ends[1], "0123456789", 10), call(ends[0], NULL, text, V(off_t, {8}), 10L, 0)));
    CASE(copy_file_range, "off_in", call(text, V(off_t, {5}), NOWHERE, NULL, 10L, 0));
    CASE(copy_file_range, "off_out", call(NOWHERE, NULL, text, V(off_t, {5}), 10L, 0));
    CASE(getdents64, "dirp", ({
             int fd = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY);
             long n = call(fd, R(1000), 1000L);
             close(fd);
             n > 0;
         }));
    CASE(getdirentries, "buf", ({
             long base = 0;
             int fd = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY);
             long n = call(fd, R(1000), 1000L, &base);
             close(fd);
             n > 0;
         }));
    CASE(eventfd_read, "value", (int)call(zero, R(8)));
    CASE(getrandom, "buf", call(R(100), 100L, 0));
    CASE(getentropy, "buffer", call(R(100), 100L));
    CASE(pipe, "pipefd", ({
             int *pair = V(int[2], {-1, -1});
             long ret = call(pair);
             int copy[2] = {pair[0], pair[1]};
             closed(copy[0]) == 0 && closed(copy[1]) == 0 ? ret : -1;
         }));
    CASE(pipe2, "pipefd", ({
             int *pair = V(int[2], {-1, -1});
             long ret = call(pair, O_CLOEXEC);
             int copy[2] = {pair[0], pair[1]};
             closed(copy[0]) == 0 && closed(copy[1]) == 0 ? ret : -1;
         }));
    CASE(fcntl, "arg", call(text, F_SETLK, V(struct flock, {F_WRLCK, SEEK_SET, 0, 10})));
    EXACT(fcntl, "arg", call(text, F_GETLK, V(struct flock, {F_WRLCK, SEEK_SET, 0, 10})));
    EXACT(ioctl, "argp",
          (write(ends[1], "12345", 5), emptied(call(ends[0], FIONREAD, R(4)), ends[0])));
    EXACT(ioctl, "argp", call(terminal[0], TIOCSWINSZ, V(struct winsize, {7, 9})));
    EXACT(ioctl, "argp", call(terminal[0], TIOCGWINSZ, R(sizeof(struct winsize))));
    CASE(ioctl, "argp", call(terminal[0], TIOCGPTN, R(4)));
    CASE(ioctl, "argp", call(terminal[0], TCGETS, R(60)));
    CASE(ttyname_r, "buf", call(terminal[1], R(100), 100L, 100L));
    CASE(openpty, "winp", ({
             int a, b;
             long ret = call(&a, &b, NULL, NULL, V(struct winsize, {7, 9}));
             closed(a) == 0 && closed(b) == 0 ? ret : -1;
         }));
    CASE(forkpty, "winp", ({
             int a, status;
             pid_t child = call(&a, NULL, NULL, V(struct winsize, {7, 9}));
             if (child == 0) {
                 _Exit(ioctl(0, TIOCGWINSZ, room) == 0 && room[0] == 7 ? 0 : 1);
             }
             waitpid(child, &status, 0);
             close(a);
             status;
         }));
}

static long closed_stream(void *stream) {
    return stream ? fclose(stream) : -1;
}

static void streams(void) {
    CASE(fopen, "pathname", closed_stream((void *)call(S("/dev/null"), "r")));
    CASE(freopen, "pathname",
         closed_stream((void *)call(S("/dev/null"), "r", fopen("/dev/zero", "r"))));
    CASE(opendir, "name", closedir((void *)call(S("/proc"))));
    struct dirent **list;
    CASE(scandir, "dirp", call(S("/missing"), &list, NULL, NULL));
    CASE(scandirat, "dirp", call(AT_FDCWD, S("/missing"), &list, NULL, NULL));
    FILE *file = fdopen(dup(text), "r+");
    EXACT(fread, "ptr", (rewind(file), call(R(5000), 1L, 5000L, file)));
    EXACT(fread, "ptr", (fseek(file, 7000, SEEK_SET), call(R(5000), 3L, 1600L, file)));
    EXACT(__fread_chk, "ptr", (rewind(file), call(R(5000), (long)MUCH, 1L, 5000L, file)));
    CASE(fwrite, "ptr", ({
             fseek(file, 100, SEEK_SET);
             long n = call(R(6000), 1L, 6000L, file);
             fflush(file);
             pread(text, room, 6000, 100) == 6000 && room[5999] == 'x' ? n : -1;
         }));
    static char line[6000];
    memset(line, 'y', sizeof line - 1);
    CASE(fputs, "s", ({
             fseek(file, 200, SEEK_SET);
             long n = call(S(line), file);
             fflush(file);
             pread(text, room, 5999, 200) == 5999 && room[5998] == 'y' ? n : -1;
         }));
    CASE(puts, "s", call(S(line)));
    fclose(file);
}

static socklen_t length_of_address = sizeof(struct sockaddr_un);

// At an address that the kernel chooses.
static int listening(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sa_family_t family = AF_UNIX;
    if (bind(fd, (void *)&family, sizeof family) != 0 || listen(fd, 100) != 0) {
        exit(1);
    }
    return fd;
}

static int connected(int to) {
    struct sockaddr_un address;
    socklen_t n = sizeof address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (getsockname(to, (void *)&address, &n) != 0 || connect(fd, (void *)&address, n) != 0) {
        exit(1);
    }
    return fd;
}

static void addresses(void) {
    int listener = listening(), client;
    socklen_t n;
    CASE(bind, "addr",
         call(talk[0], V(struct sockaddr_un, {AF_UNIX, "/missing/socket"}), length_of_address));
    CASE(connect, "addr",
         call(talk[0], V(struct sockaddr_un, {AF_UNIX, "/missing"}), length_of_address));
    CASE(accept, "addr",
         (client = connected(listener), n = 16, n = closed(call(listener, R(16), &n, 0)),
          close(client), n));
    EXACT(accept, "addrlen",
          (client = connected(listener), n = closed(call(listener, room, V(socklen_t, {16}), 0)),
           close(client), n));
    CASE(accept4, "addr",
         (client = connected(listener), n = 16, n = closed(call(listener, R(16), &n, 0)),
          close(client), n));
    EXACT(accept4, "addrlen",
          (client = connected(listener), n = closed(call(listener, room, V(socklen_t, {16}), 0)),
           close(client), n));
    CASE(getsockname, "addr", (n = 16, call(listener, R(16), &n)));
    EXACT(getsockname, "addrlen", call(listener, room, V(socklen_t, {100})));
    client = connected(listener);
    CASE(getpeername, "addr", (n = 16, call(client, R(16), &n)));
    EXACT(getpeername, "addrlen", call(client, room, V(socklen_t, {100})));
    EXACT(getsockopt, "optval", (n = 4, call(client, SOL_SOCKET, SO_TYPE, R(4), &n)));
    EXACT(getsockopt, "optlen", call(client, SOL_SOCKET, SO_TYPE, room, V(socklen_t, {100})));
    CASE(setsockopt, "optval", call(client, SOL_SOCKET, SO_KEEPALIVE, V(int, {1}), 4));
    CASE(socketpair, "sv", ({
             int *pair = V(int[2], {-1, -1});
             long ret = call(AF_UNIX, SOCK_STREAM, 0, pair);
             int copy[2] = {pair[0], pair[1]};
             closed(copy[0]) == 0 && closed(copy[1]) == 0 ? ret : -1;
         }));
    close(client);
    close(listener);
}

static void messages(void) {
    static char name[128], control[128];
    struct iovec v = {room, 100};
    socklen_t n;
    EXACT(recv, "buf", call(filled(), R(100), 100L, MSG_NOSIGNAL, 0));
    EXACT(recv, "buf", call(filled(), R(3), 3L, MSG_NOSIGNAL | MSG_TRUNC, MSG_TRUNC));
    CASE(send, "buf", emptied(call(talk[1], S("abc"), 3L, 0), talk[0]));
    EXACT(recvfrom, "buf", (n = 128, call(filled(), R(100), 100L, 0, name, &n)));
    EXACT(recvfrom, "addrlen", call(filled(), room, 100L, 0, name, V(socklen_t, {128})));
    CASE(recvfrom, "src_addr", (n = 128, call(filled(), room, 100L, 0, R(128), &n)));
    EXACT(__recv_chk, "buf", call(filled(), R(100), 100L, 100L, 0));
    EXACT(__recvfrom_chk, "buf", (n = 128, call(filled(), R(100), 100L, 100L, 0, name, &n)));
    EXACT(__recvfrom_chk, "addrlen",
          call(filled(), room, 100L, 100L, 0, name, V(socklen_t, {128})));
    CASE(sendto, "buf", emptied(call(talk[1], S("abc"), 3L, 0, NULL, 0), talk[0]));
    CASE(sendto, "dest_addr",
         call(talk[1], "abc", 3L, 0, V(struct sockaddr_un, {AF_UNIX, "/missing"}),
              length_of_address));
#define HEADER(...) (&(struct msghdr){.msg_iov = &v, .msg_iovlen = 1, __VA_ARGS__})
    EXACT(recvmsg, "msg", call(filled(), V(struct msghdr, {.msg_namelen = 5}), 0));
    EXACT(recvmsg, "msg_iov",
          call(filled(), (&(struct msghdr){.msg_iov = (void *)IOV(R(100), 100), .msg_iovlen = 2}),
               0));
    CASE(recvmsg, "msg_iov",
         call(filled(),
              (&(struct msghdr){.msg_iov = V(struct iovec, {room, 100}), .msg_iovlen = 1}), 0));
    CASE(recvmsg, "msg_name", call(filled(), HEADER(.msg_name = R(100), .msg_namelen = 100), 0));
    CASE(recvmsg, "msg_control",
         call(filled(), HEADER(.msg_control = R(100), .msg_controllen = 100), 0));
    CASE(sendmsg, "msg", emptied(call(talk[1], V(struct msghdr, {0}), 0), talk[0]));
    CASE(sendmsg, "msg_iov",
         emptied(
             call(talk[1], (&(struct msghdr){.msg_iov = (void *)IOV(R(9), 9), .msg_iovlen = 2}), 0),
             talk[0]));
    CASE(sendmsg, "msg_name",
         call(talk[1],
              HEADER(.msg_name = V(struct sockaddr_un, {AF_UNIX, "/missing"}),
                     .msg_namelen = length_of_address),
              0));
    CASE(sendmsg, "msg_control", ({
             struct cmsghdr *rights = (void *)control;
             *rights = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
             *(int *)CMSG_DATA(rights) = -1;
             call(talk[1],
                  HEADER(.msg_control = stale(control, CMSG_SPACE(4)),
                         .msg_controllen = CMSG_SPACE(4)),
                  0);
         }));
    EXACT(recvmmsg, "msgvec",
          call(filled(), V(struct mmsghdr, {.msg_hdr.msg_namelen = 5}), 1, 0, NULL));
    EXACT(recvmmsg, "msg_iov",
          call(filled(),
               (&(struct mmsghdr){*HEADER(.msg_iov = (void *)IOV(R(20), 20), .msg_iovlen = 2)}), 1,
               0, NULL));
    CASE(recvmmsg, "msg_name",
         call(filled(), (&(struct mmsghdr){*HEADER(.msg_name = R(100), .msg_namelen = 100)}), 1, 0,
              NULL));
    CASE(recvmmsg, "msg_control",
         call(filled(), (&(struct mmsghdr){*HEADER(.msg_control = R(100), .msg_controllen = 100)}),
              1, 0, NULL));
    CASE(recvmmsg, "timeout",
         call(filled(), (&(struct mmsghdr){*HEADER(.msg_name = NULL)}), 1, 0,
              V(struct timespec, {100, 0})));
    EXACT(sendmmsg, "msgvec", emptied(call(talk[1], V(struct mmsghdr, {0}), 1, 0), talk[0]));
    CASE(sendmmsg, "msg_iov",
         emptied(
             call(talk[1],
                  (&(struct mmsghdr){*HEADER(.msg_iov = (void *)IOV(R(20), 20), .msg_iovlen = 2)}),
                  1, 0),
             talk[0]));
}

static void waiting(void) {
    struct pollfd writable = {talk[0], POLLOUT};
    struct epoll_event event = {.events = EPOLLIN};
    fd_set set;
    sigset_t none;
    sigemptyset(&none);
    struct timespec later = {60, 0};
    EXACT(poll, "fds", call(stale(&writable, sizeof writable), 1L, LATER, (long)MUCH));
    EXACT(ppoll, "fds", call(stale(&writable, sizeof writable), 1L, &later, &none));
    EXACT(__ppoll_chk, "fds",
          call(stale(&writable, sizeof writable), 1L, &later, &none, (long)MUCH));
    FD_ZERO(&set);
    FD_SET(talk[0], &set);
    EXACT(select, "readfds",
          call(talk[0] + 1, stale(&set, 128), NULL, NULL, (&(struct timeval){0})));
    EXACT(select, "writefds", call(talk[0] + 1, NULL, stale(&set, 128), NULL, NULL));
    EXACT(select, "exceptfds",
          call(talk[0] + 1, NULL, NULL, stale(&set, 128), (&(struct timeval){0})));
    EXACT(pselect, "readfds",
          call(talk[0] + 1, stale(&set, 128), NULL, NULL, (&(struct timespec){0}), &none));
    EXACT(pselect, "writefds", call(talk[0] + 1, NULL, stale(&set, 128), NULL, NULL, &none));
    EXACT(pselect, "exceptfds",
          call(talk[0] + 1, NULL, NULL, stale(&set, 128), (&(struct timespec){0}), &none));
    CASE(epoll_ctl, "event", call(events, EPOLL_CTL_ADD, talk[0], stale(&event, sizeof event)));
    CASE(epoll_ctl, "event", call(events, EPOLL_CTL_MOD, talk[1], stale(&event, sizeof event)));
    EXACT(epoll_wait, "events", call(events, R(36), 3, LATER));
    EXACT(epoll_pwait, "events", call(events, R(36), 3, LATER, &none));
    EXACT(epoll_pwait2, "events", call(events, R(36), 3, &later, &none));
    CASE(epoll_pwait2, "timeout", call(events, room, 3, stale(&later, sizeof later), &none));
}

static void by_number(void) {
    RAW("read", "buf", (lseek(text, 0, SEEK_SET), syscall(SYS_read, text, R(10), 10L)));
    RAW("write", "buf", syscall(SYS_write, null_device, R(10), 10L));
    RAW("pread", "buf", syscall(SYS_pread64, text, R(10), 10L, 5L));
    RAW("readv", "iov", syscall(SYS_readv, zero, IOV(R(10), 10), 2L));
    RAW("getrandom", "buf", syscall(SYS_getrandom, R(10), 10L, 0));
    RAW("openat", "pathname", syscall(SYS_openat, AT_FDCWD, S("/missing"), O_RDONLY));
    RAW("fstatat", "statbuf", syscall(SYS_newfstatat, AT_FDCWD, "/", R(sizeof(struct stat)), 0));
    RAW("getdents64", "dirp", ({
            int fd = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY);
            long n = syscall(SYS_getdents64, fd, R(1000), 1000L);
            close(fd);
            n > 0;
        }));
    RAW("read", "buf", syscall(SYS_read, NOWHERE, R(10), 10L));
}

int main(void) {
    set_up();
    reading_and_writing();
    by_number();
    streams();
    addresses();
    messages();
    waiting();
    return 0;
}
