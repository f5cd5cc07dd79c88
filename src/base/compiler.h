// SPDX-License-Identifier: MIT
// Every compiler attribute the project uses, under one name each.
#ifndef RG_BASE_COMPILER_H
#define RG_BASE_COMPILER_H

#define RG_EXPORT            __attribute__((visibility("default")))
#define RG_COLD              __attribute__((cold, noinline))
#define RG_NOINLINE          __attribute__((noinline))
#define RG_INLINE            static inline __attribute__((always_inline))
#define RG_UNUSED            __attribute__((unused))
#define RG_NORETURN          __attribute__((noreturn))
#define RG_PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define RG_WEAK              __attribute__((weak))
#define RG_TLS_INITIAL_EXEC  __attribute__((tls_model("initial-exec")))
#define RG_NO_SANITIZE       __attribute__((no_sanitize("address", "thread")))

#define rg_likely(x)   __builtin_expect(!!(x), 1)
#define rg_unlikely(x) __builtin_expect(!!(x), 0)

// What the compiler may rely on.
#define RG_ASSUME(x) ((x) ? (void)0 : __builtin_unreachable())

#define RG_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
