/**
 * Keys under the names they have in other tools.
 *
 * @module
 */

/**
 * What is meant, by object and key: another key with the same value, or what to do instead. `*` stands
 * for every key, `%` in its advice for the one that was written.
 */
const OTHER_WORDS: Readonly<Record<string, Readonly<Record<string, string | Advice>>>> = {
  Topology: {
    name: "topology",
    application: "topology",
    sources: advice('topics are declared under "streams"'),
    sinks: advice('topics are declared under "streams"'),
    topics: advice('topics are declared under "streams"'),
    stages: advice("stages stand under a name: pipelines: { <name>: [ … ] }"),
  },
  Stream: {
    topicName: "topic",
    name: "topic",
    timestamp: "eventTime",
    type: "value",
    schema: advice("a schema is the type of the value: value: { avro: <file> }"),
    avro: advice("a schema is the type of the value: value: { avro: <file> }"),
  },
  Stage: {
    from: "source",
    to: "sink",
    where: "filter",
    mapValues: "map",
    groupBy: advice("a reduce groups by its key: windowedReduce: { key: <expression>, … }"),
    groupByKey: advice("a reduce groups by its key: windowedReduce: { key: <expression>, … }"),
    selectKey: advice("a map makes keys: map: { key: <expression> }"),
    aggregate: advice("results of many records are made by windowedReduce"),
    window: advice("the window stands in the stage that reduces: windowedReduce: { window: … }"),
    count: advice("it is an aggregator: windowedReduce: { value: { n: count() }, … }"),
    sum: advice("it is an aggregator: windowedReduce: { value: { n: sum(…) }, … }"),
    topic: advice("a stage names a stream, - sink: <stream>; the stream names the topic"),
    join: advice("joins are not part of this version"),
  },
  Emit: {
    when: advice("a condition is a stage of its own, - filter: …, or belongs to a flatMap"),
    "*": advice('fields of the record stand under "value": value: { %: … }'),
  },
  LoopedEmit: {
    "*": advice('fields of the record stand under "value": value: { %: … }'),
  },
  WindowedReduce: { groupBy: "key", by: "key", where: advice("- filter: … before this stage") },
  Window: {
    size: "tumbling",
    advance: "every",
    hop: "every",
    slide: "every",
    gracePeriod: "grace",
  },
};

/** What to do instead. */
export interface Advice {
  readonly hint: string;
}

function advice(hint: string): Advice {
  return { hint };
}

/** @returns a key of the object that takes the same value, or what to do instead of the unknown one */
export function wordElsewhere(object: string, key: string): string | Advice | undefined {
  const words = Object.hasOwn(OTHER_WORDS, object) ? OTHER_WORDS[object]! : {};
  if (Object.hasOwn(words, key)) return words[key];
  const any = words["*"] as Advice | undefined;
  return any && advice(any.hint.replace("%", key));
}
