# SPDX-License-Identifier: MIT
# CMake configures, builds and tests a small project that it generates, and packs it into an archive.
set -euo pipefail
mkdir project
cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.13)
project(sample C)
include(CTest)
include(CheckFunctionExists)
check_function_exists(reallocarray HAS_REALLOCARRAY)
message(STATUS "reallocarray: ${HAS_REALLOCARRAY}")
set(total 0)
foreach(i RANGE 1 400)
  math(EXPR total "${total} + ${i} * ${i}")
  list(APPEND names "item_${i}_${total}")
endforeach()
list(FILTER names INCLUDE REGEX "_[0-9]*[02468]$")
list(SORT names)
string(REPLACE ";" "\n" text "${names}")
string(SHA256 digest "${text}")
message(STATUS "digest: ${digest}")
file(GENERATE OUTPUT names.txt CONTENT "${text}")
string(JSON value GET "{\"a\": [1, {\"b\": \"found\"}]}" a 1 b)
message(STATUS "value: ${value}")
foreach(i RANGE 1 12)
  file(WRITE ${CMAKE_BINARY_DIR}/part${i}.c "int part${i}(void) { return ${i}; }\n")
  list(APPEND parts ${CMAKE_BINARY_DIR}/part${i}.c)
endforeach()
add_library(parts STATIC ${parts})
file(WRITE ${CMAKE_BINARY_DIR}/main.c "int part7(void);\nint main(void) { return part7() != 7; }\n")
add_executable(sample ${CMAKE_BINARY_DIR}/main.c)
target_link_libraries(sample parts)
add_test(NAME seven COMMAND sample)
END
/usr/bin/cmake -S project -B made -G "Unix Makefiles" | grep -v '^-- \(Configuring\|Generating\) done'
/usr/bin/cmake --build made -j 1
(cd made && /usr/bin/ctest | sed 's/ *[0-9.]* sec.*//; /Total Test time/d')
/usr/bin/cmake -E tar cf made.tar --mtime=2024-02-03 made/names.txt
/usr/bin/cmake -E sha256sum made/names.txt made.tar
rm -r made
