// SPDX-License-Identifier: MIT
// setrlimit and prlimit. A limit on address space that the program sets itself (a shell's `ulimit -v`) is meant
// for what the program has, not for what the guard has reserved ahead, which is given back first. No state.
#include "base/compiler.h"
#include "base/sys.h"
#include "base/vmem.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/types.h>

static int set_limit(pid_t pid, int resource, const void *limit, void *old) {
    if (resource == RLIMIT_AS && limit && (pid == 0 || pid == rg_getpid())) {
        rg_vmem_trim();
    }
    long ret = rg_sys4(SYS_prlimit64, pid, resource, (long)limit, (long)old);
    if (ret < 0) {
        errno = (int)-ret;
        return -1;
    }
    return 0;
}

RG_EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
    return set_limit(0, (int)resource, limit, NULL);
}

RG_EXPORT int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit) {
    return set_limit(0, (int)resource, limit, NULL);
}

RG_EXPORT int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit,
                      struct rlimit *old) {
    return set_limit(pid, (int)resource, limit, old);
}

RG_EXPORT int prlimit64(pid_t pid, __rlimit_resource_t resource, const struct rlimit64 *limit,
                        struct rlimit64 *old) {
    return set_limit(pid, (int)resource, limit, old);
}
