// The CPython module `_codec`: messages of order sessions in, command records out; event batches in,
// answers out. The GIL is kept: a call takes microseconds.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <array>
#include <utility>

#include "answers.hpp"
#include "requests.hpp"

namespace {

using namespace lockstep;

// The newest batches that were looked at: the sessions that share an entry share its index.
struct Slot {
  PyObject* raw = nullptr;
  BatchIndex index;
};

struct State {
  Names names;
  ReasonTexts texts;
  Out body;
  Out results;
  Request request;
  std::array<Slot, 4> slots;
  size_t next_slot = 0;
};

struct Object {
  PyObject_HEAD
  State* state;
};

State& state_of(PyObject* object) { return *reinterpret_cast<Object*>(object)->state; }

// Runs `work`; no C++ exception gets out.
template <class Work>
bool guarded(Work&& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  }
  return false;
}

// A reference that is given up at the end of its scope.
class Held {
 public:
  explicit Held(PyObject* object) : object_(object) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { Py_XDECREF(object_); }
  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_;
};

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (view_.obj) PyBuffer_Release(&view_);
  }
  bool open(PyObject* from) { return PyObject_GetBuffer(from, &view_, PyBUF_SIMPLE) == 0; }
  std::string_view bytes() const {
    return {static_cast<const char*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

PyObject* bytes_of(std::string_view view) {
  return PyBytes_FromStringAndSize(view.data(), static_cast<Py_ssize_t>(view.size()));
}

std::string_view view_of(Out& out, size_t from, size_t to) {
  return {reinterpret_cast<const char*>(out.data()) + from, to - from};
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  auto* self = reinterpret_cast<Object*>(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  self->state = nullptr;
  if (!guarded([&] { self->state = new State(); })) {
    Py_DECREF(self);
    return nullptr;
  }
  return reinterpret_cast<PyObject*>(self);
}

void destroy(PyObject* object) {
  auto* self = reinterpret_cast<Object*>(object);
  if (self->state)
    for (Slot& slot : self->state->slots) Py_XDECREF(slot.raw);
  delete self->state;
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

bool utf8(PyObject* text, std::string_view& to) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text, &size);
  if (!data) return false;
  to = {data, static_cast<size_t>(size)};
  return true;
}

PyObject* reason(PyObject* object, PyObject* args) {
  unsigned int number = 0;
  const char* text = nullptr;
  Py_ssize_t size = 0;
  if (!PyArg_ParseTuple(args, "Is#", &number, &text, &size)) return nullptr;
  if (!guarded([&] { state_of(object).texts.set(number, {text, static_cast<size_t>(size)}); }))
    return nullptr;
  Py_RETURN_NONE;
}

PyObject* instrument(PyObject* object, PyObject* args) {
  unsigned int id = 0;
  const char* symbol = nullptr;
  Py_ssize_t size = 0;
  if (!PyArg_ParseTuple(args, "Is#", &id, &symbol, &size)) return nullptr;
  if (!guarded([&] {
        state_of(object).names.instrument(id, {symbol, static_cast<size_t>(size)});
      }))
    return nullptr;
  Py_RETURN_NONE;
}

PyObject* account(PyObject* object, PyObject* args) {
  unsigned int id = 0, member_id = 0;
  const char* name = nullptr;
  Py_ssize_t size = 0;
  if (!PyArg_ParseTuple(args, "IIs#", &id, &member_id, &name, &size)) return nullptr;
  if (!guarded([&] {
        state_of(object).names.account(id, member_id, {name, static_cast<size_t>(size)});
      }))
    return nullptr;
  Py_RETURN_NONE;
}

PyObject* odd_commands(const std::vector<Odd>& odd) {
  Held list(PyList_New(0));
  if (!list) return nullptr;
  for (const Odd& one : odd) {
    Held row(Py_BuildValue("(Iy#)", one.position, one.bytes.data(),
                           static_cast<Py_ssize_t>(one.bytes.size())));
    if (!row || PyList_Append(list.get(), row.get()) < 0) return nullptr;
  }
  return list.release();
}

PyObject* positions(const std::vector<uint32_t>& numbers) {
  Held set(PyFrozenSet_New(nullptr));
  if (!set || numbers.empty()) return set.release();
  Held list(PyList_New(0));
  if (!list) return nullptr;
  for (uint32_t number : numbers) {
    Held item(PyLong_FromUnsignedLong(number));
    if (!item || PyList_Append(list.get(), item.get()) < 0) return nullptr;
  }
  return PyFrozenSet_New(list.get());
}

PyObject* decode(PyObject* object, PyObject* args) {
  PyObject* raw = nullptr;
  unsigned int member_id = 0, session_id = 0;
  if (!PyArg_ParseTuple(args, "OII", &raw, &member_id, &session_id)) return nullptr;
  Buffer buffer;
  if (!buffer.open(raw)) return nullptr;
  State& state = state_of(object);
  Request& request = state.request;
  bool taken = false;
  if (!guarded([&] {
        request.has_logon = request.cancel_on_disconnect = false;
        request.record_count = 0;
        request.request_nos.clear();
        request.odd.clear();
        request.mass_cancels.clear();
        state.body.clear();
        RequestReader reader(state.names, member_id, session_id, state.body);
        taken = reader.read(buffer.bytes(), request);
      }))
    return nullptr;
  if (!taken) Py_RETURN_NONE;
  PyObject* logon = !request.has_logon              ? Py_None
                    : request.cancel_on_disconnect ? Py_True
                                                   : Py_False;
  const auto& numbers = request.request_nos;
  Held nos(bytes_of({reinterpret_cast<const char*>(numbers.data()), numbers.size() * 8}));
  Held body(bytes_of(view_of(state.body, 0, state.body.size())));
  Held odd(odd_commands(request.odd));
  Held mass(positions(request.mass_cancels));
  if (!nos || !body || !odd || !mass) return nullptr;
  return Py_BuildValue("(OOOIOO)", logon, nos.get(), body.get(), request.record_count, odd.get(),
                       mass.get());
}

// The index of a batch; null without an error where the batch is not one for this codec.
const BatchIndex* index_of(State& state, PyObject* raw) {
  for (Slot& slot : state.slots)
    if (slot.raw == raw) return &slot.index;
  Slot& slot = state.slots[state.next_slot];
  state.next_slot = (state.next_slot + 1) % state.slots.size();
  Py_CLEAR(slot.raw);
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(raw, &data, &size) < 0) return nullptr;
  if (!slot.index.build({data, static_cast<size_t>(size)})) return nullptr;
  slot.raw = Py_NewRef(raw);
  return &slot.index;
}

bool take_faults(PyObject* refused, std::vector<Fault>& to) {
  Py_ssize_t count = PyList_Size(refused);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* row = PyList_GET_ITEM(refused, i);
    PyObject *reason_text = nullptr, *message = nullptr, *field = nullptr;
    Fault fault;
    if (!PyArg_ParseTuple(row, "IUUUI", &fault.position, &reason_text, &message, &field,
                          &fault.retry_after_ms) ||
        !utf8(reason_text, fault.reason) || !utf8(message, fault.message) ||
        !utf8(field, fault.field))
      return false;
    to.push_back(fault);
  }
  return !PyErr_Occurred();
}

bool take_positions(PyObject* set, std::vector<uint32_t>& to) {
  Held iterator(PyObject_GetIter(set));
  if (!iterator) return false;
  while (PyObject* raw = PyIter_Next(iterator.get())) {
    Held item(raw);
    to.push_back(static_cast<uint32_t>(PyLong_AsUnsignedLong(item.get())));
  }
  std::sort(to.begin(), to.end());
  return !PyErr_Occurred();
}

PyObject* parts(Out& out, const std::vector<size_t>& ends) {
  Held list(PyList_New(static_cast<Py_ssize_t>(ends.size())));
  if (!list) return nullptr;
  size_t from = 0;
  for (size_t i = 0; i < ends.size(); from = ends[i++]) {
    PyObject* part = bytes_of(view_of(out, from, ends[i]));
    if (!part) return nullptr;
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), part);
  }
  return list.release();
}

PyObject* encode(PyObject* object, PyObject* args) {
  PyObject *request_nos = nullptr, *refused = nullptr, *mass = nullptr, *raw = nullptr;
  unsigned int member_id = 0;
  unsigned long long bytes_max = 0;
  Answer answer;
  if (!PyArg_ParseTuple(args, "OO!OOIIK", &request_nos, &PyList_Type, &refused, &mass, &raw,
                        &answer.first_command_no, &member_id, &bytes_max))
    return nullptr;
  State& state = state_of(object);
  Buffer numbers;
  std::vector<uint64_t> copied;  // a buffer of bytes need not be aligned
  std::vector<size_t> ends;
  bool told = true, fine = true;
  if (!numbers.open(request_nos)) return nullptr;
  if (!guarded([&] {
        copied.resize(numbers.bytes().size() / 8);
        if (!copied.empty())
          std::memcpy(copied.data(), numbers.bytes().data(), copied.size() * 8);
        answer.request_nos = copied.data();
        answer.count = copied.size();
        answer.part_bytes = bytes_max;
        fine = take_faults(refused, answer.faults) && take_positions(mass, answer.mass_cancels);
        if (!fine) return;
        ReportWriter reports(state.names, state.texts, member_id, state.results);
        if (raw != Py_None) {
          answer.batch = index_of(state, raw);
          if (!answer.batch) {
            told = false;
            return;
          }
          reports.stand_at(answer.batch->log_index, answer.batch->ts_ns);
        }
        state.results.clear();
        told = write_answer(answer, reports, state.results, ends);
      }))
    return nullptr;
  if (!fine || PyErr_Occurred()) return nullptr;
  if (!told) Py_RETURN_NONE;
  return parts(state.results, ends);
}

PyMethodDef methods[] = {
    {"reason", reason, METH_VARARGS, "The sentence for a reject reason: number, text."},
    {"instrument", instrument, METH_VARARGS, "A name: instrument_id, symbol."},
    {"account", account, METH_VARARGS, "A name: account_id, member_id, name."},
    {"decode", decode, METH_VARARGS, "A message as fields, or None if it is not for this codec."},
    {"encode", encode, METH_VARARGS, "Parts of an answer, or None if it is not for this codec."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("The native codec, without names.")},
    {0, nullptr},
};
PyType_Spec spec = {"exchange.gateway.native._codec.Codec", sizeof(Object), 0, Py_TPFLAGS_DEFAULT,
                    slots};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_codec",
                          "The native codec of the order session.",
                          -1,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

#ifndef SOURCES_ID
#define SOURCES_ID ""
#endif

PyMODINIT_FUNC PyInit__codec() {
  PyObject* module = PyModule_Create(&definition);
  if (!module) return nullptr;
  PyObject* type = PyType_FromSpec(&spec);
  if (!type || PyModule_AddStringConstant(module, "SOURCES_ID", SOURCES_ID) < 0 ||
      PyModule_AddObject(module, "Codec", type) < 0) {
    Py_XDECREF(type);
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
