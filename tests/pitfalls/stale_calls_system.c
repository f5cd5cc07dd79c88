// SPDX-License-Identifier: MIT
// The kernel touches a stale argument of a new program, or a stale structure about processes, threads, time,
// messages: EFAULT, and no signal. Each call must be reported, and do what it would have done.
#include "stale_calls.h"

#include <fcntl.h>
#include <malloc.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <threads.h>
#include <wordexp.h>

extern char **environ;
static char room[8192];
static char *arguments[] = {"sh", "-c", "exit 7", NULL};

// With a stale string in the array.
static char **with(char *string) {
    static char *array[4];
    memcpy(array, arguments, sizeof array);
    array[2] = string;
    return array;
}

// The environment with a stale string at its end.
static char **environment_with(char *string) {
    static char *array[1000];
    int n = 0;
    for (; environ[n] && n < 998; n++) {
        array[n] = environ[n];
    }
    array[n] = string;
    return array;
}

// In front of what is looked for there.
static char **environment_before(char *string) {
    char **array = environment_with(environ[0]);
    array[0] = string;
    return array;
}

static void *stale_environment(void) {
    int n = 0;
    while (environ[n]) {
        n++;
    }
    return stale(environ, (n + 1) * sizeof *environ);
}

// What `made` results in while that is the environment, also of a vfork child.
#define AMONG(environment, made)                                                                   \
    ({                                                                                             \
        char **own = environ, **lent = (environment);                                              \
        environ = lent;                                                                            \
        long result = (long)(made);                                                                \
        printf("  environ is %s\n", environ == lent ? "as it was" : "another");                    \
        environ = own;                                                                             \
        result;                                                                                    \
    })

static void programs(void) {
    CASE(execve, "pathname", EXECUTED(call(S("/bin/sh"), arguments, environ)));
    CASE(execve, "argv", EXECUTED(call("/bin/sh", stale(arguments, sizeof arguments), environ)));
    CASE(execve, "argv", EXECUTED(call("/bin/sh", with(S("exit 6")), environ)));
    CASE(execve, "envp", EXECUTED(call("/bin/sh", with("exit $A"), environment_with(S("A=5")))));
    CASE(execve, "envp", EXECUTED(call("/bin/sh", arguments, stale_environment())));
    CASE(execveat, "pathname", EXECUTED(call(AT_FDCWD, S("/bin/sh"), arguments, environ, 0)));
    CASE(execveat, "argv", EXECUTED(call(AT_FDCWD, "/bin/sh", with(S("exit 6")), environ, 0)));
    CASE(execveat, "envp",
         EXECUTED(call(AT_FDCWD, "/bin/sh", arguments, environment_with(S("A=5")), 0)));
    CASE(execv, "pathname", EXECUTED(call(S("/bin/sh"), arguments)));
    CASE(execv, "argv", EXECUTED(call("/bin/sh", with(S("exit 6")))));
    CASE(execvp, "file", EXECUTED(call(S("sh"), arguments)));
    CASE(execvp, "argv", EXECUTED(call("sh", with(S("exit 6")))));
    CASE(execvpe, "file", EXECUTED(call(S("sh"), arguments, environ)));
    CASE(execvpe, "argv", EXECUTED(call("sh", with(S("exit 6")), environ)));
    CASE(execvpe, "envp", EXECUTED(call("sh", with("exit $A"), environment_with(S("A=5")))));
    int shell = open("/bin/sh", O_RDONLY);
    CASE(fexecve, "argv", EXECUTED(call(shell, with(S("exit 6")), environ)));
    CASE(fexecve, "envp", EXECUTED(call(shell, with("exit $A"), environment_with(S("A=5")))));
    close(shell);
    CASE(execl, "pathname", EXECUTED(call(S("/bin/sh"), "sh", "-c", "exit 7", NULL)));
    CASE(execl, "arg", EXECUTED(call("/bin/sh", "sh", "-c", S("exit 6"), NULL)));
    CASE(execlp, "file", EXECUTED(call(S("sh"), "sh", "-c", "exit 7", NULL)));
    CASE(execlp, "arg",
         EXECUTED(call("sh", "sh", "-c", "a=1", "b", "c", "d", "e", S("exit 6"), NULL)));
    CASE(execle, "pathname", EXECUTED(call(S("/bin/sh"), "sh", "-c", "exit 7", NULL, environ)));
    CASE(execle, "arg", EXECUTED(call("/bin/sh", "sh", "-c", S("exit 6"), NULL, environ)));
    CASE(execle, "envp",
         EXECUTED(call("/bin/sh", "sh", "-c", "exit $A", NULL, environment_with(S("A=5")))));
}

static long closed_pipe(void *stream) {
    return stream ? pclose(stream) : -1;
}

static int status_of(int error, pid_t child) {
    int status = -1;
    return error ? error : waitpid(child, &status, 0) == child ? status : -1;
}

static void programs_among_environ(void) {
    static char *few[] = {"B=5", NULL};
    char **list = with("exit $A");
    pid_t child;
    int error;
    CASE(execv, "environ", AMONG(environment_with(S("A=5")), EXECUTED(call("/bin/sh", list))));
    CASE(execv, "environ", AMONG(stale_environment(), EXECUTED(call("/bin/sh", arguments))));
    CASE(execvp, "environ", AMONG(environment_with(S("A=5")), EXECUTED(call("sh", list))));
    CASE(execvp, "environ", AMONG(stale_environment(), EXECUTED(call("sh", arguments))));
    CASE(execl, "environ",
         AMONG(environment_with(S("A=5")), EXECUTED(call("/bin/sh", "sh", "-c", "exit $A", NULL))));
    CASE(execlp, "environ",
         AMONG(environment_with(S("A=5")), EXECUTED(call("sh", "sh", "-c", "exit $A", NULL))));
    CASE(system, "environ", AMONG(environment_with(S("A=5")), call("exit $A")));
    CASE(system, "environ", AMONG(stale_environment(), call("exit 4")));
    CASE(posix_spawnp, "environ",
         AMONG(environment_before(S("A=5")),
               (error = (int)call(&child, "sh", NULL, NULL, arguments, few),
                status_of(error, child))));
    wordexp_t words;
    CASE(wordexp, "environ",
         AMONG(environment_with(S("A=5")), (error = (int)call("$(echo $A)", &words, 0),
                                            error ? -error : atoi(words.we_wordv[0]))));
    CASE(popen, "environ",
         AMONG(environment_with(S("A=5")), closed_pipe((void *)call("exit $A", "r"))));
}

static pid_t ended_child(void) {
    pid_t child = fork();
    if (child == 0) {
        _Exit(9);
    }
    return child;
}

// The shell's status tells whether the actions and attributes arrived.
static void spawning(void) {
    pid_t child, *room_for_child;
    int error;
    posix_spawn_file_actions_t actions, copied;
    posix_spawnattr_t attributes;
    char *list[] = {
        "sh", "-c",
        "read pid name state parent group rest </proc/self/stat; [ $group = $$ ] && exit 6;"
        "[ -e /proc/self/fd/9 ] && exit 5",
        NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_RDONLY, 0);
    copied = actions;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    CASE(posix_spawn, "pid",
         (room_for_child = R(sizeof child),
          error = (int)call(room_for_child, "/bin/sh", NULL, NULL, arguments, environ),
          status_of(error, *room_for_child)));
    CASE(
        posix_spawn, "file_actions",
        (error = (int)call(&child, "/bin/sh", stale(&actions, sizeof actions), NULL, list, environ),
         status_of(error, child)));
    CASE(posix_spawn, "file_actions",
         (copied.__actions = stale(actions.__actions, malloc_usable_size(actions.__actions)),
          error = (int)call(&child, "/bin/sh", &copied, NULL, list, environ),
          status_of(error, child)));
    CASE(posix_spawn, "attrp",
         (error = (int)call(&child, "/bin/sh", NULL, stale(&attributes, sizeof attributes), list,
                            environ),
          status_of(error, child)));
    CASE(posix_spawnp, "pid",
         (room_for_child = R(sizeof child),
          error = (int)call(room_for_child, "sh", NULL, NULL, arguments, environ),
          status_of(error, *room_for_child)));
    CASE(posix_spawnp, "file_actions",
         (error = (int)call(&child, "sh", stale(&actions, sizeof actions), NULL, list, environ),
          status_of(error, child)));
    CASE(posix_spawnp, "attrp",
         (error =
              (int)call(&child, "sh", NULL, stale(&attributes, sizeof attributes), list, environ),
          status_of(error, child)));
    posix_spawn_file_actions_destroy(&actions);
}

static void processes(void) {
    pid_t child;
    int status, error;
    CASE(posix_spawn, "path",
         (error = (int)call(&child, S("/bin/sh"), NULL, NULL, arguments, environ),
          status_of(error, child)));
    CASE(posix_spawn, "argv",
         (error = (int)call(&child, "/bin/sh", NULL, NULL, with(S("exit 6")), environ),
          status_of(error, child)));
    CASE(posix_spawn, "envp",
         (error =
              (int)call(&child, "/bin/sh", NULL, NULL, with("exit $A"), environment_with(S("A=5"))),
          status_of(error, child)));
    CASE(posix_spawnp, "file",
         (error = (int)call(&child, S("sh"), NULL, NULL, arguments, environ),
          status_of(error, child)));
    CASE(posix_spawnp, "argv",
         (error = (int)call(&child, "sh", NULL, NULL, with(S("exit 6")), environ),
          status_of(error, child)));
    CASE(posix_spawnp, "envp",
         (error = (int)call(&child, "sh", NULL, NULL, with("exit $A"), environment_with(S("A=5"))),
          status_of(error, child)));
    spawning();
    CASE(system, "command", call(S("exit 4")));
    CASE(popen, "command", closed_pipe((void *)call(S("exit 4"), "r")));
    EXACT(wait, "wstatus", (child = ended_child(), call(R(4)) == child));
    EXACT(waitpid, "wstatus", (child = ended_child(), call(child, R(4), 0) == child));
    EXACT(wait3, "wstatus", (child = ended_child(), call(R(4), 0, room) == child));
    CASE(wait3, "rusage",
         (child = ended_child(), call(&status, 0, R(sizeof(struct rusage))) == child));
    EXACT(wait4, "wstatus", (child = ended_child(), call(child, R(4), 0, room) == child));
    CASE(wait4, "rusage",
         (child = ended_child(), call(child, &status, 0, R(sizeof(struct rusage))) == child));
    CASE(waitid, "infop",
         (child = ended_child(), call(P_PID, child, R(sizeof(siginfo_t)), WEXITED)));
    CASE(pidfd_send_signal, "info", call(NOWHERE, 0, R(sizeof(siginfo_t)), 0));
    CASE(prctl, "arg2", call(PR_SET_NAME, S("renamed")));
    EXACT(prctl, "arg2", call(PR_GET_NAME, R(16)));
    CASE(getrusage, "usage", call(RUSAGE_SELF, R(sizeof(struct rusage))));
    EXACT(getrlimit, "rlim", call(RLIMIT_CORE, R(sizeof(struct rlimit))));
    CASE(setrlimit, "rlim", call(RLIMIT_CORE, V(struct rlimit, {0, 0})));
    CASE(setrlimit64, "rlim", call(RLIMIT_CORE, V(struct rlimit64, {0, 0})));
    CASE(prlimit, "new_limit", call(0, RLIMIT_CORE, V(struct rlimit, {0, 0}), room));
    EXACT(prlimit, "old_limit", call(0, RLIMIT_CORE, NULL, R(sizeof(struct rlimit))));
    CASE(prlimit64, "new_limit", call(0, RLIMIT_CORE, V(struct rlimit64, {0, 0}), room));
    EXACT(prlimit64, "old_limit", call(0, RLIMIT_CORE, NULL, R(sizeof(struct rlimit64))));
    EXACT(getgroups, "list", call(1000, R(4000), 4000L));
    CASE(setgroups, "list", call(1L << 20, R(4000)));
    CASE(getresuid, "ruid", call(R(4), room, room));
    CASE(getresuid, "euid", call(room, R(4), room));
    CASE(getresuid, "suid", call(room, room, R(4)));
    CASE(getresgid, "rgid", call(R(4), room, room));
    CASE(getresgid, "egid", call(room, R(4), room));
    CASE(getresgid, "sgid", call(room, room, R(4)));
    static unsigned version[2] = {0x20080522};
    EXACT(capget, "hdrp", call(V(unsigned[2], {0x20080522}), room));
    EXACT(capget, "hdrp", call(R(8), NULL));
    CASE(capget, "datap", call(version, R(24)));
    CASE(capset, "hdrp", call(R(8), room));
    capget(version, room);
    CASE(capset, "datap", call(version, stale(room, 24)));
}

static void *wait_for_ever(void *unused) {
    pause();
    return NULL;
}

static void *start(void *argument) {
    return argument;
}

static long joined(int error, pthread_t thread) {
    void *result = NULL;
    return error ? error : pthread_join(thread, &result) == 0 ? (long)result : -1;
}

static void threads(void) {
    cpu_set_t all;
    pthread_t thread, *room_for_thread;
    pthread_attr_t attributes;
    int error;
    pthread_attr_init(&attributes);
    CASE(pthread_create, "thread",
         (room_for_thread = R(sizeof thread), error = (int)call(room_for_thread, NULL, start, 7L),
          joined(error, *room_for_thread)));
    CASE(pthread_create, "attr",
         (error = (int)call(&thread, stale(&attributes, sizeof attributes), start, 7L),
          joined(error, thread)));
    struct sched_param none = {0};
    sched_getaffinity(0, sizeof all, &all);
    CASE(sched_getparam, "param", call(0, R(4)));
    CASE(sched_setparam, "param", call(0, V(struct sched_param, {0})));
    CASE(sched_setscheduler, "param", call(0, SCHED_OTHER, V(struct sched_param, {0})));
    CASE(sched_rr_get_interval, "tp", call(0, R(16)));
    CASE(getcpu, "cpu", call(R(4), room));
    CASE(getcpu, "node", call(room, R(4)));
    EXACT(sched_getaffinity, "mask", call(0, sizeof all, R(sizeof all)));
    CASE(sched_setaffinity, "mask", call(0, sizeof all, stale(&all, sizeof all)));
    EXACT(pthread_getaffinity_np, "cpuset", call(pthread_self(), sizeof all, R(sizeof all)));
    CASE(pthread_setaffinity_np, "cpuset",
         call(pthread_self(), sizeof all, stale(&all, sizeof all)));
    CASE(pthread_setschedparam, "param",
         call(pthread_self(), SCHED_OTHER, V(struct sched_param, {0})));
    EXACT(pthread_getname_np, "name", call(pthread_self(), R(16), 16L));
    CASE(pthread_setname_np, "name", call(pthread_self(), S("renamed")));

    pthread_mutex_t locked = PTHREAD_MUTEX_INITIALIZER, own = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER, read = PTHREAD_RWLOCK_INITIALIZER;
    sem_t semaphore;
    mtx_t taken, held;
    cnd_t signalled;
    sem_init(&semaphore, 0, 0);
    mtx_init(&taken, mtx_timed);
    mtx_init(&held, mtx_timed);
    cnd_init(&signalled);
    pthread_mutex_lock(&locked);
    pthread_mutex_lock(&own);
    mtx_lock(&taken);
    mtx_lock(&held);
    pthread_rwlock_wrlock(&written);
    pthread_rwlock_rdlock(&read);
    pthread_create(&thread, NULL, wait_for_ever, NULL);
    // A moment that has come, just now: without waiting, the kernel is not asked.
#define SOON(clock)                                                                                \
    ({                                                                                             \
        struct timespec soon;                                                                      \
        clock_gettime(clock, &soon);                                                               \
        soon.tv_sec += soon.tv_nsec > 989999999;                                                   \
        soon.tv_nsec = (soon.tv_nsec + 10000000) % 1000000000;                                     \
        stale(&soon, sizeof soon);                                                                 \
    })
    CASE(pthread_cond_timedwait, "abstime", call(&condition, &own, SOON(CLOCK_REALTIME)));
    CASE(pthread_cond_clockwait, "abstime",
         call(&condition, &own, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(pthread_mutex_timedlock, "abstime", call(&locked, SOON(CLOCK_REALTIME)));
    CASE(pthread_mutex_clocklock, "abstime", call(&locked, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(pthread_rwlock_timedrdlock, "abstime", call(&read, SOON(CLOCK_REALTIME)));
    CASE(pthread_rwlock_timedwrlock, "abstime", call(&read, SOON(CLOCK_REALTIME)));
    CASE(pthread_rwlock_clockrdlock, "abstime",
         call(&read, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(pthread_rwlock_clockwrlock, "abstime",
         call(&read, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(pthread_timedjoin_np, "abstime", call(thread, NULL, SOON(CLOCK_REALTIME)));
    CASE(pthread_clockjoin_np, "abstime",
         call(thread, NULL, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(sem_timedwait, "abs_timeout", call(&semaphore, SOON(CLOCK_REALTIME)));
    CASE(sem_clockwait, "abstime", call(&semaphore, CLOCK_MONOTONIC, SOON(CLOCK_MONOTONIC)));
    CASE(mtx_timedlock, "time_point", call(&taken, SOON(CLOCK_REALTIME)));
    CASE(cnd_timedwait, "time_point", call(&signalled, &held, SOON(CLOCK_REALTIME)));
    pthread_cancel(thread);
    pthread_join(thread, NULL);
}

static void signals(void) {
    sigset_t usr1;
    struct timespec later = {60, 0};
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    CASE(sigaltstack, "ss", call(V(stack_t, {.ss_sp = room, .ss_size = sizeof room}), NULL));
    CASE(sigaltstack, "old_ss", call(NULL, R(sizeof(stack_t))));
    CASE(signalfd, "mask", closed(call(-1, stale(&usr1, sizeof usr1), 0)));
    CASE(sigtimedwait, "info", (raise(SIGUSR1), call(&usr1, R(sizeof(siginfo_t)), &later)));
    CASE(sigtimedwait, "timeout", call(&usr1, room, V(struct timespec, {0, 1})));
    CASE(sigwaitinfo, "info", (raise(SIGUSR1), call(&usr1, R(sizeof(siginfo_t)))));
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
}

static void clocks(void) {
    CASE(time, "tloc", call(R(8)) > 0);
    CASE(gettimeofday, "tv", call(R(16), NULL));
    CASE(clock_gettime, "tp", call(CLOCK_REALTIME, R(16)));
    CASE(clock_gettime, "tp", call(CLOCK_PROCESS_CPUTIME_ID, R(16)));
    CASE(clock_getres, "res", call(CLOCK_REALTIME, R(16)));
    CASE(clock_settime, "tp", call(CLOCK_REALTIME, V(struct timespec, {0, -1})));
    CASE(clock_adjtime, "buf", call(CLOCK_REALTIME, V(struct timex, {0})) >= 0);
    CASE(adjtimex, "buf", call(V(struct timex, {0})) >= 0);
    CASE(nanosleep, "req", call(V(struct timespec, {0, 1}), NULL));
    CASE(nanosleep, "rem", call((&(struct timespec){0, 1}), R(16)));
    CASE(thrd_sleep, "duration", call(V(struct timespec, {0, 1}), NULL));
    CASE(thrd_sleep, "remaining", call((&(struct timespec){0, 1}), R(16)));
    CASE(clock_nanosleep, "request", call(CLOCK_MONOTONIC, 0, V(struct timespec, {0, 1}), NULL));
    CASE(clock_nanosleep, "remain", call(CLOCK_MONOTONIC, 0, (&(struct timespec){0, 1}), R(16)));
    CASE(times, "buf", (int)call(R(sizeof(struct tms))) != -1);
    EXACT(getitimer, "curr_value", call(ITIMER_REAL, R(sizeof(struct itimerval))));
    CASE(setitimer, "new_value", call(ITIMER_REAL, V(struct itimerval, {0}), room));
    EXACT(setitimer, "old_value",
          call(ITIMER_REAL, (&(struct itimerval){0}), R(sizeof(struct itimerval))));
    static timer_t timer;
    CASE(timer_create, "sevp",
         (call(CLOCK_MONOTONIC, V(struct sigevent, {.sigev_notify = SIGEV_NONE}), &timer)));
    EXACT(timer_gettime, "curr_value", call(timer, R(sizeof(struct itimerspec))));
    CASE(timer_settime, "new_value", call(timer, 0, V(struct itimerspec, {0}), room));
    EXACT(timer_settime, "old_value",
          call(timer, 0, (&(struct itimerspec){0}), R(sizeof(struct itimerspec))));
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    EXACT(timerfd_gettime, "curr_value", call(fd, R(sizeof(struct itimerspec))));
    CASE(timerfd_settime, "new_value", call(fd, 0, V(struct itimerspec, {0}), room));
    EXACT(timerfd_settime, "old_value",
          call(fd, 0, (&(struct itimerspec){0}), R(sizeof(struct itimerspec))));
    close(fd);
}

static void the_system(void) {
    EXACT(uname, "buf", call(R(sizeof(struct utsname))));
    CASE(sysinfo, "info", call(R(sizeof(struct sysinfo))));
    CASE(sethostname, "name", call(R(65), 65L));
    CASE(setdomainname, "name", call(R(65), 65L));
    CASE(klogctl, "bufp", call(NOWHERE, R(10), 10));
    void *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXACT(mincore, "vec", call(page, 8192L, R(2)));
}

static void queues(void) {
    struct message {
        long type;
        char text[8];
    };
    struct timespec past = {0};
    CASE(mq_open, "name", (int)call(S("/stale-calls-missing"), O_RDONLY));
    CASE(mq_unlink, "name", call(S("/stale-calls-missing")));
    mqd_t queue = mq_open("/stale-calls", O_RDWR | O_CREAT | O_NONBLOCK, 0600,
                          (&(struct mq_attr){.mq_maxmsg = 8, .mq_msgsize = 8}));
    mq_unlink("/stale-calls");
    CASE(mq_send, "msg_ptr", call(queue, S("abc"), 3L, 1));
    EXACT(mq_receive, "msg_ptr", call(queue, R(8), 8L, NULL));
    CASE(mq_timedsend, "msg_ptr", call(queue, S("abc"), 3L, 1, NULL));
    CASE(mq_timedsend, "abs_timeout", call(queue, "abc", 3L, 1, stale(&past, sizeof past)));
    CASE(mq_receive, "msg_prio", call(queue, room, 8L, R(4)));
    EXACT(mq_timedreceive, "msg_ptr", call(queue, R(8), 8L, NULL, NULL));
    CASE(mq_timedreceive, "msg_prio", call(queue, room, 8L, R(4), NULL));
    CASE(mq_timedreceive, "abs_timeout", call(queue, room, 8L, NULL, stale(&past, sizeof past)));
    CASE(mq_getattr, "attr", call(queue, R(sizeof(struct mq_attr))));
    CASE(mq_setattr, "newattr", call(queue, V(struct mq_attr, {.mq_flags = O_NONBLOCK}), NULL));
    CASE(mq_setattr, "oldattr",
         call(queue, (&(struct mq_attr){.mq_flags = O_NONBLOCK}), R(sizeof(struct mq_attr))));
    CASE(mq_notify, "sevp", call(queue, V(struct sigevent, {.sigev_notify = SIGEV_NONE})));

    int messages = msgget(IPC_PRIVATE, 0600), semaphores = semget(IPC_PRIVATE, 1, 0600);
    int memory = shmget(IPC_PRIVATE, 4096, 0600);
    CASE(msgsnd, "msgp", call(messages, V(struct message, {1, "message"}), 8L, 0));
    EXACT(msgrcv, "msgp", call(messages, R(16), 8L, 1L, 0));
    CASE(msgctl, "buf", call(messages, IPC_STAT, R(sizeof(struct msqid_ds))));
    CASE(semop, "sops", call(semaphores, V(struct sembuf, {0, 1, 0}), 1L));
    CASE(semtimedop, "sops", call(semaphores, V(struct sembuf, {0, -1, 0}), 1L, NULL));
    CASE(semtimedop, "timeout",
         call(semaphores, (&(struct sembuf){0, -1, 0}), 1L, V(struct timespec, {0, 1})));
    CASE(semctl, "arg", call(semaphores, 0, IPC_STAT, R(sizeof(struct semid_ds))));
    CASE(shmctl, "buf", call(memory, IPC_STAT, R(sizeof(struct shmid_ds))));
    // Here the kernel does not follow the pointer, and there is nothing to report.
    char *unused = R(200);
    msgctl(messages, IPC_RMID, (void *)unused);
    shmctl(memory, IPC_RMID, (void *)unused);
    semctl(semaphores, 0, IPC_RMID, unused);
    fcntl(0, F_GETFD, unused);
    ioctl(-1, FIOCLEX, unused);
}

int main(void) {
    programs();
    programs_among_environ();
    processes();
    threads();
    programs_among_environ();
    signals();
    clocks();
    the_system();
    queues();
    return 0;
}
