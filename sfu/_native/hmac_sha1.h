/* HMAC-SHA1 (RFC 2104) for keys that serve many messages, and big-endian numbers: what sealing and checks share.
 *
 * It works on two states computed once from the key, 40 bytes in all: an EVP_MAC holds 1 KiB, and copies it for every message. The
 * low-level SHA-1 calls are marked as deprecated since OpenSSL 3.0; nothing else gives and takes such a state without allocating. */
#ifndef DIEMCAU_HMAC_SHA1_H
#define DIEMCAU_HMAC_SHA1_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint32_t inner[5], outer[5]; /* SHA-1 after key XOR ipad and key XOR opad (RFC 2104 §2) */
} hmac_t;

static inline void put16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}

static void sha1_from(SHA_CTX *context, const uint32_t *state) {
    SHA1_Init(context);
    context->h0 = state[0];
    context->h1 = state[1];
    context->h2 = state[2];
    context->h3 = state[3];
    context->h4 = state[4];
    context->Nl = SHA_CBLOCK * 8;
}

static void hmac_key(hmac_t *hmac, const uint8_t *key, size_t length) {
    uint8_t short_key[SHA_DIGEST_LENGTH], block[SHA_CBLOCK];
    SHA_CTX context;
    if (length > SHA_CBLOCK) {
        SHA1(key, length, short_key);
        key = short_key;
        length = sizeof short_key;
    }
    for (int side = 0; side < 2; side++) {
        memset(block, side ? 0x5c : 0x36, sizeof block);
        for (size_t i = 0; i < length; i++) block[i] ^= key[i];
        SHA1_Init(&context);
        SHA1_Update(&context, block, sizeof block);
        uint32_t words[5] = {context.h0, context.h1, context.h2, context.h3, context.h4};
        memcpy(side ? hmac->outer : hmac->inner, words, sizeof words);
    }
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&context, sizeof context);
}

/* HMAC-SHA1 over two pieces. */
static void hmac_sha1(const hmac_t *hmac, const uint8_t *one, size_t one_bytes, const uint8_t *two, size_t two_bytes, uint8_t *tag) {
    SHA_CTX context;
    uint8_t digest[SHA_DIGEST_LENGTH];
    sha1_from(&context, hmac->inner);
    SHA1_Update(&context, one, one_bytes);
    if (two_bytes) SHA1_Update(&context, two, two_bytes);
    SHA1_Final(digest, &context);
    sha1_from(&context, hmac->outer);
    SHA1_Update(&context, digest, sizeof digest);
    SHA1_Final(tag, &context);
}

#endif
