// SPDX-License-Identifier: MIT
// See symbolizer.h. State under the REPORT lock: the socket and how often it broke.
#include "report/symbolizer.h"

#include "base/compiler.h"
#include "base/fmt.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    STARTS_MAX = 3,
    FIRST_NO_STANDARD = 3,
    ANSWER_CAP = 16384,
    TIMEOUT_MS = 20000, // large debug information takes seconds to read
    STACK_SIZE = 32768,
};

// The C library's clone, past any wrapper. It only arranges the new stack and makes the system call.
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);

static char program_path[1024];
static int socket_fd = -1;
static uint64_t socket_inode; // tells whether socket_fd is still ours
static int starts;
static bool is_given_up; // it did not answer in time; its like in a forked child would not either
static const char *failure;     // the last one, NULL after an answer
static volatile int exec_error; // written by the grandchild, which shares this memory
static char exec_failure[1200];
static char answer[ANSWER_CAP];
static char child_stack[2][STACK_SIZE] __attribute__((aligned(16)));

void rg_symbolizer_init(const char *program) {
    struct rg_buf b;
    rg_buf_init(&b, program_path, sizeof program_path);
    rg_buf_str(&b, program);
}

static uint64_t inode_of(int fd) {
    struct stat st = {0};
    return rg_sys2(SYS_fstat, fd, (long)&st) == 0 ? st.st_ino : 0;
}

// Forgets the socket, and closes it unless the program has closed it and put something else there.
static void disconnect(void) {
    if (socket_fd >= 0 && inode_of(socket_fd) == socket_inode) {
        rg_sys2(SYS_close, socket_fd, 0);
    }
    socket_fd = -1;
}

void rg_symbolizer_after_fork(void) {
    disconnect();
    starts = 0;
    failure = is_given_up ? failure : NULL;
}

const char *rg_symbolizer_failure(void) {
    return failure;
}

// A process that adopts orphans would get the helper as a child of its own.
static bool adopts_orphans(void) {
    int is_subreaper = 0;
    rg_sys2(SYS_prctl, PR_GET_CHILD_SUBREAPER, (long)&is_subreaper);
    return is_subreaper || rg_getpid() == 1;
}

// Makes fd the standard stream. It may be that one already, where the program has closed its own; then it
// only has to stay open across the exec.
static void become(int fd, int stream) {
    if (fd == stream) {
        rg_sys3(SYS_fcntl, fd, F_SETFD, 0);
    } else {
        rg_sys3(SYS_dup2, fd, stream, 0);
    }
}

// The program's limit may leave too few descriptors for reading debug information.
static void widen_limit(void) {
    struct rlimit limit = {0};
    if (rg_sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        rg_sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)&limit, 0);
    }
}

// Runs in the grandchild, on memory shared with the program: system calls only.
static int run_helper(void *arg) {
    int fd = *(int *)arg;
    static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
                                              NULL};
    const char *const arguments[] = {"realloc-guard", "symbolize", NULL};
    uint64_t none = 0;
    rg_sys0(SYS_setsid);
    become(fd, 0);
    become(fd, 1);
    // The lowest number that is free then.
    rg_sys2(SYS_close, 2, 0);
    rg_sys3(SYS_open, (long)"/dev/null", O_WRONLY, 0);
    if (rg_sys3(SYS_close_range, 3, ~0U, 0) < 0) {
        for (int i = 3; i < 4096; i++) {
            rg_sys2(SYS_close, i, 0);
        }
    }
    widen_limit();
    rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, 8);
    exec_error = (int)-rg_sys3(SYS_execve, (long)program_path, (long)arguments, (long)environment);
    rg_sys2(SYS_exit, 127, 0);
    return 127;
}

// Runs in the child: starts the grandchild and leaves, which makes that an orphan.
static int run_child(void *arg) {
    // An exec gives a process's end the signal SIGCHLD and makes it visible to wait(), so the helper must
    // not be the program's own child. CLONE_FILES is absent: it may close descriptors.
    int ret = __clone(run_helper, child_stack[1] + STACK_SIZE, CLONE_VM | CLONE_VFORK, arg);
    rg_sys2(SYS_exit, ret < 0, 0);
    return 0;
}

static const char *describe_exec_failure(void) {
    struct rg_buf b;
    rg_buf_init(&b, exec_failure, sizeof exec_failure);
    rg_buf_fmt(&b, "could not be executed (%s: %s)", program_path, strerrordesc_np(exec_error));
    return exec_failure;
}

static bool start(void) {
    int pair[2] = {-1, -1};
    if (!program_path[0] || starts >= STARTS_MAX || is_given_up) {
        return false;
    }
    if (adopts_orphans()) {
        failure = "was not started, since this process adopts orphans";
        return false;
    }
    starts++;
    failure = "could not be started";
    if (rg_sys4(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, (long)pair) < 0) {
        return false;
    }
    int own = rg_move_up(pair[1]);
    int status = 0;
    exec_error = 0;
    // No exit signal: invisible to the program's wait(), and waited for here with __WCLONE.
    // Not where the program may write unasked, having closed its own.
    int pid = own < FIRST_NO_STANDARD ? -1
                                      : __clone(run_child, child_stack[0] + STACK_SIZE,
                                                CLONE_VM | CLONE_VFORK, &pair[0]);
    if (pid > 0) {
        while (rg_sys4(SYS_wait4, pid, (long)&status, (long)__WCLONE, 0) == -EINTR) {
        }
    }
    rg_sys2(SYS_close, pair[0], 0);
    if (exec_error) {
        failure = describe_exec_failure();
    }
    if (pid < 0 || status != 0 || exec_error) {
        rg_sys2(SYS_close, own, 0);
        return false;
    }
    socket_fd = own;
    socket_inode = inode_of(socket_fd);
    return true;
}

static bool is_connected(void) {
    if (socket_fd >= 0 && inode_of(socket_fd) != socket_inode) {
        socket_fd = -1; // the program closed it, and may have put something else there
    }
    return socket_fd >= 0 || start();
}

static bool send_all(const char *data, size_t len) {
    while (len > 0) {
        long n = rg_sys6(SYS_sendto, socket_fd, (long)data, (long)len, MSG_NOSIGNAL, 0, 0);
        if (n == -EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

// Reads up to the empty line that ends an answer.
static bool receive(void) {
    size_t len = 0;
    while (len < sizeof answer - 1) {
        struct pollfd p = {socket_fd, POLLIN, 0};
        long ready = rg_sys3(SYS_poll, (long)&p, 1, TIMEOUT_MS);
        if (ready == -EINTR) {
            continue;
        }
        is_given_up = ready == 0;
        long n = ready > 0 ? rg_sys3(SYS_read, socket_fd, (long)(answer + len),
                                     (long)(sizeof answer - 1 - len))
                           : 0;
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        if (answer[len - 1] == '\n' && (len == 1 || answer[len - 2] == '\n')) {
            answer[len - 1] = 0;
            return true;
        }
    }
    return false;
}

const char *rg_symbolizer_ask(const char *path, uintptr_t address, const char *build_id) {
    char question[800];
    struct rg_buf b;
    rg_buf_init(&b, question, sizeof question);
    rg_buf_fmt(&b, "%s\t%lx\t%s\n", path, address, *build_id ? build_id : "-");
    // A path with an end of line would be two questions, and each answer from then on the one to the last question.
    if (b.truncated || strchr(path, '\n')) {
        return NULL;
    }
    for (int tries = 0; tries < 2 && is_connected(); tries++) {
        if (send_all(b.data, b.len) && receive()) {
            failure = NULL;
            return answer;
        }
        failure = "did not answer";
        disconnect();
    }
    return NULL;
}
