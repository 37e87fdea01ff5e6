import assert from "node:assert/strict";
import { test } from "node:test";
import { missingOf, withBoard } from "../../signaling/web/console-boards.js";

/** @param {number} number @param {"asking" | "closed"} state @returns {any} */
const board = (number, state = "closed") => ({ id: `r${number}`, state, started_at: 1000 * number, total: {} });

test("missing are those who have not confirmed, in time or late", () => {
  assert.equal(missingOf({ asked: 10, present: 6, late: 1, no_answer: 2, offline: 1 }), 3);
});

test("news of a board take the place of what was known, newest first", () => {
  let boards = withBoard([], board(1));
  boards = withBoard(boards, board(2, "asking"));
  boards = withBoard(boards, { ...board(1), total: { present: 5 } });
  assert.deepEqual(boards.map((each) => each.id), ["r2", "r1"]);
  assert.equal(boards[1]?.total.present, 5);
});

test("two that began in the same moment stay in the order of their numbers", () => {
  const boards = withBoard([{ ...board(9), started_at: 5 }], { ...board(10), started_at: 5 });
  assert.deepEqual(boards.map((each) => each.id), ["r10", "r9"]);
});

test("old closed ones are dropped, old ones that still ask are not", () => {
  let boards = [board(1, "asking")];
  for (let number = 2; number < 20; number += 1) boards = withBoard(boards, board(number), 3);
  assert.deepEqual(boards.map((each) => each.id), ["r19", "r18", "r17", "r1"]);
});
