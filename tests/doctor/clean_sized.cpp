// SPDX-License-Identifier: MIT
// As sized.cpp, but with a virtual destructor; and arrays, whose size has a count in it.
// OPTIONS: mismatch=1
#include "doctor.h"

#include <memory>
#include <string>
#include <vector>

struct base {
    char text[40];
    virtual ~base() {
    }
};
struct object : base {
    std::vector<std::string> more;
};

static void work(void) {
    base *volatile p = new object;
    delete p;
    object *volatile several = new object[3];
    several[1].more.resize(block_size / sizeof(std::string), "more than fits into a string object");
    delete[] several;
    std::unique_ptr<base> owned(new object);
    std::shared_ptr<base> shared = std::make_shared<object>();
    char *volatile text = new char[block_size];
    delete[] text;
}
