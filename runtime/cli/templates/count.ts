import type { Template } from "./mod.ts";

/** A windowed count by key. */
export const COUNT: Template = {
  summary: "events of each kind, counted minute by minute",
  definition: `topology: %
description: Events of each kind, minute by minute.

streams:
  events:
    value: { avro: %.avsc }
    idle: 2s # a silent partition holds nobody up for longer
    create: { partitions: 4 } # only used when the topic has to be created
  counts: {} # key, window and schema follow from the pipeline
  late_events: {}

pipelines:
  by_kind:
    - source: events
    - windowedReduce:
        key: value.kind
        window: { tumbling: 1m, grace: 5s }
        value: { events: count(), amount: sum(value.amount) }
        emit: final # once, when the window closes
        late: late_events
    - sink: counts
`,
  schema: {
    type: "record",
    name: "Event",
    fields: [
      { name: "kind", type: "string" },
      { name: "amount", type: "double", default: 0 },
    ],
  },
  tests: `tests:
  - name: the events of a minute are counted by kind
    steps:
      - send: events
        records:
          - { at: 1s, value: { kind: click } }
          - { at: 2s, value: { kind: order, amount: 9.5 } }
          - { at: 59s, value: { kind: order, amount: 0.5 } }
          - { at: 61s, value: { kind: click } }
      - wait: 2m
      - expect:
          counts:
            - { key: click, window: [0s, 1m], value: { events: 1, amount: 0.0 } }
            - { key: order, window: [0s, 1m], value: { events: 2, amount: 10.0 } }
            - { key: click, window: [1m, 2m], value: { events: 1 } }
          late_events: []
`,
};
