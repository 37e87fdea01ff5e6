/* What a job of the fan-out refers to: legs, the runs of a frame, the audience it is for. Plain memory, counted references, no Python
 * in it: the threads that send never need the interpreter.
 *
 * A leg's address may change while its packets wait; all else in here is never written again once it is shared. */
#ifndef DIEMCAU_CAST_H
#define DIEMCAU_CAST_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "seal.h"

enum { THREADS_MAX = 8, ADDRESS_WORDS = 4, RTP_HEADER_BYTES = 12 };

/* 28 bytes of a sockaddr_in or sockaddr_in6, and its length in the last byte; a length of 0 is no address. */
typedef union {
    uint64_t words[ADDRESS_WORDS];
    struct sockaddr plain;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint8_t bytes[ADDRESS_WORDS * 8];
} address_t;

static inline uint8_t address_length(const address_t *address) { return address->bytes[sizeof address->bytes - 1]; }

typedef struct {
    atomic_int references;
    uint32_t ssrc;
    cipher_t *cipher;
    atomic_uint version; /* odd while the address is being written */
    _Atomic uint64_t address[ADDRESS_WORDS];
} leg_t;

static leg_t *leg_new(cipher_t *cipher, uint32_t ssrc) {
    leg_t *leg = calloc(1, sizeof *leg);
    if (leg == NULL) return NULL;
    atomic_init(&leg->references, 1);
    leg->ssrc = ssrc;
    leg->cipher = cipher;
    atomic_fetch_add_explicit(&cipher->references, 1, memory_order_relaxed);
    return leg;
}

static void leg_release(leg_t *leg) {
    if (atomic_fetch_sub_explicit(&leg->references, 1, memory_order_acq_rel) != 1) return;
    cipher_release(leg->cipher);
    free(leg);
}

/* One writer at a time (it holds the interpreter's lock). */
static void leg_write_address(leg_t *leg, const address_t *address) {
    unsigned version = atomic_load_explicit(&leg->version, memory_order_relaxed);
    atomic_store_explicit(&leg->version, version + 1, memory_order_seq_cst);
    for (int i = 0; i < ADDRESS_WORDS; i++) atomic_store_explicit(&leg->address[i], address->words[i], memory_order_release);
    atomic_store_explicit(&leg->version, version + 2, memory_order_release);
}

/* Where the leg's packets go now; false for nowhere. Acquire loads keep the second look at the version behind them. */
static bool leg_read_address(leg_t *leg, address_t *address) {
    unsigned before, after;
    do {
        before = atomic_load_explicit(&leg->version, memory_order_acquire);
        for (int i = 0; i < ADDRESS_WORDS; i++) address->words[i] = atomic_load_explicit(&leg->address[i], memory_order_acquire);
        after = atomic_load_explicit(&leg->version, memory_order_relaxed);
    } while (before != after || (before & 1));
    return address_length(address) != 0;
}

/* One packet, as far as it is the same for all legs of a wire profile. Extension block and payload lie behind the runs. */
typedef struct {
    uint64_t index;
    uint32_t timestamp;
    uint32_t payload_bytes;
    uint16_t extension_bytes;
    uint8_t flags, marker_and_payload_type;
    const uint8_t *extension, *payload;
} body_t;

/* Packets of equal length, but for a shorter last one: one message. */
typedef struct {
    uint32_t first, count;
    uint32_t segment_bytes; /* before SRTP */
    uint32_t total_bytes;   /* before SRTP */
} run_t;

typedef struct {
    atomic_int references;
    uint32_t run_count;
    run_t *runs;
    body_t *bodies;
} runs_t;

static void runs_release(runs_t *runs) {
    if (atomic_fetch_sub_explicit(&runs->references, 1, memory_order_acq_rel) == 1) free(runs);
}

/* A leg as it was when the audience was made. */
typedef struct {
    leg_t *leg;
    int64_t sequence_delta;
    uint32_t timestamp_delta;
    uint32_t profile; /* which runs of a job are this leg's */
} seat_t;

typedef struct {
    atomic_int references;
    size_t count[THREADS_MAX];
    seat_t *seats[THREADS_MAX];
} audience_t;

static void audience_release(audience_t *audience) {
    if (atomic_fetch_sub_explicit(&audience->references, 1, memory_order_acq_rel) != 1) return;
    for (int worker = 0; worker < THREADS_MAX; worker++) {
        for (size_t i = 0; i < audience->count[worker]; i++) leg_release(audience->seats[worker][i].leg);
        free(audience->seats[worker]);
    }
    free(audience);
}

#endif
