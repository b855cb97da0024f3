// The CPython types `Capture`, a snapshot that a child process is writing, and `SnapshotBytes`, what
// came of it: read in place, never copied into Python's memory.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "capture.hpp"

namespace lockstep {

struct CaptureObject {
  PyObject_HEAD
  Capture* capture;
};

struct BytesObject {
  PyObject_HEAD
  MappedFile* file;
};

inline PyObject* capture_error = nullptr;
inline PyTypeObject* capture_type = nullptr;
inline PyTypeObject* bytes_type = nullptr;

inline int bytes_view(PyObject* object, Py_buffer* view, int flags) {
  MappedFile* file = reinterpret_cast<BytesObject*>(object)->file;
  return PyBuffer_FillInfo(view, object, const_cast<uint8_t*>(file->data()),
                           static_cast<Py_ssize_t>(file->size()), 1, flags);
}

inline void bytes_destroy(PyObject* object) {
  MappedFile* file = reinterpret_cast<BytesObject*>(object)->file;
  Py_BEGIN_ALLOW_THREADS
  delete file;
  Py_END_ALLOW_THREADS
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

inline Capture& capture_of(PyObject* object) {
  return *reinterpret_cast<CaptureObject*>(object)->capture;
}

// Without the GIL: a fork takes milliseconds, in the size of the process.
inline PyObject* begin_capture(State& state) {
  auto* self = reinterpret_cast<CaptureObject*>(capture_type->tp_alloc(capture_type, 0));
  if (!self) return nullptr;
  std::string refused;
  Py_BEGIN_ALLOW_THREADS
  try {
    self->capture = new Capture(state);
  } catch (const std::exception& e) {
    refused = e.what();
  }
  Py_END_ALLOW_THREADS
  if (self->capture) return reinterpret_cast<PyObject*>(self);
  PyErr_SetString(capture_error, refused.c_str());
  Py_DECREF(self);
  return nullptr;
}

inline void capture_destroy(PyObject* object) {
  Capture* capture = reinterpret_cast<CaptureObject*>(object)->capture;
  Py_BEGIN_ALLOW_THREADS
  delete capture;
  Py_END_ALLOW_THREADS
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

inline PyObject* capture_wait(PyObject* object, PyObject*) {
  auto* found = reinterpret_cast<BytesObject*>(bytes_type->tp_alloc(bytes_type, 0));
  if (!found) return nullptr;
  std::string lost;
  Py_BEGIN_ALLOW_THREADS
  try {
    found->file = capture_of(object).wait().release();
  } catch (const std::exception& e) {
    lost = e.what();
  }
  Py_END_ALLOW_THREADS
  PyObject* view = nullptr;
  if (found->file)
    view = PyMemoryView_FromObject(reinterpret_cast<PyObject*>(found));
  else
    PyErr_SetString(capture_error, lost.c_str());
  Py_DECREF(found);
  return view;
}

inline PyObject* capture_abandon(PyObject* object, PyObject*) {
  capture_of(object).abandon();
  Py_RETURN_NONE;
}

inline PyObject* capture_child(PyObject* object, void*) {
  return PyLong_FromLong(capture_of(object).child());
}

inline bool add_capture_type(PyObject* module) {
  static PyMethodDef methods[] = {
      {"wait", capture_wait, METH_NOARGS, "A view of its bytes; once."},
      {"abandon", capture_abandon, METH_NOARGS, "End the child process."},
      {nullptr, nullptr, 0, nullptr},
  };
  static PyGetSetDef fields[] = {
      {"pid", capture_child, nullptr, "Process id of the child.", nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr},
  };
  static PyType_Slot slots[] = {
      {Py_tp_dealloc, reinterpret_cast<void*>(capture_destroy)},
      {Py_tp_methods, methods},
      {Py_tp_getset, fields},
      {Py_tp_doc, const_cast<char*>("A snapshot that a child process is writing.")},
      {0, nullptr},
  };
  static PyType_Spec spec = {"exchange.engine.native._core.Capture", sizeof(CaptureObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  static PyType_Slot bytes_slots[] = {
      {Py_tp_dealloc, reinterpret_cast<void*>(bytes_destroy)},
      {Py_bf_getbuffer, reinterpret_cast<void*>(bytes_view)},
      {Py_tp_doc, const_cast<char*>("The bytes of a snapshot, read in place.")},
      {0, nullptr},
  };
  static PyType_Spec bytes_spec = {"exchange.engine.native._core.SnapshotBytes",
                                   sizeof(BytesObject), 0,
                                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                   bytes_slots};
  PyObject* type = PyType_FromSpec(&spec);
  bytes_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&bytes_spec));
  capture_error =
      PyErr_NewException("exchange.engine.native._core.CaptureError", nullptr, nullptr);
  if (!type || !bytes_type || !capture_error) return false;
  capture_type = reinterpret_cast<PyTypeObject*>(type);
  Py_INCREF(capture_error);
  if (PyModule_AddObject(module, "CaptureError", capture_error) < 0) return false;
  Py_INCREF(type);
  return PyModule_AddObject(module, "Capture", type) == 0;
}

}  // namespace lockstep
