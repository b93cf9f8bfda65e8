import type { Template } from "./mod.ts";

/** One record becomes many, which are counted without a window. */
export const WORDS: Template = {
  summary: "texts split into words, and a running count of each word",
  definition: `topology: %
description: How often each word has been said.

streams:
  texts:
    value: { avro: %.avsc }
    create: { partitions: 4 } # only used when the topic has to be created
  counts: { create: { cleanup: compact } } # the newest count of each word is kept

pipelines:
  words:
    - source: texts
    - flatMap: # one record for each word
        for: { word: value.text.lowerAscii().split(' ') }
        when: word != ''
        key: word
        value: 1
    - reduce:
        value: { count: count() }
        emit: updates # after every record
    - sink: counts
`,
  schema: {
    type: "record",
    name: "Message",
    fields: [
      { name: "author", type: "string", default: "" },
      { name: "text", type: "string" },
    ],
  },
  tests: `tests:
  - name: each word is counted, whatever its case
    steps:
      - send: texts
        records:
          - { at: 0s, value: { text: to be or not } }
          - { at: 1s, value: { text: To  be } }
      - wait: 1s
      - expect:
          counts:
            - { key: to, value: { count: 1 } }
            - { key: be, value: { count: 1 } }
            - { key: or, value: { count: 1 } }
            - { key: not, value: { count: 1 } }
            - { key: to, value: { count: 2 } }
            - { key: be, value: { count: 2 } }
`,
};
