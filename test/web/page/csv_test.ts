import { expect, test } from "vitest";
import { writeCsv } from "../../../web/page/csv.ts";

const TABLE = {
  starts: [1_447_171_200_000, 1_447_171_201_000],
  ends: [1_447_171_201_000, 1_447_171_202_000],
  series: ["a", "b"],
  columns: [
    [1, 2],
    [0.5, null],
  ],
};

test("a byte order mark, a header, ISO times, CRLF, an empty field for a missing value", () => {
  const csv = writeCsv(TABLE, { start: "start", end: "end", labels: ["女生", "男生"] });
  expect(csv).toBe(
    "\uFEFFstart,end,女生,男生\r\n" +
      "2015-11-10T16:00:00.000Z,2015-11-10T16:00:01.000Z,1,0.5\r\n" +
      "2015-11-10T16:00:01.000Z,2015-11-10T16:00:02.000Z,2,\r\n",
  );
});

test("labels are quoted where needed, and never run as a formula", () => {
  const labels = ['=HYPERLINK("x")', "a,b"];
  const csv = writeCsv({ ...TABLE, starts: [], ends: [] }, { start: "s", end: "e", labels });
  expect(csv).toBe('\uFEFFs,e,"\'=HYPERLINK(""x"")","a,b"\r\n');
});
