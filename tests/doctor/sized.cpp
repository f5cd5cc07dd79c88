// SPDX-License-Identifier: MIT
// Objects are deleted as what they are not, by operators that are told a size.
// OPTIONS: mismatch=1
// REPORT: delete of another size; access=deleted; allocated=created
// TEXT: says that (40|3000000) bytes are at a block of (48|3000008) bytes from sized\.cpp:\d+
#include "doctor.h"

struct small_base {
    char text[40];
};
struct small_object : small_base {
    long more;
};
struct large_base {
    char text[3000000];
};
struct large_object : large_base {
    long more;
};

template <class base, class object> static void end() {
    base *volatile p = new object; // HERE: created
    delete p;                      // HERE: deleted
    delete new object;
}

static void work(void) {
    if (block_size < 1000) {
        end<small_base, small_object>();
    } else {
        end<large_base, large_object>();
    }
}
