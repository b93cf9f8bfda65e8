import { describe, expect, test } from "vitest";
import { predict } from "./kafka_streams/predict.ts";
import { KAFKA_STREAMS } from "./kafka_streams/semantics.ts";
import { expectedOf } from "./rules.ts";
import type { InputRecord, Outcome, ReduceParams, WindowedVector } from "./vectors.ts";

type Records = readonly (readonly [key: string | null, value: string | null, ts: number])[];

function inputOf(records: Records): readonly InputRecord[] {
  return records.map(([key, value, ts]) => ({ key, value, ts }));
}

/** A case whose outcome is what the model of Kafka Streams gives. */
function caseOf(
  kind: WindowedVector["kind"],
  params: ReduceParams,
  records: Records,
): WindowedVector {
  const draft = { id: "case", kind, params, input: inputOf(records), output: [], droppedAt: [] };
  return { ...draft, ...predict(draft, KAFKA_STREAMS) };
}

/** `<input index>: <key>[<start>,<end>]=<value>@<timestamp>`, and what was dropped. */
function show({ output, droppedAt }: Outcome): readonly string[] {
  return [
    ...output.map(
      ({ i, key, windowStart, windowEnd, value, ts }) =>
        `${i}: ${key}[${windowStart},${windowEnd}]=${value}@${ts}`,
    ),
    ...droppedAt.map((i) => `${i}: dropped`),
  ];
}

const TUMBLING = { windows: "tumbling", sizeMs: 10, advanceMs: 10, graceMs: 0 } as const;
const SESSION = { windows: "session", gapMs: 10, graceMs: 1 } as const;
const SLIDING = { windows: "sliding", differenceMs: 2, graceMs: 1 } as const;

interface RuleCase {
  readonly rule: string;
  readonly kind: WindowedVector["kind"];
  readonly params: ReduceParams;
  readonly records: Records;
  readonly kafkaStreams: readonly string[];
  readonly millrace: readonly string[];
}

const CASES: readonly RuleCase[] = [
  {
    rule: "null-values-dropped",
    kind: "tumbling",
    params: { ...TUMBLING, emit: "update", reduce: "trace" },
    records: [
      ["a", "x", 1],
      ["a", null, 3],
      ["a", "y", 2],
    ],
    kafkaStreams: ["0: a[0,10]=I,x@1", "1: a[0,10]=I,x,null@3", "2: a[0,10]=I,x,null,y@3"],
    millrace: ["0: a[0,10]=I,x@1", "2: a[0,10]=I,x,y@2", "1: dropped"],
  },
  {
    rule: "time-of-the-source",
    kind: "tumbling",
    params: { ...TUMBLING, emit: "update", reduce: "count" },
    records: [
      [null, "x", 10],
      ["a", "x", 9],
    ],
    kafkaStreams: ["1: a[0,10]=1@9", "0: dropped"],
    millrace: ["0: dropped", "1: dropped"],
  },
  {
    rule: "final-timestamp",
    kind: "tumbling",
    params: { ...TUMBLING, emit: "close", reduce: "count" },
    records: [
      ["a", "x", 4],
      ["a", "x", 10],
    ],
    kafkaStreams: ["1: a[0,10]=1@4"],
    millrace: ["1: a[0,10]=1@9"],
  },
  {
    // The buffer lets a session go at the end, gap and grace that still takes a record.
    rule: "final-by-stream-time",
    kind: "suppress",
    params: { ...SESSION, emit: "suppress", reduce: "count" },
    records: [
      ["a", "x", 0],
      ["b", "x", 11],
      ["c", "x", 12],
    ],
    kafkaStreams: ["1: a[0,0]=1@0"],
    millrace: ["2: a[0,0]=1@0"],
  },
  {
    rule: "final-order",
    kind: "session",
    params: { ...SESSION, emit: "close", reduce: "count" },
    records: [
      ["b", "x", 0],
      ["a", "x", 5],
      ["b", "x", 5],
      ["c", "x", 20],
    ],
    kafkaStreams: ["3: b[0,5]=2@5", "3: a[5,5]=1@5"],
    millrace: ["3: a[5,5]=1@5", "3: b[0,5]=2@5"],
  },
  {
    // At 20 the grace of 9 has passed, and gap and grace have not.
    rule: "session-late-by-own-time",
    kind: "session",
    params: { ...SESSION, emit: "update", reduce: "count" },
    records: [
      ["a", "x", 20],
      ["a", "x", 19],
      ["b", "x", 9],
    ],
    kafkaStreams: ["0: a[20,20]=1@20", "1: a[20,20]=null@20", "1: a[19,20]=2@20", "2: b[9,9]=1@9"],
    millrace: ["0: a[20,20]=1@20", "1: a[20,20]=null@20", "1: a[19,20]=2@20", "2: dropped"],
  },
  {
    rule: "session-partials-joined",
    kind: "session",
    params: { ...SESSION, graceMs: 100, emit: "update", reduce: "trace" },
    records: [
      ["a", "x", 0],
      ["a", "y", 15],
      ["a", "z", 8],
    ],
    kafkaStreams: [
      "0: a[0,0]=I,x@0",
      "1: a[15,15]=I,y@15",
      "2: a[0,0]=null@0",
      "2: a[15,15]=null@15",
      "2: a[0,15]=((I+I,x)+I,y),z@15",
    ],
    millrace: [
      "0: a[0,0]=I,x@0",
      "1: a[15,15]=I,y@15",
      "2: a[0,0]=null@0",
      "2: a[15,15]=null@15",
      "2: a[0,15]=I,x,y,z@15",
    ],
  },
  {
    // 3 is late for [1,3] and not for [2,4], which nothing has made yet when it comes.
    rule: "sliding-by-definition",
    kind: "sliding",
    params: { ...SLIDING, emit: "update", reduce: "trace" },
    records: [
      ["b", "t", 5],
      ["a", "x", 3],
      ["a", "y", 4],
    ],
    kafkaStreams: ["0: b[3,5]=I,t@5", "2: a[2,4]=I,y@4", "1: dropped"],
    millrace: ["0: b[3,5]=I,t@5", "2: a[2,4]=I,x,y@4", "2: a[4,6]=I,y@4"],
  },
  {
    rule: "sliding-order",
    kind: "sliding",
    params: { ...SLIDING, emit: "update", reduce: "count" },
    records: [
      ["a", "x", 9],
      ["a", "x", 10],
    ],
    kafkaStreams: ["0: a[7,9]=1@9", "1: a[10,12]=1@10", "1: a[8,10]=2@10"],
    millrace: ["0: a[7,9]=1@9", "1: a[8,10]=2@10", "1: a[10,12]=1@10"],
  },
  {
    rule: "sliding-written-once",
    kind: "sliding",
    params: { ...SLIDING, emit: "update", reduce: "count" },
    records: [
      ["a", "x", 9],
      ["a", "x", 10],
      ["a", "y", 13],
    ],
    kafkaStreams: [
      "0: a[7,9]=1@9",
      "1: a[10,12]=1@10",
      "1: a[8,10]=2@10",
      "2: a[11,13]=1@13",
      "2: a[11,13]=1@13",
    ],
    millrace: ["0: a[7,9]=1@9", "1: a[8,10]=2@10", "1: a[10,12]=1@10", "2: a[11,13]=1@13"],
  },
];

describe("a rule says exactly what comes instead", () => {
  test.each(CASES)("$rule", ({ rule, kind, params, records, kafkaStreams, millrace }) => {
    const vector = caseOf(kind, params, records);
    expect(show(vector)).toEqual(kafkaStreams);
    const expected = expectedOf(vector);
    expect(show(expected)).toEqual(millrace);
    expect(expected.rules).toContain(rule);
  });
});

test("no rule is applied to a case that the model does not reproduce", () => {
  const vector = caseOf("tumbling", { ...TUMBLING, emit: "close", reduce: "count" }, [
    ["a", "x", 4],
    ["a", "x", 10],
  ]);
  const output = [{ ...vector.output[0]!, value: 2 }];
  expect(expectedOf({ ...vector, output })).toMatchObject({
    output,
    rules: [],
    unmodelled: expect.stringMatching(/^output\[0\]: expected .*"value":2.*got .*"value":1/),
  });
});
