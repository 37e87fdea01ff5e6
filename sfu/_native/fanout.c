/* sfu._native.fanout: the fan-out in C, for sfu.native_fanout. What it does is in pool.h; here it is given Python's objects.
 *
 * A Cipher is one viewer's keys, a Handle one leg, an Audience the legs of a frame as they are now, a Fanout the threads. Everything
 * that a thread touches is plain memory with counted references (cast.h); an object of Python's only holds one of them.
 *
 * Longer than 500 lines: all of it turns Python's objects into plain memory and back, one type after the other; the work is in the
 * headers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <arpa/inet.h>
#include <netdb.h>

#include "pool.h"

typedef struct {
    PyObject_HEAD
    PyObject *weak_references;
    cipher_t *cipher;
    uint64_t pool_id; /* of the fan-out it was made for */
} CipherObject;

typedef struct {
    PyObject_HEAD
    leg_t *leg;
    PyObject *cipher; /* kept, so that the viewer's other legs find it */
    uint64_t pool_id; /* of the fan-out it was made for */
    bool is_six, is_closed;
    int64_t sequence_delta;
    uint32_t timestamp_delta;
    PyObject *profile;
} HandleObject;

typedef struct {
    PyObject_HEAD
    audience_t *audience;
    PyObject *profiles;
} AudienceObject;

typedef struct {
    PyObject_HEAD
    pool_t *pool;
    PyObject *outlet; /* NULL: a socket */
    bool is_six;
} FanoutObject;

static PyTypeObject *cipher_type, *handle_type, *audience_type;
static PyObject *name_handle, *name_bodies, *name_flags, *name_marker_and_payload_type, *name_extension_block, *name_payload,
    *name_index, *name_timestamp;

static void free_object(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- ciphers ------------------------------------------------------------------------------------------------------------ */

static void cipher_dealloc(CipherObject *self) {
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    if (self->cipher) cipher_release(self->cipher);
    free_object((PyObject *)self);
}

static PyObject *cipher_worker(CipherObject *self, void *closure) {
    (void)closure;
    return PyLong_FromUnsignedLong(self->cipher->worker);
}

static PyMemberDef cipher_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(CipherObject, weak_references), READONLY, NULL},
    {NULL},
};
static PyGetSetDef cipher_getset[] = {{"worker", (getter)cipher_worker, NULL, "The thread that seals with it.", NULL}, {NULL}};
static PyType_Slot cipher_slots[] = {
    {Py_tp_dealloc, cipher_dealloc}, {Py_tp_members, cipher_members}, {Py_tp_getset, cipher_getset}, {0, NULL}};
static PyType_Spec cipher_spec = {"sfu._native.fanout.Cipher", sizeof(CipherObject), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, cipher_slots};

/* ---- legs --------------------------------------------------------------------------------------------------------------- */

static void handle_dealloc(HandleObject *self) {
    if (self->leg) {
        address_t nowhere = {0};
        leg_write_address(self->leg, &nowhere);
        leg_release(self->leg);
    }
    Py_XDECREF(self->profile);
    Py_XDECREF(self->cipher);
    free_object((PyObject *)self);
}

/* The address of a datagram from text and port; -1 with an exception set. A socket of IPv6 reaches IPv4 by mapped addresses. */
static int parse_address(PyObject *pair, bool is_six, address_t *address) {
    const char *text;
    int port;
    memset(address, 0, sizeof *address);
    if (pair == Py_None) return 0;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "an address is a tuple of host and port, or None");
        return -1;
    }
    if (!PyArg_ParseTuple(pair, "si", &text, &port)) return -1;
    struct in_addr four;
    if (inet_pton(AF_INET, text, &four) == 1) {
        if (!is_six) {
            address->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = four};
            address->bytes[sizeof address->bytes - 1] = sizeof address->v4;
            return 0;
        }
        address->v6.sin6_addr.s6_addr[10] = address->v6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(&address->v6.sin6_addr.s6_addr[12], &four, sizeof four);
    } else if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) != 1) {
        struct addrinfo hints = {.ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *found;
        if (getaddrinfo(text, NULL, &hints, &found) != 0) { /* a link-local address has its interface behind a % */
            PyErr_Format(PyExc_ValueError, "%s is no IP address", text);
            return -1;
        }
        memcpy(&address->v6, found->ai_addr, sizeof address->v6);
        freeaddrinfo(found);
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons((uint16_t)port);
    address->bytes[sizeof address->bytes - 1] = sizeof address->v6;
    return 0;
}

static PyObject *handle_route(HandleObject *self, PyObject *args) {
    PyObject *sequence, *timestamp, *profile;
    if (!PyArg_ParseTuple(args, "OOO", &sequence, &timestamp, &profile)) return NULL;
    long long sequence_delta = PyLong_AsLongLong(sequence);
    unsigned long timestamp_delta = PyLong_AsUnsignedLongMask(timestamp);
    if (PyErr_Occurred()) return NULL;
    self->sequence_delta = sequence_delta;
    self->timestamp_delta = (uint32_t)timestamp_delta;
    Py_XSETREF(self->profile, Py_NewRef(profile));
    Py_RETURN_NONE;
}

static PyObject *handle_move(HandleObject *self, PyObject *pair) {
    address_t address;
    if (parse_address(pair, self->is_six, &address) < 0) return NULL;
    if (!self->is_closed) leg_write_address(self->leg, &address);
    Py_RETURN_NONE;
}

static PyObject *handle_close(HandleObject *self, PyObject *unused) {
    (void)unused;
    address_t nowhere = {0};
    leg_write_address(self->leg, &nowhere);
    self->is_closed = true;
    Py_RETURN_NONE;
}

static PyMethodDef handle_methods[] = {
    {"route", (PyCFunction)handle_route, METH_VARARGS, "What the leg adds, and its profile, from the next audience on."},
    {"move", (PyCFunction)handle_move, METH_O, "Where what is not sent yet goes; None for nowhere."},
    {"close", (PyCFunction)handle_close, METH_NOARGS, "Nothing more is sent."},
    {NULL},
};
static PyType_Slot handle_slots[] = {{Py_tp_dealloc, handle_dealloc}, {Py_tp_methods, handle_methods}, {0, NULL}};
static PyType_Spec handle_spec = {"sfu._native.fanout.Handle", sizeof(HandleObject), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, handle_slots};

/* ---- audiences ---------------------------------------------------------------------------------------------------------- */

static void audience_dealloc(AudienceObject *self) {
    if (self->audience) audience_release(self->audience);
    Py_XDECREF(self->profiles);
    free_object((PyObject *)self);
}

static PyObject *audience_profiles(AudienceObject *self, void *closure) {
    (void)closure;
    return Py_NewRef(self->profiles);
}

static Py_ssize_t audience_length(AudienceObject *self) {
    size_t length = 0;
    for (int i = 0; i < THREADS_MAX; i++) length += self->audience->count[i];
    return (Py_ssize_t)length;
}

static PyGetSetDef audience_getset[] = {{"profiles", (getter)audience_profiles, NULL, "Its legs' profiles.", NULL}, {NULL}};
static PyType_Slot audience_slots[] = {
    {Py_tp_dealloc, audience_dealloc}, {Py_tp_getset, audience_getset}, {Py_sq_length, audience_length}, {0, NULL}};
static PyType_Spec audience_spec = {"sfu._native.fanout.Audience", sizeof(AudienceObject), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, audience_slots};

/* The handle of a leg, made by `open` where there is none of this fan-out: a new reference; NULL without an exception when the leg
 * cannot be sent to. */
static HandleObject *handle_of(FanoutObject *self, PyObject *leg, PyObject *open) {
    PyObject *handle = PyObject_GetAttr(leg, name_handle);
    if (handle == NULL) return NULL;
    if (Py_IS_TYPE(handle, handle_type) && ((HandleObject *)handle)->pool_id == self->pool->id) return (HandleObject *)handle;
    Py_DECREF(handle);
    handle = PyObject_CallOneArg(open, leg);
    if (handle == NULL || handle == Py_None) {
        Py_XDECREF(handle);
        return NULL;
    }
    if (!Py_IS_TYPE(handle, handle_type) || ((HandleObject *)handle)->pool_id != self->pool->id) {
        Py_DECREF(handle);
        PyErr_SetString(PyExc_TypeError, "open() gives a handle of this fan-out, or None");
        return NULL;
    }
    return (HandleObject *)handle;
}

static Py_ssize_t place_of(PyObject *profiles, PyObject *profile, Py_ssize_t last) {
    /* Few profiles (browsers of one make negotiate the same) and many legs of each in a row. */
    if (last < PyList_GET_SIZE(profiles) && PyList_GET_ITEM(profiles, last) == profile) return last;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(profiles); i++)
        if (PyList_GET_ITEM(profiles, i) == profile) return i;
    return PyList_Append(profiles, profile) < 0 ? -1 : PyList_GET_SIZE(profiles) - 1;
}

/* Sorts seats by thread; takes the legs' references. NULL without memory. */
static audience_t *seat_by_thread(const seat_t *seats, size_t count) {
    audience_t *audience = calloc(1, sizeof *audience);
    if (audience == NULL) return NULL;
    atomic_init(&audience->references, 1);
    size_t sizes[THREADS_MAX] = {0};
    for (size_t i = 0; i < count; i++) sizes[seats[i].leg->cipher->worker]++;
    for (int worker = 0; worker < THREADS_MAX; worker++) {
        if (!sizes[worker]) continue;
        audience->seats[worker] = malloc(sizes[worker] * sizeof(seat_t));
        if (audience->seats[worker] == NULL) {
            audience_release(audience); /* has no legs yet */
            return NULL;
        }
    }
    for (size_t i = 0; i < count; i++) {
        unsigned worker = seats[i].leg->cipher->worker;
        audience->seats[worker][audience->count[worker]++] = seats[i];
    }
    return audience;
}

static seat_t seat_of(const HandleObject *handle, int64_t sequence_delta, uint32_t timestamp_delta, Py_ssize_t profile) {
    atomic_fetch_add_explicit(&handle->leg->references, 1, memory_order_relaxed);
    return (seat_t){handle->leg, sequence_delta, timestamp_delta, (uint32_t)profile};
}

static PyObject *fanout_audience(FanoutObject *self, PyObject *args) {
    PyObject *legs, *open;
    if (!PyArg_ParseTuple(args, "OO", &legs, &open)) return NULL;
    legs = PySequence_Fast(legs, "legs are a sequence");
    if (legs == NULL) return NULL;
    Py_ssize_t length = PySequence_Fast_GET_SIZE(legs), last = 0;
    size_t count = 0;
    seat_t *seats = malloc((size_t)(length ? length : 1) * sizeof *seats);
    PyObject *profiles = PyList_New(0);
    AudienceObject *made = NULL;
    if (seats == NULL || profiles == NULL) {
        PyErr_NoMemory();
        goto end;
    }
    for (Py_ssize_t i = 0; i < length && i < PySequence_Fast_GET_SIZE(legs); i++) {
        PyObject *leg = Py_NewRef(PySequence_Fast_GET_ITEM(legs, i));
        HandleObject *handle = handle_of(self, leg, open);
        Py_DECREF(leg);
        if (handle == NULL) {
            if (PyErr_Occurred()) goto end;
            continue;
        }
        if (handle->profile != NULL && !handle->is_closed) {
            last = place_of(profiles, handle->profile, last);
            if (last >= 0) seats[count++] = seat_of(handle, handle->sequence_delta, handle->timestamp_delta, last);
        }
        Py_DECREF(handle);
        if (last < 0) goto end;
    }
    made = PyObject_New(AudienceObject, audience_type);
    if (made == NULL) goto end;
    made->profiles = PyList_AsTuple(profiles);
    made->audience = made->profiles ? seat_by_thread(seats, count) : NULL;
    if (made->audience == NULL) {
        if (made->profiles) PyErr_NoMemory();
        Py_CLEAR(made);
        goto end;
    }
    count = 0; /* the references are the audience's now */
end:
    for (size_t i = 0; i < count; i++) leg_release(seats[i].leg);
    free(seats);
    Py_XDECREF(profiles);
    Py_DECREF(legs);
    return (PyObject *)made;
}

/* ---- frames ------------------------------------------------------------------------------------------------------------- */

static long long number_of(PyObject *object, PyObject *name) {
    PyObject *value = PyObject_GetAttr(object, name);
    if (value == NULL) return -1;
    long long number = PyLong_AsLongLong(value);
    Py_DECREF(value);
    return number;
}

/* The attribute as bytes, borrowed from the object, which is immutable and outlives the call. */
static PyObject *bytes_of(PyObject *object, PyObject *name) {
    PyObject *value = PyObject_GetAttr(object, name);
    if (value == NULL) return NULL;
    Py_DECREF(value);
    if (PyBytes_Check(value)) return value;
    PyErr_Format(PyExc_TypeError, "%U is bytes", name);
    return NULL;
}

static int measure_runs(PyObject *runs, size_t *bodies, size_t *bytes) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(runs); i++) {
        PyObject *held = PyObject_GetAttr(PyTuple_GET_ITEM(runs, i), name_bodies);
        if (held == NULL) return -1;
        Py_DECREF(held); /* the run holds it */
        if (!PyTuple_Check(held) || PyTuple_GET_SIZE(held) < 1 || PyTuple_GET_SIZE(held) > MESSAGES_MAX) {
            PyErr_SetString(PyExc_ValueError, "a run is a tuple of 1 to 64 bodies");
            return -1;
        }
        *bodies += (size_t)PyTuple_GET_SIZE(held);
        for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(held); k++) {
            PyObject *block = bytes_of(PyTuple_GET_ITEM(held, k), name_extension_block);
            PyObject *payload = block ? bytes_of(PyTuple_GET_ITEM(held, k), name_payload) : NULL;
            if (payload == NULL) return -1;
            *bytes += (size_t)(PyBytes_GET_SIZE(block) + PyBytes_GET_SIZE(payload));
        }
    }
    return 0;
}

/* Fills one body, its bytes at `*end`; -1 with an exception. */
static int fill_body(PyObject *object, body_t *body, uint8_t **end) {
    PyObject *block = bytes_of(object, name_extension_block), *payload = block ? bytes_of(object, name_payload) : NULL;
    if (payload == NULL) return -1;
    long long flags = number_of(object, name_flags), second = number_of(object, name_marker_and_payload_type);
    long long index = number_of(object, name_index), timestamp = number_of(object, name_timestamp);
    if (PyErr_Occurred()) return -1;
    Py_ssize_t block_bytes = PyBytes_GET_SIZE(block), payload_bytes = PyBytes_GET_SIZE(payload);
    if (block_bytes + payload_bytes > 65000) {
        PyErr_SetString(PyExc_ValueError, "a packet fits a datagram");
        return -1;
    }
    *body = (body_t){.index = (uint64_t)index,
                     .timestamp = (uint32_t)(uint64_t)timestamp,
                     .payload_bytes = (uint32_t)payload_bytes,
                     .extension_bytes = (uint16_t)block_bytes,
                     .flags = (uint8_t)flags,
                     .marker_and_payload_type = (uint8_t)second,
                     .extension = *end,
                     .payload = *end + block_bytes};
    memcpy(*end, PyBytes_AS_STRING(block), (size_t)block_bytes);
    memcpy(*end + block_bytes, PyBytes_AS_STRING(payload), (size_t)payload_bytes);
    *end += block_bytes + payload_bytes;
    return 0;
}

static uint32_t plain_bytes(const body_t *body) { return RTP_HEADER_BYTES + body->extension_bytes + body->payload_bytes; }

static int fill_run(PyObject *object, runs_t *runs, run_t *run, uint32_t first, uint8_t **end) {
    PyObject *bodies = PyObject_GetAttr(object, name_bodies);
    if (bodies == NULL) return -1;
    Py_DECREF(bodies);
    *run = (run_t){.first = first, .count = (uint32_t)PyTuple_GET_SIZE(bodies)};
    for (uint32_t k = 0; k < run->count; k++) {
        body_t *body = &runs->bodies[first + k];
        if (fill_body(PyTuple_GET_ITEM(bodies, k), body, end) < 0) return -1;
        if (k == 0) run->segment_bytes = plain_bytes(body);
        run->total_bytes += plain_bytes(body);
        bool is_last = k + 1 == run->count;
        if (is_last ? plain_bytes(body) > run->segment_bytes : plain_bytes(body) != run->segment_bytes) {
            PyErr_SetString(PyExc_ValueError, "the packets of a run are equally long, only the last may be shorter");
            return -1;
        }
    }
    if (run->total_bytes + run->count * GCM_TAG_BYTES > 65507) {
        PyErr_SetString(PyExc_ValueError, "a run fits a datagram of 65,507 bytes, tags included");
        return -1;
    }
    return 0;
}

/* Copies the runs of a frame in one profile (a tuple of sfu.fanout.Run); NULL with an exception. */
static runs_t *parse_runs(PyObject *object) {
    if (!PyTuple_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "runs are a tuple of runs for each profile");
        return NULL;
    }
    size_t count = (size_t)PyTuple_GET_SIZE(object), bodies = 0, bytes = 0;
    if (measure_runs(object, &bodies, &bytes) < 0) return NULL;
    runs_t *runs = malloc(sizeof *runs + bodies * sizeof(body_t) + count * sizeof(run_t) + bytes);
    if (runs == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    atomic_init(&runs->references, 1);
    runs->run_count = (uint32_t)count;
    runs->bodies = (body_t *)(runs + 1);
    runs->runs = (run_t *)(runs->bodies + bodies);
    uint8_t *end = (uint8_t *)(runs->runs + count);
    uint32_t first = 0;
    for (size_t i = 0; i < count; i++) {
        if (fill_run(PyTuple_GET_ITEM(object, (Py_ssize_t)i), runs, &runs->runs[i], first, &end) < 0) {
            free(runs);
            return NULL;
        }
        first += runs->runs[i].count;
    }
    return runs;
}

static job_t *job_new(kind_t kind, bool is_video, audience_t *audience, size_t profiles) {
    job_t *job = calloc(1, sizeof *job + profiles * sizeof(runs_t *));
    if (job == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    job->kind = kind;
    job->is_video = is_video;
    job->audience = audience;
    job->profiles = (unsigned)profiles;
    return job;
}

static PyObject *fanout_submit(FanoutObject *self, PyObject *args) {
    int is_video;
    AudienceObject *audience;
    PyObject *frames;
    if (!PyArg_ParseTuple(args, "pO!O!", &is_video, audience_type, &audience, &PyList_Type, &frames)) return NULL;
    Py_ssize_t profiles = PyTuple_GET_SIZE(audience->profiles);
    if (PyList_GET_SIZE(frames) != profiles) {
        PyErr_SetString(PyExc_ValueError, "runs for each profile of the audience, in its order");
        return NULL;
    }
    atomic_fetch_add_explicit(&audience->audience->references, 1, memory_order_relaxed);
    job_t *job = job_new(is_video ? VIDEO : AUDIO, is_video, audience->audience, (size_t)profiles);
    if (job == NULL) {
        audience_release(audience->audience);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < profiles; i++) {
        job->runs[i] = parse_runs(PyList_GET_ITEM(frames, i));
        if (job->runs[i] == NULL) {
            job_free(job);
            return NULL;
        }
    }
    return PyBool_FromLong(pool_submit(self->pool, job));
}

static PyObject *fanout_repair(FanoutObject *self, PyObject *args) {
    int is_video;
    HandleObject *handle;
    PyObject *sequence, *timestamp, *frame;
    if (!PyArg_ParseTuple(args, "pO!OOO", &is_video, handle_type, &handle, &sequence, &timestamp, &frame)) return NULL;
    long long sequence_delta = PyLong_AsLongLong(sequence);
    unsigned long timestamp_delta = PyLong_AsUnsignedLongMask(timestamp);
    if (PyErr_Occurred()) return NULL;
    seat_t seat = seat_of(handle, sequence_delta, (uint32_t)timestamp_delta, 0);
    audience_t *audience = seat_by_thread(&seat, 1);
    if (audience == NULL) {
        leg_release(seat.leg);
        return PyErr_NoMemory();
    }
    job_t *job = job_new(REPAIR, is_video, audience, 1);
    if (job == NULL) {
        audience_release(audience);
        return NULL;
    }
    job->runs[0] = parse_runs(frame);
    if (job->runs[0] == NULL) {
        job_free(job);
        return NULL;
    }
    return PyBool_FromLong(pool_submit(self->pool, job));
}

/* ---- the fan-out -------------------------------------------------------------------------------------------------------- */

/* Gives a message to an outlet that is no socket. */
static bool give(void *outlet, const uint8_t *data, size_t bytes, unsigned segment_bytes, const address_t *address) {
    PyGILState_STATE state = PyGILState_Ensure();
    char text[INET6_ADDRSTRLEN] = "";
    bool is_six = address->plain.sa_family == AF_INET6;
    inet_ntop(address->plain.sa_family, is_six ? (const void *)&address->v6.sin6_addr : (const void *)&address->v4.sin_addr, text,
              sizeof text);
    int port = ntohs(is_six ? address->v6.sin6_port : address->v4.sin_port);
    PyObject *taken =
        PyObject_CallMethod(outlet, "send", "((y#)I(si))", (const char *)data, (Py_ssize_t)bytes, segment_bytes, text, port);
    bool is_taken = taken != NULL && PyObject_IsTrue(taken) > 0;
    if (PyErr_Occurred()) PyErr_WriteUnraisable(outlet);
    Py_XDECREF(taken);
    PyGILState_Release(state);
    return is_taken;
}

static PyObject *fanout_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    static char *names[] = {"outlet", "fileno", "threads", "has_segmentation", NULL};
    PyObject *outlet;
    int fileno, has_segmentation;
    unsigned threads;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OiIp", names, &outlet, &fileno, &threads, &has_segmentation)) return NULL;
    if (threads < 1 || threads > THREADS_MAX) return PyErr_Format(PyExc_ValueError, "1 to %d threads", THREADS_MAX);
    sender_t sender = {.fd = fileno};
    atomic_init(&sender.has_segmentation, has_segmentation);
    int buffer = 0, family = AF_INET;
    if (outlet == Py_None) {
        socklen_t length = sizeof buffer;
        if (getsockopt(fileno, SOL_SOCKET, SO_SNDBUF, &buffer, &length) < 0 ||
            getsockopt(fileno, SOL_SOCKET, SO_DOMAIN, &family, &length) < 0)
            return PyErr_SetFromErrno(PyExc_OSError);
        sender.room_bytes = buffer / 4L * 3;
    } else {
        sender.give = give;
        sender.outlet = outlet;
    }
    FanoutObject *self = (FanoutObject *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->is_six = family == AF_INET6;
    self->outlet = outlet == Py_None ? NULL : Py_NewRef(outlet);
    self->pool = pool_new(&sender, threads);
    if (self->pool != NULL) return (PyObject *)self;
    Py_DECREF(self);
    PyErr_SetString(PyExc_RuntimeError, "the system has no thread or no memory for the fan-out");
    return NULL;
}

static void fanout_dealloc(FanoutObject *self) {
    if (self->pool) {
        Py_BEGIN_ALLOW_THREADS;
        pool_free(self->pool);
        Py_END_ALLOW_THREADS;
    }
    Py_XDECREF(self->outlet);
    free_object((PyObject *)self);
}

static PyObject *fanout_cipher(FanoutObject *self, PyObject *args) {
    int is_gcm;
    const char *key, *salt, *auth;
    Py_ssize_t key_bytes, salt_bytes, auth_bytes;
    if (!PyArg_ParseTuple(args, "py#y#y#", &is_gcm, &key, &key_bytes, &salt, &salt_bytes, &auth, &auth_bytes)) return NULL;
    if (key_bytes != KEY_BYTES || salt_bytes != (is_gcm ? GCM_SALT_BYTES : CM_SALT_BYTES) ||
        auth_bytes != (is_gcm ? 0 : AUTH_KEY_BYTES)) {
        PyErr_SetString(PyExc_ValueError, "key, salt or authentication key of the wrong length");
        return NULL;
    }
    CipherObject *made = PyObject_New(CipherObject, cipher_type);
    if (made == NULL) return NULL;
    made->weak_references = NULL;
    made->pool_id = self->pool->id;
    made->cipher = cipher_new(is_gcm, (const uint8_t *)key, (const uint8_t *)salt, (const uint8_t *)auth,
                              self->pool->next++ % self->pool->threads);
    if (made->cipher != NULL) return (PyObject *)made;
    Py_DECREF(made);
    PyErr_SetString(PyExc_RuntimeError, "libcrypto has no AES-128-GCM, AES-128-CTR or memory");
    return NULL;
}

static PyObject *fanout_handle(FanoutObject *self, PyObject *args) {
    CipherObject *cipher;
    unsigned long ssrc;
    if (!PyArg_ParseTuple(args, "O!k", cipher_type, &cipher, &ssrc)) return NULL;
    if (cipher->pool_id != self->pool->id) {
        PyErr_SetString(PyExc_ValueError, "a cipher of this fan-out");
        return NULL;
    }
    HandleObject *made = PyObject_New(HandleObject, handle_type);
    if (made == NULL) return NULL;
    made->profile = NULL;
    made->pool_id = self->pool->id;
    made->is_six = self->is_six;
    made->is_closed = false;
    made->sequence_delta = 0;
    made->timestamp_delta = 0;
    made->cipher = Py_NewRef(cipher);
    made->leg = leg_new(cipher->cipher, (uint32_t)ssrc);
    if (made->leg != NULL) return (PyObject *)made;
    Py_DECREF(made);
    return PyErr_NoMemory();
}

static PyObject *fanout_waiting(FanoutObject *self, PyObject *unused) {
    (void)unused;
    return PyLong_FromUnsignedLong(pool_waiting(self->pool, VIDEO));
}

static PyObject *fanout_behind_ms(FanoutObject *self, PyObject *unused) {
    (void)unused;
    return PyLong_FromLongLong(pool_behind_ms(self->pool));
}

static PyObject *fanout_totals(FanoutObject *self, PyObject *unused) {
    (void)unused;
    unsigned long long sums[8] = {0};
    for (unsigned i = 0; i < self->pool->threads; i++) {
        const counts_t *counts = &self->pool->workers[i]->counts;
        const atomic_ullong *one[8] = {&counts->packets,       &counts->bytes,   &counts->messages,    &counts->refused_video,
                                       &counts->refused_audio, &counts->refused, &counts->unreachable, &counts->failed};
        for (int k = 0; k < 8; k++) sums[k] += atomic_load_explicit(one[k], memory_order_relaxed);
    }
    return Py_BuildValue("(KKKKKKKK)", sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]);
}

static PyObject *fanout_drain(FanoutObject *self, PyObject *unused) {
    (void)unused;
    Py_BEGIN_ALLOW_THREADS;
    pool_drain(self->pool);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static PyObject *fanout_close(FanoutObject *self, PyObject *unused) {
    (void)unused;
    Py_BEGIN_ALLOW_THREADS;
    pool_close(self->pool);
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static PyMethodDef fanout_methods[] = {
    {"cipher", (PyCFunction)fanout_cipher, METH_VARARGS, "A viewer's session keys."},
    {"handle", (PyCFunction)fanout_handle, METH_VARARGS, "A leg that seals with a cipher."},
    {"audience", (PyCFunction)fanout_audience, METH_VARARGS, "The legs as they are now."},
    {"submit", (PyCFunction)fanout_submit, METH_VARARGS, "Gives a frame to the threads; False when too much waits."},
    {"repair", (PyCFunction)fanout_repair, METH_VARARGS, "Gives one packet for one leg to its thread; False when too much waits."},
    {"waiting", (PyCFunction)fanout_waiting, METH_NOARGS, "Pictures that are not sent to all."},
    {"behind_ms", (PyCFunction)fanout_behind_ms, METH_NOARGS, "How long the oldest picture has waited."},
    {"totals", (PyCFunction)fanout_totals, METH_NOARGS, "All counters."},
    {"drain", (PyCFunction)fanout_drain, METH_NOARGS, "Waits until all is sent."},
    {"close", (PyCFunction)fanout_close, METH_NOARGS, "Ends the threads."},
    {NULL},
};
static PyType_Slot fanout_slots[] = {
    {Py_tp_new, fanout_new}, {Py_tp_dealloc, fanout_dealloc}, {Py_tp_methods, fanout_methods}, {0, NULL}};
static PyType_Spec fanout_spec = {"sfu._native.fanout.Fanout", sizeof(FanoutObject), 0, Py_TPFLAGS_DEFAULT, fanout_slots};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fanout", "The fan-out in C; see sfu/native_fanout.py.", -1, NULL};

PyMODINIT_FUNC PyInit_fanout(void) {
    struct {
        PyObject **name;
        const char *text;
    } names[] = {
        {&name_handle, "handle"},
        {&name_bodies, "bodies"},
        {&name_flags, "flags"},
        {&name_marker_and_payload_type, "marker_and_payload_type"},
        {&name_extension_block, "extension_block"},
        {&name_payload, "payload"},
        {&name_index, "index"},
        {&name_timestamp, "timestamp"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((*names[i].name = PyUnicode_InternFromString(names[i].text)) == NULL) return NULL;
    struct {
        PyType_Spec *spec;
        PyTypeObject **type;
        const char *name;
    } types[] = {{&cipher_spec, &cipher_type, "Cipher"},
                 {&handle_spec, &handle_type, "Handle"},
                 {&audience_spec, &audience_type, "Audience"},
                 {&fanout_spec, NULL, "Fanout"}};
    PyObject *made = PyModule_Create(&module);
    for (size_t i = 0; made != NULL && i < sizeof types / sizeof *types; i++) {
        PyObject *type = PyType_FromSpec(types[i].spec);
        if (type == NULL || PyModule_AddObjectRef(made, types[i].name, type) < 0) {
            Py_XDECREF(type);
            Py_CLEAR(made);
            break;
        }
        if (types[i].type) *types[i].type = (PyTypeObject *)type;
    }
    return made;
}
