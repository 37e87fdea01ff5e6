/**
 * A publisher: connected and silent first, sending when it is given a stream. No user interface.
 *
 * The two lines are negotiated without tracks, so that a call's answer costs a `replaceTrack` and one key frame. Firefox
 * goes on sending a frame a second after `replaceTrack(null)`, so a silent line is also made inactive.
 *
 * A voice (talkback) has one line, and no picture.
 *
 * With layers (simulcast) the picture is sent in up to three sizes, and the node gives each viewer the one that its line carries.
 */

import { MediaPeer, codecsInOrder } from "./media-peer.js";

/** @import { MediaPeerOptions } from "./media-peer.js" */

/**
 * Smallest first: Chromium's encoder allots bits in this order. Enough for 180 and 360 lines at 25 frames a second. The lowest has room
 * on a line of 200 kb/s beside the sound (50 kb/s with its headers) and its own headers (12 kb/s).
 */
const LOWER_LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 110_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
];
/** libwebrtc makes three layers from here on, and of a smaller picture leaves out the largest. */
const LAYERED_LINES = 540;

export class WhipPublisher extends MediaPeer {
  #maxVideoBps;
  #hasLayers;
  #isVoice;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {{ video: RTCRtpSender | null, audio: RTCRtpSender } | null} */
  #senders = null;

  /**
   * @param {MediaPeerOptions & { maxVideoBps: number, hasLayers?: boolean, isVoice?: boolean }} options  maxVideoBps is for all layers
   *   together; how many there are is settled with each connection, by the size of the picture that is on the line then
   */
  constructor(options) {
    super(options);
    this.#maxVideoBps = options.maxVideoBps;
    this.#hasLayers = options.hasLayers ?? false;
    this.#isVoice = options.isVoice ?? false;
  }

  /** Whether a stream is on the lines, or will be as soon as they are there. */
  get isSending() {
    return this.#stream !== null;
  }

  /** Send this stream's first audio and video track from now on, through every rejoin. @param {MediaStream} stream */
  async send(stream) {
    this.#stream = stream;
    await this.#apply();
  }

  /** Send nothing, and stay connected: the next `send` is heard at once. */
  async pause() {
    this.#stream = null;
    await this.#apply();
  }

  /** The stream ended with its call: a connection made later starts silent. */
  forget() {
    this.#stream = null;
  }

  /** @param {RTCPeerConnection} peer @override */
  async prepare(peer) {
    const audio = peer.addTransceiver("audio", { direction: "sendonly" });
    prefer(audio, "audio", ["opus"]);
    this.#senders = { audio: audio.sender, video: this.#isVoice ? null : this.#addPicture(peer) };
    // A stream that is live already (a rejoin) goes on before the offer: the first packets follow the handshake at once.
    if (this.#stream !== null) await this.#apply();
  }

  /** @param {RTCPeerConnection} peer */
  #addPicture(peer) {
    const lines = this.#stream?.getVideoTracks()[0]?.getSettings().height ?? 0;
    const sendEncodings = this.#hasLayers ? layersOf(lines, this.#maxVideoBps) : [{ maxBitrate: this.#maxVideoBps }];
    const video = peer.addTransceiver("video", { direction: "sendonly", sendEncodings });
    prefer(video, "video", ["vp8", "h264", "rtx"]);
    return video.sender;
  }

  /** @override */
  async established() {
    await this.#apply();
  }

  async #apply() {
    const senders = this.#senders;
    if (senders === null || this.peer === null) return;
    const [audio] = this.#stream?.getAudioTracks() ?? [];
    const [video] = this.#stream?.getVideoTracks() ?? [];
    await Promise.all([feed(senders.audio, audio ?? null), senders.video === null ? null : feed(senders.video, video ?? null)]);
  }
}

/**
 * The layers of a picture: three, or one of a small picture, which is its own lower layer. (Between two sizes there would be little to
 * choose, and Chromium fills the line with padding up to what its top layer needs.) One temporal layer: what could be left out of a
 * stream is left out by taking a lower one.
 * @param {number} lines @param {number} maxBps
 * @returns {RTCRtpEncodingParameters[]}
 */
export function layersOf(lines, maxBps) {
  if (lines < LAYERED_LINES) return [{ maxBitrate: maxBps }];
  const left = maxBps - LOWER_LAYERS.reduce((sum, layer) => sum + layer.maxBitrate, 0);
  const layers = [...LOWER_LAYERS, { rid: "f", scaleResolutionDownBy: 1, maxBitrate: left }];
  return layers.map((layer) => ({ ...layer, scalabilityMode: "L1T1" }));
}

/** @param {RTCRtpSender} sender @param {MediaStreamTrack | null} track */
async function feed(sender, track) {
  try {
    if (sender.track !== track) await sender.replaceTrack(track);
    const parameters = sender.getParameters();
    const active = track !== null;
    if (parameters.encodings.length === 0 || parameters.encodings.every((encoding) => (encoding.active ?? true) === active)) return;
    for (const encoding of parameters.encodings) encoding.active = active;
    await sender.setParameters(parameters);
  } catch (error) {
    // a connection that was closed meanwhile: its successor is fed when it is made
    if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
  }
}

/** @param {RTCRtpTransceiver} transceiver @param {string} kind @param {string[]} wanted */
function prefer(transceiver, kind, wanted) {
  const codecs = codecsInOrder(RTCRtpSender.getCapabilities?.(kind) ?? null, wanted);
  if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
}
