// SPDX-License-Identifier: MIT
// See target_check.h. The checks go from the file system over the ELF header to the dynamic section,
// and the first cause found is the answer.
#include "target_check.h"

#include "base/compiler.h"
#include "launch.h"
#include "program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

// Scripts whose interpreter is a script: the kernel gives up after this many.
enum { MAX_SCRIPTS = 4 };

static const char *const sanitizer_libraries[] = {
    "libasan.so",   "libclang_rt.asan",   "libtsan.so", "libclang_rt.tsan", "libclang_rt.msan",
    "libhwasan.so", "libclang_rt.hwasan", "liblsan.so", "libclang_rt.lsan",
};

static const char *const sanitizer_symbols[] = {
    "__asan_init", "__tsan_init", "__msan_init", "__hwasan_init", "__lsan_init",
};

static void describe(struct rg_target *t, const char *text) {
    snprintf(t->detail, sizeof t->detail, "%s", text);
}

static enum rg_target_cause check_machine(const GElf_Ehdr *header, struct rg_target *t) {
    static const struct {
        int machine;
        const char *name;
    } names[] = {
        {EM_386, "32-bit x86"},     {EM_AARCH64, "64-bit ARM"}, {EM_ARM, "32-bit ARM"},
        {EM_PPC64, "64-bit POWER"}, {EM_RISCV, "RISC-V"},       {EM_S390, "IBM Z"},
    };
    if (header->e_machine == EM_X86_64 && header->e_ident[EI_CLASS] == ELFCLASS64) {
        return RG_TARGET_OK;
    }
    snprintf(t->detail, sizeof t->detail, "ELF machine %d", header->e_machine);
    if (header->e_machine == EM_X86_64) {
        describe(t, "x86-64 with 32-bit pointers (x32)");
    }
    for (size_t i = 0; i < RG_ARRAY_LEN(names); i++) {
        if (header->e_machine == names[i].machine) {
            describe(t, names[i].name);
        }
    }
    return RG_TARGET_OTHER_MACHINE;
}

// The path in PT_INTERP, or NULL when the file asks for no dynamic loader.
static const char *interpreter_of(Elf *elf) {
    size_t count;
    if (elf_getphdrnum(elf, &count) < 0) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr ph;
        if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_INTERP) {
            Elf_Data *data =
                elf_getdata_rawchunk(elf, (int64_t)ph.p_offset, ph.p_filesz, ELF_T_BYTE);
            bool ended = data && data->d_size && !((const char *)data->d_buf)[data->d_size - 1];
            return ended ? data->d_buf : NULL;
        }
    }
    return NULL;
}

static enum rg_target_cause check_loader(Elf *elf, struct rg_target *t) {
    const char *interpreter = interpreter_of(elf);
    if (!interpreter) {
        return RG_TARGET_STATIC;
    }
    const char *slash = strrchr(interpreter, '/');
    const char *name = slash ? slash + 1 : interpreter;
    if (!strncmp(name, "ld-linux-x86-64.so.", 19) || !strncmp(name, "ld-lsb-x86-64.so.", 17)) {
        return RG_TARGET_OK;
    }
    describe(t, interpreter);
    return RG_TARGET_OTHER_LIBC;
}

// The first DT_NEEDED entry that is a sanitizer's runtime, or NULL.
static const char *sanitizer_needed(Elf *elf, Elf_Data *data, const GElf_Shdr *section) {
    GElf_Dyn dyn;
    for (int i = 0; gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
        const char *name =
            dyn.d_tag == DT_NEEDED ? elf_strptr(elf, section->sh_link, dyn.d_un.d_val) : NULL;
        for (size_t k = 0; name && k < RG_ARRAY_LEN(sanitizer_libraries); k++) {
            if (!strncmp(name, sanitizer_libraries[k], strlen(sanitizer_libraries[k]))) {
                return name;
            }
        }
    }
    return NULL;
}

// The first dynamic symbol that only an instrumented program has, or NULL. A weak reference is no
// proof: ordinary programs ask that way whether a sanitizer is there.
static const char *sanitizer_symbol(Elf *elf, Elf_Data *data, const GElf_Shdr *section) {
    GElf_Sym sym;
    for (int i = 0; gelf_getsym(data, i, &sym); i++) {
        const char *name = elf_strptr(elf, section->sh_link, sym.st_name);
        bool weak_reference = GELF_ST_BIND(sym.st_info) == STB_WEAK && sym.st_shndx == SHN_UNDEF;
        for (size_t k = 0; name && !weak_reference && k < RG_ARRAY_LEN(sanitizer_symbols); k++) {
            if (!strcmp(name, sanitizer_symbols[k])) {
                return name;
            }
        }
    }
    return NULL;
}

static enum rg_target_cause check_sanitizer(Elf *elf, struct rg_target *t) {
    for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
        GElf_Shdr section;
        if (!gelf_getshdr(scn, &section)) {
            continue;
        }
        const char *proof = NULL;
        if (section.sh_type == SHT_DYNAMIC) {
            proof = sanitizer_needed(elf, elf_getdata(scn, NULL), &section);
        } else if (section.sh_type == SHT_DYNSYM) {
            proof = sanitizer_symbol(elf, elf_getdata(scn, NULL), &section);
        }
        if (proof) {
            describe(t, proof);
            return RG_TARGET_SANITIZER;
        }
    }
    return RG_TARGET_OK;
}

// Capabilities that the file adds at execve. The kernel ignores them for a real root user.
static bool adds_capabilities(int fd) {
    struct vfs_ns_cap_data caps;
    ssize_t len = fgetxattr(fd, "security.capability", &caps, sizeof caps);
    if (len < (ssize_t)XATTR_CAPS_SZ_1 || getuid() == 0) {
        return false;
    }
    return (caps.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) || caps.data[0].permitted ||
           (len >= (ssize_t)XATTR_CAPS_SZ_2 && caps.data[1].permitted);
}

// Whether execve would set AT_SECURE, which makes the loader drop LD_PRELOAD.
static enum rg_target_cause check_privilege(int fd) {
    struct stat st;
    struct statvfs fs;
    if (fstat(fd, &st) < 0) {
        return RG_TARGET_OK;
    }
    bool ignored = (fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOSUID)) ||
                   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    bool setuid = !ignored && (st.st_mode & S_ISUID);
    // The set-group-id bit without group execution means mandatory locking.
    bool setgid = !ignored && (st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP);
    if ((setuid ? st.st_uid : geteuid()) != getuid()) {
        return RG_TARGET_SETUID;
    }
    if ((setgid ? st.st_gid : getegid()) != getgid()) {
        return RG_TARGET_SETGID;
    }
    return !ignored && adds_capabilities(fd) ? RG_TARGET_CAPABILITIES : RG_TARGET_OK;
}

static enum rg_target_cause check_elf(int fd, Elf *elf, struct rg_target *t) {
    GElf_Ehdr header;
    if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
        return RG_TARGET_NOT_A_PROGRAM;
    }
    enum rg_target_cause cause = check_machine(&header, t);
    if (cause == RG_TARGET_OK && header.e_type != ET_EXEC && header.e_type != ET_DYN) {
        cause = RG_TARGET_NOT_A_PROGRAM;
    }
    if (cause == RG_TARGET_OK) {
        cause = check_loader(elf, t);
    }
    if (cause == RG_TARGET_OK) {
        cause = check_privilege(fd);
    }
    return cause == RG_TARGET_OK ? check_sanitizer(elf, t) : cause;
}

// The name that the object was linked under, or NULL.
static const char *soname_of(Elf *elf) {
    for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
        GElf_Shdr section;
        GElf_Dyn dyn;
        bool is_dynamic = gelf_getshdr(scn, &section) && section.sh_type == SHT_DYNAMIC;
        Elf_Data *data = is_dynamic ? elf_getdata(scn, NULL) : NULL;
        for (int i = 0; data && gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
            if (dyn.d_tag == DT_SONAME) {
                return elf_strptr(elf, section.sh_link, dyn.d_un.d_val);
            }
        }
    }
    return NULL;
}

static enum rg_target_cause check_library(int fd, Elf *elf, struct rg_target *t) {
    (void)fd;
    GElf_Ehdr header;
    if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
        header.e_type != ET_DYN) {
        return RG_TARGET_NOT_A_PROGRAM;
    }
    enum rg_target_cause cause = check_machine(&header, t);
    if (cause == RG_TARGET_OK) {
        const char *soname = soname_of(elf);
        cause = soname && !strcmp(soname, RG_LIBRARY_NAME) ? RG_TARGET_OK : RG_TARGET_OTHER_LIBRARY;
    }
    return cause;
}

// Opens t->checked and hands it to one of the two checks above.
static enum rg_target_cause
with_elf(struct rg_target *t, enum rg_target_cause (*check)(int, Elf *, struct rg_target *)) {
    int fd = open(t->checked, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        describe(t, strerror(errno));
        return errno == ENOENT ? RG_TARGET_NOT_FOUND : RG_TARGET_UNREADABLE;
    }
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    enum rg_target_cause cause = check(fd, elf, t);
    elf_end(elf);
    close(fd);
    return cause;
}

static enum rg_target_cause cause_of_errno(int error, struct rg_target *t) {
    switch (-error) {
    case EISDIR:
        return RG_TARGET_IS_DIRECTORY;
    case EACCES:
        return RG_TARGET_NOT_EXECUTABLE;
    case ENOEXEC:
        return RG_TARGET_NOT_A_PROGRAM;
    case ENOENT:
    case ENOTDIR:
        return RG_TARGET_NOT_FOUND;
    default:
        describe(t, strerror(-error));
        return RG_TARGET_UNREADABLE;
    }
}

enum rg_target_cause rg_target_check(const char *name, struct rg_target *ret_target) {
    struct rg_target *t = ret_target;
    *t = (struct rg_target){0};
    char wanted[PATH_MAX];
    snprintf(wanted, sizeof wanted, "%s", name);
    for (int scripts = 0; scripts <= MAX_SCRIPTS; scripts++) {
        snprintf(t->checked, sizeof t->checked, "%s", wanted);
        int found = rg_program_find(wanted, t->checked);
        if (scripts == 0) {
            strcpy(t->path, t->checked);
        }
        if (found < 0) {
            return cause_of_errno(found, t);
        }
        int script = rg_program_interpreter(t->checked, wanted);
        if (script == -EACCES) {
            describe(t, strerror(EACCES));
            return RG_TARGET_UNREADABLE;
        }
        if (script < 0) {
            return cause_of_errno(script, t);
        }
        if (script == 0) {
            return with_elf(t, check_elf);
        }
    }
    return RG_TARGET_TOO_MANY_SCRIPTS;
}

enum rg_target_cause rg_target_check_library(const char *path, struct rg_target *ret_target) {
    *ret_target = (struct rg_target){0};
    snprintf(ret_target->checked, sizeof ret_target->checked, "%s", path);
    return with_elf(ret_target, check_library);
}
