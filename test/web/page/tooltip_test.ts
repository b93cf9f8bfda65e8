import { expect, test } from "vitest";
import { placeBeside } from "../../../web/page/tooltip.ts";

const BOX = { width: 100, height: 50 };
const PLOT = { width: 400, height: 300 };

test("right of the window, at the top, when nothing is in the way", () => {
  expect(placeBeside(100, BOX, PLOT, [])).toEqual({ x: 114, y: 8 });
});

test("left where the right has no room", () => {
  expect(placeBeside(390, BOX, PLOT, [])).toEqual({ x: 276, y: 8 });
});

test("where it hides the fewest points", () => {
  const topRight = { x: 250, y: 30 };
  expect(placeBeside(200, BOX, PLOT, [topRight])).toEqual({ x: 86, y: 8 });
  const topLeft = { x: 150, y: 30 };
  expect(placeBeside(200, BOX, PLOT, [topRight, topLeft])).toEqual({ x: 214, y: 242 });
});

test("inside the plot even where neither side has room", () => {
  const { x } = placeBeside(60, BOX, { width: 120, height: 300 }, []);
  expect(x).toBe(20);
});
