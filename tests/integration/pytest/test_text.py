# SPDX-License-Identifier: MIT
import text


def test_leaves_out_what_is_the_same():
    lines = text.Text()
    assert [lines.add("one"), lines.add("two"), lines.add("two")] == [True, True, False]


def test_grows_past_its_room():
    lines = text.Text()
    assert all(lines.add(f"line {i}") for i in range(1000))
