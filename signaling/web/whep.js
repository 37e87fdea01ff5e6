/** A viewer: receives the slots it asked for, each once negotiated, whatever feeds them later. No user interface. */

import { MediaPeer, codecsInOrder } from "./media-peer.js";

/** @import { MediaPeerOptions } from "./media-peer.js" */

/** In the order of the offer's lines, which is the order in which the server gives slots. */
export const POINT_SLOTS = { video: ["main", "inset"], audio: ["center", "guest1", "guest2"] };
const MONITORS = ["monitor1", "monitor2", "monitor3", "monitor4"];
export const CONSOLE_SLOTS = {
  video: ["main", "inset", ...MONITORS],
  audio: ["center", "guest1", "guest2", ...MONITORS],
};

export class WhepViewer extends MediaPeer {
  #slots;
  #onTrack;
  /** @type {Map<string, RTCRtpReceiver>} */
  #receivers = new Map();

  /**
   * @param {MediaPeerOptions & { slots: { video: string[], audio: string[] },
   *   onTrack: (kind: "video" | "audio", slot: string, track: MediaStreamTrack) => void }} options
   *   onTrack is called for every slot of every new connection; show the track, it is silent until something feeds the slot
   */
  constructor(options) {
    super(options);
    this.#slots = options.slots;
    this.#onTrack = options.onTrack;
  }

  /** @param {RTCPeerConnection} peer @override */
  async prepare(peer) {
    this.#receivers.clear();
    for (const slot of this.#slots.video) this.#add(peer, "video", slot);
    for (const slot of this.#slots.audio) this.#add(peer, "audio", slot);
  }

  /** @override */
  async established() {
    for (const [key, receiver] of this.#receivers) {
      const [kind, slot] = key.split(" ");
      if (slot !== undefined) this.#onTrack(kind === "video" ? "video" : "audio", slot, receiver.track);
    }
  }

  /**
   * What each slot receives, for diagnosis and for the report's round-trip time.
   * @returns {Promise<{ rtt_ms: number | null, protocol: "udp" | "tcp" | null, slots: Record<string, Record<string, number>> }>} slots: "video main" → counters
   */
  async stats() {
    /** @type {Record<string, Record<string, number>>} */
    const slots = {};
    let rtt = null;
    /** @type {"udp" | "tcp" | null} */
    let protocol = null;
    for (const [key, receiver] of this.#receivers) {
      const entries = await receiver.getStats();
      for (const entry of entries.values()) {
        if (entry.type === "candidate-pair" && entry.nominated && typeof entry.currentRoundTripTime === "number") {
          rtt = Math.round(entry.currentRoundTripTime * 1000);
          protocol = entries.get(entry.remoteCandidateId)?.protocol ?? protocol;
        }
        if (entry.type !== "inbound-rtp") continue;
        slots[key] = {};
        for (const name of COUNTERS) if (typeof entry[name] === "number") slots[key][name] = entry[name];
      }
    }
    return { rtt_ms: rtt, protocol, slots };
  }

  /** @param {RTCPeerConnection} peer @param {"video" | "audio"} kind @param {string} slot */
  #add(peer, kind, slot) {
    const transceiver = peer.addTransceiver(kind, { direction: "recvonly" });
    if (kind === "video") {
      const codecs = codecsInOrder(RTCRtpReceiver.getCapabilities?.("video") ?? null, ["vp8", "h264"]);
      if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
    } else {
      const codecs = codecsInOrder(RTCRtpReceiver.getCapabilities?.("audio") ?? null, ["opus"]);
      if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
    }
    this.#receivers.set(`${kind} ${slot}`, transceiver.receiver);
  }
}

const COUNTERS = [
  "packetsReceived", "packetsLost", "bytesReceived", "framesDecoded", "framesDropped", "keyFramesDecoded", "frameWidth",
  "frameHeight", "framesPerSecond", "freezeCount", "totalFreezesDuration", "pliCount", "nackCount", "jitterBufferDelay",
  "jitterBufferEmittedCount", "totalAudioEnergy", "totalSamplesReceived", "concealedSamples",
];
