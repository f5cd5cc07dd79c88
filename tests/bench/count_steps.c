// SPDX-License-Identifier: MIT
// count_steps instructions|calls|where PROGRAM: runs paths.c's program and prints, for each stretch between
// two of its breakpoints, how many instructions or system calls an operation took, as "NUMBER NAME". With
// `where` a line "pc ADDRESS TIMES" goes before that for each instruction, TIMES being how many operations
// there were, and a line "base ADDRESS" that says where the preloaded library lies.
//
// Instructions are counted by single steps and not by an emulator, so what is counted is the library as it
// is preloaded, on the kernel as it is. Addresses are not randomized: where hash tables collide must not
// change from run to run. A repetition of a string instruction counts as an instruction.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "count_steps: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void become(char **argv) {
    if (personality(ADDR_NO_RANDOMIZE) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
        fail("cannot be traced");
    }
    execv(argv[0], argv);
    fail(argv[0]);
}

// Lets the program run until it stops, and answers the signal that stopped it; ends with it.
static int proceed(pid_t pid, int how) {
    int status;
    if (ptrace((enum __ptrace_request)how, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) < 0) {
        fail("ptrace");
    }
    if (WIFEXITED(status)) {
        exit(WEXITSTATUS(status));
    }
    if (!WIFSTOPPED(status)) {
        fail("the program was killed");
    }
    return WSTOPSIG(status);
}

static bool is_breakpoint(pid_t pid) {
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) < 0) {
        fail("PTRACE_GETSIGINFO");
    }
    return info.si_code == SI_KERNEL;
}

// The text and the number that came with a breakpoint; false at the end of a stretch.
static bool read_mark(pid_t pid, char *ret_name, size_t cap, unsigned long *ret_times) {
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0) {
        fail("PTRACE_GETREGS");
    }
    struct iovec to = {ret_name, cap}, from = {(void *)regs.rdi, cap};
    *ret_times = regs.rsi;
    if (regs.rdi && process_vm_readv(pid, &to, 1, &from, 1, 0) <= 0) {
        fail("process_vm_readv");
    }
    return regs.rdi != 0;
}

static void print_pc(pid_t pid, unsigned long times) {
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0) {
        fail("PTRACE_GETREGS");
    }
    printf("pc %llx %lu\n", regs.rip, times);
}

static void print_base(pid_t pid) {
    char path[64], line[4096];
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    while (maps && fgets(line, sizeof line, maps)) {
        if (strstr(line, "/guard.so")) {
            printf("base %lx\n", strtoul(line, NULL, 16));
            break;
        }
    }
    if (maps) {
        fclose(maps);
    }
}

enum mode { INSTRUCTIONS, CALLS, WHERE };

// How often the program stopped before its next breakpoint.
static long count_stops(pid_t pid, enum mode mode, unsigned long times) {
    long stops = 0;
    for (;;) {
        int signal = proceed(pid, mode == CALLS ? PTRACE_SYSCALL : PTRACE_SINGLESTEP);
        if (signal == SIGTRAP && is_breakpoint(pid)) {
            // The breakpoint itself is one step; a system call stops at its begin and at its end.
            return mode == CALLS ? stops / 2 : stops;
        }
        if (signal != SIGTRAP && signal != (SIGTRAP | 0x80)) {
            errno = 0;
            fail(strsignal(signal));
        }
        if (mode == WHERE) {
            print_pc(pid, times);
        }
        stops++;
    }
}

static enum mode mode_of(const char *word) {
    return strcmp(word, "calls") == 0 ? CALLS : strcmp(word, "where") == 0 ? WHERE : INSTRUCTIONS;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    enum mode mode = mode_of(argv[1]);
    pid_t pid = fork();
    if (pid == 0) {
        become(argv + 2);
    }
    int status;
    if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0) {
        fail("the program cannot be traced");
    }
    for (;;) {
        char name[64] = "";
        unsigned long times;
        if (proceed(pid, PTRACE_CONT) == SIGTRAP && read_mark(pid, name, sizeof name - 1, &times)) {
            if (mode == WHERE) {
                print_base(pid);
            }
            double stops = (double)count_stops(pid, mode, times);
            printf("%.2f %s\n", stops / (double)times, name);
        }
    }
}
