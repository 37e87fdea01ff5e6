/* SRTCP of viewers opened (RFC 3711 §3.4, RFC 7714 §9), as sfu/srtcp.py does it, and their receiver reports read (RFC 3550 §6.4.2).
 *
 * One cipher context serves all peers, keyed anew for each packet: a packet a second and peer is not worth 1 KiB of context each. */
#ifndef DIEMCAU_SRTCP_H
#define DIEMCAU_SRTCP_H

#include "stun.h"
#include <openssl/evp.h>

enum { REPLAY_WINDOW = 64, SSRCS_MAX = 16, LEGS_MAX = 32, GCM_TAG = 16, SHA1_80_TAG = 10, GCM_SALT = 12, CM_SALT = 14 };

enum { REFUSED_SHORT = -1, REFUSED_LONG = -2, REFUSED_SOURCES = -3, REFUSED_AUTH = -4, REFUSED_REPLAY = -5 };

typedef struct {
    uint32_t ssrc, highest;
    uint64_t mask; /* bit 0: the highest index itself */
} window_t;

typedef struct {
    uint8_t is_gcm, window_count, leg_count, picture_count;
    uint8_t key[16], salt[16];
    hmac_t hmac;
    window_t windows[SSRCS_MAX];
    uint32_t legs[LEGS_MAX]; /* pictures first */
    uint32_t highest[LEGS_MAX], seen; /* the highest sequence number of each leg's last report; bits: legs that were reported on */
} srtcp_t;

typedef struct {
    EVP_CIPHER_CTX *gcm, *ctr;
} ciphers_t;

static int ciphers_init(ciphers_t *ciphers) {
    ciphers->gcm = EVP_CIPHER_CTX_new();
    ciphers->ctr = EVP_CIPHER_CTX_new();
    return ciphers->gcm && ciphers->ctr && EVP_DecryptInit_ex(ciphers->gcm, EVP_aes_128_gcm(), NULL, NULL, NULL) == 1 &&
           EVP_DecryptInit_ex(ciphers->ctr, EVP_aes_128_ctr(), NULL, NULL, NULL) == 1;
}

static void ciphers_free(ciphers_t *ciphers) {
    EVP_CIPHER_CTX_free(ciphers->gcm);
    EVP_CIPHER_CTX_free(ciphers->ctr);
}

/* The window once the index is in it; 0 where it was, or is too old (RFC 3711 §3.3.2). */
static int next_window(window_t *window, uint32_t index) {
    if (index > window->highest) {
        uint32_t step = index - window->highest;
        window->mask = (step < REPLAY_WINDOW ? window->mask << step : 0) | 1;
        window->highest = index;
        return 1;
    }
    uint32_t behind = window->highest - index;
    if (behind >= REPLAY_WINDOW || window->mask >> behind & 1) return 0;
    window->mask |= (uint64_t)1 << behind;
    return 1;
}

/* Opens a packet into `out` (which has room for it); the length of the compound in it, or why not. A refusal changes nothing. */
static int srtcp_open(ciphers_t *ciphers, srtcp_t *keys, const uint8_t *data, size_t length, uint8_t *out) {
    size_t tag_bytes = keys->is_gcm ? GCM_TAG : SHA1_80_TAG;
    if (length < 8 + 4 + tag_bytes) return REFUSED_SHORT;
    if (length > DATAGRAM_MAX) return REFUSED_LONG;
    uint32_t ssrc = get32(data + 4);
    unsigned which = 0;
    while (which < keys->window_count && keys->windows[which].ssrc != ssrc) which++;
    if (which == SSRCS_MAX) return REFUSED_SOURCES;
    size_t at = length - 4 - (keys->is_gcm ? 0 : SHA1_80_TAG);
    uint32_t word = get32(data + at);
    if (!(word & 0x80000000u)) return REFUSED_AUTH;
    uint32_t index = word & 0x7FFFFFFFu;
    window_t window = {ssrc, index, 1};
    if (which < keys->window_count) {
        window = keys->windows[which];
        if (!next_window(&window, index)) return REFUSED_REPLAY;
    }
    uint8_t iv[16], scrap[4];
    memcpy(iv, keys->salt, sizeof iv);
    memcpy(out, data, 8);
    int written = 0, size;
    if (keys->is_gcm) {
        /* RFC 7714 §9.1: 16 zero bits, SSRC, 16 zero bits, index; XOR salt. */
        for (int i = 0; i < 4; i++) iv[2 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
        for (int i = 0; i < 4; i++) iv[8 + i] ^= (uint8_t)(index >> (24 - 8 * i));
        size = (int)(at - 8 - GCM_TAG);
        EVP_CIPHER_CTX *gcm = ciphers->gcm;
        if (EVP_DecryptInit_ex(gcm, NULL, NULL, keys->key, iv) != 1 || EVP_DecryptUpdate(gcm, NULL, &written, data, 8) != 1 ||
            EVP_DecryptUpdate(gcm, NULL, &written, data + at, 4) != 1 ||
            (size && EVP_DecryptUpdate(gcm, out + 8, &written, data + 8, size) != 1) ||
            EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, (void *)(data + at - GCM_TAG)) != 1 ||
            EVP_DecryptFinal_ex(gcm, scrap, &written) != 1)
            return REFUSED_AUTH;
    } else {
        uint8_t tag[SHA_DIGEST_LENGTH];
        hmac_sha1(&keys->hmac, data, at + 4, NULL, 0, tag);
        if (CRYPTO_memcmp(tag, data + at + 4, SHA1_80_TAG)) return REFUSED_AUTH;
        /* RFC 3711 §4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16. */
        for (int i = 0; i < 4; i++) iv[4 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
        for (int i = 0; i < 4; i++) iv[10 + i] ^= (uint8_t)(index >> (24 - 8 * i));
        size = (int)(at - 8);
        if (EVP_DecryptInit_ex(ciphers->ctr, NULL, NULL, keys->key, iv) != 1 ||
            (size && EVP_DecryptUpdate(ciphers->ctr, out + 8, &written, data + 8, size) != 1))
            return REFUSED_AUTH;
    }
    keys->windows[which] = window;
    if (which == keys->window_count) keys->window_count++;
    return 8 + size;
}

/* Packets that a kind's streams lost, of so many. A share alone says little: a browser that misses packets reports ten times a second. */
typedef struct {
    int is_there;
    float lost, expected;
} losses_t;

/* What reports say, all streams of a kind together. Streams are reported on one by one or together, as the browser likes. */
typedef struct {
    losses_t picture, sound;
    int has_rtt;
    float rtt_ms;
    uint32_t bad_legs, good_legs; /* bits: those that lose what is worth telling, and those that do not */
} quality_t;

/* 3 of 256: some 1 % lost. */
#define NOTEWORTHY_LOST 3

/* Taken for a stream's first report, and at most: reports come every second, or sooner. */
#define EXPECTED_FIRST 50
#define EXPECTED_MAX 5000

static inline void add_losses(losses_t *to, const losses_t *more) {
    to->is_there |= more->is_there;
    to->lost += more->lost;
    to->expected += more->expected;
}

/* What a leg's block says: its share lost, of the packets since its last one. */
static losses_t block_losses(srtcp_t *keys, unsigned leg, uint8_t share, uint32_t highest) {
    uint32_t expected = EXPECTED_FIRST, bit = (uint32_t)1 << leg;
    if (keys->seen & bit) {
        expected = highest - keys->highest[leg];
        if (expected > 0x80000000u) expected = 0;
        if (expected > EXPECTED_MAX) expected = EXPECTED_MAX;
    }
    keys->seen |= bit;
    keys->highest[leg] = highest;
    if (!expected && share) expected = 1;
    losses_t losses = {1, (float)share / 256 * (float)expected, (float)expected};
    return losses;
}

static int read_blocks(srtcp_t *keys, const uint8_t *body, size_t length, unsigned count, uint32_t middle, quality_t *quality) {
    if (length < 4 + 24 * (size_t)count) return 0;
    if (!quality) return 1;
    for (const uint8_t *block = body + 4; count--; block += 24) {
        uint32_t ssrc = get32(block), last_sr = get32(block + 16);
        unsigned leg = 0;
        while (leg < keys->leg_count && keys->legs[leg] != ssrc) leg++;
        if (leg == keys->leg_count) continue;
        losses_t losses = block_losses(keys, leg, block[4], get32(block + 8));
        add_losses(leg < keys->picture_count ? &quality->picture : &quality->sound, &losses);
        *(block[4] >= NOTEWORTHY_LOST ? &quality->bad_legs : &quality->good_legs) |= (uint32_t)1 << leg;
        uint32_t elapsed = middle - last_sr - get32(block + 20);
        if (last_sr && elapsed < 0x80000000u) {
            quality->has_rtt = 1;
            quality->rtt_ms = (float)(elapsed / 65.536);
        }
    }
    return 1;
}

static int read_chunks(const uint8_t *body, size_t length, unsigned count) {
    size_t at = 0;
    while (count--) {
        if (at + 4 > length) return 0;
        at += 4;
        for (;;) {
            if (at >= length) return 0;
            if (!body[at]) break;
            if (at + 2 > length || at + 2 + body[at + 1] > length) return 0;
            at += 2 + (size_t)body[at + 1];
        }
        at += 4 - at % 4;
    }
    return 1;
}

/* Reads the receiver reports of a compound: 1 where there is nothing but them and source descriptions, 0 where there is more, and
 * less than 0 where anything is wrong. Without `quality` it only looks. `middle`: the middle 32 bits of this node's NTP time. */
static int read_reports(srtcp_t *keys, const uint8_t *data, size_t length, uint32_t middle, quality_t *quality) {
    int is_all = 1;
    if (!length) return -1;
    for (size_t at = 0; at < length;) {
        if (at + 4 > length) return -1;
        size_t end = at + 4 + 4 * (size_t)get16(data + at + 2);
        if (data[at] >> 6 != 2 || end > length) return -1;
        const uint8_t *body = data + at + 4;
        size_t body_bytes = end - at - 4;
        if (data[at] & 0x20) {
            size_t padding = body_bytes ? body[body_bytes - 1] : 0;
            if (end != length || !padding || padding > body_bytes || padding % 4) return -1;
            body_bytes -= padding;
        }
        unsigned count = data[at] & 0x1F;
        switch (data[at + 1]) {
        case 201:
            if (!read_blocks(keys, body, body_bytes, count, middle, quality)) return -1;
            break;
        case 202:
            if (!read_chunks(body, body_bytes, count)) return -1;
            break;
        default:
            is_all = 0;
        }
        at = end;
    }
    return is_all;
}

#endif
