/* A hash table from short byte strings to numbers, for the intake: fragments and addresses. No allocation but when it grows.
 *
 * Keys come from outside only after a check was authenticated (addresses) or from ourselves (fragments), but look-ups are made with
 * whatever arrives; the hash is seeded, so that nobody can aim at one chain. Linear probing, removal by shifting back. */

#ifndef DIEMCAU_TABLE_H
#define DIEMCAU_TABLE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES_MAX 31

typedef struct {
    uint8_t key[KEY_BYTES_MAX];
    uint8_t length; /* 0: the slot is free */
    uint32_t value;
} TableSlot;

typedef struct {
    TableSlot *slots;
    uint32_t mask;
    uint32_t count;
    uint64_t seed;
} Table;

static uint64_t table_hash(const Table *table, const uint8_t *key, size_t length) {
    uint64_t hash = table->seed ^ (length * 0x9E3779B97F4A7C15ull);
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = (hash ^ word) * 0xFF51AFD7ED558CCDull;
        hash ^= hash >> 32;
        key += 8;
        length -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, key, length);
    hash = (hash ^ rest ^ table->seed) * 0xC4CEB9FE1A85EC53ull;
    return hash ^ hash >> 29;
}

static int table_init(Table *table, uint32_t capacity, uint64_t seed) {
    uint32_t size = 16;
    while (size < capacity) size *= 2;
    table->slots = calloc(size, sizeof(TableSlot));
    table->mask = size - 1;
    table->count = 0;
    table->seed = seed;
    return table->slots != NULL;
}

/* The slot that holds the key, or the free one where it would go. */
static TableSlot *table_slot(const Table *table, const uint8_t *key, size_t length) {
    uint32_t at = (uint32_t)table_hash(table, key, length) & table->mask;
    for (;;) {
        TableSlot *slot = &table->slots[at];
        if (!slot->length || (slot->length == length && !memcmp(slot->key, key, length))) return slot;
        at = (at + 1) & table->mask;
    }
}

/* The value in *value; 0 when the key is not there. */
static int table_find(const Table *table, const uint8_t *key, size_t length, uint32_t *value) {
    if (!length || length > KEY_BYTES_MAX) return 0;
    const TableSlot *slot = table_slot(table, key, length);
    if (!slot->length) return 0;
    *value = slot->value;
    return 1;
}

static int table_grow(Table *table) {
    Table larger;
    if (!table_init(&larger, (table->mask + 1) * 2, table->seed)) return 0;
    for (uint32_t at = 0; at <= table->mask; at++) {
        const TableSlot *old = &table->slots[at];
        if (old->length) *table_slot(&larger, old->key, old->length) = *old;
    }
    larger.count = table->count;
    free(table->slots);
    *table = larger;
    return 1;
}

/* Enters or changes a key of 1 to KEY_BYTES_MAX bytes; 0 without memory. */
static int table_set(Table *table, const uint8_t *key, size_t length, uint32_t value) {
    TableSlot *slot = table_slot(table, key, length);
    if (!slot->length) {
        if ((table->count + 1) * 2 > table->mask) {
            if (!table_grow(table)) return 0;
            slot = table_slot(table, key, length);
        }
        memcpy(slot->key, key, length);
        slot->length = (uint8_t)length;
        table->count++;
    }
    slot->value = value;
    return 1;
}

static void table_remove(Table *table, const uint8_t *key, size_t length) {
    if (!length || length > KEY_BYTES_MAX) return;
    TableSlot *slot = table_slot(table, key, length);
    if (!slot->length) return;
    uint32_t hole = (uint32_t)(slot - table->slots), at = hole;
    table->count--;
    for (;;) {
        at = (at + 1) & table->mask;
        const TableSlot *next = &table->slots[at];
        if (!next->length) break;
        uint32_t home = (uint32_t)table_hash(table, next->key, next->length) & table->mask;
        /* Moves back unless it would come to stand before its home. */
        if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
            table->slots[hole] = *next;
            hole = at;
        }
    }
    table->slots[hole].length = 0;
}

#endif
