import assert from "node:assert/strict";
import { test } from "node:test";
import { SMALLEST, ZOOMS, cellAt, cornerOf, groupedCells, inView, layoutOf, nextZoom } from "../../signaling/web/wall-layout.js";

const VIEWS = [{ width: 300, height: 300 }, { width: 1180, height: 640 }, { width: 1900, height: 900 }, { width: 3800, height: 1900 }];

test("all of them are seen at once, as large as that lets them be, down to the smallest", () => {
  for (const view of VIEWS) {
    for (const cells of [1, 7, 300, 2_594, 9_811, 11_367]) {
      const layout = layoutOf(cells, 0, view);
      assert.ok(layout.columns * layout.width <= view.width || layout.columns === 1);
      assert.ok(layout.columns * layout.rows >= cells);
      if (layout.tile > SMALLEST) assert.ok(layout.content <= view.height, `${cells} in ${view.width}×${view.height}`);
      if (layout.tile < 320 && layout.content <= view.height) assert.ok(layoutOf(cells, layout.tile + 1, view).content > view.height || layout.tile + 5 > view.width);
    }
  }
  assert.ok(layoutOf(9_811, 0, { width: 1900, height: 900 }).tile >= 15, "a whole country on a usual screen");
});

test("every cell is found where it is drawn, and nothing where there is none", () => {
  const cells = 1_000;
  for (const zoom of ZOOMS) {
    const layout = layoutOf(cells, zoom, { width: 777, height: 500 });
    for (const at of [0, 1, layout.columns - 1, layout.columns, 500, cells - 1]) {
      const { x, y } = cornerOf(layout, at);
      assert.equal(cellAt(layout, cells, x + layout.tile / 2, y + 2), at);
    }
    assert.equal(cellAt(layout, cells, -1, 0), -1);
    assert.equal(cellAt(layout, cells, 0, layout.content + 1), -1);
    assert.equal(cellAt(layout, cells, layout.columns * layout.width + 1, 0), -1);
  }
});

test("what is in view is whole rows and no more than fit", () => {
  const layout = layoutOf(1_000, 64, { width: 680, height: 400 });
  const [first, end] = inView(layout, 1_000, layout.height * 3 + 5, 400);
  assert.equal(first, 3 * layout.columns);
  assert.ok(end - first <= (Math.ceil(400 / layout.height) + 1) * layout.columns);
  assert.deepEqual(inView(layout, 1_000, layout.content - 10, 400)[1], 1_000);
  assert.deepEqual(inView(layout, 0, 0, 400), [0, 0]);
});

test("larger and smaller go through the sizes, the smallest step back is all at once", () => {
  assert.equal(nextZoom(0, 1, 17), 24);
  assert.equal(nextZoom(64, 1, 64), 96);
  assert.equal(nextZoom(320, 1, 320), 320);
  assert.equal(nextZoom(24, -1, 24), 0);
  assert.equal(nextZoom(0, -1, 40), 36);
});

test("in the order of the tree each unit has its head before its points, once, and only where there are some", () => {
  // points 0 … 5 stand in the tree at these places; the groups are its stretches, the first place is the country's own desk
  const placeOf = Int32Array.of(3, 1, 0, 5, 2, 4);
  const groups = [{ from: 1, to: 3 }, { from: 3, to: 4 }, { from: 4, to: 6 }];
  assert.deepEqual([...groupedCells(Int32Array.of(0, 1, 2, 3, 4, 5), placeOf, groups)], [2, -1, 1, 4, -2, 0, -3, 5, 3]);
  assert.deepEqual([...groupedCells(Int32Array.of(3, 4), placeOf, groups)], [-1, 4, -3, 3]);
  assert.deepEqual([...groupedCells(new Int32Array(0), placeOf, groups)], []);
});
