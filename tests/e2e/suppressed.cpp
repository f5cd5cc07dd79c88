// SPDX-License-Identifier: MIT
// Misuses in functions whose names are long, for check_suppressions.py.
#include <cstdio>
#include <cstdlib>

namespace tables {

template <typename T> class column {
  public:
    void grow(std::size_t count) {
        cells_ = static_cast<T *>(std::realloc(cells_, count * sizeof(T)));
    }
    T *cells() const {
        return cells_;
    }
    ~column() {
        std::free(cells_);
    }

  private:
    T *cells_ = nullptr;
};

class cursor {
  public:
    explicit cursor(int *cell) : cell_(cell) {
    }
    __attribute__((noinline)) cursor &operator<<(int value) {
        *cell_ = value;
        return *this;
    }
    __attribute__((noinline)) int get() const {
        return *cell_;
    }

  private:
    int *volatile cell_;
};

} // namespace tables

int main() {
    tables::column<int> column;
    column.grow(10);
    tables::cursor cursor(column.cells() + 3);
    column.grow(1000);
    cursor << 7;
    std::printf("%d\n", cursor.get());
    return 0;
}
