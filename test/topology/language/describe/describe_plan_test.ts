import { describe, expect, test } from "vitest";
import { describePlan, type TopologyDescription } from "../../../../topology/language/mod.ts";
import { planOf } from "../_fixtures.ts";

/** Every kind of node: a sink that passes on, several emits, re-keying in a reduce, a late stream. */
const KINDS = `topology: kinds
streams:
  s: { value: { avro: user_log.avsc } }
  copies: {}
  girls: { topic: girls-only }
  counts: {}
  late: {}
pipelines:
  copied:
    - source: s
    - sink: copies
    - filter: value.gender == 'FEMALE'
    - sink: girls
  counted:
    - source: copied
    - flatMap:
        - { key: string(value.user_id) }
        - { when: value.item_id > 0, key: string(value.item_id) }
    - id: hits
      windowedReduce:
        key: value.gender
        window: { tumbling: 1m, grace: 5s, offset: 10s }
        value: { n: count() }
        emit: updates
        late: late
    - filter: value.n > 1
    - map: { value: { twice: value.n * 2 } }
    - sink: counts
`;

describe("a description", () => {
  const plan = planOf(KINDS);

  test("as text has the layout of Kafka Streams", () => {
    expect(describePlan(plan)).toBe(`Topologies:
   Sub-topology: 0
    Source: s-source (topics: [s])
      --> copied.1, copied.2
    Sink: copied.1 (topic: copies)
      <-- s-source
    Processor: copied.2 (stores: [])
      --> copied.3, counted.1
      <-- s-source
    Sink: copied.3 (topic: girls-only)
      <-- copied.2
    Processor: counted.1 (stores: [])
      --> counted.2
      <-- copied.2
    Processor: counted.2 (stores: [])
      --> hits-repartition
      <-- counted.1
    Sink: hits-repartition (topic: kinds-hits-repartition)
      <-- counted.2

   Sub-topology: 1
    Source: hits-repartition-source (topics: [kinds-hits-repartition])
      --> hits
    Processor: hits (stores: [hits-store])
      --> hits-late, counted.3
      <-- hits-repartition-source
    Sink: hits-late (topic: late)
      <-- hits
    Processor: counted.3 (stores: [])
      --> counted.4
      <-- hits
    Processor: counted.4 (stores: [])
      --> counted.5
      <-- counted.3
    Sink: counted.5 (topic: counts)
      <-- counted.4
`);
  });

  test("as text gives a viewer of Kafka Streams' descriptions one graph without loops", () => {
    const edges = readAsViewer(describePlan(plan));
    const wanted = (JSON.parse(describePlan(plan, "json")) as TopologyDescription).subtopologies
      .flatMap(({ nodes }) => nodes)
      .flatMap(({ name, type, topics, stores, successors }) => [
        ...topics.map((topic) => (type === "source" ? [topic, name] : [name, topic])),
        ...stores.map((store) => [name, store]),
        ...successors.map((successor) => [name, successor]),
      ]);
    expect(wanted.length).toBeGreaterThan(15);
    expect(edges.toSorted()).toEqual(wanted.map(([from, to]) => `${from} > ${to}`).toSorted());
    expect(edges.filter((edge) => /^(\S+) > \1$/.test(edge))).toEqual([]);
  });

  test("as Mermaid is a flowchart with a subgraph per subtopology", () => {
    expect(describePlan(plan, "mermaid")).toBe(`flowchart TD
  t0[/"s"/]
  t1[/"copies"/]
  t2[/"girls-only"/]
  t3[/"kinds-hits-repartition"/]
  t4[/"late"/]
  t5[/"counts"/]
  subgraph g0["Sub-topology 0: copied"]
    n0["s-source<br/>source"]
    n1["copied.1<br/>sink"]
    n2["copied.2<br/>filter"]
    n3["copied.3<br/>sink"]
    n4["counted.1<br/>flatMap"]
    n5["counted.2<br/>map"]
    n6["hits-repartition<br/>repartition"]
  end
  subgraph g1["Sub-topology 1: hits"]
    n7["hits-repartition-source<br/>repartitioned"]
    n8["hits<br/>windowedReduce, tumbling 1m, offset 10s, grace 5s, updates"]
    s0[("hits-store")]
    n9["hits-late<br/>late"]
    n10["counted.3<br/>filter"]
    n11["counted.4<br/>map"]
    n12["counted.5<br/>sink"]
  end
  t0 --> n0
  n0 --> n1
  n0 --> n2
  n1 --> t1
  n2 --> n3
  n2 --> n4
  n3 --> t2
  n4 --> n5
  n5 --> n6
  n6 --> t3
  t3 --> n7
  n7 --> n8
  n8 --> n9
  n8 --> n10
  n8 -.- s0
  n9 --> t4
  n10 --> n11
  n11 --> n12
  n12 --> t5
`);
  });

  test("as DOT is a graph with a cluster per subtopology", () => {
    expect(describePlan(plan, "dot")).toBe(`digraph "kinds" {
  t0 [shape=cds, label="s"];
  t1 [shape=cds, label="copies"];
  t2 [shape=cds, label="girls-only"];
  t3 [shape=cds, label="kinds-hits-repartition"];
  t4 [shape=cds, label="late"];
  t5 [shape=cds, label="counts"];
  subgraph cluster_0 {
    label="Sub-topology 0: copied";
    n0 [shape=box, label="s-source\\nsource"];
    n1 [shape=box, label="copied.1\\nsink"];
    n2 [shape=box, label="copied.2\\nfilter"];
    n3 [shape=box, label="copied.3\\nsink"];
    n4 [shape=box, label="counted.1\\nflatMap"];
    n5 [shape=box, label="counted.2\\nmap"];
    n6 [shape=box, label="hits-repartition\\nrepartition"];
  }
  subgraph cluster_1 {
    label="Sub-topology 1: hits";
    n7 [shape=box, label="hits-repartition-source\\nrepartitioned"];
    n8 [shape=box, label="hits\\nwindowedReduce, tumbling 1m, offset 10s, grace 5s, updates"];
    s0 [shape=cylinder, label="hits-store"];
    n9 [shape=box, label="hits-late\\nlate"];
    n10 [shape=box, label="counted.3\\nfilter"];
    n11 [shape=box, label="counted.4\\nmap"];
    n12 [shape=box, label="counted.5\\nsink"];
  }
  t0 -> n0;
  n0 -> n1;
  n0 -> n2;
  n1 -> t1;
  n2 -> n3;
  n2 -> n4;
  n3 -> t2;
  n4 -> n5;
  n5 -> n6;
  n6 -> t3;
  t3 -> n7;
  n7 -> n8;
  n8 -> n9;
  n8 -> n10;
  n8 -> s0 [style=dotted, dir=none];
  n9 -> t4;
  n10 -> n11;
  n11 -> n12;
  n12 -> t5;
}
`);
  });

  test("as JSON says of each node where it stands and what is above and below it", () => {
    const { version, application, subtopologies } = JSON.parse(
      describePlan(plan, "json"),
    ) as TopologyDescription;
    expect([version, application]).toEqual([1, "kinds"]);
    expect(subtopologies.map(({ name, changelogTopic }) => [name, changelogTopic])).toEqual([
      ["copied", "kinds-copied-changelog"],
      ["hits", "kinds-hits-changelog"],
    ]);
    expect(subtopologies[1]!.nodes.slice(0, 2)).toEqual([
      {
        name: "hits-repartition-source",
        type: "source",
        title: "repartitioned",
        topics: ["kinds-hits-repartition"],
        stores: [],
        successors: ["hits"],
        predecessors: [],
      },
      {
        name: "hits",
        type: "processor",
        title: "windowedReduce, tumbling 1m, offset 10s, grace 5s, updates",
        path: "pipelines.counted[2]",
        topics: [],
        stores: ["hits-store"],
        successors: ["hits-late", "counted.3"],
        predecessors: ["hits-repartition-source"],
      },
    ]);
  });

  test("has a name of its own for a node that is called like a topic", () => {
    const text = describePlan(planOf(KINDS.replace("girls-only", "hits")));
    expect(text).toContain("Processor: hits-2 (stores: [hits-store])");
  });
});

/** Edges `from > to` as such viewers find them: line by line, all names in one space. */
function readAsViewer(text: string): string[] {
  const edges: string[] = [];
  let node = "";
  for (const line of text.split("\n")) {
    const [, kind, name, names] =
      /(Source|Processor|Sink): (\S+) \(\w+: \[?(.*?)\]?\)/.exec(line) ?? [];
    if (name !== undefined) node = name;
    const listed = (names ?? /--> (.*)/.exec(line)?.[1] ?? "").split(", ");
    for (const other of listed.filter((word) => word !== "" && word !== "none")) {
      edges.push(kind === "Source" ? `${other} > ${node}` : `${node} > ${other}`);
    }
  }
  return edges;
}
