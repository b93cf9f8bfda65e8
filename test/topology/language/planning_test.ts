import { describe, expect, test } from "vitest";
import { type Node, nodesBehind, type Plan } from "../../../topology/language/mod.ts";
import { counting, diagnose, pipeline, planOf } from "./_fixtures.ts";

/** `emit > repartition`, one line per path through the nodes. */
function shape(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => {
    const name = node.kind === "sink" ? `sink ${node.stream}` : node.kind;
    const below = shape(nodesBehind(node));
    return below.length === 0 ? [name] : below.map((rest) => `${name} > ${rest}`);
  });
}

function shapes(plan: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    plan.subtopologies.map(({ name, inputs }) => [
      name,
      inputs.flatMap(({ nodes }) => shape(nodes)),
    ]),
  );
}

const stream = (options: string) =>
  ["{ avro: user_log.avsc }", `{ avro: user_log.avsc }, ${options}`] as const;

const REDUCE =
  "windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final }";

describe("repartitioning", () => {
  test("a changed key ends the subtopology in front of the window stage", () => {
    const plan = planOf(counting());
    expect(shapes(plan)).toEqual({
      p: ["emit > repartition"],
      counted: ["windowedReduce > sink out"],
    });
    expect(plan.subtopologies[1]?.inputs[0]?.from).toMatchObject({
      kind: "repartition",
      topic: "t-counted-repartition",
      writers: [{ subtopology: "p", id: expect.any(Number), delayMs: 0 }],
      key: { kind: "string" },
      value: { kind: "avro" },
      valueUnchanged: true,
    });
  });

  test("a key nobody vouches for is repartitioned too", () => {
    expect(shapes(planOf(pipeline(`- ${REDUCE}\n- sink: out`)))).toEqual({
      "p-source": ["repartition"],
      p: ["windowedReduce > sink out"],
    });
  });

  test("a record key that decides the partition already is not", () => {
    const text = pipeline(`- filter: value.user_id > 1\n- ${REDUCE}\n- sink: out`).replace(
      ...stream("key: string, partitionedBy: key"),
    );
    expect(shapes(planOf(text))).toEqual({ p: ["filter > windowedReduce > sink out"] });
  });

  test("merged sources are, whatever their keys decide", () => {
    const text = [
      "topology: t",
      "streams:",
      "  s: { value: { avro: user_log.avsc }, key: string, partitionedBy: key }",
      "  r: { value: { avro: user_log.avsc }, key: string, partitionedBy: key }",
      "  out: {}",
      `pipelines: { both: [{ source: [s, r] }, { ${REDUCE} }, { sink: out }] }`,
    ].join("\n");
    expect(shapes(planOf(text))).toEqual({
      "both-s": ["repartition"],
      "both-r": ["repartition"],
      both: ["windowedReduce > sink out"],
    });
  });

  test("a record key that decided the partition no longer does once a stage changes it", () => {
    const partitioned = stream("key: string, partitionedBy: key");
    for (const [stages, first] of [
      [`- map: { key: value.gender }\n- ${REDUCE}`, "emit"],
      [`- ${REDUCE.replace("{ window", "{ key: value.gender, window")}`, "emit"],
      [
        `- flatMap: [{ value: value.user_id }, { key: "'a'", value: value.user_id }]\n- ${REDUCE}`,
        "emit",
      ],
    ]) {
      const plan = planOf(pipeline(`${stages}\n- sink: out`).replace(...partitioned));
      expect(shapes(plan)["p-source"]).toEqual([`${first} > repartition`]);
    }
  });

  test("saying `key: key` changes nothing", () => {
    const text = pipeline(
      `- map: { key: key, value: value.user_id }\n- ${REDUCE}\n- sink: out`,
    ).replace(...stream("key: string, partitionedBy: key"));
    expect(shapes(planOf(text))).toEqual({ p: ["emit > windowedReduce > sink out"] });
  });

  test("a key of the reduce itself re-keys in place", () => {
    const reduce = REDUCE.replace("{ window", "{ key: value.action, window");
    const plan = planOf(pipeline(`- ${reduce}\n- sink: out`));
    expect(shapes(plan)).toEqual({
      "p-source": ["emit > repartition"],
      p: ["windowedReduce > sink out"],
    });
    expect(plan.streams["out"]?.key).toEqual({
      format: { kind: "string" },
      window: { as: "binary", extent: { kind: "fixed", sizeMs: 1_000 } },
    });
  });

  test("a value made before the topic travels in a format of its own", () => {
    const stages = `- map: { key: value.gender, value: { cents: value.item_id } }
- windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: sum(value.cents) }, emit: updates }
- sink: out`;
    const [first, second] = planOf(pipeline(stages)).subtopologies;
    const from = second?.inputs[0]?.from;
    expect(from).toMatchObject({
      valueUnchanged: false,
      value: { kind: "avro", schema: { kind: "record", fields: [{ name: "cents" }] } },
    });
    const emit = first?.inputs[0]?.nodes[0];
    const repartition = emit?.kind === "emit" ? emit.next[0] : undefined;
    expect(repartition).toMatchObject({ kind: "repartition", value: { kind: "avro" } });
  });
});

describe("pipelines", () => {
  test("that read one stream are one subtopology, a pipeline that reads a pipeline goes on below it", () => {
    const text = `topology: t
streams:
  s: { value: { avro: user_log.avsc } }
  out: {}
  more: {}
pipelines:
  bought: [{ source: paid }, { sink: more }]
  paid: [{ source: s }, { filter: value.action == 'BUY' }]
  other: [{ source: s }, { map: { value: value.user_id } }, { sink: out }]
`;
    expect(shapes(planOf(text))).toEqual({ paid: ["filter > sink more", "emit > sink out"] });
  });

  test("are planned after those that write what they read", () => {
    const text = `topology: t
streams: { s: { value: { avro: user_log.avsc } }, ids: {}, out: {} }
pipelines:
  second: [{ source: ids }, { filter: value.id > 1 }, { sink: out }]
  first: [{ source: s }, { map: { value: { id: value.user_id } } }, { sink: ids }]
`;
    const plan = planOf(text);
    expect(shapes(plan)).toEqual({ first: ["emit > sink ids"], second: ["filter > sink out"] });
    expect(plan.streams["ids"]).toMatchObject({
      written: true,
      value: { kind: "avro", schema: { kind: "record", name: "t.Ids" } },
    });
  });

  test("pass a record on behind a sink", () => {
    const text = pipeline("- sink: out\n- map: { value: value.user_id }\n- sink: more").replace(
      "out: {}",
      "out: {}\n  more: {}",
    );
    expect(shapes(planOf(text))).toEqual({ p: ["sink out > emit > sink more"] });
  });

  test("two window stages on one stream are kept apart by repartition topics", () => {
    const reduce = `[{ source: s }, { ${REDUCE} }, { sink: OUT }]`;
    const text = `topology: t
streams: { s: { key: string, value: { avro: user_log.avsc }, partitionedBy: key }, a: {}, b: {} }
pipelines:
  one: ${reduce.replace("OUT", "a")}
  two: ${reduce.replace("OUT", "b")}
`;
    const plan = planOf(text);
    expect(shapes(plan)).toEqual({
      one: ["windowedReduce > sink a", "repartition"],
      two: ["windowedReduce > sink b"],
    });
  });
});

describe("streams", () => {
  test("have Kafka's formats for what needs no schema", () => {
    for (const [made, kind] of [
      ["value.gender", "string"],
      ["value.user_id", "long"],
      ["value.price", "double"],
      ["value.user_id > 1", "boolean"],
    ]) {
      const plan = planOf(pipeline(`- map: { value: ${made} }\n- sink: out`));
      expect(plan.streams["out"]?.value).toEqual({ kind });
    }
  });

  test("take bytes as they come when nothing has changed them", () => {
    const sinkOf = (text: string) => {
      const node = planOf(text).subtopologies[0]?.inputs[0]?.nodes[0];
      const below = node?.kind === "filter" ? node.next[0] : undefined;
      return below?.kind === "sink" ? below.value : undefined;
    };
    const text = pipeline("- filter: value.user_id > 1\n- sink: out");
    expect(sinkOf(text)).toBe("unchanged");
    expect(sinkOf(text.replace("out: {}", "out: { value: { avro: user_log.avsc } }"))).toBe(
      "unchanged",
    );
    expect(sinkOf(text.replace("out: {}", "out: { value: json }"))).toBe("made");
  });

  test("with a plain declared key leave the window off", () => {
    const plan = planOf(counting().replace("out: {}", "out: { key: string }"));
    expect(plan.streams["out"]?.key).toEqual({ format: { kind: "string" } });
  });

  test("of late records hold what came into the stage", () => {
    const plan = planOf(counting({ late: "late" }).replace("out: {}", "out: {}\n  late: {}"));
    expect(plan.streams["late"]).toMatchObject({
      written: true,
      key: { format: { kind: "string" } },
      value: { kind: "avro", schema: { name: "double11.UserLog" } },
    });
  });

  test("have defaults, and the dead letter stream is always there", () => {
    const plan = planOf(pipeline("- sink: out"));
    expect(plan.streams["s"]).toMatchObject({
      topic: "s",
      key: { format: { kind: "bytes" } },
      written: false,
      idleMs: 5_000,
      maxFutureMs: 3_600_000,
      start: "earliest",
      onError: "deadLetter",
      create: { cleanup: "delete", retentionMs: null },
    });
    expect(plan.streams["dead_letters"]).toMatchObject({
      topic: "t-dead-letters",
      key: { format: { kind: "bytes" } },
      value: { kind: "bytes" },
    });
  });

  test("take every option", () => {
    const options =
      "topic: users, key: long, eventTime: value.item_id, idle: never, maxFuture: unlimited, start: latest, onError: skip, " +
      "create: { partitions: 8, replication: 3, cleanup: 'compact,delete', retention: 7d }";
    expect(planOf(pipeline("- sink: out").replace(...stream(options))).streams["s"]).toMatchObject({
      topic: "users",
      key: { format: { kind: "long" } },
      eventTime: { op: "path", root: "value", path: ["item_id"] },
      idleMs: null,
      maxFutureMs: null,
      start: "latest",
      onError: "skip",
      create: {
        partitions: 8,
        replication: 3,
        cleanup: "compact,delete",
        retentionMs: 604_800_000,
      },
    });
  });
});

describe("proofs", () => {
  test("of a filter hold for every stage below", () => {
    const stages =
      "- filter: value.note != null\n- map: { value: { note: value.note } }\n- sink: out";
    const plan = planOf(pipeline(stages));
    expect(plan.streams["out"]?.value).toMatchObject({
      schema: { fields: [{ name: "note", type: { kind: "string" } }] },
    });
  });

  test("of a `when` hold for its key, its value and what follows", () => {
    const stages = `- flatMap: { when: value.note != null, key: value.note }
- filter: value.note.startsWith('a')
- sink: out`;
    expect(diagnose(pipeline(stages))).toEqual([]);
  });

  test("are needed", () => {
    expect(diagnose(pipeline("- filter: value.note.startsWith('a')\n- sink: out"))).not.toEqual([]);
  });

  test("reach through a repartition topic", () => {
    const stages = `- filter: value.note != null
- map: { key: value.gender }
- windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: count(value.note.startsWith('a')) }, emit: final }
- sink: out`;
    expect(diagnose(pipeline(stages))).toEqual([]);
  });
});

describe("window stages", () => {
  test("hopping by their own size are tumbling", () => {
    const tumbling = planOf(counting());
    const hopping = planOf(counting({ window: "{ hopping: 1s, every: 1s, grace: 0s }" }));
    expect(hopping.subtopologies[1]?.stores).toEqual(tumbling.subtopologies[1]?.stores);
  });

  test("keep their window for stages below", () => {
    const stages = `- map: { key: value.gender }
- ${REDUCE}
- filter: value.n > 1
- map: { value: { n: value.n, from: window.start } }
- sink: out`;
    expect(planOf(pipeline(stages)).streams["out"]).toMatchObject({
      key: { window: { as: "binary", extent: { kind: "fixed", sizeMs: 1_000 } } },
      value: { schema: { name: "t.Out", fields: [{ name: "n" }, { name: "from" }] } },
    });
  });

  test("know their aggregators", () => {
    const value =
      "{ n: count(), buys: count(value.action == 'BUY'), cents: sum(value.item_id), least: min(value.price), most: 'max(value.price)' }";
    const node = planOf(counting({ value })).subtopologies[1]?.inputs[0]?.nodes[0];
    expect(node).toMatchObject({
      kind: "windowedReduce",
      stage: "counted",
      store: "counted",
      key: { kind: "string" },
      emit: "final",
      path: "pipelines.p[2]",
      aggregators: [
        { name: "n", aggregator: { name: "count" } },
        { name: "buys", aggregator: { name: "count", predicate: { type: { kind: "bool" } } } },
        { name: "cents", aggregator: { name: "sum", argument: { type: { kind: "int" } } } },
        { name: "least", aggregator: { name: "min", argument: { type: { kind: "double" } } } },
        { name: "most", aggregator: { name: "max", argument: { type: { kind: "double" } } } },
      ],
    });
  });
});
