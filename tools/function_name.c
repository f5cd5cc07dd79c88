// SPDX-License-Identifier: MIT
// See function_name.h. A linkage name or a symbol, demangled, is the best name. Where gcc gives a C++
// function neither (internal linkage, and inlined), the same text is put together from the DWARF.
#include "function_name.h"

#include "cxx_name.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Part of every C++ runtime (libstdc++ and libc++abi).
extern char *__cxa_demangle(const char *mangled, char *buffer, size_t *cap, int *ret_status);

static bool is_mangled(const char *name) {
    return name && !strncmp(name, "_Z", 2);
}

static char *demangle(const char *name) {
    int status;
    return __cxa_demangle(name, NULL, NULL, &status);
}

char *rg_symbol_name(const char *symbol) {
    if (!symbol) {
        return NULL;
    }
    char *plain = strndup(symbol, strcspn(symbol, "@")); // without "@@VERSION"
    char *nice = plain && is_mangled(plain) ? demangle(plain) : NULL;
    if (nice) {
        free(plain);
        return nice;
    }
    return plain;
}

static const char *inherited_string(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attr;
    return dwarf_formstring(dwarf_attr_integrate(die, name, &attr));
}

static bool is_cxx(Dwarf_Die *die) {
    Dwarf_Die unit;
    switch (dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : -1) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
        return true;
    default:
        return false;
    }
}

char *rg_function_name(Dwarf_Die *die, const char *symbol) {
    const char *linkage = inherited_string(die, DW_AT_linkage_name);
    if (!linkage) {
        linkage = inherited_string(die, DW_AT_MIPS_linkage_name);
    }
    if (!is_mangled(linkage) && is_mangled(symbol)) {
        linkage = symbol;
    }
    if (is_mangled(linkage)) {
        // Compilers mark their copies of a function with a suffix, as in "_Z3foov.cold".
        char *whole = strndup(linkage, strcspn(linkage, ".@"));
        char *nice = whole ? demangle(whole) : NULL;
        free(whole);
        if (nice) {
            return nice;
        }
    }
    const char *name = inherited_string(die, DW_AT_name);
    if (!name) {
        return rg_symbol_name(symbol);
    }
    return is_cxx(die) ? rg_cxx_name(die) : strdup(name);
}
