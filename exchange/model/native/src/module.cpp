// The CPython module `_scan`: what event batches hold, told without making Python events.
//
// Every function gives None for bytes that are not a well-framed batch; the caller then reads them
// by other means and says what is wrong.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>

#include "levels.hpp"
#include "records.gen.hpp"

namespace {

using namespace lockstep;

constexpr size_t kBatchHead = 40;
constexpr size_t kRecordHead = 8;

struct Record {
  int kind;
  uint32_t command_no;
  uint64_t seq;
  size_t begin, end;
};

class Batch {
 public:
  explicit Batch(std::string_view raw)
      : data_(reinterpret_cast<const uint8_t*>(raw.data())), size_(raw.size()) {}

  // Calls visit for each record; false where the frame does not hold or visit says so.
  template <class Visit>
  bool each(Visit&& visit) const {
    if (size_ < kBatchHead || load<uint16_t>(0) != 1 || load<uint32_t>(32) != size_ - kBatchHead)
      return false;
    auto seq = load<uint64_t>(24);
    size_t at = kBatchHead;
    while (at < size_) {
      if (size_ - at < kRecordHead) return false;
      size_t length = load<uint16_t>(at);
      if (length < kRecordHead || length > size_ - at || data_[at + 3] != 1) return false;
      if (!visit(Record{data_[at + 2], load<uint32_t>(at + 4), seq, at + kRecordHead, at + length}))
        return false;
      at += length;
      ++seq;
    }
    return true;
  }
  // Of a batch whose head holds.
  uint64_t ts_ns() const { return load<uint64_t>(16); }
  template <class T>
  bool read(const Record& record, T& event) const {
    In in(data_ + record.begin, data_ + record.end);
    return get(in, event) && in.left() == 0;
  }

 private:
  template <class T>
  T load(size_t at) const {
    T value;
    std::memcpy(&value, data_ + at, sizeof value);
    return value;
  }

  const uint8_t* data_;
  size_t size_;
};

class Held {
 public:
  explicit Held(PyObject* object) : object_(object) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { Py_XDECREF(object_); }
  PyObject* get() const { return object_; }
  PyObject* release() {
    PyObject* object = object_;
    object_ = nullptr;
    return object;
  }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_;
};

bool bytes(PyObject* object, std::string_view& to) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(object, &data, &size) < 0) return false;
  to = {data, static_cast<size_t>(size)};
  return true;
}

// Runs `work`, which fills a list and gives whether the batch is one; None where it is not.
template <class Work>
PyObject* listed(Work&& work) {
  Held list(PyList_New(0));
  if (!list) return nullptr;
  bool fine = false;
  try {
    fine = work(list.get());
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  if (PyErr_Occurred()) return nullptr;
  if (!fine) Py_RETURN_NONE;
  return list.release();
}

bool add(PyObject* list, PyObject* row) {
  Held held(row);
  return row && PyList_Append(list, row) == 0;
}

PyObject* select(PyObject*, PyObject* args) {
  PyObject *raw = nullptr, *wanted = nullptr;
  std::string_view data, flags;
  if (!PyArg_ParseTuple(args, "SS", &raw, &wanted) || !bytes(raw, data) || !bytes(wanted, flags))
    return nullptr;
  if (flags.size() != 256) {
    PyErr_SetString(PyExc_ValueError, "the wanted kinds are 256 bytes, one a kind");
    return nullptr;
  }
  return listed([&](PyObject* list) {
    return Batch(data).each([&](const Record& r) {
      if (!flags[static_cast<size_t>(r.kind)]) return true;
      return add(list, Py_BuildValue("(KIinn)", static_cast<unsigned long long>(r.seq),
                                     r.command_no, r.kind, static_cast<Py_ssize_t>(r.begin),
                                     static_cast<Py_ssize_t>(r.end)));
    });
  });
}

PyObject* kinds(PyObject*, PyObject* raw) {
  std::string_view data;
  if (!bytes(raw, data)) return nullptr;
  std::array<uint8_t, 32> found{};
  bool fine = Batch(data).each([&](const Record& r) {
    found[static_cast<size_t>(r.kind) / 8] |= static_cast<uint8_t>(1u << (r.kind % 8));
    return true;
  });
  if (!fine) Py_RETURN_NONE;
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(found.data()), found.size());
}

struct Levels {
  PyObject_HEAD
  LevelTable* table;
};

LevelTable& table_of(PyObject* object) { return *reinterpret_cast<Levels*>(object)->table; }

PyObject* make_levels(PyTypeObject* type, PyObject*, PyObject*) {
  auto* self = reinterpret_cast<Levels*>(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  self->table = new (std::nothrow) LevelTable();
  if (self->table) return reinterpret_cast<PyObject*>(self);
  Py_DECREF(self);
  return PyErr_NoMemory();
}

void destroy_levels(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  delete reinterpret_cast<Levels*>(object)->table;
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* note_levels(PyObject* object, PyObject* raw) {
  std::string_view data;
  if (!bytes(raw, data)) return nullptr;
  LevelTable& table = table_of(object);
  Batch batch(data);
  bool fine = false;
  try {
    fine = batch.each([&](const Record& r) {
      if (r.kind != EventKind::LEVEL_CHANGED_) return true;
      LevelChanged e;
      if (!batch.read(r, e)) return false;
      table.put(e, batch.ts_ns(), r.seq);
      return true;
    });
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  return PyBool_FromLong(fine);
}

PyObject* take_levels(PyObject* object, PyObject*) {
  return listed([&](PyObject* list) {
    bool fine = true;
    table_of(object).take([&](const NotedLevel& level) {
      const LevelChanged& e = level.newest;
      fine = add(list, Py_BuildValue("(KKIiLLIO)", static_cast<unsigned long long>(level.ts_ns),
                                     static_cast<unsigned long long>(level.seq), e.instrument_id,
                                     static_cast<int>(e.side), static_cast<long long>(e.price),
                                     static_cast<long long>(e.qty),
                                     static_cast<unsigned int>(e.order_count),
                                     level.repeated ? Py_True : Py_False));
      return fine;
    });
    return fine;
  });
}

PyObject* count_levels(PyObject* object, PyObject*) {
  return PyLong_FromSize_t(table_of(object).size());
}

PyMethodDef level_methods[] = {
    {"note", note_levels, METH_O, "Note the levels of a batch; False if it is none."},
    {"take", take_levels, METH_NOARGS, "The levels that changed, by seq; forgets them."},
    {"count", count_levels, METH_NOARGS, "How many levels have changed."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot level_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(make_levels)},
    {Py_tp_dealloc, reinterpret_cast<void*>(destroy_levels)},
    {Py_tp_methods, level_methods},
    {Py_tp_doc, const_cast<char*>("The newest value of each level that changed.")},
    {0, nullptr},
};
PyType_Spec level_spec = {"exchange.model.native._scan.Levels", sizeof(Levels), 0,
                          Py_TPFLAGS_DEFAULT, level_slots};

struct Counts {
  unsigned long long accepted = 0, trades = 0, canceled = 0, filled = 0;
  long long traded_qty = 0;
  std::vector<uint32_t> rejected;
};

PyObject* tally(PyObject*, PyObject* raw) {
  std::string_view data;
  if (!bytes(raw, data)) return nullptr;
  Counts counts;
  Batch batch(data);
  bool fine = false;
  try {
    fine = batch.each([&](const Record& r) {
      if (r.kind == EventKind::ACCEPTED_) {
        ++counts.accepted;
      } else if (r.kind == EventKind::CANCELED_ || r.kind == EventKind::EXPIRED_) {
        ++counts.canceled;
      } else if (r.kind == EventKind::TRADE_) {
        Trade e;
        if (!batch.read(r, e)) return false;
        ++counts.trades;
        if (__builtin_add_overflow(counts.traded_qty, e.qty, &counts.traded_qty)) return false;
        counts.filled += (e.buy.leaves_qty == 0) + (e.sell.leaves_qty == 0);
      } else if (r.kind == EventKind::REJECTED_) {
        Rejected e;
        if (!batch.read(r, e)) return false;
        counts.rejected.push_back(e.reason);
      }
      return true;
    });
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  if (!fine) Py_RETURN_NONE;
  std::sort(counts.rejected.begin(), counts.rejected.end());
  Held rejected(PyList_New(0));
  if (!rejected) return nullptr;
  for (size_t i = 0, next; i < counts.rejected.size(); i = next) {
    for (next = i; next < counts.rejected.size() && counts.rejected[next] == counts.rejected[i];)
      ++next;
    if (!add(rejected.get(), Py_BuildValue("(In)", counts.rejected[i],
                                           static_cast<Py_ssize_t>(next - i))))
      return nullptr;
  }
  return Py_BuildValue("(KKLKKO)", counts.accepted, counts.trades, counts.traded_qty,
                       counts.canceled, counts.filled, rejected.get());
}

// Ids in the order in which they come, each once.
class Ids {
 public:
  void add(uint32_t id) {
    if (id == last_ && !ids_.empty()) return;
    last_ = id;
    if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
  }
  PyObject* list() const {
    Held list(PyList_New(0));
    if (!list) return nullptr;
    for (uint32_t id : ids_)
      if (!::add(list.get(), PyLong_FromUnsignedLong(id))) return nullptr;
    return list.release();
  }

 private:
  std::vector<uint32_t> ids_;
  uint32_t last_ = 0;
};

template <class T>
bool owner(const Batch& batch, const Record& r, Ids& members) {
  T e;
  if (!batch.read(r, e)) return false;
  members.add(e.order.member_id);
  return true;
}

template <class T>
bool owners(const Batch& batch, const Record& r, T& e, Ids& members) {
  if (!batch.read(r, e)) return false;
  members.add(e.buy.member_id);
  members.add(e.sell.member_id);
  return true;
}

// Notes the members whom an event concerns, and a trade. False: bytes that are not that event.
bool note_members(const Batch& batch, const Record& r, Ids& members, PyObject* trades) {
  switch (r.kind) {
    case EventKind::ACCEPTED_: return owner<Accepted>(batch, r, members);
    case EventKind::REJECTED_: return owner<Rejected>(batch, r, members);
    case EventKind::CANCELED_: return owner<Canceled>(batch, r, members);
    case EventKind::REPLACED_: return owner<Replaced>(batch, r, members);
    case EventKind::EXPIRED_: return owner<Expired>(batch, r, members);
    case EventKind::RESTATED_: return owner<Restated>(batch, r, members);
    case EventKind::TRIGGERED_: return owner<Triggered>(batch, r, members);
    case EventKind::TERMS_CHANGED_: return owner<TermsChanged>(batch, r, members);
    case EventKind::REPEATED_: return owner<Repeated>(batch, r, members);
    case EventKind::TRADE_: {
      Trade e;
      return owners(batch, r, e, members) &&
             add(trades, Py_BuildValue("(KIK)", static_cast<unsigned long long>(r.seq),
                                       e.instrument_id,
                                       static_cast<unsigned long long>(e.trade_id)));
    }
    case EventKind::TRADE_BUSTED_: {
      TradeBusted e;
      return owners(batch, r, e, members);
    }
    case EventKind::TRADE_CORRECTED_: {
      TradeCorrected e;
      return owners(batch, r, e, members);
    }
    case EventKind::CANCEL_REJECTED_: {
      CancelRejected e;
      if (!batch.read(r, e)) return false;
      members.add(e.member_id);
      return true;
    }
    case EventKind::MASS_CANCELED_: {
      MassCanceled e;
      if (!batch.read(r, e)) return false;
      members.add(e.member_id);
      return true;
    }
    default: return true;
  }
}

PyObject* concerned(PyObject*, PyObject* raw) {
  std::string_view data;
  if (!bytes(raw, data)) return nullptr;
  Held trades(PyList_New(0));
  if (!trades) return nullptr;
  Ids members;
  Batch batch(data);
  bool fine = false;
  try {
    fine = batch.each([&](const Record& r) {
      return note_members(batch, r, members, trades.get());
    });
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  if (PyErr_Occurred()) return nullptr;
  if (!fine) Py_RETURN_NONE;
  Held ids(members.list());
  return ids ? Py_BuildValue("(OO)", ids.get(), trades.get()) : nullptr;
}

// A whole number of any size, by way of its hexadecimal digits where 64 bits do not hold it.
PyObject* number(const Int256& value) {
  auto low = static_cast<int64_t>(value.w[0]);
  uint64_t rest = low < 0 ? ~0ull : 0;
  if (value.w[1] == rest && value.w[2] == rest && value.w[3] == rest)
    return PyLong_FromLongLong(low);
  bool negative = static_cast<int64_t>(value.w[3]) < 0;
  std::array<uint64_t, 4> size;
  uint64_t carry = negative ? 1 : 0;
  for (size_t i = 0; i < 4; ++i) {
    size[i] = (negative ? ~value.w[i] : value.w[i]) + carry;
    carry = carry && !size[i];
  }
  char digits[80];
  std::snprintf(digits, sizeof digits, "%s%016llx%016llx%016llx%016llx", negative ? "-" : "",
                static_cast<unsigned long long>(size[3]), static_cast<unsigned long long>(size[2]),
                static_cast<unsigned long long>(size[1]),
                static_cast<unsigned long long>(size[0]));
  return PyLong_FromString(digits, nullptr, 16);
}

bool add_trade(PyObject* list, const Batch& batch, const Record& r) {
  Trade e;
  return batch.read(r, e) &&
         add(list, Py_BuildValue("(KKILLIIII)", static_cast<unsigned long long>(r.seq),
                                 static_cast<unsigned long long>(e.trade_id), e.instrument_id,
                                 static_cast<long long>(e.price), static_cast<long long>(e.qty),
                                 e.buy.instrument_id, e.buy.account_id, e.sell.instrument_id,
                                 e.sell.account_id));
}

bool add_fees(PyObject* list, const Batch& batch, const Record& r) {
  TradeFees e;
  return batch.read(r, e) &&
         add(list, Py_BuildValue("(KKIINNs#)", static_cast<unsigned long long>(r.seq),
                                 static_cast<unsigned long long>(e.trade_id), e.buy_account_id,
                                 e.sell_account_id, number(e.buy_fee), number(e.sell_fee),
                                 e.currency.data(), static_cast<Py_ssize_t>(e.currency.size())));
}

PyObject* bookings(PyObject*, PyObject* raw) {
  std::string_view data;
  if (!bytes(raw, data)) return nullptr;
  Batch batch(data);
  return listed([&](PyObject* list) {
    return batch.each([&](const Record& r) {
      if (r.kind == EventKind::TRADE_) return add_trade(list, batch, r);
      if (r.kind == EventKind::TRADE_FEES_) return add_fees(list, batch, r);
      return true;
    });
  });
}

PyMethodDef methods[] = {
    {"kinds", kinds, METH_O, "The kinds of record that a batch holds, one bit a kind."},
    {"select", select, METH_VARARGS, "Where records of the wanted kinds stand."},
    {"concerned", concerned, METH_O, "Members whom a batch concerns, and its trades."},
    {"bookings", bookings, METH_O, "Trades and their fees, as the ledger books them."},
    {"tally", tally, METH_O, "Counts of order events."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_scan",
                          "What event batches hold.",
                          -1,
                          methods,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

#ifndef SOURCES_ID
#define SOURCES_ID ""
#endif

PyMODINIT_FUNC PyInit__scan() {
  PyObject* module = PyModule_Create(&definition);
  if (!module) return nullptr;
  Held type(PyType_FromSpec(&level_spec));
  if (!type || PyModule_AddStringConstant(module, "SOURCES_ID", SOURCES_ID) < 0 ||
      PyModule_AddObjectRef(module, "Levels", type.get()) < 0) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
