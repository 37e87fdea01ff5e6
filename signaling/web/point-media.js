/** The point's two peers as signals: the viewer of the programme, and the publisher that exists around a call. */

import { peersCreated } from "./media-peer.js";
import { batch, recall, remember, serverNow, signal } from "./ui.js";
import { POINT_SLOTS, WhepViewer } from "./whep.js";
import { WhipPublisher } from "./whip.js";

/** @import { ClientMessage, PictureLevel } from "./types.js" */
/** @import { MediaState } from "./media-peer.js" */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/** A point's picture: enough for 720p of one person at a desk. */
const POINT_VIDEO_BPS = 1_500_000;
/** The media node came back under another epoch: pages come back to it spread over this long. */
const EPOCH_SPREAD_MS = 3_000;
const EPOCH_SPREAD_IN_CALL_MS = 300;
/** How the media really travels is looked up so long after the viewer went live: by then a pair is nominated. */
const LOOK_AFTER_MS = 1_500;

export class PointMedia {
  /** Whether the node can be reached, as the server knows. */
  ready = signal(true);
  /** @type {Signal<MediaState>} */
  viewer = signal("idle");
  /** Of a broken viewer: when it tries again, and whether the server is full and said when. @type {Signal<{ at: number, told: boolean } | null>} */
  viewerRetry = signal(null);
  /** How much of the pictures comes. @type {Signal<{ level: PictureLevel, is_wish: boolean }>} */
  picture = signal({ level: "full", is_wish: false });
  /** Whether somebody here wants only the sound. */
  soundOnly = signal(recall("sound_only") === "yes");
  /** @type {Signal<MediaState>} */
  uplink = signal("idle");
  /** "video main" → track. @type {Signal<Record<string, MediaStreamTrack>>} */
  tracks = signal({});
  /** How the programme comes: `tcp` where this network lets no UDP through. @type {Signal<"udp" | "tcp" | null>} */
  protocol = signal(null);
  /** @type {Signal<number | null>} */
  rttMs = signal(null);
  whip;
  #whep;
  #say;
  #isBusy;
  #epoch = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #looking;

  /**
   * @param {{ session: string, token: () => string, renew: () => void, say: (message: ClientMessage) => boolean, isBusy: () => boolean }} options
   *   isBusy: whether there is a call here
   */
  constructor({ session, token, renew, say, isBusy }) {
    this.#say = say;
    this.#isBusy = isBusy;
    const shared = { token, onUnauthorized: renew };
    this.#whep = new WhepViewer({
      ...shared,
      url: `/whep/${session}`,
      slots: POINT_SLOTS,
      hurries: isBusy,
      onState: (state, retryInMs, told) => batch(() => this.#viewerMoved(state, retryInMs, told)),
      onTrack: (kind, slot, track) => (this.tracks.value = { ...this.tracks.value, [`${kind} ${slot}`]: track }),
    });
    this.whip = new WhipPublisher({
      ...shared,
      url: `/whip/${session}`,
      maxVideoBps: POINT_VIDEO_BPS,
      hurries: () => true,
      onState: (state) => (this.uplink.value = state),
    });
    addEventListener("pagehide", (event) => {
      if (event.persisted) return;
      this.#whep.leave();
      this.whip.leave();
    });
  }

  /** What the server says of the node. @param {boolean} ready @param {string} epoch */
  nodeChanged(ready, epoch) {
    this.ready.value = ready;
    if (!ready) return;
    const changed = this.#epoch !== "" && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (changed) {
      this.#whep.rejoin(this.#isBusy() ? EPOCH_SPREAD_IN_CALL_MS : EPOCH_SPREAD_MS);
      this.whip.rejoin(EPOCH_SPREAD_IN_CALL_MS);
    }
    this.#whep.join();
  }

  /** Somebody here asks for the programme to be joined anew. */
  rejoin() {
    this.#whep.rejoin(0);
  }

  leave() {
    clearTimeout(this.#looking);
    this.#whep.leave();
  }

  /** Only the sound of the programme, or the picture too. */
  toggleSoundOnly() {
    this.soundOnly.value = !this.soundOnly.value;
    remember("sound_only", this.soundOnly.value ? "yes" : "no");
    this.#say({ type: "limit_picture", level: this.soundOnly.value ? "sound" : "full" });
  }

  stats() {
    return this.#whep.stats();
  }

  /** Counters for tests and diagnosis; see diagnosis.js. */
  diagnosis() {
    return {
      media: { whep: this.#whep.state, whip: this.whip.state },
      peers: { whep: this.#whep.peer === null ? 0 : 1, whip: this.whip.peer === null ? 0 : 1 },
      peerNames: { whep: this.#whep.peerName, whip: this.whip.peerName },
      peersCreated: peersCreated(),
      epoch: this.#epoch,
    };
  }

  /** Ask the peer itself how it travels and how long a packet takes. */
  async look() {
    const { rtt_ms: rttMs, protocol } = await this.#whep.stats();
    this.rttMs.value = rttMs;
    this.protocol.value = protocol;
  }

  /** @param {MediaState} state @param {number | null} retryInMs @param {boolean} told */
  #viewerMoved(state, retryInMs, told) {
    this.viewer.value = state;
    this.viewerRetry.value = retryInMs === null ? null : { at: serverNow() + retryInMs, told };
    if (state === "joining") this.picture.value = { level: "full", is_wish: false };
    clearTimeout(this.#looking);
    if (state !== "live") return;
    if (this.soundOnly.value) this.#say({ type: "limit_picture", level: "sound" });
    this.#looking = setTimeout(() => void this.look(), LOOK_AFTER_MS);
  }
}
