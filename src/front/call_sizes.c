// SPDX-License-Identifier: MIT
// How many bytes the kernel reads or writes at a pointer (calls.h). For requests and commands (ioctl, fcntl
// and their kin) this is where it is known which of them take a pointer at all: the others must not have
// their argument looked at. No state.
#include "front/bounce.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <time.h>

struct choice {
    unsigned from, to; // values of the request
    uint16_t bytes;
    uint8_t access; // enum rg_call_access
};

#define ONE(request, type, access)                                                                 \
    { request, request, sizeof(type), RG_CALL_##access }

static const struct choice epoll_choices[] = {
    ONE(EPOLL_CTL_ADD, struct epoll_event, READS),
    ONE(EPOLL_CTL_MOD, struct epoll_event, READS),
    {0},
};

static const struct choice fcntl_choices[] = {
    ONE(F_GETLK, struct flock, WRITES),
    ONE(F_SETLK, struct flock, READS),
    ONE(F_SETLKW, struct flock, READS),
    ONE(F_OFD_GETLK, struct flock, WRITES),
    ONE(F_OFD_SETLK, struct flock, READS),
    ONE(F_OFD_SETLKW, struct flock, READS),
    ONE(F_GETOWN_EX, struct f_owner_ex, WRITES),
    ONE(F_SETOWN_EX, struct f_owner_ex, READS),
    ONE(F_GET_RW_HINT, uint64_t, WRITES),
    ONE(F_SET_RW_HINT, uint64_t, READS),
    ONE(F_GET_FILE_RW_HINT, uint64_t, WRITES),
    ONE(F_SET_FILE_RW_HINT, uint64_t, READS),
    {0},
};

static const struct choice prctl_choices[] = {
    {PR_SET_NAME, PR_SET_NAME, 16, RG_CALL_READS},
    {PR_GET_NAME, PR_GET_NAME, 16, RG_CALL_WRITES},
    ONE(PR_GET_PDEATHSIG, int, WRITES),
    ONE(PR_GET_CHILD_SUBREAPER, int, WRITES),
    ONE(PR_GET_TSC, int, WRITES),
    ONE(PR_GET_TID_ADDRESS, int *, WRITES),
    {0},
};

static const struct choice msg_choices[] = {
    ONE(IPC_STAT, struct msqid_ds, WRITES), ONE(IPC_SET, struct msqid_ds, READS),
    ONE(MSG_STAT, struct msqid_ds, WRITES), ONE(IPC_INFO, struct msginfo, WRITES),
    ONE(MSG_INFO, struct msginfo, WRITES),  {0},
};

static const struct choice sem_choices[] = {
    ONE(IPC_STAT, struct semid_ds, WRITES), ONE(IPC_SET, struct semid_ds, READS),
    ONE(SEM_STAT, struct semid_ds, WRITES), ONE(IPC_INFO, struct seminfo, WRITES),
    ONE(SEM_INFO, struct seminfo, WRITES),  {0},
};

static const struct choice shm_choices[] = {
    ONE(IPC_STAT, struct shmid_ds, WRITES), ONE(IPC_SET, struct shmid_ds, READS),
    ONE(SHM_STAT, struct shmid_ds, WRITES), ONE(IPC_INFO, struct shminfo, WRITES),
    ONE(SHM_INFO, struct shm_info, WRITES), {0},
};

// Requests from before a request's number said how many bytes it is about.
static const struct choice ioctl_choices[] = {
    ONE(TCGETS, struct termios, WRITES),
    {TCSETS, TCSETSF, sizeof(struct termios), RG_CALL_READS},
    {TCGETA, TCGETA, sizeof(struct termio), RG_CALL_WRITES},
    {TCSETA, TCSETAF, sizeof(struct termio), RG_CALL_READS},
    ONE(TIOCGPGRP, int, WRITES),
    ONE(TIOCSPGRP, int, READS),
    ONE(TIOCGSID, int, WRITES),
    ONE(TIOCOUTQ, int, WRITES),
    ONE(TIOCSTI, char, READS),
    ONE(TIOCGWINSZ, struct winsize, WRITES),
    ONE(TIOCSWINSZ, struct winsize, READS),
    ONE(TIOCMGET, int, WRITES),
    {TIOCMBIS, TIOCMSET, sizeof(int), RG_CALL_READS},
    ONE(TIOCGSOFTCAR, int, WRITES),
    ONE(TIOCSSOFTCAR, int, READS),
    ONE(FIONREAD, int, WRITES),
    ONE(TIOCPKT, int, READS),
    ONE(FIONBIO, int, READS),
    ONE(FIOASYNC, int, READS),
    ONE(TIOCSETD, int, READS),
    ONE(TIOCGETD, int, WRITES),
    ONE(FIOQSIZE, long long, WRITES),
    ONE(FIOSETOWN, int, READS),
    ONE(FIOGETOWN, int, WRITES),
    ONE(SIOCSPGRP, int, READS),
    ONE(SIOCGPGRP, int, WRITES),
    ONE(SIOCATMARK, int, WRITES),
    {SIOCGSTAMP_OLD, SIOCGSTAMPNS_OLD, sizeof(struct timespec), RG_CALL_WRITES},
    {SIOCADDRT, SIOCDELRT, sizeof(struct rtentry), RG_CALL_READS},
    {SIOCGIFNAME, SIOCGIFNAME, sizeof(struct ifreq), RG_CALL_WRITES},
    ONE(SIOCGIFCONF, struct ifconf, WRITES),
    {SIOCGIFFLAGS, SIOCSIFHWBROADCAST, sizeof(struct ifreq), RG_CALL_WRITES},
    {SIOCGIFCOUNT, SIOCSIFTXQLEN, sizeof(struct ifreq), RG_CALL_WRITES},
    {SIOCETHTOOL, SIOCSMIIREG, sizeof(struct ifreq), RG_CALL_WRITES},
    {SIOCDARP, SIOCSARP, sizeof(struct arpreq), RG_CALL_WRITES},
    {SIOCDRARP, SIOCSRARP, sizeof(struct arpreq), RG_CALL_WRITES},
    {SIOCGIFMAP, SIOCSIFMAP, sizeof(struct ifreq), RG_CALL_WRITES},
    ONE(BLKROSET, int, READS),
    ONE(BLKROGET, int, WRITES),
    ONE(BLKGETSIZE, long, WRITES),
    ONE(BLKRAGET, long, WRITES),
    ONE(BLKFRAGET, long, WRITES),
    ONE(BLKSSZGET, int, WRITES),
    ONE(HDIO_GETGEO, struct hd_geometry, WRITES),
    ONE(FIBMAP, int, WRITES),
    ONE(FIGETBSZ, int, WRITES),
    {0},
};

static const struct choice *const tables[] = {
    [RG_TABLE_EPOLL] = epoll_choices, [RG_TABLE_FCNTL] = fcntl_choices,
    [RG_TABLE_IOCTL] = ioctl_choices, [RG_TABLE_PRCTL] = prctl_choices,
    [RG_TABLE_MSG] = msg_choices,     [RG_TABLE_SEM] = sem_choices,
    [RG_TABLE_SHM] = shm_choices,
};

static size_t choose(enum rg_call_table table, unsigned request, enum rg_call_access *ret_access) {
    for (const struct choice *c = tables[table]; c->bytes; c++) {
        if (request >= c->from && request <= c->to) {
            *ret_access = c->access;
            return c->bytes;
        }
    }
    if (table == RG_TABLE_IOCTL && _IOC_DIR(request) != _IOC_NONE) {
        *ret_access = _IOC_DIR(request) & _IOC_READ ? RG_CALL_WRITES : RG_CALL_READS;
        return _IOC_SIZE(request);
    }
    return 0;
}

static size_t socket_bytes(uintptr_t length_at) {
    socklen_t length;
    return length_at && rg_bounce_fetch(length_at, &length, sizeof length) && (int)length > 0
               ? length
               : 0;
}

static size_t handle_bytes(uintptr_t p) {
    struct file_handle handle;
    return rg_bounce_fetch(p, &handle, sizeof handle) && handle.handle_bytes <= MAX_HANDLE_SZ
               ? sizeof handle + handle.handle_bytes
               : 0;
}

size_t rg_call_size(const struct rg_call_argument *argument, const long *words,
                    enum rg_call_access *ret_access) {
    size_t word = (size_t)words[argument->with], product;
    int number = (int)word > 0 ? (int)word : 0;
    switch ((enum rg_call_rule)argument->rule) {
    case RG_SIZE_FIXED:
        return argument->unit;
    case RG_SIZE_BYTES:
        return word;
    case RG_SIZE_NUMBER:
        return (size_t)number * argument->unit;
    case RG_SIZE_PRODUCT:
        return __builtin_mul_overflow(word, (size_t)words[argument->with2], &product) ? 0 : product;
    case RG_SIZE_LENGTH:
        return word ? sizeof(socklen_t) : 0;
    case RG_SIZE_SOCKET:
        return socket_bytes(word);
    case RG_SIZE_FD_SET:
        return ((size_t)number + 63) / 64 * sizeof(long);
    case RG_SIZE_PAGES:
        return word / RG_PAGE_SIZE + (word % RG_PAGE_SIZE != 0);
    case RG_SIZE_MESSAGE:
        return sizeof(long) + word;
    case RG_SIZE_HANDLE:
        return handle_bytes((uintptr_t)words[argument->index]);
    case RG_SIZE_CHOICE:
        return choose((enum rg_call_table)argument->unit, (unsigned)word, ret_access);
    default:
        return 0;
    }
}
