import assert from "node:assert/strict";
import { test } from "node:test";
import { layersOf } from "../../signaling/web/whip.js";

test("a large picture has three layers, the smallest first, and all of them together keep to the limit", () => {
  const layers = layersOf(720, 2_200_000);
  assert.deepEqual(layers.map((layer) => [layer.rid, layer.scaleResolutionDownBy]), [["q", 4], ["h", 2], ["f", 1]]);
  assert.equal(layers.reduce((sum, layer) => sum + (layer.maxBitrate ?? 0), 0), 2_200_000);
  assert.ok(layers.every((layer, n) => n === 0 || (layer.maxBitrate ?? 0) > (layers[n - 1]?.maxBitrate ?? 0)));
});

test("a small picture, and one that is not there yet, is one stream", () => {
  for (const lines of [0, 360, 480]) assert.deepEqual(layersOf(lines, 1_000_000), [{ maxBitrate: 1_000_000 }]);
});
