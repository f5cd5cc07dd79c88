// SPDX-License-Identifier: MIT
// See file.h. State: the folder and the name, worked out at the start and in a forked child; which file that has become, and
// its length, under the TRACE lock. The file is opened for each piece by its absolute name, and is written to only where
// it turns out to be the one that was made: the program may have changed its root, or somebody the name.
#include "trace/file.h"

#include "base/fmt.h"
#include "base/options.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "report/file_name.h"
#include "trace/format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { NAMES_MOST = 10000, TRIES = 3 };

static char folder[512]; // where the program was started; empty: not known
static char name[1200];
static size_t name_len; // without what makes it a new one
static bool wants_pid;

static uint64_t device, inode;
static size_t length; // 0: not made yet

static void make_name(const char *option) {
    struct rg_buf b;
    rg_buf_init(&b, name, sizeof name - 16);
    if (rg_options.trace[0] != '/' && folder[0]) {
        rg_buf_fmt(&b, "%s/", folder);
    }
    const bool has_pid = rg_file_name_put(&b, rg_options.trace, option);
    if (option) {
        wants_pid = !has_pid;
    }
    name_len = b.truncated ? 0 : b.len;
}

static void put_pid(void) {
    struct rg_buf b;
    rg_buf_init(&b, name + name_len, sizeof name - 16 - name_len);
    if (wants_pid) {
        rg_buf_fmt(&b, ".%d", rg_getpid());
    }
    name_len = b.truncated ? 0 : name_len + b.len;
}

// A phrase, or NULL.
static const char *find_fault(void) {
    struct stat st = {0};
    if (name_len == 0) {
        return "is too long a name";
    }
    if (name[0] != '/') {
        return "is no absolute name, and the working folder's name is not known";
    }
    if (name[name_len - 1] == '/') {
        return "is a folder; name a file in it";
    }
    if (rg_sys2(SYS_stat, (long)name, (long)&st) == 0 && !S_ISREG(st.st_mode) &&
        !S_ISDIR(st.st_mode)) {
        return "is a device, pipe or socket; a trace needs a file on a disk";
    }
    return NULL;
}

bool rg_trace_file_init(void) {
    if (!rg_options.trace[0]) {
        return false;
    }
    if (rg_sys2(SYS_getcwd, (long)folder, sizeof folder) <= 0 || folder[0] != '/') {
        folder[0] = 0;
    }
    make_name("trace");
    const char *fault = find_fault();
    if (fault) {
        rg_say(2, "realloc_guard: option trace: \"%s\" %s; the program runs untraced",
               rg_options.trace, fault);
        return false;
    }
    put_pid();
    return name_len > 0;
}

const char *rg_trace_file_name(void) {
    return name;
}

void rg_trace_file_after_fork(void) {
    length = 0;
    make_name(NULL);
    put_pid();
}

static bool fail(struct rg_trace_trouble *ret, const char *what, long error) {
    *ret = (struct rg_trace_trouble){what, error < 0 ? (int)-error : 0};
    return false;
}

// Out of the way of descriptors that another thread closes and opens at this moment.
static long open_high(int flags) {
    long fd =
        rg_sys3(SYS_open, (long)name, flags | O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0666);
    return fd < 0 ? fd : rg_move_up((int)fd);
}

// With O_EXCL nothing that exists is ever opened, be it by a link.
static long make_new(void) {
    long fd = open_high(O_CREAT | O_EXCL);
    for (unsigned n = 2; fd == -EEXIST && n <= NAMES_MOST; n++) {
        struct rg_buf b;
        rg_buf_init(&b, name + name_len, sizeof name - name_len);
        rg_buf_fmt(&b, ".%u", n);
        fd = open_high(O_CREAT | O_EXCL);
    }
    return fd;
}

static void close_file(long fd) {
    rg_sys2(SYS_close, fd, 0);
}

// Where no space can be had ahead it is written.
static long write_zeros(int fd, size_t offset, size_t bytes) {
    static const char zeros[4 * RG_TRACE_PAGE];
    for (size_t done = 0; done < bytes;) {
        size_t n = bytes - done < sizeof zeros ? bytes - done : sizeof zeros;
        long ret = rg_sys4(SYS_pwrite64, fd, (long)zeros, (long)n, (long)(offset + done));
        if (ret <= 0 && ret != -EINTR) {
            return ret < 0 ? ret : -EIO;
        }
        done += ret > 0 ? (size_t)ret : 0;
    }
    return 0;
}

// Afterwards the disk has room for all of it: a store to a page for which it has none would end the program.
static long lengthen(int fd, size_t bytes) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    long ret;
    // To go beyond would send SIGXFSZ.
    rg_sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit);
    if (length + bytes > limit.rlim_cur) {
        return -EFBIG;
    }
    do {
        ret = rg_sys4(SYS_fallocate, fd, 0, (long)length, (long)bytes);
    } while (ret == -EINTR);
    return ret == -EOPNOTSUPP || ret == -ENOSYS ? write_zeros(fd, length, bytes) : ret;
}

bool rg_trace_file_create(struct rg_trace_trouble *ret) {
    struct stat st = {0};
    if (!rg_may_open()) {
        return fail(ret, "the program has entered a sandbox", 0);
    }
    long fd = make_new();
    if (fd < 0) {
        return fail(ret, "the file cannot be made", fd);
    }
    long error = rg_sys2(SYS_fstat, fd, (long)&st);
    if (error == 0) {
        error = lengthen((int)fd, RG_TRACE_PAGE);
    }
    close_file(fd);
    if (error < 0) {
        rg_sys2(SYS_unlink, (long)name, 0); // it is empty
        return fail(ret, "the file cannot be written", error);
    }
    device = st.st_dev;
    inode = st.st_ino;
    length = RG_TRACE_PAGE;
    return true;
}

static long open_again(struct rg_trace_trouble *ret) {
    struct stat st = {0};
    if (!rg_may_open()) {
        fail(ret, "the program has entered a sandbox", 0);
        return -1;
    }
    long fd = open_high(0);
    if (fd < 0) {
        fail(ret, "the file cannot be opened again", fd);
        return -1;
    }
    long error = rg_sys2(SYS_fstat, fd, (long)&st);
    if (error != 0 || st.st_dev != device || st.st_ino != inode) {
        close_file(fd);
        fail(ret, "another file is there by that name now", 0);
        return -1;
    }
    return fd;
}

bool rg_trace_file_write_header(const void *header, struct rg_trace_trouble *ret) {
    long fd = open_again(ret);
    if (fd < 0) {
        return false;
    }
    long n = rg_sys4(SYS_pwrite64, fd, (long)header, RG_TRACE_PAGE, 0);
    close_file(fd);
    return n == RG_TRACE_PAGE || fail(ret, "the file cannot be written", n);
}

void *rg_trace_file_extend(size_t bytes, struct rg_trace_trouble *ret) {
    long error = -EBADF;
    // Another thread may have closed it under our hands.
    for (int i = 0; i < TRIES && error == -EBADF; i++) {
        void *at = NULL;
        long fd = open_again(ret);
        if (fd < 0) {
            return NULL;
        }
        error = lengthen((int)fd, bytes);
        if (error == 0) {
            error = rg_vmem_map_file((int)fd, length, bytes, &at);
        }
        close_file(fd);
        if (error == 0) {
            length += bytes;
            return at;
        }
    }
    fail(ret, "the file cannot be made longer", error);
    return NULL;
}
