import type { Template } from "./mod.ts";

/** Records checked, changed and sent to where they belong. */
export const CLEAN: Template = {
  summary: "JSON text checked against a schema, and routed to several topics",
  definition: `topology: %
description: Readings of sensors, checked and routed.

streams:
  raw: { value: { json: %.avsc } } # text that does not fit goes to dead_letters
  readings: { value: { avro: %.avsc } }
  alarms: { key: string }

pipelines:
  checked:
    - source: raw
    - filter: value.celsius > -90.0 && value.celsius < 60.0
    - map: { key: value.sensor }
    - sink: readings
  routed:
    - source: checked
    - branch: # the first that holds takes the record
        - when: value.battery != null && value.battery < 10
          stages:
            - map: { value: { what: "'battery'", level: double(value.battery) } }
            - sink: alarms
        - when: value.celsius > 40.0
          stages:
            - map: { value: { what: "'heat'", level: value.celsius } }
            - sink: alarms
`,
  schema: {
    type: "record",
    name: "Reading",
    fields: [
      { name: "sensor", type: "string" },
      { name: "celsius", type: "double" },
      { name: "battery", type: ["null", "int"], default: null },
    ],
  },
  tests: `tests:
  - name: what cannot be is left out, what is urgent is routed
    steps:
      - send: raw
        records:
          - { at: 0s, value: { sensor: roof, celsius: 45.5 } }
          - { at: 1s, value: { sensor: cellar, celsius: 8, battery: 7 } }
          - { at: 2s, value: { sensor: broken, celsius: 1000 } }
      - wait: 1s
      - expect:
          readings:
            - { key: roof, value: { celsius: 45.5, battery: null } }
            - { key: cellar, value: { celsius: 8, battery: 7 } }
          alarms:
            - { key: roof, value: { what: heat, level: 45.5 } }
            - { key: cellar, value: { what: battery, level: 7 } }
          dead_letters: []
`,
};
