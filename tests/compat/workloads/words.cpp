// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <vector>

int main() {
    std::map<std::string, std::vector<int>> where;
    std::string text = "one two three two one two";
    std::regex word("\\w+");
    int position = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it) {
        where[it->str()].push_back(position++);
    }
    for (const auto &[name, positions] : where) {
        std::cout << name << ' ' << positions.size() << '\n';
    }
}
