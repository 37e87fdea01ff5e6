/* What the intake does with a datagram: the tables, the peers, the ring to the engine. Nothing here knows Python, sockets or clocks;
 * whoever calls holds the lock. See sfu/intake.py for what it is for. */
#ifndef DIEMCAU_INTAKE_CORE_H
#define DIEMCAU_INTAKE_CORE_H

#include "srtcp.h"
#include "table.h"

enum { INDEX_BITS = 20, PEERS_MAX = 1 << INDEX_BITS, FRAGMENT_MAX = KEY_BYTES_MAX, USERNAME_KEPT = 96 };

/* Worth telling besides losses: a round trip half as long again and 30 ms more than the shortest of late. */
#define NOTEWORTHY_RTT(least) ((least) * 1.5f + 30.0f)

#define COUNTERS(X)                                                                                                                 \
    X(datagrams, "intake_datagrams")                                                                                                \
    X(batches, "intake_batches")                                                                                                    \
    X(passed, "intake_passed")                                                                                                      \
    X(full_stun, "intake_full_stun")                                                                                                \
    X(full_control, "intake_full_control")                                                                                          \
    X(full_media, "intake_full_media")                                                                                              \
    X(answers_refused, "intake_answers_refused")                                                                                    \
    X(socket_errors, "intake_socket_errors")                                                                                        \
    X(size, "dropped_size")                                                                                                         \
    X(kind, "dropped_unknown_kind")                                                                                                 \
    X(ufrag, "dropped_unknown_ufrag")                                                                                               \
    X(address, "dropped_unknown_address")                                                                                           \
    X(rtp, "dropped_rtp")                                                                                                           \
    X(answered, "stun_answered")                                                                                                    \
    X(unauthenticated, "stun_unauthenticated")                                                                                      \
    X(reports, "rtcp_in")                                                                                                           \
    X(srtcp_short, "srtp_short")                                                                                                    \
    X(srtcp_long, "srtp_long")                                                                                                      \
    X(srtcp_sources, "srtp_sources")                                                                                                \
    X(srtcp_auth, "srtp_auth")                                                                                                      \
    X(srtcp_replay, "srtp_replay")

typedef struct {
#define X(field, name) uint64_t field;
    COUNTERS(X)
#undef X
} counters_t;

typedef struct {
    uint32_t id;
    uint8_t is_settled, has_srtcp, is_watched, is_rtt_long, is_confirmed, is_in_news;
    uint8_t ufrag_bytes, username_bytes;
    uint8_t ufrag[FRAGMENT_MAX], username[USERNAME_KEPT];
    hmac_t check_key;
    address_t settled;
    double checked_at;
    quality_t quality;
    float rtt_least_ms;
    uint32_t bad_legs;
    srtcp_t srtcp;
    void *owner;
} peer_t;

enum { RAW, OPENED };

typedef struct {
    uint16_t length;
    uint8_t kind;
    address_t from;
    uint32_t peer; /* of what is opened */
    uint8_t data[DATAGRAM_MAX];
} item_t;

typedef struct {
    Table fragments, addresses; /* to a peer's id; 0: expected, but nothing is done for it here */
    peer_t **peers;
    uint32_t *free_indexes, *news;
    uint32_t peers_made, free_count, capacity, news_count, generation;
    item_t *ring;
    uint32_t ring_size, ring_at, ring_count, in_flight;
    double ntp_offset_s;
    ciphers_t ciphers;
    counters_t counters;
} core_t;

static int core_init(core_t *core, uint32_t ring_size, double ntp_offset_s, uint64_t seed) {
    memset(core, 0, sizeof *core);
    core->ring_size = ring_size;
    core->ntp_offset_s = ntp_offset_s;
    core->ring = calloc(ring_size, sizeof(item_t));
    return core->ring && table_init(&core->fragments, 64, seed) && table_init(&core->addresses, 64, seed ^ 0x5bd1e995u) &&
           ciphers_init(&core->ciphers);
}

static void core_free(core_t *core) {
    for (uint32_t i = 0; i < core->peers_made; i++) free(core->peers[i]);
    free(core->peers);
    free(core->free_indexes);
    free(core->news);
    free(core->fragments.slots);
    free(core->addresses.slots);
    free(core->ring);
    ciphers_free(&core->ciphers);
}

static peer_t *core_peer(const core_t *core, uint32_t id) {
    uint32_t index = (id & (PEERS_MAX - 1)) - 1;
    if (!id || index >= core->peers_made || !core->peers[index] || core->peers[index]->id != id) return NULL;
    return core->peers[index];
}

static int core_grow(core_t *core) {
    uint32_t capacity = core->capacity ? core->capacity * 2 : 64;
    if (capacity >= PEERS_MAX) return 0;
    peer_t **peers = realloc(core->peers, capacity * sizeof *peers);
    if (peers) core->peers = peers;
    uint32_t *free_indexes = realloc(core->free_indexes, capacity * sizeof *free_indexes);
    if (free_indexes) core->free_indexes = free_indexes;
    uint32_t *news = realloc(core->news, capacity * sizeof *news);
    if (news) core->news = news;
    if (!peers || !free_indexes || !news) return 0;
    core->capacity = capacity;
    return 1;
}

/* A new peer; NULL without memory. An id is not given again before 4,096 others were. */
static peer_t *core_connect(core_t *core) {
    if (!core->free_count && core->peers_made == core->capacity && !core_grow(core)) return NULL;
    peer_t *peer = calloc(1, sizeof *peer);
    if (!peer) return NULL;
    uint32_t index = core->free_count ? core->free_indexes[--core->free_count] : core->peers_made++;
    core->generation++;
    peer->id = core->generation << INDEX_BITS | (index + 1);
    peer->checked_at = -1.0 / 0.0;
    core->peers[index] = peer;
    return peer;
}

static void core_unsettle(core_t *core, peer_t *peer) {
    uint32_t id;
    if (peer->is_settled && table_find(&core->fragments, peer->ufrag, peer->ufrag_bytes, &id) && id == peer->id)
        table_set(&core->fragments, peer->ufrag, peer->ufrag_bytes, 0);
    peer->is_settled = 0;
}

static void core_release(core_t *core, peer_t *peer) {
    uint32_t index = (peer->id & (PEERS_MAX - 1)) - 1;
    core_unsettle(core, peer);
    for (uint32_t i = 0; i < core->news_count; i++)
        if (core->news[i] == peer->id) core->news[i--] = core->news[--core->news_count];
    core->peers[index] = NULL;
    core->free_indexes[core->free_count++] = index;
    OPENSSL_cleanse(peer, sizeof *peer);
    free(peer);
}

/* Answers this check from now on; 0 where it is left to the engine. */
static int core_settle(core_t *core, peer_t *peer, const char *local, size_t local_bytes, const char *remote, size_t remote_bytes,
                       const char *password, size_t password_bytes, const address_t *address) {
    if (!local_bytes || local_bytes > FRAGMENT_MAX || !remote_bytes || local_bytes + 1 + remote_bytes > USERNAME_KEPT ||
        !address->length) {
        core_unsettle(core, peer);
        return 0;
    }
    uint32_t id;
    if (!table_find(&core->fragments, (const uint8_t *)local, local_bytes, &id)) return 0; /* not expected */
    int is_same_user = peer->is_settled && peer->ufrag_bytes == local_bytes && !memcmp(peer->ufrag, local, local_bytes) &&
                       peer->username_bytes == local_bytes + 1 + remote_bytes &&
                       !memcmp(peer->username + local_bytes + 1, remote, remote_bytes);
    int is_same_address = peer->settled.length == address->length && !memcmp(&peer->settled, address, sizeof *address);
    if (!is_same_user) {
        core_unsettle(core, peer);
        memcpy(peer->ufrag, local, local_bytes);
        peer->ufrag_bytes = (uint8_t)local_bytes;
        memcpy(peer->username, local, local_bytes);
        peer->username[local_bytes] = ':';
        memcpy(peer->username + local_bytes + 1, remote, remote_bytes);
        peer->username_bytes = (uint8_t)(local_bytes + 1 + remote_bytes);
        hmac_key(&peer->check_key, (const uint8_t *)password, password_bytes);
        if (!table_set(&core->fragments, peer->ufrag, peer->ufrag_bytes, peer->id)) return 0;
        peer->is_settled = 1;
    }
    if (!is_same_user || !is_same_address) {
        peer->settled = *address;
        peer->checked_at = -1.0 / 0.0;
    }
    return 1;
}

static void core_push(core_t *core, int kind, uint32_t peer, const address_t *from, const uint8_t *data, size_t length,
                      uint32_t room, uint64_t *full) {
    if (core->ring_count >= room) {
        ++*full;
        return;
    }
    item_t *item = &core->ring[(core->ring_at + core->ring_count++) % core->ring_size];
    item->kind = (uint8_t)kind;
    item->peer = peer;
    item->from = *from;
    item->length = (uint16_t)length;
    memcpy(item->data, data, length);
    core->counters.passed++;
}

static void forget_losses(quality_t *quality) {
    memset(&quality->picture, 0, sizeof quality->picture);
    memset(&quality->sound, 0, sizeof quality->sound);
}

/* Takes what a compound said, NULL for something authentic that said nothing of the line. */
static void core_note(core_t *core, peer_t *peer, const quality_t *said) {
    int is_worth_telling = !peer->is_confirmed;
    peer->is_confirmed = 1;
    if (said) {
        quality_t *quality = &peer->quality;
        add_losses(&quality->picture, &said->picture);
        add_losses(&quality->sound, &said->sound);
        /* That a loss is over is worth telling too. */
        is_worth_telling |= peer->is_watched || said->bad_legs || (said->good_legs & peer->bad_legs);
        peer->bad_legs = (peer->bad_legs & ~said->good_legs) | said->bad_legs;
        if (said->has_rtt) {
            float rtt_ms = said->rtt_ms, least = peer->rtt_least_ms * 1.01f;
            int was_long = peer->is_rtt_long;
            peer->is_rtt_long = quality->has_rtt && rtt_ms > NOTEWORTHY_RTT(least);
            is_worth_telling |= was_long || peer->is_rtt_long;
            peer->rtt_least_ms = !quality->has_rtt || rtt_ms < least ? rtt_ms : least;
            quality->has_rtt = 1;
            quality->rtt_ms = rtt_ms;
        }
    }
    if (is_worth_telling && !peer->is_in_news) {
        peer->is_in_news = 1;
        core->news[core->news_count++] = peer->id;
    } else if (!peer->is_in_news) {
        forget_losses(&peer->quality);
    }
}

/* Opens SRTCP into `out`, counted; the length, or less than zero. */
static int core_open(core_t *core, peer_t *peer, const uint8_t *data, size_t length, uint8_t *out) {
    int opened = srtcp_open(&core->ciphers, &peer->srtcp, data, length, out);
    if (opened > 0 && !peer->is_confirmed) core_note(core, peer, NULL);
    return opened;
}

static void core_take_rtcp(core_t *core, peer_t *peer, const address_t *from, const uint8_t *data, size_t length, double now) {
    uint8_t plain[DATAGRAM_MAX];
    counters_t *counters = &core->counters;
    int opened = core_open(core, peer, data, length, plain);
    switch (opened) {
    case REFUSED_SHORT: counters->srtcp_short++; return;
    case REFUSED_LONG: counters->srtcp_long++; return;
    case REFUSED_SOURCES: counters->srtcp_sources++; return;
    case REFUSED_AUTH: counters->srtcp_auth++; return;
    case REFUSED_REPLAY: counters->srtcp_replay++; return;
    default: break;
    }
    quality_t quality = {0};
    uint32_t middle = (uint32_t)(uint64_t)((now + core->ntp_offset_s) * 65536);
    int is_all = read_reports(&peer->srtcp, plain, (size_t)opened, middle, NULL);
    if (is_all >= 0) read_reports(&peer->srtcp, plain, (size_t)opened, middle, &quality);
    if (is_all >= 0 && (quality.picture.is_there || quality.sound.is_there)) core_note(core, peer, &quality);
    if (is_all > 0) {
        counters->reports++;
        return;
    }
    core_push(core, OPENED, peer->id, from, plain, (size_t)opened, core->ring_size * 3 / 4, &counters->full_control);
}

/* A check: the length of its answer, or 0. */
static size_t core_take_stun(core_t *core, const address_t *from, const uint8_t *data, size_t length, double now, uint8_t *answer) {
    size_t fragment_bytes = 0;
    uint32_t id = 0, holder = 0;
    const uint8_t *fragment = find_fragment(data, length, &fragment_bytes);
    if (!fragment || !table_find(&core->fragments, fragment, fragment_bytes, &id)) {
        core->counters.ufrag++;
        return 0;
    }
    peer_t *peer = core_peer(core, id);
    check_t check = {0};
    if (peer && peer->is_settled && peer->settled.length == from->length &&
        !memcmp(peer->settled.bytes, from->bytes, from->length) &&
        table_find(&core->addresses, from->bytes, from->length, &holder) && holder == id && read_check(data, length, &check) &&
        check.username_bytes == peer->username_bytes && !memcmp(check.username, peer->username, peer->username_bytes)) {
        if (!is_authentic(data, check.integrity, &peer->check_key)) {
            core->counters.unauthenticated++;
            return 0;
        }
        size_t size = write_answer(data, length, from, &peer->check_key, answer);
        if (size) {
            peer->checked_at = now;
            core->counters.answered++;
            return size;
        }
    }
    core_push(core, RAW, 0, from, data, length, core->ring_size / 2, &core->counters.full_stun);
    return 0;
}

/* Takes one datagram, whatever it is; the length of an answer to be sent where it came from, or 0. `now`: monotonic seconds. */
static size_t core_take(core_t *core, const address_t *from, const uint8_t *data, size_t length, double now, uint8_t *answer) {
    counters_t *counters = &core->counters;
    counters->datagrams++;
    if (!length || length > DATAGRAM_MAX) {
        counters->size++;
        return 0;
    }
    if (length >= STUN_HEADER && data[0] <= 3) return core_take_stun(core, from, data, length, now, answer);
    uint32_t id = 0;
    if (!table_find(&core->addresses, from->bytes, from->length, &id)) {
        /* What is not handled yet may be the very check that makes this address known. */
        if (core->ring_count + core->in_flight)
            core_push(core, RAW, 0, from, data, length, core->ring_size / 4, &counters->address);
        else
            counters->address++;
        return 0;
    }
    int is_rtp = length >= 8 && data[0] >= 128 && data[0] <= 191, is_rtcp = is_rtp && data[1] >= 192 && data[1] <= 223;
    peer_t *peer = core_peer(core, id);
    if (is_rtcp) {
        if (peer && peer->has_srtcp)
            core_take_rtcp(core, peer, from, data, length, now);
        else
            core_push(core, RAW, 0, from, data, length, core->ring_size * 3 / 4, &counters->full_control);
    } else if (is_rtp && length >= 12) {
        if (peer && peer->has_srtcp)
            counters->rtp++; /* a viewer sends none */
        else
            core_push(core, RAW, 0, from, data, length, core->ring_size, &counters->full_media);
    } else if (data[0] >= 20 && data[0] <= 63 && length >= 13) {
        core_push(core, RAW, 0, from, data, length, core->ring_size * 3 / 4, &counters->full_control);
    } else {
        counters->kind++;
    }
    return 0;
}

#endif
