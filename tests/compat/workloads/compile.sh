# SPDX-License-Identifier: MIT
# Compiles, assembles and links a C and a C++ program, and shows what a faulty one gets.
set -eu
gcc -std=c17 -O2 -g -Wall -Wextra -c tree.c -o tree.o
gcc -flto -O2 tree.c -o tree -lm
./tree
g++ -std=c++17 -O1 words.cpp -o words
./words
nm tree.o
sed 's/calloc(1/callok(1;/' tree.c >faulty.c
gcc -c faulty.c -o faulty.o && exit 1
exit 3
