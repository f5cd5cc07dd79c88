// SPDX-License-Identifier: MIT
// Fails each test during which realloc_guard has reported something, with the reports. Does nothing without the guard.
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <realloc_guard.h>
#include <string>

namespace {

// Filled in the middle of whatever the program was doing, so nothing may be allocated for it.
char reports[65536];
size_t size_of_reports;

void keep(const struct realloc_guard_finding *finding, void *) {
    size_t size = std::min(finding->text_length, sizeof reports - size_of_reports);
    std::memcpy(reports + size_of_reports, finding->text, size);
    size_of_reports += size;
}

class GuardListener : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo &) override {
        size_of_reports = 0;
        count_before = realloc_guard_finding_count();
    }

    void OnTestEnd(const testing::TestInfo &) override {
        if (realloc_guard_finding_count() > count_before) {
            ADD_FAILURE() << std::string(reports, size_of_reports);
        }
    }

    unsigned long count_before = 0;
};

bool add_listener() {
    realloc_guard_set_callback(keep, nullptr);
    testing::UnitTest::GetInstance()->listeners().Append(new GuardListener);
    return true;
}

const bool is_added = add_listener();

} // namespace
