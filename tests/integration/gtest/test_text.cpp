// SPDX-License-Identifier: MIT
#include "text.h"

#include <gtest/gtest.h>
#include <string>

class Text : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(text_init(&text));
    }
    void TearDown() override {
        text_done(&text);
    }

    struct text text = {};
};

TEST_F(Text, LeavesOutWhatIsTheSame) {
    EXPECT_TRUE(text_add(&text, "one"));
    EXPECT_TRUE(text_add(&text, "two"));
    EXPECT_FALSE(text_add(&text, "two"));
}

TEST_F(Text, GrowsPastItsRoom) {
    for (int i = 0; i < 1000; i++) {
        ASSERT_TRUE(text_add(&text, ("line " + std::to_string(i)).c_str()));
    }
}
