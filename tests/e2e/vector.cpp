// SPDX-License-Identifier: MIT
// A vector-like class grows by realloc while an iterator into it is kept. The write through the
// iterator must be reported, with the push_back that moved the storage.
// REPORT: stale write; access=write; moved=moved; allocated=moved; now=live
// TEXT: push_back
#include <cstddef>
#include <cstdio>
#include <cstdlib>

template <typename T> class vector {
  public:
    vector() = default;
    vector(const vector &) = delete;
    vector &operator=(const vector &) = delete;
    ~vector() {
        std::free(data_);
    }
    T *begin() {
        return data_;
    }
    T &operator[](std::size_t i) {
        return data_[i];
    }
    __attribute__((noinline)) void push_back(const T &value) {
        if (size_ == capacity_) {
            capacity_ = capacity_ ? 2 * capacity_ : 8;
            data_ = static_cast<T *>(std::realloc(data_, capacity_ * sizeof(T))); // HERE: moved
            if (!data_) {
                std::abort();
            }
        }
        data_[size_++] = value;
    }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

int main() {
    vector<int> numbers;
    for (int i = 0; i < 8; i++) {
        numbers.push_back(i);
    }
    int *volatile third = numbers.begin() + 3;
    numbers.push_back(8);
    *third = 33; // HERE: write
    std::printf("%d %d\n", numbers[0], numbers[8]);
    return 0;
}
