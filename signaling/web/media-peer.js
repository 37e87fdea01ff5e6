/**
 * What a WHEP viewer and a WHIP publisher share: join, notice a break, join again with jitter and backoff, leave.
 * One `MediaPeer` outlives its RTCPeerConnections; nothing of the page is rebuilt when one is replaced.
 */

import { watchPeer } from "./peer-health.js";
import { Backoff } from "./retry.js";
import { SdpHttpError, deleteResource, postOffer } from "./sdp-http.js";

/** @typedef {"idle" | "joining" | "live" | "broken"} MediaState  broken: waits before the next try */

/**
 * @typedef {object} MediaPeerOptions
 * @property {string} url  POST here
 * @property {() => string} token  the newest Bearer
 * @property {(state: MediaState, retryInMs: number | null, told: boolean) => void} onState  of a broken one: when it tries
 *   again, and whether the server said so
 * @property {() => boolean} [hurries]  whether somebody speaks over it: then it does not wait for its turn among many
 * @property {() => number} [random]  0 ≤ x < 1
 * @property {() => void} onUnauthorized  401: the token is old, get another; the peer tries again by itself
 * @property {(error: SdpHttpError) => boolean} [isFinal]  whether a refusal ends the tries (then the state is idle)
 */

/** The wait after the n-th failure in a row: up to 0.5 s, doubling, at most 8 s; after a picture that was there, up to 2 s. */
const WAITS = { leastMs: 0, firstMs: 500, lastMs: 8_000, lostMs: 2_000 };

let created = 0;

/** How many RTCPeerConnections this page ever made. */
export function peersCreated() {
  return created;
}

export class MediaPeer {
  /** @type {MediaState} */
  state = "idle";
  /** @type {RTCPeerConnection | null} */
  peer = null;
  /** Names the present connection, for diagnosis. */
  peerName = "";
  #options;
  #wanted = false;
  #round = 0;
  #random;
  #backoff;
  /** @type {string | null} */
  #location = null;
  /** @type {() => void} */
  #unwatch = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {MediaPeerOptions} options */
  constructor(options) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff({ ...WAITS, random: this.#random });
  }

  /** Join and stay joined until `leave`. */
  join() {
    this.#wanted = true;
    if (this.state !== "idle") return;
    this.#backoff.reset();
    void this.#attempt();
  }

  /** Join anew after a random wait; what runs is kept until the moment of the new try. @param {number} spreadMs */
  rejoin(spreadMs) {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    this.#round += 1;
    this.#timer = setTimeout(() => void this.#attempt(), this.#random() * spreadMs);
  }

  /** End the resource and the connection. */
  leave() {
    this.#wanted = false;
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#drop();
    this.#become("idle");
  }

  /**
   * Make the transceivers of a new connection.
   * @param {RTCPeerConnection} _peer @returns {Promise<void>}
   */
  async prepare(_peer) {}

  /** The answer is in place. @param {RTCPeerConnection} _peer */
  async established(_peer) {}

  async #attempt() {
    const round = ++this.#round;
    this.#drop();
    this.#become("joining");
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    created += 1;
    this.peer = peer;
    this.peerName = `peer-${created}`;
    try {
      await this.prepare(peer);
      await peer.setLocalDescription();
      const token = this.#options.token();
      const { answer, location } = await postOffer(this.#options.url, token, peer.localDescription?.sdp ?? "");
      if (round !== this.#round) {
        peer.close();
        void deleteResource(location, token);
        return;
      }
      this.#location = location;
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
      await this.established(peer);
    } catch (error) {
      if (round !== this.#round) peer.close();
      else this.#failed(error);
      return;
    }
    if (round !== this.#round) return;
    this.#unwatch = watchPeer(peer, () => this.#failed(null));
    const connected = () => {
      if (peer.connectionState !== "connected" || this.peer !== peer) return;
      this.#backoff.reset();
      this.#become("live");
    };
    peer.addEventListener("connectionstatechange", connected);
    connected();
  }

  /** @param {unknown} error  null: a connection that had an answer broke */
  #failed(error) {
    this.#round += 1;
    clearTimeout(this.#timer);
    const isLost = this.state === "live";
    this.#drop();
    if (error instanceof SdpHttpError) {
      if (error.status === 401) this.#options.onUnauthorized();
      if (this.#options.isFinal?.(error)) {
        this.#wanted = false;
        this.#become("idle");
        return;
      }
    } else if (error !== null) {
      console.warn("media", error);
    }
    const toldMs = error instanceof SdpHttpError ? error.retryAfterMs : null;
    const waitMs = this.#backoff.next({ toldMs, isLost, hurries: isLost && (this.#options.hurries?.() ?? false) });
    this.#become("broken", waitMs, toldMs !== null);
    this.#timer = setTimeout(() => void this.#attempt(), waitMs);
  }

  #drop() {
    this.#unwatch();
    this.#unwatch = () => {};
    this.peer?.close();
    this.peer = null;
    if (this.#location !== null) void deleteResource(this.#location, this.#options.token());
    this.#location = null;
  }

  /** @param {MediaState} state @param {number | null} [retryInMs] @param {boolean} [told] */
  #become(state, retryInMs = null, told = false) {
    if (this.state === state) return;
    this.state = state;
    this.#options.onState(state, retryInMs, told);
  }
}

/**
 * The codecs of a kind in the order the service prefers, others left out to keep offers small.
 * @param {RTCRtpCapabilities | null} capabilities @param {string[]} wanted  names after the slash, lower case
 * @returns {RTCRtpCodec[]}
 */
export function codecsInOrder(capabilities, wanted) {
  const codecs = capabilities?.codecs ?? [];
  return wanted.flatMap((name) =>
    codecs.filter((codec) => {
      if (codec.mimeType.split("/")[1]?.toLowerCase() !== name) return false;
      return name !== "h264" || /packetization-mode=1.*profile-level-id=42e01f|profile-level-id=42e01f.*packetization-mode=1/i.test(codec.sdpFmtpLine ?? "");
    }),
  );
}
