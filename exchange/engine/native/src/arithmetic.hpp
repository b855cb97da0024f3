// The hashes and wide numbers beneath the engine, as functions of the module: what cannot be seen
// from outside the engine is compared by tests with other implementations.
//
// Numbers go in and out as little-endian bytes in two's complement: a missing byte is a zero.
#pragma once

#include "crc32c.hpp"
#include "xxh3.hpp"

namespace lockstep::arithmetic {

template <class Number>
bool read(const Py_buffer& from, Number& to) {
  if (from.len > static_cast<Py_ssize_t>(sizeof to)) {
    PyErr_SetString(PyExc_OverflowError, "the number has too many bytes");
    return false;
  }
  if (from.len) std::memcpy(&to, from.buf, static_cast<size_t>(from.len));
  return true;
}
inline PyObject* bytes_of(const Int256& number) {
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(number.w), sizeof number.w);
}

// Up to three byte strings of a call, released together.
class Buffers {
 public:
  Buffers() = default;
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;
  ~Buffers() {
    for (Py_buffer& each : of)
      if (each.obj) PyBuffer_Release(&each);
  }
  const uint8_t* data(int n) const { return static_cast<const uint8_t*>(of[n].buf); }
  size_t size(int n) const { return static_cast<size_t>(of[n].len); }

  Py_buffer of[3] = {};
};

inline PyObject* digest_of(const xxh3::Hash128& hash) {
  uint8_t raw[16];
  xxh3::digest_bytes(hash, raw);
  return PyBytes_FromStringAndSize(reinterpret_cast<char*>(raw), sizeof raw);
}

// xxh3_128 by registers of so many words (0 = the widest), or None where the processor has none.
inline PyObject* hash128(PyObject*, PyObject* args) {
  Buffers in;
  int words = 0;
  if (!PyArg_ParseTuple(args, "y*|i", &in.of[0], &words)) return nullptr;
  xxh3::HashLong walk = words ? xxh3::hash_long_of(words) : xxh3::hash_long;
  if (!walk) Py_RETURN_NONE;
  return digest_of(xxh3::hash128(in.data(0), in.size(0), walk));
}
// xxh3_128 over the bytes of both arguments, of which the first has one.
inline PyObject* hash128_led(PyObject*, PyObject* args) {
  Buffers in;
  if (!PyArg_ParseTuple(args, "y*y*", &in.of[0], &in.of[1])) return nullptr;
  if (in.size(0) != 1 || in.size(1) >= 0xffff) {
    PyErr_SetString(PyExc_ValueError, "one byte, and less than 65,535 after it");
    return nullptr;
  }
  return digest_of(xxh3::hash128(*in.data(0), in.data(1), in.size(1)));
}
inline PyObject* checksum(PyObject*, PyObject* args) {
  Buffers in;
  int by_table = 0;
  if (!PyArg_ParseTuple(args, "y*|p", &in.of[0], &by_table)) return nullptr;
  return PyLong_FromUnsignedLong(by_table ? crc32c::by_table(in.data(0), in.size(0))
                                          : crc32c::value(in.data(0), in.size(0)));
}

inline PyObject* sum_of(PyObject*, PyObject* args) {
  Buffers in;
  Int256 a, b;
  if (!PyArg_ParseTuple(args, "y*y*", &in.of[0], &in.of[1]) || !read(in.of[0], a) ||
      !read(in.of[1], b))
    return nullptr;
  return bytes_of(a + b);
}
inline PyObject* difference_of(PyObject*, PyObject* args) {
  Buffers in;
  Int256 a, b;
  if (!PyArg_ParseTuple(args, "y*y*", &in.of[0], &in.of[1]) || !read(in.of[0], a) ||
      !read(in.of[1], b))
    return nullptr;
  return bytes_of(a - b);
}
inline PyObject* product_of(PyObject*, PyObject* args) {
  Buffers in;
  i128 a = 0;
  uint64_t b = 0;
  if (!PyArg_ParseTuple(args, "y*y*", &in.of[0], &in.of[1]) || !read(in.of[0], a) ||
      !read(in.of[1], b))
    return nullptr;
  return bytes_of(product(a, b));
}
inline PyObject* quotient_of(PyObject*, PyObject* args) {
  Buffers in;
  Int256 a;
  u128 d = 0;
  if (!PyArg_ParseTuple(args, "y*y*", &in.of[0], &in.of[1]) || !read(in.of[0], a) ||
      !read(in.of[1], d))
    return nullptr;
  if (!d) {
    PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
    return nullptr;
  }
  return bytes_of(floor_div(a, d));
}
inline PyObject* proportion_of(PyObject*, PyObject* args) {
  Buffers in;
  Int256 a;
  uint64_t part = 0;
  u128 whole = 0;
  if (!PyArg_ParseTuple(args, "y*y*y*", &in.of[0], &in.of[1], &in.of[2]) || !read(in.of[0], a) ||
      !read(in.of[1], part) || !read(in.of[2], whole))
    return nullptr;
  if (!whole || part > whole) {
    PyErr_SetString(PyExc_ValueError, "a part is at most the whole, and the whole not zero");
    return nullptr;
  }
  return bytes_of(in_proportion(a, part, whole));
}

inline PyMethodDef functions[] = {
    {"hash128", hash128, METH_VARARGS, "xxh3_128, by registers of so many words."},
    {"hash128_led", hash128_led, METH_VARARGS, "xxh3_128 over one byte and those after it."},
    {"crc32c", checksum, METH_VARARGS, "CRC32C, by instruction or by table."},
    {"sum_of", sum_of, METH_VARARGS, "a + b of 256 bits."},
    {"difference_of", difference_of, METH_VARARGS, "a - b of 256 bits."},
    {"product_of", product_of, METH_VARARGS, "128 by 64 bits."},
    {"quotient_of", quotient_of, METH_VARARGS, "256 by 128 bits, rounded down."},
    {"proportion_of", proportion_of, METH_VARARGS, "a * part / whole, rounded down."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace lockstep::arithmetic
