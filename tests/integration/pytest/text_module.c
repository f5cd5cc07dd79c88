// SPDX-License-Identifier: MIT
// text.Text for Python.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "text.h"

struct text_object {
    PyObject_HEAD struct text text;
};

static PyObject *text_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    struct text_object *self = (struct text_object *)type->tp_alloc(type, 0);
    (void)args;
    (void)keywords;
    if (self && !text_init(&self->text)) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

static void text_dealloc(PyObject *self) {
    text_done(&((struct text_object *)self)->text);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *add(PyObject *self, PyObject *line) {
    const char *bytes = PyUnicode_AsUTF8(line);
    return bytes ? PyBool_FromLong(text_add(&((struct text_object *)self)->text, bytes)) : NULL;
}

static PyMethodDef methods[] = {{"add", add, METH_O, "Adds a line."}, {NULL, NULL, 0, NULL}};

static PyTypeObject type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "text.Text",
    .tp_basicsize = sizeof(struct text_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = text_new,
    .tp_dealloc = text_dealloc,
    .tp_methods = methods,
};

static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "text", .m_size = -1};

PyMODINIT_FUNC PyInit_text(void) {
    PyObject *self = PyModule_Create(&module);
    if (self && PyModule_AddType(self, &type) < 0) {
        Py_CLEAR(self);
    }
    return self;
}
