// SPDX-License-Identifier: MIT
// See cxx_name.h.
#include "cxx_name.h"

#include "base/compiler.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// DWARF from a broken file may go round in circles.
enum { MAX_DEPTH = 16 };

static void put_type(FILE *out, Dwarf_Die *type, int depth);
static void put_qualified(FILE *out, Dwarf_Die *die, int depth);
static void put_parameters(FILE *out, Dwarf_Die *function, int depth);

// Follows a reference, also through abstract origins. Returns false when there is none.
static bool follow(Dwarf_Die *die, unsigned name, Dwarf_Die *ret_target) {
    Dwarf_Attribute attr;
    return dwarf_formref_die(dwarf_attr_integrate(die, name, &attr), ret_target) != NULL;
}

static bool is_marked(Dwarf_Die *die, unsigned name) {
    Dwarf_Attribute attr;
    bool value = false;
    return dwarf_formflag(dwarf_attr_integrate(die, name, &attr), &value) == 0 && value;
}

// The DIE that stands where the entity was declared: its parents are the scopes of its name.
static Dwarf_Die declaration_of(const Dwarf_Die *die) {
    Dwarf_Die at = *die;
    Dwarf_Attribute attr;
    Dwarf_Die next;
    for (int i = 0; i < MAX_DEPTH; i++) {
        if (!dwarf_formref_die(dwarf_attr(&at, DW_AT_abstract_origin, &attr), &next) &&
            !dwarf_formref_die(dwarf_attr(&at, DW_AT_specification, &attr), &next)) {
            break;
        }
        at = next;
    }
    return at;
}

// Puts a class around `member`. A class without a name that has a call operator is a lambda's.
static void put_class(FILE *out, Dwarf_Die *class, const char *member) {
    const char *name = dwarf_diename(class);
    bool is_lambda = member && !strcmp(member, "operator()");
    fprintf(out, "%s::", name ? name : is_lambda ? "{lambda}" : "{unnamed}");
}

// Puts one scope around `member`, or nothing for a DIE that is no scope of a name.
static void put_scope(FILE *out, Dwarf_Die *scope, const char *member, int depth) {
    const char *name = dwarf_diename(scope);
    switch (dwarf_tag(scope)) {
    case DW_TAG_namespace:
        fprintf(out, "%s::", name ? name : "(anonymous namespace)");
        break;
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
        put_class(out, scope, member);
        break;
    case DW_TAG_subprogram:
        put_qualified(out, scope, depth);
        put_parameters(out, scope, depth);
        fputs("::", out);
        break;
    default:
        break;
    }
}

// Puts the name of a function or type behind the names of its scopes.
static void put_qualified(FILE *out, Dwarf_Die *die, int depth) {
    Dwarf_Die declaration = declaration_of(die);
    const char *name = dwarf_diename(&declaration);
    Dwarf_Die *scopes = NULL;
    int count = depth < MAX_DEPTH ? dwarf_getscopes_die(&declaration, &scopes) : 0;
    int outermost = count - 1;
    for (int i = 1; i < count; i++) {
        // A function is declared elsewhere, so it brings its own outer scopes.
        if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram) {
            outermost = i;
            break;
        }
    }
    for (int i = outermost; i > 0; i--) {
        put_scope(out, &scopes[i], name, depth + 1);
    }
    free(scopes);
    fputs(name ? name : "{unnamed}", out);
}

// gcc writes out the words that the demangler leaves out.
static void put_base_type(FILE *out, const char *name) {
    static const char *const short_forms[][2] = {
        {"long int", "long"},           {"long unsigned int", "unsigned long"},
        {"long long int", "long long"}, {"long long unsigned int", "unsigned long long"},
        {"short int", "short"},         {"short unsigned int", "unsigned short"},
    };
    for (size_t i = 0; name && i < RG_ARRAY_LEN(short_forms); i++) {
        if (!strcmp(name, short_forms[i][0])) {
            name = short_forms[i][1];
        }
    }
    fputs(name ? name : "?", out);
}

// Puts the type that `die` refers to with DW_AT_type; none is void.
static void put_type_of(FILE *out, Dwarf_Die *die, int depth) {
    Dwarf_Die type;
    if (follow(die, DW_AT_type, &type)) {
        put_type(out, &type, depth + 1);
    } else {
        fputs("void", out);
    }
}

// Puts a pointer or reference; `mark` is "*", "&" or "&&".
static void put_indirection(FILE *out, Dwarf_Die *type, const char *mark, int depth) {
    Dwarf_Die target;
    if (follow(type, DW_AT_type, &target) && dwarf_tag(&target) == DW_TAG_subroutine_type) {
        put_type_of(out, &target, depth + 1);
        fprintf(out, " (%s)", mark);
        put_parameters(out, &target, depth + 1);
    } else {
        put_type_of(out, type, depth);
        fputs(mark, out);
    }
}

static void put_type(FILE *out, Dwarf_Die *type, int depth) {
    if (depth >= MAX_DEPTH) {
        fputs("?", out);
        return;
    }
    switch (dwarf_tag(type)) {
    case DW_TAG_pointer_type:
        put_indirection(out, type, "*", depth);
        break;
    case DW_TAG_reference_type:
        put_indirection(out, type, "&", depth);
        break;
    case DW_TAG_rvalue_reference_type:
        put_indirection(out, type, "&&", depth);
        break;
    case DW_TAG_const_type:
        put_type_of(out, type, depth);
        fputs(" const", out);
        break;
    case DW_TAG_volatile_type:
        put_type_of(out, type, depth);
        fputs(" volatile", out);
        break;
    case DW_TAG_restrict_type:
    case DW_TAG_typedef:
        put_type_of(out, type, depth);
        break;
    case DW_TAG_array_type:
        put_type_of(out, type, depth);
        fputs(" []", out);
        break;
    case DW_TAG_base_type:
    case DW_TAG_unspecified_type:
        put_base_type(out, dwarf_diename(type));
        break;
    default:
        put_qualified(out, type, depth + 1);
        break;
    }
}

static void put_parameters(FILE *out, Dwarf_Die *function, int depth) {
    const char *between = "";
    Dwarf_Die child;
    fputs("(", out);
    for (int more = dwarf_child(function, &child); more == 0;
         more = dwarf_siblingof(&child, &child)) {
        int tag = dwarf_tag(&child);
        if (tag == DW_TAG_formal_parameter && !is_marked(&child, DW_AT_artificial)) {
            fputs(between, out);
            put_type_of(out, &child, depth);
            between = ", ";
        } else if (tag == DW_TAG_unspecified_parameters) {
            fprintf(out, "%s...", between);
        }
    }
    fputs(")", out);
}

char *rg_cxx_name(Dwarf_Die *die) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out) {
        return NULL;
    }
    Dwarf_Die declaration = declaration_of(die);
    put_qualified(out, die, 0);
    put_parameters(out, &declaration, 0);
    // main is the one function whose name the language leaves as it is.
    bool is_main = is_marked(&declaration, DW_AT_main_subprogram);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    const char *name = dwarf_diename(&declaration);
    if (text && (is_main || (name && !strcmp(name, "main")))) {
        text[strcspn(text, "(")] = 0;
    }
    return text;
}
