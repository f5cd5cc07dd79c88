// SPDX-License-Identifier: MIT
// Objects that are leaked, and some that are not though nothing points to where their blocks begin.
#include "leaks.h"

#include <list>
#include <memory>
#include <string>

struct Counted {
    ~Counted() {
        ++destroyed;
    }
    int value = 1;
    static int destroyed;
};
int Counted::destroyed;

struct Friend {
    std::shared_ptr<Friend> other;
    std::string name = std::string(100, 'x');
};

struct First {
    virtual ~First() = default;
    long first = 0;
};
struct Second {
    virtual ~Second() = default;
    long second = 0;
};
struct Both : First, Second {};

static Counted *volatile counted;
static Second *volatile second;

// Before the array is its length, which the pointer leaves out.
static NOINLINE void keep_array() {
    counted = new Counted[10];
}

static NOINLINE void forget_array() {
    counted = new Counted[10];
    counted = nullptr;
}

static NOINLINE void keep_base() {
    second = new Both;
}

static NOINLINE void forget_friends() {
    auto a = std::make_shared<Friend>(), b = std::make_shared<Friend>();
    a->other = b;
    b->other = a;
}

static NOINLINE void forget_list() {
    auto *list = new std::list<std::string>;
    list->push_back(std::string(100, 'x'));
    list->push_back(std::string(200, 'y'));
}

static std::list<std::string> &kept_list() {
    static auto *list = new std::list<std::string>;
    return *list;
}

static void work() {
    if (is("kept_array")) {
        keep_array();
    } else if (is("array")) {
        forget_array();
    } else if (is("base")) {
        keep_base();
    } else if (is("friends")) {
        forget_friends();
    } else if (is("list")) {
        forget_list();
    } else if (is("kept_list")) {
        kept_list().push_back(std::string(100, 'x'));
    } else if (is("static")) {
        static std::list<std::string> list;
        list.push_back(std::string(100, 'x'));
    }
}
