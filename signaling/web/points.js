/**
 * The state of every point: sixteen values in four bits, as frames and changes bring them, and how each is shown.
 * A state is always told three ways: shape, colour (tone) and word; offline is grey, never red.
 */

/** @typedef {"ring" | "dot" | "bell" | "bell-on" | "half" | "link" | "square" | "live" | "cross" | "dash"} Shape */
/** @typedef {"off" | "ok" | "call" | "preview" | "air" | "warn" | "quiet"} Tone */

/** @type {readonly { key: string, shape: Shape, tone: Tone }[]} index: the nibble */
export const POINT_STATES = [
  { key: "offline", shape: "ring", tone: "off" },
  { key: "ready", shape: "dot", tone: "ok" },
  { key: "ringing", shape: "bell", tone: "call" },
  { key: "delivered", shape: "bell-on", tone: "call" },
  { key: "answered", shape: "half", tone: "call" },
  { key: "connected", shape: "link", tone: "call" },
  { key: "preview", shape: "square", tone: "preview" },
  { key: "on_air", shape: "live", tone: "air" },
  { key: "missed", shape: "cross", tone: "warn" },
  { key: "missed_offline", shape: "cross", tone: "quiet" },
  { key: "engaged", shape: "link", tone: "quiet" },
];

export const OFFLINE = 0;
export const MISSED_OFFLINE = 9;
export const OUT_OF_SCOPE = 15;

/** @param {number} state @returns {{ key: string, shape: Shape, tone: Tone }} */
export function stateOf(state) {
  return POINT_STATES[state] ?? { key: "out_of_scope", shape: "dash", tone: "quiet" };
}

/** @param {number} state @returns {boolean} whether a page of this point is connected */
export function isLive(state) {
  return state !== OFFLINE && state !== MISSED_OFFLINE && state !== OUT_OF_SCOPE;
}

/**
 * One nibble a point, high nibble first.
 * @param {string} base64 @param {number} count
 * @returns {Uint8Array} one state a point; points that the text does not reach are offline
 */
export function decodeFrame(base64, count) {
  const bytes = atob(base64);
  const states = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const byte = bytes.charCodeAt(i >> 1);
    if (!Number.isNaN(byte)) states[i] = i % 2 === 0 ? byte >> 4 : byte & 15;
  }
  return states;
}

/** All points' states with their counts; changed in place, because a copy per change is what kills large meetings. */
export class PointStates {
  /** @type {Uint8Array} */
  states = new Uint8Array(0);
  version = -1;
  /** How many points are in each of the sixteen states. */
  counts = new Uint32Array(16);
  /** Since when each point is in its state, milliseconds since the epoch; 0: since before this page looked. */
  since = new Float64Array(0);

  /** @param {{ version: number, count: number, states: string }} frame @param {number} [at]  server's time */
  receiveFrame(frame, at = 0) {
    const before = this.states;
    const since = new Float64Array(frame.count);
    this.states = decodeFrame(frame.states, frame.count);
    this.version = frame.version;
    this.counts.fill(0);
    const goesOn = before.length === this.states.length;
    this.states.forEach((state, i) => {
      this.counts[state] = (this.counts[state] ?? 0) + 1;
      if (goesOn) since[i] = before[i] === state ? (this.since[i] ?? 0) : at;
    });
    this.since = since;
  }

  /**
   * @param {{ version: number, changes: [number, number][] }} message @param {number} [at]  server's time
   * @returns {boolean} whether anything changed; an old version changes nothing
   */
  receiveChanges(message, at = 0) {
    if (message.version <= this.version) return false;
    this.version = message.version;
    let changed = false;
    for (const [index, state] of message.changes) {
      const before = this.states[index];
      if (before === undefined || before === state) continue;
      this.counts[before] = (this.counts[before] ?? 1) - 1;
      this.counts[state] = (this.counts[state] ?? 0) + 1;
      this.states[index] = state;
      this.since[index] = at;
      changed = true;
    }
    return changed;
  }

  /** Points in scope. */
  get total() {
    return this.states.length - (this.counts[OUT_OF_SCOPE] ?? 0);
  }

  /** Points with a page connected. */
  get live() {
    return this.total - (this.counts[OFFLINE] ?? 0) - (this.counts[MISSED_OFFLINE] ?? 0);
  }
}
