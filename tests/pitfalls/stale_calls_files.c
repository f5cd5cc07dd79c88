// SPDX-License-Identifier: MIT
// The kernel touches a stale file name, or a stale buffer for what is known of a file: EFAULT, and no signal.
// Each call must be reported, and do what it would have done.
#include "../support/temporary.h"
#include "stale_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>

static char folder[] = "/tmp/stale-calls-" SIX_X;
static int file; // open for reading and writing
static dev_t no_device;
static char room[8192];

static void set_up(void) {
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        exit(1);
    }
    file = open("file", O_RDWR | O_CREAT, 0600);
    if (write(file, "contents", 8) != 8 || symlink("file", "link") != 0) {
        exit(1);
    }
}

static bool is_inside(const char *directory, char *name) {
    size_t n = strlen(directory);
    bool is = name && strncmp(name, directory, n) == 0 && name[n] == '/';
    free(name);
    return is;
}

static void names_of_files(void) {
    CASE(open, "pathname", closed(call(S("file"), O_RDONLY)));
    CASE(openat, "pathname", closed(call(AT_FDCWD, S("file"), O_RDONLY)));
    CASE(creat, "pathname", closed(call(S("created"), 0600)));
    CASE(stat, "pathname", call(S("file"), room));
    EXACT(stat, "statbuf", call("/", R(sizeof(struct stat))));
    CASE(lstat, "pathname", call(S("link"), room));
    EXACT(lstat, "statbuf", call("/", R(sizeof(struct stat))));
    CASE(fstat, "statbuf", call(file, R(sizeof(struct stat))));
    CASE(fstatat, "pathname", call(AT_FDCWD, S("file"), room, 0));
    EXACT(fstatat, "statbuf", call(AT_FDCWD, "/", R(sizeof(struct stat)), 0));
    CASE(__xstat, "pathname", call(1, S("missing"), room));
    EXACT(__xstat, "statbuf", call(1, "/", R(sizeof(struct stat))));
    CASE(__lxstat, "pathname", call(1, S("missing"), room));
    EXACT(__lxstat, "statbuf", call(1, "/", R(sizeof(struct stat))));
    CASE(__fxstat, "statbuf", call(1, file, R(sizeof(struct stat))));
    CASE(__fxstatat, "pathname", call(1, AT_FDCWD, S("missing"), room, 0));
    EXACT(__fxstatat, "statbuf", call(1, AT_FDCWD, "/", R(sizeof(struct stat)), 0));
    CASE(statx, "pathname", call(AT_FDCWD, S("file"), 0, STATX_SIZE, room));
    CASE(statx, "statxbuf", call(AT_FDCWD, "file", 0, STATX_SIZE, R(sizeof(struct statx))));
    CASE(statfs, "path", call(S("/proc"), room));
    CASE(statfs, "buf", call("/proc", R(sizeof(struct statfs))));
    CASE(fstatfs, "buf", call(file, R(sizeof(struct statfs))));
    CASE(statvfs, "path", call(S("/proc"), room));
    CASE(pathconf, "path", call(S("file"), _PC_LINK_MAX));
    CASE(access, "pathname", call(S("missing"), R_OK));
    CASE(faccessat, "pathname", call(AT_FDCWD, S("file"), R_OK, 0));
    CASE(euidaccess, "pathname", call(S("missing"), R_OK));
    CASE(truncate, "path", call(S("file"), 8L));
    CASE(mktemp, "template", call(S("m" SIX_X)) == (long)now.buffer);
    CASE(mkstemp, "template", closed(call(S("m" SIX_X))));
    CASE(mkostemp, "template", closed(call(S("m" SIX_X), O_CLOEXEC)));
    CASE(mkstemps, "template", closed(call(S("m" SIX_X ".c"), 2)));
    CASE(mkostemps, "template", closed(call(S("m" SIX_X ".c"), 2, O_CLOEXEC)));
    CASE(mkdtemp, "template", call(S("m" SIX_X)) == (long)now.buffer);
    CASE(tmpnam, "s", call(R(L_tmpnam)) == (long)now.buffer);
    CASE(tmpnam_r, "s", call(R(L_tmpnam)) == (long)now.buffer);
    CASE(tempnam, "dir", is_inside(folder, (char *)call(S(folder), "x")));
    CASE(inotify_add_watch, "pathname", call(NOWHERE, S("file"), 1));
    CASE(fanotify_mark, "pathname", call(NOWHERE, 1, 1L, AT_FDCWD, S("file")));
    CASE(memfd_create, "name", closed(call(S("name"), 0)));
    CASE(chdir, "path", call(S("missing")));
    CASE(getcwd, "buf", call(R(4096), 4096L, 4096L) == (long)now.buffer);
    CASE(getcwd, "buf", call(R(2), 2L, 2L));
}

static void changes_of_files(void) {
    CASE(chmod, "pathname", call(S("file"), 0640));
    CASE(fchmodat, "pathname", call(AT_FDCWD, S("file"), 0600, 0));
    CASE(lchmod, "pathname", call(S("missing"), 0600));
    CASE(chown, "pathname", call(S("file"), -1, -1));
    CASE(lchown, "pathname", call(S("link"), -1, -1));
    CASE(fchownat, "pathname", call(AT_FDCWD, S("file"), -1, -1, 0));
    CASE(link, "oldpath", call(S("missing"), "second"));
    CASE(link, "newpath", call("file", S("link")));
    CASE(linkat, "oldpath", call(AT_FDCWD, S("missing"), AT_FDCWD, "second", 0));
    CASE(linkat, "newpath", call(AT_FDCWD, "file", AT_FDCWD, S("link"), 0));
    CASE(symlink, "target", call(S("file"), "link"));
    CASE(symlink, "linkpath", call("file", S("link")));
    CASE(symlinkat, "target", call(S("file"), AT_FDCWD, "link"));
    CASE(symlinkat, "linkpath", call("file", AT_FDCWD, S("link")));
    CASE(readlink, "pathname", call(S("link"), room, 100L, 100L));
    EXACT(readlink, "buf", call("link", R(100), 100L, 100L));
    CASE(readlinkat, "pathname", call(AT_FDCWD, S("link"), room, 100L, 100L));
    EXACT(readlinkat, "buf", call(AT_FDCWD, "link", R(100), 100L, 100L));
    CASE(unlink, "pathname", call(S("missing")));
    CASE(unlinkat, "pathname", call(AT_FDCWD, S("missing"), 0));
    CASE(remove, "pathname", call(S("missing")));
    CASE(rename, "oldpath", call(S("missing"), "second"));
    CASE(rename, "newpath", call("file", S("file")));
    CASE(renameat, "oldpath", call(AT_FDCWD, S("missing"), AT_FDCWD, "second"));
    CASE(renameat, "newpath", call(AT_FDCWD, "file", AT_FDCWD, S("file")));
    CASE(renameat2, "oldpath", call(AT_FDCWD, S("missing"), AT_FDCWD, "second", 0));
    CASE(renameat2, "newpath", call(AT_FDCWD, "file", AT_FDCWD, S("file"), 0));
    CASE(mkdir, "pathname", call(S("file"), 0700));
    CASE(mkdirat, "pathname", call(AT_FDCWD, S("file"), 0700));
    CASE(rmdir, "pathname", call(S("file")));
    CASE(mknod, "pathname", call(S("file"), S_IFIFO | 0600, 0L));
    CASE(mknodat, "pathname", call(AT_FDCWD, S("file"), S_IFIFO | 0600, 0L));
    CASE(__xmknod, "pathname", call(0, S("file"), S_IFIFO | 0600, &no_device));
    CASE(__xmknodat, "pathname", call(0, AT_FDCWD, S("file"), S_IFIFO | 0600, &no_device));
    CASE(mkfifo, "pathname", call(S("file"), 0600));
    CASE(mkfifoat, "pathname", call(AT_FDCWD, S("file"), 0600));
    CASE(utime, "filename", call(S("missing"), NULL));
    CASE(utimes, "filename", call(S("missing"), NULL));
    CASE(lutimes, "filename", call(S("missing"), NULL));
    CASE(futimesat, "pathname", call(AT_FDCWD, S("missing"), NULL));
    CASE(utimensat, "pathname", call(AT_FDCWD, S("missing"), NULL, 0));
    CASE(utimensat, "times", call(AT_FDCWD, "file", R(sizeof(struct timespec[2])), 0));
    CASE(futimens, "times", call(file, R(sizeof(struct timespec[2]))));
}

static void attributes_of_files(void) {
    CASE(getxattr, "path", call(S("missing"), "user.a", room, 100L));
    CASE(getxattr, "name", call("file", S("unknown.a"), room, 100L));
    CASE(getxattr, "value", call("missing", "user.a", R(100), 100L));
    CASE(lgetxattr, "path", call(S("missing"), "user.a", room, 100L));
    CASE(lgetxattr, "name", call("file", S("unknown.a"), room, 100L));
    CASE(lgetxattr, "value", call("missing", "user.a", R(100), 100L));
    CASE(fgetxattr, "name", call(file, S("unknown.a"), room, 100L));
    CASE(fgetxattr, "value", call(NOWHERE, "user.a", R(100), 100L));
    CASE(setxattr, "path", call(S("missing"), "user.a", "b", 1L, 0));
    CASE(setxattr, "name", call("file", S("unknown.a"), "b", 1L, 0));
    CASE(setxattr, "value", call("file", "unknown.a", S("b"), 1L, 0));
    CASE(lsetxattr, "path", call(S("missing"), "user.a", "b", 1L, 0));
    CASE(lsetxattr, "name", call("file", S("unknown.a"), "b", 1L, 0));
    CASE(lsetxattr, "value", call("file", "unknown.a", S("b"), 1L, 0));
    CASE(fsetxattr, "name", call(file, S("unknown.a"), "b", 1L, 0));
    CASE(fsetxattr, "value", call(file, "unknown.a", S("b"), 1L, 0));
    CASE(listxattr, "path", call(S("missing"), room, 100L));
    CASE(listxattr, "list", call("file", R(100), 100L));
    CASE(llistxattr, "path", call(S("missing"), room, 100L));
    CASE(llistxattr, "list", call("file", R(100), 100L));
    CASE(flistxattr, "list", call(file, R(100), 100L));
    CASE(removexattr, "path", call(S("missing"), "user.a"));
    CASE(removexattr, "name", call("file", S("unknown.a")));
    CASE(lremovexattr, "path", call(S("missing"), "user.a"));
    CASE(lremovexattr, "name", call("file", S("unknown.a")));
    CASE(fremovexattr, "name", call(file, S("unknown.a")));
    static struct file_handle *handle;
    handle = calloc(1, sizeof *handle + 128);
    handle->handle_bytes = 128;
    CASE(name_to_handle_at, "pathname", call(AT_FDCWD, S("missing"), handle, room, 0));
    CASE(name_to_handle_at, "handle",
         call(AT_FDCWD, ".", stale(handle, sizeof *handle + 128), room, 0));
    CASE(name_to_handle_at, "mount_id", call(AT_FDCWD, ".", handle, R(sizeof(int)), 0));
    CASE(open_by_handle_at, "handle", call(NOWHERE, stale(handle, sizeof *handle + 128), O_RDONLY));
}

// Names that do not exist: nothing is changed, whoever runs this.
static void file_systems(void) {
    CASE(chroot, "path", call(S("missing")));
    CASE(mount, "source", call(S("missing"), "missing", "ext4", 0L, ""));
    CASE(mount, "target", call("missing", S("missing"), "ext4", 0L, ""));
    CASE(mount, "filesystemtype", call("missing", "missing", S("ext4"), 0L, ""));
    CASE(mount, "data", call("missing", "missing", "ext4", 0L, S("a=b")));
    CASE(umount2, "target", call(S("missing"), 0));
    CASE(umount, "target", call(S("missing")));
    CASE(pivot_root, "new_root", call(S("missing"), "missing"));
    CASE(pivot_root, "put_old", call("/proc", S("missing")));
    CASE(swapon, "path", call(S("missing"), 0));
    CASE(swapoff, "path", call(S("missing")));
    CASE(acct, "filename", call(S("missing")));
    CASE(quotactl, "special", call(0, S("missing"), 0, room));
    CASE(fsopen, "fsname", call(S("missing"), 0));
    CASE(fspick, "path", call(AT_FDCWD, S("missing"), 0));
    CASE(fsconfig, "key", call(file, 0, S("key"), NULL, 0));
    CASE(open_tree, "filename", call(AT_FDCWD, S("missing"), 0));
    CASE(move_mount, "from_pathname", call(AT_FDCWD, S("missing"), AT_FDCWD, "missing", 0));
    CASE(move_mount, "to_pathname", call(AT_FDCWD, "/proc", AT_FDCWD, S("missing"), 0));
    CASE(mount_setattr, "path", call(AT_FDCWD, S("missing"), 0, room, 32L));
    CASE(mount_setattr, "attr", call(AT_FDCWD, "missing", 0, R(32), 32L));
}

int main(void) {
    set_up();
    names_of_files();
    changes_of_files();
    attributes_of_files();
    file_systems();
    return 0;
}
