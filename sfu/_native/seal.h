/* SRTP sealing (RFC 3711, RFC 7714) by libcrypto, for a forwarder that knows the 48-bit index of every packet itself.
 *
 * One cipher is one viewer's: all its streams are sealed under one session key, so they share the context, which is keyed once;
 * from packet to packet only the IV changes (keying anew makes GCM twice as slow). A context belongs to one thread at a time.
 *
 * OpenSSL 3.0 and 3.1 look up parameters by name (`strcmp`) several times a packet, for the IV's length and for the tag: 0.18 of 0.38 us
 * for 160 bytes. A copy of the cipher (EVP_CIPHER_meth_dup) is called by function pointers, as before 3.0: the same AES-NI code, the
 * same bytes. Newer releases have faster code behind their providers, and a FIPS configuration wants its own: they are left alone.
 *
 * HMAC-SHA1 works on two states computed once from the key, 40 bytes in all: an EVP_MAC holds 1 KiB, and copies it for every
 * packet. The low-level SHA-1 calls are marked as deprecated since OpenSSL 3.0; nothing else gives and takes such a state. */
#ifndef DIEMCAU_SEAL_H
#define DIEMCAU_SEAL_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3.0 or newer is needed (libssl-dev)"
#endif

enum { KEY_BYTES = 16, GCM_SALT_BYTES = 12, CM_SALT_BYTES = 14, AUTH_KEY_BYTES = 20, GCM_TAG_BYTES = 16, SHA1_80_TAG_BYTES = 10 };

typedef struct {
    atomic_int references;
    bool is_gcm;
    unsigned worker; /* the one thread that seals with it */
    EVP_CIPHER_CTX *context;
    uint8_t salt[16]; /* GCM: 12 bytes; counter mode: salt * 2^16 */
    uint32_t inner[5], outer[5]; /* SHA-1 after key XOR ipad and key XOR opad (RFC 2104 §2) */
} cipher_t;

static inline void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}

static inline void xor32(uint8_t *at, uint32_t value) {
    uint8_t bytes[4];
    put32(bytes, value);
    for (int i = 0; i < 4; i++) at[i] ^= bytes[i];
}

static void take_state(SHA_CTX *context, uint32_t *state) {
    uint32_t words[5] = {context->h0, context->h1, context->h2, context->h3, context->h4};
    memcpy(state, words, sizeof words);
}

/* A SHA-1 that has taken one block and is in the given state. */
static void give_state(SHA_CTX *context, const uint32_t *state) {
    SHA1_Init(context);
    context->h0 = state[0];
    context->h1 = state[1];
    context->h2 = state[2];
    context->h3 = state[3];
    context->h4 = state[4];
    context->Nl = SHA_CBLOCK * 8;
}

static void key_hmac(cipher_t *cipher, const uint8_t *key) {
    uint8_t block[SHA_CBLOCK];
    SHA_CTX context;
    for (int side = 0; side < 2; side++) {
        memset(block, side ? 0x5c : 0x36, sizeof block);
        for (int i = 0; i < AUTH_KEY_BYTES; i++) block[i] ^= key[i];
        SHA1_Init(&context);
        SHA1_Update(&context, block, sizeof block);
        take_state(&context, side ? cipher->outer : cipher->inner);
    }
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&context, sizeof context);
}

static const EVP_CIPHER *method_gcm, *method_ctr;

static void choose_methods(void) {
    method_gcm = EVP_aes_128_gcm();
    method_ctr = EVP_aes_128_ctr();
#if OPENSSL_VERSION_NUMBER < 0x40000000L
    if (OpenSSL_version_num() >= 0x30200000L || EVP_default_properties_is_fips_enabled(NULL)) return;
    EVP_CIPHER *gcm = EVP_CIPHER_meth_dup(method_gcm), *ctr = EVP_CIPHER_meth_dup(method_ctr);
    if (gcm != NULL) method_gcm = gcm; /* both live as long as the process */
    if (ctr != NULL) method_ctr = ctr;
#endif
}

static const EVP_CIPHER *method_of(bool is_gcm) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_methods);
    return is_gcm ? method_gcm : method_ctr;
}

/* A cipher with one reference; NULL when libcrypto refuses. Salt and authentication key have the suite's lengths. */
static cipher_t *cipher_new(bool is_gcm, const uint8_t *key, const uint8_t *salt, const uint8_t *auth, unsigned worker) {
    cipher_t *cipher = calloc(1, sizeof *cipher);
    if (cipher == NULL) return NULL;
    atomic_init(&cipher->references, 1);
    cipher->is_gcm = is_gcm;
    cipher->worker = worker;
    cipher->context = EVP_CIPHER_CTX_new();
    if (cipher->context == NULL ||
        !EVP_EncryptInit_ex(cipher->context, method_of(is_gcm), NULL, key, NULL)) {
        EVP_CIPHER_CTX_free(cipher->context);
        free(cipher);
        return NULL;
    }
    memcpy(cipher->salt, salt, is_gcm ? GCM_SALT_BYTES : CM_SALT_BYTES);
    if (!is_gcm) key_hmac(cipher, auth);
    return cipher;
}

static void cipher_release(cipher_t *cipher) {
    if (atomic_fetch_sub_explicit(&cipher->references, 1, memory_order_acq_rel) != 1) return;
    EVP_CIPHER_CTX_free(cipher->context);
    OPENSSL_cleanse(cipher, sizeof *cipher);
    free(cipher);
}

static inline unsigned tag_bytes(const cipher_t *cipher) { return cipher->is_gcm ? GCM_TAG_BYTES : SHA1_80_TAG_BYTES; }

static bool seal_gcm(cipher_t *cipher, uint32_t ssrc, uint64_t index, uint8_t *out, unsigned header_bytes,
                     const uint8_t *payload, unsigned payload_bytes) {
    EVP_CIPHER_CTX *context = cipher->context;
    uint8_t iv[12];
    int length;
    /* RFC 7714 §8.1: 16 zero bits, SSRC, ROC, sequence number; XOR salt. */
    memcpy(iv, cipher->salt, sizeof iv);
    xor32(iv + 2, ssrc);
    xor32(iv + 6, (uint32_t)(index >> 16));
    iv[10] ^= (uint8_t)(index >> 8);
    iv[11] ^= (uint8_t)index;
    uint8_t *sealed = out + header_bytes;
    return EVP_EncryptInit_ex(context, NULL, NULL, NULL, iv) > 0 &&
           EVP_EncryptUpdate(context, NULL, &length, out, (int)header_bytes) > 0 &&
           EVP_EncryptUpdate(context, sealed, &length, payload, (int)payload_bytes) > 0 &&
           EVP_EncryptFinal_ex(context, sealed + payload_bytes, &length) > 0 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, GCM_TAG_BYTES, sealed + payload_bytes) > 0;
}

static bool seal_cm(cipher_t *cipher, uint32_t ssrc, uint64_t index, uint8_t *out, unsigned header_bytes,
                    const uint8_t *payload, unsigned payload_bytes) {
    uint8_t iv[16], roc[4], digest[SHA_DIGEST_LENGTH];
    int length;
    /* RFC 3711 §4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16. */
    memcpy(iv, cipher->salt, sizeof iv);
    xor32(iv + 4, ssrc);
    xor32(iv + 8, (uint32_t)(index >> 16));
    iv[12] ^= (uint8_t)(index >> 8);
    iv[13] ^= (uint8_t)index;
    uint8_t *sealed = out + header_bytes;
    if (EVP_EncryptInit_ex(cipher->context, NULL, NULL, NULL, iv) <= 0 ||
        EVP_EncryptUpdate(cipher->context, sealed, &length, payload, (int)payload_bytes) <= 0)
        return false;
    /* RFC 3711 §4.2: the tag covers header, ciphertext and the rollover counter. */
    put32(roc, (uint32_t)(index >> 16));
    SHA_CTX context;
    give_state(&context, cipher->inner);
    SHA1_Update(&context, out, header_bytes + payload_bytes);
    SHA1_Update(&context, roc, sizeof roc);
    SHA1_Final(digest, &context);
    give_state(&context, cipher->outer);
    SHA1_Update(&context, digest, sizeof digest);
    SHA1_Final(digest, &context);
    memcpy(sealed + payload_bytes, digest, SHA1_80_TAG_BYTES);
    return true;
}

/* Seals one packet: its header lies at `out` already (authenticated, not encrypted), ciphertext and tag are put behind it.
 * `index` is ROC * 2^16 + sequence number and must never stand for two different packets. False when libcrypto refuses. */
static inline bool seal(cipher_t *cipher, uint32_t ssrc, uint64_t index, uint8_t *out, unsigned header_bytes,
                        const uint8_t *payload, unsigned payload_bytes) {
    return (cipher->is_gcm ? seal_gcm : seal_cm)(cipher, ssrc, index, out, header_bytes, payload, payload_bytes);
}

#endif
