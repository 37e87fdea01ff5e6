/* Reading a consent check and writing its answer (RFC 8489, RFC 8445 §7.3), as sfu/wire/stun.py does it: the same checks are taken
 * and the same bytes answered. What is out of the ordinary in any way is left to that code: read_check says no. */
#ifndef DIEMCAU_STUN_H
#define DIEMCAU_STUN_H

#include "hmac_sha1.h"

enum { STUN_HEADER = 20, STUN_INTEGRITY = 24, STUN_FINGERPRINT = 8, DATAGRAM_MAX = 1500, ANSWER_MAX = 76, USERNAME_MAX = 513 };
enum {
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_CONTROLLED = 0x8029
};

/* An address as the tables know it: family (4 or 6), port, IP. */
typedef struct {
    uint8_t bytes[19];
    uint8_t length; /* 7 or 19 */
} address_t;

static inline uint32_t get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline uint32_t get32(const uint8_t *at) { return get16(at) << 16 | get16(at + 2); }

static uint32_t crc_table[256];

static void crc_init(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t c = n;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
        crc_table[n] = c;
    }
}

/* What FINGERPRINT holds (RFC 8489 §14.7). */
static uint32_t fingerprint(const uint8_t *data, size_t length) {
    uint32_t c = 0xFFFFFFFFu;
    for (size_t i = 0; i < length; i++) c = crc_table[(c ^ data[i]) & 0xFF] ^ c >> 8;
    return c ^ 0xFFFFFFFFu ^ 0x5354554Eu;
}

static int is_binding_request(const uint8_t *data, size_t length) {
    return length >= STUN_HEADER && length <= DATAGRAM_MAX && get16(data) == 1 && get32(data + 4) == 0x2112A442u &&
           !(data[3] & 3) && STUN_HEADER + get16(data + 2) == length;
}

static inline size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

/* The receiver's half of USERNAME, as stun_username_fragment finds it; NULL where there is none. */
static const uint8_t *find_fragment(const uint8_t *data, size_t end, size_t *fragment_bytes) {
    if (!is_binding_request(data, end)) return NULL;
    for (size_t at = STUN_HEADER; at + 4 <= end;) {
        uint32_t kind = get16(data + at);
        size_t length = get16(data + at + 2);
        at += 4;
        if (kind == ATTR_USERNAME) {
            size_t stop = at + length < end ? at + length : end;
            const uint8_t *colon = stop > at ? memchr(data + at, ':', stop - at) : NULL;
            if (!colon || colon == data + at || length > USERNAME_MAX) return NULL;
            *fragment_bytes = (size_t)(colon - (data + at));
            return data + at;
        }
        if (kind == ATTR_INTEGRITY) return NULL;
        at += padded(length);
    }
    return NULL;
}

typedef struct {
    const uint8_t *username;
    size_t username_bytes;
    size_t integrity; /* where MESSAGE-INTEGRITY begins */
} check_t;

static int is_end_in_order(const uint8_t *data, size_t at, size_t end) {
    while (at + 4 <= end) {
        uint32_t kind = get16(data + at);
        size_t length = get16(data + at + 2);
        if (kind == ATTR_FINGERPRINT)
            return length == 4 && at + STUN_FINGERPRINT == end && get32(data + at + 4) == fingerprint(data, at);
        at += 4 + padded(length);
    }
    return at == end;
}

/* Whether this is a Binding request in which nothing asks for more than a success answer; integrity is not yet checked. */
static int read_check(const uint8_t *data, size_t end, check_t *check) {
    if (!is_binding_request(data, end)) return 0;
    check->username = NULL;
    for (size_t at = STUN_HEADER; at + 4 <= end;) {
        uint32_t kind = get16(data + at);
        size_t length = get16(data + at + 2), following = at + 4 + padded(length);
        if (following > end) return 0;
        switch (kind) {
        case ATTR_INTEGRITY:
            check->integrity = at;
            return length == SHA_DIGEST_LENGTH && check->username && is_end_in_order(data, following, end);
        case ATTR_USERNAME:
            /* RFC 8489 §14: of attributes that come twice the first counts. */
            if (!check->username) {
                check->username = data + at + 4;
                check->username_bytes = length;
            }
            break;
        case ATTR_PRIORITY:
        case ATTR_USE_CANDIDATE:
            break;
        default:
            if (kind < 0x8000 || kind == ATTR_CONTROLLED || kind == ATTR_FINGERPRINT) return 0;
        }
        at = following;
    }
    return 0;
}

static int is_authentic(const uint8_t *data, size_t integrity, const hmac_t *hmac) {
    uint8_t head[4] = {data[0], data[1]}, tag[SHA_DIGEST_LENGTH];
    put16(head + 2, (uint32_t)(integrity + STUN_INTEGRITY - STUN_HEADER));
    hmac_sha1(hmac, head, 4, data + 4, integrity - 4, tag);
    return !CRYPTO_memcmp(tag, data + integrity + 4, sizeof tag);
}

/* The success answer as binding_success writes it; its length, or 0 where it does not fit into the size of the request. */
static size_t write_answer(const uint8_t *request, size_t request_bytes, const address_t *from, const hmac_t *hmac, uint8_t *out) {
    static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const uint8_t *ip = from->bytes + 3;
    size_t ip_bytes = from->bytes[0] == 4 ? 4 : 16;
    if (ip_bytes == 16 && !memcmp(ip, mapped_prefix, sizeof mapped_prefix)) {
        ip += 12;
        ip_bytes = 4;
    }
    size_t mapped = 8 + ip_bytes, size = mapped + STUN_INTEGRITY;
    int has_fingerprint = STUN_HEADER + size + STUN_FINGERPRINT <= request_bytes;
    if (!has_fingerprint && STUN_HEADER + size > request_bytes) return 0;
    put16(out, 0x0101);
    put16(out + 2, (uint32_t)size);
    memcpy(out + 4, request + 4, 16); /* cookie and transaction */
    uint8_t *at = out + STUN_HEADER;
    put16(at, 0x0020);
    put16(at + 2, (uint32_t)(4 + ip_bytes));
    at[4] = 0;
    at[5] = ip_bytes == 4 ? 1 : 2;
    put16(at + 6, get16(from->bytes + 1) ^ 0x2112);
    for (size_t i = 0; i < ip_bytes; i++) at[8 + i] = ip[i] ^ out[4 + i];
    at += mapped;
    put16(at, ATTR_INTEGRITY);
    put16(at + 2, SHA_DIGEST_LENGTH);
    hmac_sha1(hmac, out, STUN_HEADER + mapped, NULL, 0, at + 4);
    if (!has_fingerprint) return STUN_HEADER + size;
    put16(out + 2, (uint32_t)(size + STUN_FINGERPRINT));
    at += STUN_INTEGRITY;
    put16(at, ATTR_FINGERPRINT);
    put16(at + 2, 4);
    put32(at + 4, fingerprint(out, STUN_HEADER + size));
    return STUN_HEADER + size + STUN_FINGERPRINT;
}

#endif
