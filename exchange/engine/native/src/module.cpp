// The CPython module `_core`: the engine as one class that takes and gives bytes.
//
// The GIL is released around `apply`, `snapshot` and `restore`; the caller lets one thread in at a
// time, as the port says.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "arithmetic.hpp"
#include "capture_object.hpp"
#include "queries.hpp"

#ifndef SOURCES_ID
#define SOURCES_ID ""
#endif

namespace {

using lockstep::Engine;
using lockstep::Queries;

struct Object {
  PyObject_HEAD
  Engine* engine;
  lockstep::Out* rows;
};

PyObject* invariant_error = nullptr;
PyObject* snapshot_error = nullptr;

// Runs `work` without the GIL; a C++ exception becomes a Python one.
template <class Work>
bool guarded(Work&& work) {
  std::string what;
  PyObject* kind = nullptr;
  Py_BEGIN_ALLOW_THREADS
  try {
    work();
  } catch (const lockstep::Invariant& e) {
    kind = invariant_error;
    what = e.what();
  } catch (const lockstep::BadSnapshot& e) {
    kind = snapshot_error;
    what = e.what();
  } catch (const std::bad_alloc&) {
    kind = PyExc_MemoryError;
    what = "the engine is out of memory";
  } catch (const std::exception& e) {
    kind = invariant_error;
    what = e.what();
  }
  Py_END_ALLOW_THREADS
  if (!kind) return true;
  PyErr_SetString(kind, what.c_str());
  return false;
}

PyObject* bytes_of(std::string_view view) {
  return PyBytes_FromStringAndSize(view.data(), static_cast<Py_ssize_t>(view.size()));
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  auto* self = reinterpret_cast<Object*>(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  self->engine = nullptr;
  self->rows = nullptr;
  if (!guarded([&] {
        self->engine = new Engine();
        self->rows = new lockstep::Out();
      })) {
    Py_DECREF(self);
    return nullptr;
  }
  return reinterpret_cast<PyObject*>(self);
}

void destroy(PyObject* object) {
  auto* self = reinterpret_cast<Object*>(object);
  delete self->engine;
  delete self->rows;
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* apply(PyObject* object, PyObject* argument) {
  auto* self = reinterpret_cast<Object*>(object);
  Py_buffer entry;
  if (PyObject_GetBuffer(argument, &entry, PyBUF_SIMPLE)) return nullptr;
  std::string_view batch;
  bool fine = guarded([&] {
    batch = self->engine->apply(static_cast<const uint8_t*>(entry.buf),
                                static_cast<size_t>(entry.len));
  });
  PyBuffer_Release(&entry);
  return fine ? bytes_of(batch) : nullptr;
}

PyObject* snapshot(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<Object*>(object);
  std::string_view bytes;
  if (!guarded([&] { bytes = self->engine->snapshot(); })) return nullptr;
  // The copy is made without the GIL too: the state of a busy day has hundreds of megabytes.
  PyObject* made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(bytes.size()));
  if (!made) return nullptr;
  char* to = PyBytes_AS_STRING(made);
  Py_BEGIN_ALLOW_THREADS
  std::memcpy(to, bytes.data(), bytes.size());
  self->engine->forget_snapshot();
  Py_END_ALLOW_THREADS
  return made;
}

PyObject* begin_snapshot(PyObject* object, PyObject* least_orders) {
  auto* self = reinterpret_cast<Object*>(object);
  size_t least = PyLong_AsSize_t(least_orders);
  if (least == static_cast<size_t>(-1) && PyErr_Occurred()) return nullptr;
  if (self->engine->state().names->size() < least) Py_RETURN_NONE;
  return lockstep::begin_capture(self->engine->state());
}

PyObject* restore(PyObject* object, PyObject* argument) {
  auto* self = reinterpret_cast<Object*>(object);
  Py_buffer data;
  if (PyObject_GetBuffer(argument, &data, PyBUF_SIMPLE)) return nullptr;
  bool fine = guarded([&] {
    self->engine->restore(static_cast<const uint8_t*>(data.buf), static_cast<size_t>(data.len));
  });
  PyBuffer_Release(&data);
  if (!fine) return nullptr;
  Py_RETURN_NONE;
}

PyObject* digest(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<Object*>(object);
  uint8_t raw[16];
  if (!guarded([&] {
        std::string_view bytes = self->engine->snapshot();
        auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
        lockstep::xxh3::digest_bytes(lockstep::xxh3::hash128(data, bytes.size()), raw);
      }))
    return nullptr;
  return bytes_of({reinterpret_cast<char*>(raw), 16});
}

PyObject* events_digest(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<Object*>(object);
  return bytes_of({reinterpret_cast<char*>(self->engine->state().events_digest), 16});
}

PyObject* next_timer_ns(PyObject* object, PyObject*) {
  auto& timers = reinterpret_cast<Object*>(object)->engine->state().timers;
  if (timers.empty()) Py_RETURN_NONE;
  return PyLong_FromUnsignedLongLong(timers.begin()->ts_ns);
}

PyObject* counters(PyObject* object, PyObject*) {
  auto& state = reinterpret_cast<Object*>(object)->engine->state();
  auto& head = state.head;
  return Py_BuildValue("(KKKIK)", static_cast<unsigned long long>(head.applied_index),
                       static_cast<unsigned long long>(head.next_event_seq),
                       static_cast<unsigned long long>(head.now_ns),
                       static_cast<unsigned int>(head.trading_day),
                       static_cast<unsigned long long>(state.open_count));
}

PyObject* query(PyObject* object, PyObject* args) {
  auto* self = reinterpret_cast<Object*>(object);
  const char* what = nullptr;
  unsigned long long a = 0, b = 0, c = 0;
  long long d = 0;
  int live = 0;
  if (!PyArg_ParseTuple(args, "s|KKKLp", &what, &a, &b, &c, &d, &live)) return nullptr;
  std::string_view name(what);
  auto id = static_cast<uint32_t>(a > 0xFFFFFFFFull ? 0xFFFFFFFFull : a);
  auto id_2 = static_cast<uint32_t>(b > 0xFFFFFFFFull ? 0xFFFFFFFFull : b);
  bool known = true;
  if (!guarded([&] {
        Queries q(self->engine->state(), *self->rows);
        if (name == "instruments") q.instruments();
        else if (name == "members") q.members();
        else if (name == "accounts") q.accounts();
        else if (name == "trading_rules") q.trading_rules(id);
        else if (name == "auction") q.auction(id);
        else if (name == "dark") q.dark(id);
        else if (name == "schedule") q.schedule(id);
        else if (name == "day_ends") q.day_ends();
        else if (name == "kill_switches") q.kill_switches();
        else if (name == "sessions") q.sessions();
        else if (name == "order") q.order(a);
        else if (name == "orders") q.orders(id, id_2, c, d, live != 0);
        else if (name == "depth") q.depth(id, d);
        else if (name == "positions") q.positions(id);
        else if (name == "limits") q.limits(id);
        else if (name == "balances") q.balances(id);
        else if (name == "holdings") q.holdings(id);
        else if (name == "trade") q.trade(a);
        else if (name == "account_limits") q.all_account_limits();
        else if (name == "member_limits") q.all_member_limits();
        else if (name == "fees") q.fees();
        else if (name == "references") q.references();
        else if (name == "restrictions") q.restrictions();
        else if (name == "venue_cash") q.venue_cash();
        else known = false;
      }))
    return nullptr;
  if (!known) return PyErr_Format(PyExc_ValueError, "no query is named %s", what);
  return bytes_of({reinterpret_cast<char*>(self->rows->data()), self->rows->size()});
}

PyObject* order_by_name(PyObject* object, PyObject* args) {
  auto* self = reinterpret_cast<Object*>(object);
  unsigned int member_id = 0;
  const char* name = nullptr;
  Py_ssize_t size = 0;
  if (!PyArg_ParseTuple(args, "Is#", &member_id, &name, &size)) return nullptr;
  if (!guarded([&] {
        Queries(self->engine->state(), *self->rows)
            .order_by_name(member_id, {name, static_cast<size_t>(size)});
      }))
    return nullptr;
  return bytes_of({reinterpret_cast<char*>(self->rows->data()), self->rows->size()});
}

PyObject* day_trades(PyObject* object, PyObject* args) {
  auto* self = reinterpret_cast<Object*>(object);
  unsigned int account_id = 0;
  if (!PyArg_ParseTuple(args, "I", &account_id)) return nullptr;
  return PyLong_FromUnsignedLongLong(
      Queries(self->engine->state(), *self->rows).day_trades(account_id));
}

PyMethodDef methods[] = {
    {"apply", apply, METH_O, "Apply one entry; its event batch."},
    {"snapshot", snapshot, METH_NOARGS, "The whole state, canonically encoded."},
    {"begin_snapshot", begin_snapshot, METH_O,
     "Have a child process write the snapshot; None with fewer ids of orders than that."},
    {"restore", restore, METH_O, "Replace the whole state; SnapshotError if it is none."},
    {"digest", digest, METH_NOARGS, "xxh3_128 over the snapshot."},
    {"events_digest", events_digest, METH_NOARGS, "Running digest over all batches."},
    {"next_timer_ns", next_timer_ns, METH_NOARGS, "When the next timer falls due, or None."},
    {"counters", counters, METH_NOARGS, "applied_index, next_event_seq, now_ns, trading_day, open."},
    {"query", query, METH_VARARGS, "Rows of a view: each a u16 length and its bytes."},
    {"order_by_name", order_by_name, METH_VARARGS, "The row of the order that an id names."},
    {"day_trades", day_trades, METH_VARARGS, "Day trades of an account in the last five days."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(make)},
    {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("The native engine, begun at genesis.")},
    {0, nullptr},
};
PyType_Spec spec = {"exchange.engine.native._core.Core", sizeof(Object), 0, Py_TPFLAGS_DEFAULT,
                    slots};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_core",
                          "The native engine: entries in, event batches out.",
                          -1,
                          lockstep::arithmetic::functions,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__core() {
  PyObject* module = PyModule_Create(&definition);
  if (!module) return nullptr;
  PyObject* type = PyType_FromSpec(&spec);
  invariant_error = PyErr_NewException("exchange.engine.native._core.InvariantError", nullptr,
                                       nullptr);
  snapshot_error = PyErr_NewException("exchange.engine.native._core.SnapshotError", nullptr,
                                      nullptr);
  if (!type || !invariant_error || !snapshot_error ||
      PyModule_AddObject(module, "Core", type) < 0 ||
      PyModule_AddStringConstant(module, "SOURCES_ID", SOURCES_ID) < 0 ||
      PyModule_AddObject(module, "InvariantError", invariant_error) < 0 ||
      PyModule_AddObject(module, "SnapshotError", snapshot_error) < 0) {
    Py_DECREF(module);
    return nullptr;
  }
  Py_INCREF(invariant_error);
  Py_INCREF(snapshot_error);
  if (!lockstep::add_capture_type(module)) {
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}
