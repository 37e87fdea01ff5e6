/* sfu._native.intake: the receiving half of the native core (sfu/intake.py). What is done with a datagram is in intake_core.h; here are
 * the thread that reads the socket, the lock, and Python's side.
 *
 * One lock guards everything. The thread takes it for one datagram at a time and never takes the GIL; Python's calls hold the GIL
 * and wait for a datagram at most. Owners (Python objects) are touched by Python's calls alone.
 *
 * Longer than 500 lines: most of it turns Python's objects into plain memory and back, one type after the other; the work is in the
 * headers. */
#define PY_SSIZE_T_CLEAN
#define _GNU_SOURCE
#include <Python.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "intake_core.h"

enum { BATCH = 64, RECEIVE_BYTES = 2048, RING = 4096 };

/* After a batch the thread waits this long before it looks again: at ten thousand datagrams a second each waking would find one. */
#define PAUSE_NS 300000

typedef struct {
    struct mmsghdr heads[BATCH], answer_heads[BATCH];
    struct iovec vectors[BATCH], answer_vectors[BATCH];
    struct sockaddr_storage from[BATCH];
    uint8_t data[BATCH][RECEIVE_BYTES], answers[BATCH][ANSWER_MAX];
} batch_t;

typedef struct {
    PyObject_HEAD
    core_t core;
    pthread_mutex_t lock;
    pthread_t thread;
    batch_t *batch;
    atomic_int is_stopping;
    int socket, waiting, stopping; /* descriptors: the media socket, what take() empties, what ends the thread */
    int is_made, is_running, is_signalled;
} IntakeObject;

typedef struct {
    PyObject_HEAD
    IntakeObject *intake;
    peer_t *peer; /* NULL once released */
} LineObject;

static PyTypeObject *line_type;
static PyObject *srtp_error;

static double monotonic(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* ---- addresses ---------------------------------------------------------------------------------------------------------- */

static void address_of(const struct sockaddr_storage *name, address_t *address) {
    memset(address, 0, sizeof *address);
    if (name->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)name;
        address->bytes[0] = 4;
        memcpy(address->bytes + 1, &four->sin_port, 2);
        memcpy(address->bytes + 3, &four->sin_addr, 4);
        address->length = 7;
    } else {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)name;
        address->bytes[0] = 6;
        memcpy(address->bytes + 1, &six->sin6_port, 2);
        memcpy(address->bytes + 3, &six->sin6_addr, 16);
        address->length = 19;
    }
}

/* (host, port) as an address; of length 0 where the host is no IP address: a peer behind TCP. -1 with an exception set. */
static int read_address(PyObject *object, address_t *address) {
    const char *host;
    int port;
    memset(address, 0, sizeof *address);
    if (!PyTuple_Check(object) || !PyArg_ParseTuple(object, "si;an address is (host, port)", &host, &port)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "an address is (host, port)");
        return -1;
    }
    int is_six = strchr(host, ':') != NULL;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, host, address->bytes + 3) != 1) {
        memset(address, 0, sizeof *address);
        return 0;
    }
    address->bytes[0] = is_six ? 6 : 4;
    put16(address->bytes + 1, (uint32_t)port);
    address->length = is_six ? 19 : 7;
    return 0;
}

static PyObject *make_address(const address_t *address) {
    char host[INET6_ADDRSTRLEN];
    inet_ntop(address->bytes[0] == 4 ? AF_INET : AF_INET6, address->bytes + 3, host, sizeof host);
    return Py_BuildValue("(si)", host, (int)get16(address->bytes + 1));
}

/* ---- the thread --------------------------------------------------------------------------------------------------------- */

/* With the lock held: wakes the loop, once until it has taken everything. */
static void signal_waiting(IntakeObject *self) {
    if (!self->core.ring_count || self->is_signalled) return;
    uint64_t one = 1;
    self->is_signalled = write(self->waiting, &one, sizeof one) == sizeof one;
}

static void send_answers(IntakeObject *self, unsigned count) {
    uint64_t refused = 0;
    for (unsigned at = 0; at < count;) {
        int sent = sendmmsg(self->socket, self->batch->answer_heads + at, count - at, MSG_DONTWAIT);
        if (sent > 0) {
            at += (unsigned)sent;
        } else if (errno != EINTR) {
            /* No room, or nobody there: the peer asks again. */
            refused++;
            at++;
        }
    }
    if (refused) {
        pthread_mutex_lock(&self->lock);
        self->core.counters.answers_refused += refused;
        pthread_mutex_unlock(&self->lock);
    }
}

static void take_batch(IntakeObject *self, unsigned count) {
    batch_t *batch = self->batch;
    unsigned answers = 0;
    double now = monotonic();
    for (unsigned i = 0; i < count; i++) {
        address_t from;
        address_of(&batch->from[i], &from);
        pthread_mutex_lock(&self->lock);
        size_t size = core_take(&self->core, &from, batch->data[i], batch->heads[i].msg_len, now, batch->answers[answers]);
        pthread_mutex_unlock(&self->lock);
        if (size) {
            batch->answer_vectors[answers] = (struct iovec){batch->answers[answers], size};
            batch->answer_heads[answers].msg_hdr = (struct msghdr){
                .msg_name = &batch->from[i],
                .msg_namelen = batch->heads[i].msg_hdr.msg_namelen,
                .msg_iov = &batch->answer_vectors[answers],
                .msg_iovlen = 1,
            };
            answers++;
        }
    }
    pthread_mutex_lock(&self->lock);
    self->core.counters.batches++;
    signal_waiting(self);
    pthread_mutex_unlock(&self->lock);
    send_answers(self, answers);
}

static void note_error(IntakeObject *self) {
    int error;
    socklen_t size = sizeof error;
    getsockopt(self->socket, SOL_SOCKET, SO_ERROR, &error, &size);
    pthread_mutex_lock(&self->lock);
    self->core.counters.socket_errors++;
    pthread_mutex_unlock(&self->lock);
    nanosleep(&(struct timespec){0, 1000000}, NULL); /* never a busy loop, whatever is wrong */
}

static void *run(void *argument) {
    IntakeObject *self = argument;
    batch_t *batch = self->batch;
    struct pollfd polled[2] = {{.fd = self->socket, .events = POLLIN}, {.fd = self->stopping, .events = POLLIN}};
    while (!atomic_load(&self->is_stopping)) {
        for (unsigned i = 0; i < BATCH; i++) {
            batch->vectors[i] = (struct iovec){batch->data[i], RECEIVE_BYTES};
            batch->heads[i].msg_hdr = (struct msghdr){
                .msg_name = &batch->from[i],
                .msg_namelen = sizeof batch->from[i],
                .msg_iov = &batch->vectors[i],
                .msg_iovlen = 1,
            };
        }
        int count = recvmmsg(self->socket, batch->heads, BATCH, MSG_DONTWAIT, NULL);
        if (count > 0) {
            take_batch(self, (unsigned)count);
            if (count < BATCH) nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
        } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (poll(polled, 2, -1) < 0 && errno != EINTR) note_error(self);
        } else if (count < 0 && errno != EINTR) {
            note_error(self);
        }
    }
    return NULL;
}

/* ---- lines -------------------------------------------------------------------------------------------------------------- */

static PyObject *line_release(LineObject *self, PyObject *Py_UNUSED(none)) {
    if (self->peer) {
        PyObject *owner = self->peer->owner;
        pthread_mutex_lock(&self->intake->lock);
        core_release(&self->intake->core, self->peer);
        pthread_mutex_unlock(&self->intake->lock);
        self->peer = NULL;
        Py_XDECREF(owner);
    }
    Py_RETURN_NONE;
}

static void line_dealloc(LineObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    if (self->intake) {
        Py_XDECREF(line_release(self, NULL));
        Py_DECREF(self->intake);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *line_checked_at(LineObject *self, void *Py_UNUSED(closure)) {
    double at = -1.0 / 0.0;
    if (self->peer) {
        pthread_mutex_lock(&self->intake->lock);
        at = self->peer->checked_at;
        pthread_mutex_unlock(&self->intake->lock);
    }
    return PyFloat_FromDouble(at);
}

static PyObject *line_settle(LineObject *self, PyObject *arguments) {
    const char *local, *remote, *password;
    Py_ssize_t local_bytes, remote_bytes, password_bytes;
    PyObject *name;
    address_t address;
    if (!PyArg_ParseTuple(arguments, "s#s#s#O", &local, &local_bytes, &remote, &remote_bytes, &password, &password_bytes, &name) ||
        read_address(name, &address) < 0)
        return NULL;
    int is_settled = 0;
    if (self->peer) {
        pthread_mutex_lock(&self->intake->lock);
        is_settled = core_settle(&self->intake->core, self->peer, local, (size_t)local_bytes, remote, (size_t)remote_bytes, password,
                                 (size_t)password_bytes, &address);
        pthread_mutex_unlock(&self->intake->lock);
    }
    return PyBool_FromLong(is_settled);
}

static PyObject *line_unsettle(LineObject *self, PyObject *Py_UNUSED(none)) {
    if (self->peer) {
        pthread_mutex_lock(&self->intake->lock);
        core_unsettle(&self->intake->core, self->peer);
        pthread_mutex_unlock(&self->intake->lock);
    }
    Py_RETURN_NONE;
}

static PyObject *line_watch(LineObject *self, PyObject *is_watched) {
    int truth = PyObject_IsTrue(is_watched);
    if (truth < 0) return NULL;
    if (self->peer) {
        pthread_mutex_lock(&self->intake->lock);
        self->peer->is_watched = (uint8_t)truth;
        pthread_mutex_unlock(&self->intake->lock);
    }
    Py_RETURN_NONE;
}

static PyObject *line_unprotect_rtcp(LineObject *self, PyObject *object) {
    static const char *const reasons[][2] = {{"short", "packet too short"},
                                             {"long", "packet too long"},
                                             {"sources", "too many sources"},
                                             {"auth", "not authentic"},
                                             {"replay", "replayed, or older than the window"}};
    char *data;
    Py_ssize_t length;
    uint8_t plain[DATAGRAM_MAX];
    if (PyBytes_AsStringAndSize(object, &data, &length) < 0) return NULL;
    int opened = REFUSED_AUTH;
    if (self->peer && self->peer->has_srtcp) {
        pthread_mutex_lock(&self->intake->lock);
        opened = core_open(&self->intake->core, self->peer, (const uint8_t *)data, (size_t)length, plain);
        pthread_mutex_unlock(&self->intake->lock);
    }
    if (opened >= 0) return PyBytes_FromStringAndSize((const char *)plain, opened);
    PyObject *error = PyObject_CallFunction(srtp_error, "ss", reasons[-opened - 1][0], reasons[-opened - 1][1]);
    if (error) {
        PyErr_SetObject(srtp_error, error);
        Py_DECREF(error);
    }
    return NULL;
}

static PyMethodDef line_methods[] = {
    {"settle", (PyCFunction)line_settle, METH_VARARGS, "Answers this check from now on, and only this."},
    {"unsettle", (PyCFunction)line_unsettle, METH_NOARGS, "Leaves all checks to the engine."},
    {"watch", (PyCFunction)line_watch, METH_O, "Whether each report is worth telling."},
    {"unprotect_rtcp", (PyCFunction)line_unprotect_rtcp, METH_O, "Opens an SRTCP packet that came another way."},
    {"release", (PyCFunction)line_release, METH_NOARGS, "The peer is gone."},
    {NULL}};
static PyGetSetDef line_fields[] = {{"checked_at", (getter)line_checked_at, NULL, "When a check was last answered.", NULL}, {NULL}};
static PyType_Slot line_slots[] = {{Py_tp_dealloc, line_dealloc},
                                   {Py_tp_methods, line_methods},
                                   {Py_tp_getset, line_fields},
                                   {Py_tp_doc, "One connected peer in the intake."},
                                   {0, NULL}};
static PyType_Spec line_spec = {"sfu._native.intake.Line", sizeof(LineObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, line_slots};

/* ---- the intake --------------------------------------------------------------------------------------------------------- */

static PyObject *intake_close(IntakeObject *self, PyObject *Py_UNUSED(none)) {
    if (self->is_running) {
        uint64_t one = 1;
        atomic_store(&self->is_stopping, 1);
        if (write(self->stopping, &one, sizeof one) < 0) PyErr_SetFromErrno(PyExc_OSError);
        Py_BEGIN_ALLOW_THREADS
        pthread_join(self->thread, NULL);
        Py_END_ALLOW_THREADS
        self->is_running = 0;
    }
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static void intake_dealloc(IntakeObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    if (self->is_made) {
        Py_XDECREF(intake_close(self, NULL));
        core_free(&self->core);
        pthread_mutex_destroy(&self->lock);
        free(self->batch);
        if (self->waiting >= 0) close(self->waiting);
        if (self->stopping >= 0) close(self->stopping);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *intake_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    static char *names[] = {"socket", "ntp_offset_s", "ring", NULL};
    int socket;
    unsigned ring = RING;
    double ntp_offset_s;
    uint64_t seed;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "id|I", names, &socket, &ntp_offset_s, &ring)) return NULL;
    if (ring < 8 || ring > 1 << 20) return PyErr_Format(PyExc_ValueError, "a ring has 8 to 2^20 places, not %u", ring);
    IntakeObject *self = (IntakeObject *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->is_made = 1;
    self->socket = socket;
    pthread_mutex_init(&self->lock, NULL);
    self->waiting = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    self->stopping = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    self->batch = calloc(1, sizeof *self->batch);
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed || self->waiting < 0 || self->stopping < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    } else if (!self->batch || !core_init(&self->core, ring, ntp_offset_s, seed)) {
        PyErr_NoMemory();
    } else if (socket >= 0) {
        int failed = pthread_create(&self->thread, NULL, run, self);
        self->is_running = !failed;
        if (failed) PyErr_SetString(PyExc_OSError, "the intake's thread cannot be started");
    }
    if (PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *intake_expect(IntakeObject *self, PyObject *ufrag) {
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(ufrag, &length);
    if (!text) return NULL;
    if (!length || length > FRAGMENT_MAX) return PyErr_Format(PyExc_ValueError, "a fragment has 1 to %d bytes", FRAGMENT_MAX);
    pthread_mutex_lock(&self->lock);
    int is_set = table_set(&self->core.fragments, (const uint8_t *)text, (size_t)length, 0);
    pthread_mutex_unlock(&self->lock);
    if (!is_set) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *intake_forget(IntakeObject *self, PyObject *ufrag) {
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(ufrag, &length);
    if (!text) return NULL;
    pthread_mutex_lock(&self->lock);
    table_remove(&self->core.fragments, (const uint8_t *)text, (size_t)length);
    pthread_mutex_unlock(&self->lock);
    Py_RETURN_NONE;
}

static int copy_key(PyObject *keys, const char *name, uint8_t *out, Py_ssize_t length) {
    PyObject *value = PyObject_GetAttrString(keys, name);
    int is_right = value && PyBytes_Check(value) && PyBytes_GET_SIZE(value) == length;
    if (is_right)
        memcpy(out, PyBytes_AS_STRING(value), (size_t)length);
    else if (!PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s is not %zd bytes", name, length);
    Py_XDECREF(value);
    return is_right;
}

/* Keys of the suite and SSRCs of the legs; 0 with an exception set. */
static int read_srtcp(srtcp_t *srtcp, PyObject *suite, PyObject *keys, PyObject *pictures, PyObject *sounds) {
    uint8_t auth[20];
    PyObject *name = PyObject_GetAttrString(suite, "name");
    if (!name) return 0;
    srtcp->is_gcm = PyUnicode_CompareWithASCIIString(name, "AES_128_GCM") == 0;
    Py_DECREF(name);
    if (!copy_key(keys, "rtcp_key", srtcp->key, 16) ||
        !copy_key(keys, "rtcp_salt", srtcp->salt, srtcp->is_gcm ? GCM_SALT : CM_SALT))
        return 0;
    if (!srtcp->is_gcm) {
        if (!copy_key(keys, "rtcp_auth", auth, sizeof auth)) return 0;
        hmac_key(&srtcp->hmac, auth, sizeof auth);
        OPENSSL_cleanse(auth, sizeof auth);
    }
    for (int kind = 0; kind < 2; kind++) {
        PyObject *list = PySequence_Fast(kind ? sounds : pictures, "SSRCs come in a sequence");
        if (!list) return 0;
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list) && srtcp->leg_count < LEGS_MAX; i++)
            srtcp->legs[srtcp->leg_count++] = (uint32_t)PyLong_AsUnsignedLong(PySequence_Fast_GET_ITEM(list, i));
        Py_DECREF(list);
        if (!kind) srtcp->picture_count = srtcp->leg_count;
    }
    return !PyErr_Occurred();
}

static PyObject *intake_connect(IntakeObject *self, PyObject *arguments) {
    PyObject *owner, *suite, *keys, *pictures, *sounds;
    srtcp_t srtcp = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOO", &owner, &suite, &keys, &pictures, &sounds)) return NULL;
    if (suite != Py_None && !read_srtcp(&srtcp, suite, keys, pictures, sounds)) return NULL;
    LineObject *line = (LineObject *)line_type->tp_alloc(line_type, 0);
    if (!line) return NULL;
    Py_INCREF(self);
    line->intake = self;
    pthread_mutex_lock(&self->lock);
    line->peer = core_connect(&self->core);
    if (line->peer) {
        line->peer->has_srtcp = suite != Py_None;
        line->peer->srtcp = srtcp;
        line->peer->owner = Py_NewRef(owner);
    }
    pthread_mutex_unlock(&self->lock);
    OPENSSL_cleanse(&srtcp, sizeof srtcp);
    if (!line->peer) {
        Py_DECREF(line);
        return PyErr_NoMemory();
    }
    return (PyObject *)line;
}

static PyObject *intake_assign(IntakeObject *self, PyObject *arguments) {
    PyObject *name, *line;
    address_t address;
    if (!PyArg_ParseTuple(arguments, "OO", &name, &line) || read_address(name, &address) < 0) return NULL;
    if (line != Py_None && !Py_IS_TYPE(line, line_type)) return PyErr_Format(PyExc_TypeError, "a Line or None");
    peer_t *peer = line == Py_None ? NULL : ((LineObject *)line)->peer;
    int is_set = 1;
    pthread_mutex_lock(&self->lock);
    if (address.length) is_set = table_set(&self->core.addresses, address.bytes, address.length, peer ? peer->id : 0);
    pthread_mutex_unlock(&self->lock);
    if (!is_set) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *intake_unassign(IntakeObject *self, PyObject *name) {
    address_t address;
    if (read_address(name, &address) < 0) return NULL;
    pthread_mutex_lock(&self->lock);
    table_remove(&self->core.addresses, address.bytes, address.length);
    pthread_mutex_unlock(&self->lock);
    Py_RETURN_NONE;
}

static PyObject *intake_fileno(IntakeObject *self, PyObject *Py_UNUSED(none)) { return PyLong_FromLong(self->waiting); }

/* The owner of an item stays while Python's side runs; the items between two takes are not written to. */
static PyObject *make_item(IntakeObject *self, const item_t *item) {
    PyObject *source;
    if (item->kind == OPENED) {
        peer_t *peer = core_peer(&self->core, item->peer);
        source = Py_NewRef(peer ? (PyObject *)peer->owner : Py_None);
    } else {
        source = make_address(&item->from);
    }
    return source ? Py_BuildValue("(y#N)", (const char *)item->data, (Py_ssize_t)item->length, source) : NULL;
}

static PyObject *intake_take(IntakeObject *self, PyObject *argument) {
    long most = PyLong_AsLong(argument);
    if (most < 0) return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "not less than none");
    core_t *core = &self->core;
    pthread_mutex_lock(&self->lock);
    uint32_t count = (unsigned long)most < core->ring_count ? (uint32_t)most : core->ring_count, first = core->ring_at;
    pthread_mutex_unlock(&self->lock);
    PyObject *items = PyList_New(count);
    for (uint32_t i = 0; items && i < count; i++) {
        PyObject *item = make_item(self, &core->ring[(first + i) % core->ring_size]);
        if (item)
            PyList_SET_ITEM(items, i, item);
        else
            Py_CLEAR(items);
    }
    pthread_mutex_lock(&self->lock);
    core->ring_at = (first + count) % core->ring_size;
    core->ring_count -= count;
    core->in_flight = count;
    if (!core->ring_count && self->is_signalled) {
        uint64_t value;
        self->is_signalled = read(self->waiting, &value, sizeof value) != sizeof value;
    }
    pthread_mutex_unlock(&self->lock);
    return items;
}

static PyObject *number(int is_there, float value) { return is_there ? PyFloat_FromDouble(value) : Py_NewRef(Py_None); }

static PyObject *losses(const losses_t *of) {
    return of->is_there ? Py_BuildValue("(dd)", (double)of->lost, (double)of->expected) : Py_NewRef(Py_None);
}

static PyObject *intake_reports(IntakeObject *self, PyObject *Py_UNUSED(none)) {
    core_t *core = &self->core;
    PyObject *reports = PyList_New(0);
    for (;;) {
        quality_t quality = {0};
        PyObject *owner = NULL;
        pthread_mutex_lock(&self->lock);
        while (core->news_count && !owner) {
            peer_t *peer = core_peer(core, core->news[--core->news_count]);
            if (!peer) continue;
            peer->is_in_news = 0;
            quality = peer->quality;
            forget_losses(&peer->quality);
            owner = peer->owner;
        }
        pthread_mutex_unlock(&self->lock);
        if (!owner || !reports) return reports;
        PyObject *report = Py_BuildValue("(ONNN)", owner, losses(&quality.picture), losses(&quality.sound),
                                         number(quality.has_rtt, quality.rtt_ms));
        if (!report || PyList_Append(reports, report) < 0) Py_CLEAR(reports);
        Py_XDECREF(report);
    }
}

static PyObject *intake_counters(IntakeObject *self, PyObject *Py_UNUSED(none)) {
    pthread_mutex_lock(&self->lock);
    counters_t counters = self->core.counters;
    pthread_mutex_unlock(&self->lock);
    PyObject *result = PyDict_New();
#define X(field, name)                                                                                                              \
    if (result) {                                                                                                                   \
        PyObject *value = PyLong_FromUnsignedLongLong(counters.field);                                                              \
        if (!value || PyDict_SetItemString(result, name, value) < 0) Py_CLEAR(result);                                              \
        Py_XDECREF(value);                                                                                                          \
    }
    COUNTERS(X)
#undef X
    return result;
}

static PyObject *intake_feed(IntakeObject *self, PyObject *arguments) {
    const char *data;
    Py_ssize_t length;
    PyObject *name;
    double now;
    address_t from;
    uint8_t answer[ANSWER_MAX];
    if (!PyArg_ParseTuple(arguments, "y#Od", &data, &length, &name, &now) || read_address(name, &from) < 0) return NULL;
    /* A copy of just its size, so that a sanitizer sees a step beyond it. */
    uint8_t *copy = malloc(length ? (size_t)length : 1);
    if (!copy) return PyErr_NoMemory();
    memcpy(copy, data, (size_t)length);
    pthread_mutex_lock(&self->lock);
    size_t size = core_take(&self->core, &from, copy, (size_t)length, now, answer);
    signal_waiting(self);
    pthread_mutex_unlock(&self->lock);
    free(copy);
    return PyBytes_FromStringAndSize((const char *)answer, (Py_ssize_t)size);
}

static PyMethodDef intake_methods[] = {
    {"expect", (PyCFunction)intake_expect, METH_O, "Lets checks for this local fragment through."},
    {"forget", (PyCFunction)intake_forget, METH_O, "The opposite of expect."},
    {"connect", (PyCFunction)intake_connect, METH_VARARGS, "A peer whose handshake is done, as a Line."},
    {"assign", (PyCFunction)intake_assign, METH_VARARGS, "An address belongs to a peer."},
    {"unassign", (PyCFunction)intake_unassign, METH_O, "The opposite of assign."},
    {"fileno", (PyCFunction)intake_fileno, METH_NOARGS, "Readable while something waits."},
    {"take", (PyCFunction)intake_take, METH_O, "What waits, in its order."},
    {"reports", (PyCFunction)intake_reports, METH_NOARGS, "Line qualities worth telling."},
    {"counters", (PyCFunction)intake_counters, METH_NOARGS, "What was done and dropped so far."},
    {"feed", (PyCFunction)intake_feed, METH_VARARGS, "Takes one datagram as if it had come from the socket; its answer."},
    {"close", (PyCFunction)intake_close, METH_NOARGS, "Ends the thread."},
    {NULL}};
static PyType_Slot intake_slots[] = {{Py_tp_new, intake_new},
                                     {Py_tp_dealloc, intake_dealloc},
                                     {Py_tp_methods, intake_methods},
                                     {Py_tp_doc, "Intake(socket, ntp_offset_s, ring=4096): see sfu.intake; without a thread for -1."},
                                     {0, NULL}};
static PyType_Spec intake_spec = {"sfu._native.intake.Intake", sizeof(IntakeObject), 0, Py_TPFLAGS_DEFAULT, intake_slots};

static PyModuleDef module = {PyModuleDef_HEAD_INIT, "sfu._native.intake", "Receiving beside the engine; see sfu.intake.", -1, NULL};

PyMODINIT_FUNC PyInit_intake(void) {
    crc_init();
    PyObject *made = PyModule_Create(&module);
    PyObject *srtp = PyImport_ImportModule("sfu.srtp");
    srtp_error = srtp ? PyObject_GetAttrString(srtp, "SrtpError") : NULL;
    Py_XDECREF(srtp);
    line_type = (PyTypeObject *)PyType_FromSpec(&line_spec);
    PyObject *intake_type = PyType_FromSpec(&intake_spec);
    if (!made || !srtp_error || !line_type || !intake_type || PyModule_AddObjectRef(made, "Line", (PyObject *)line_type) < 0 ||
        PyModule_AddObjectRef(made, "Intake", intake_type) < 0)
        Py_CLEAR(made);
    Py_XDECREF(intake_type);
    return made;
}
