/** The counters of a roll call for the tiles of the map: those of the unit shown, brought while it asks. */

import { signal } from "./ui.js";

/** @import { Board } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/**
 * `units`: counters of those right below; `missing`: codes of the missing points, null where they are too many to list;
 * `asked`: whether any point here was asked; `leftOut`: units that the answer does not have.
 * @typedef {{ units: ReadonlyMap<string, Board["units"][number]>, missing: ReadonlySet<string> | null, asked: boolean, leftOut: number }} RollFigures
 */

/** Points are named one by one where the unit has no more. */
const LIST_MOST = 1_000;
const AGAIN_MS = 3_000;

export class RollCallFigures {
  /** @type {import("@preact/signals").Signal<RollFigures | null>} */
  figures = signal(null);
  #room;
  #wanted = "";
  #busy = false;
  #stale = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Room} room */
  constructor(room) {
    this.#room = room;
  }

  /** @param {string} rollCall @param {string} unit  empty: the account's scope */
  show(rollCall, unit) {
    const wanted = `${rollCall} ${unit}`;
    if (wanted !== this.#wanted) this.figures.value = null;
    this.#wanted = wanted;
    this.#stale = true;
    if (!this.#busy && (this.#timer === undefined || this.figures.peek() === null)) void this.#load();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = "";
    this.#stale = false;
  }

  async #load() {
    const wanted = this.#wanted;
    const [rollCall, unit] = wanted.split(" ");
    const [from, to] = this.#room.directory.peek().stretch(unit ?? "");
    const isListed = to - from <= LIST_MOST;
    this.#busy = true;
    this.#stale = false;
    clearTimeout(this.#timer);
    try {
      const query = new URLSearchParams({ status: "missing", limit: isListed ? String(LIST_MOST) : "1" });
      if (unit) query.set("unit", unit);
      const response = await fetch(`/api/sessions/${this.#room.session}/roll-calls/${rollCall}?${query}`, { headers: { Authorization: `Bearer ${this.#room.token}` } });
      if (response.ok && wanted === this.#wanted) {
        /** @type {{ roll_call: Board, points: { point: string }[] }} */
        const { roll_call: board, points } = await response.json();
        this.figures.value = {
          units: new Map(board.units.map((each) => [each.unit, each])),
          missing: isListed ? new Set(points.map((each) => each.point)) : null,
          asked: board.total.asked > 0,
          leftOut: board.units_left_out,
        };
      }
    } catch {
      this.#stale = true; // the next round asks again
    }
    this.#busy = false;
    if (this.#wanted === "") return;
    // However fast the counters move, no more often than this; nothing is asked when they rest.
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#stale) void this.#load();
    }, wanted === this.#wanted ? AGAIN_MS : 0);
  }
}
