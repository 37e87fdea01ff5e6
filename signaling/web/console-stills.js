/**
 * The stills of a console: one question a second for the unit shown, while a wall or a badge is looked at. The marks are the
 * room's; the pictures are kept only while there is a wall.
 */

import { StillFeed } from "./still-feed.js";
import { Atlas } from "./wall-atlas.js";
import { serverNow } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { StillsAnswer } from "./stills.js" */
/** @import { WallPainter } from "./wall-painter.js" */

const TILE = { width: 64, height: 36 };
const LARGE = { width: 160, height: 90 };
/** The service gives no more of the large ones at once. */
const LARGE_MOST = 64;
/** From this width on a small picture is too coarse. */
const LARGE_FROM = 90;

/** @type {WeakMap<Room, Stills>} */
const all = new WeakMap();

/** @param {Room} room @returns {Stills} */
export function stillsOf(room) {
  const known = all.get(room);
  if (known !== undefined) return known;
  const made = new Stills(room);
  all.set(room, made);
  return made;
}

class Stills {
  /** @type {WallPainter | null} */
  painter = null;
  /** No larger than a directory ten times this country's; what it takes grows with the points that have a picture. */
  atlas = new Atlas({ ...TILE, most: 110_000 });
  /** Answers that were taken over. */
  rounds = 0;
  #large = new Atlas({ ...LARGE, most: LARGE_MOST });
  #room;
  #feed;
  #largeFeed;
  #version = "";
  #shown = { unit: "", isPictured: false, isWanted: false };

  /** @param {Room} room */
  constructor(room) {
    this.#room = room;
    const of = { path: `/api/sessions/${room.session}/stills`, token: () => room.token };
    this.#feed = new StillFeed({ ...of, onAnswer: (answer, isWhole) => this.#receive(answer, isWhole) });
    this.#largeFeed = new StillFeed({ ...of, onAnswer: (answer) => this.#receiveLarge(answer) });
  }

  /** @param {{ unit: string, isPictured: boolean, isWanted: boolean }} wish  isPictured: with pictures, otherwise only what was seen on them */
  show(wish) {
    const before = this.#shown;
    this.#shown = wish;
    if (wish.isPictured && !before.isPictured) this.#feed.show(""); // everything again, with pictures this time
    if (!wish.isPictured) this.atlas.clear();
    const unit = wish.unit === "" ? "" : `&unit=${encodeURIComponent(wish.unit)}`;
    this.#feed.show(wish.isWanted ? `size=small${unit}` : "");
    if (!wish.isPictured) this.enlarge(0, []);
  }

  /** Ask for larger pictures where few enough are seen. @param {number} tile  width of a picture, pixels @param {readonly number[]} points  in view */
  enlarge(tile, points) {
    const isFew = points.length > 0 && points.length <= LARGE_MOST && tile >= LARGE_FROM;
    if (this.painter !== null) this.painter.large = isFew ? this.#large : null;
    if (isFew) this.#large.keep(new Set(points));
    else this.#large.clear();
    const codes = isFew ? points.map((index) => this.#room.directory.peek().points[index]?.code ?? "") : [];
    this.#largeFeed.show(isFew ? `size=medium&points=${encodeURIComponent(codes.join(","))}` : "");
  }

  /** @param {StillsAnswer} answer @param {boolean} isWhole @returns {Promise<boolean>} */
  async #receive(answer, isWhole) {
    const { head } = answer;
    const room = this.#room;
    const directory = room.directory.peek();
    if (head.directory !== directory.version) return false;
    if (this.#version !== directory.version) {
      this.#version = directory.version;
      room.stills.reset(directory.points.length);
      this.atlas.clear();
    }
    const gone = new Set(head.gone);
    if (isWhole) {
      const named = new Set(head.stills.map(([index]) => index));
      const [from, to] = directory.stretch(this.#shown.unit);
      for (const index of directory.byTree.subarray(from, to)) if (!named.has(index)) gone.add(index);
    }
    for (const index of gone) {
      room.stills.forget(index);
      this.atlas.forget(index);
    }
    for (const entry of head.stills) room.stills.note(entry);
    const changed = this.#shown.isPictured ? await this.atlas.receive(answer) : [];
    this.rounds += 1;
    this.painter?.changed(changed);
    this.painter?.refresh(serverNow());
    room.badged.value += 1;
    return true;
  }

  /** @param {StillsAnswer} answer @returns {Promise<boolean>} */
  async #receiveLarge(answer) {
    if (answer.head.directory !== this.#room.directory.peek().version) return false;
    for (const index of answer.head.gone) this.#large.forget(index);
    const changed = await this.#large.receive(answer);
    this.painter?.changed(changed);
    return true;
  }
}
