// SPDX-License-Identifier: MIT
// A plug-in in C++ that throws and catches.
#include <stdexcept>
#include <string>

extern "C" int throw_and_catch(int value) {
    try {
        throw std::runtime_error(std::string(100, 'x') + std::to_string(value));
    } catch (const std::exception &error) {
        return std::stoi(std::string(error.what()).substr(100));
    }
}
