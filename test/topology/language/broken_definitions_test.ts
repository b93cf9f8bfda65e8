/**
 * Every code of a definition, provoked, with the exact place: «…» marks it and is taken out.
 *
 * Longer than 400 lines: it is one table.
 */

import { describe, expect, test } from "vitest";
import { counting, diagnose, FILE, pipeline, unmark } from "./_fixtures.ts";

const W = "window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final";

/** What is wrong, the code, the file, a part of the message or hint. */
const CASES: readonly (readonly [string, string, string, string?])[] = [
  // What everybody does first.
  [
    "an unknown key",
    "UNKNOWN_KEY",
    pipeline("- «filtr»: value.user_id > 1\n- sink: out"),
    'did you mean "filter"?',
  ],
  ["a list where text belongs", "WRONG_TYPE", pipeline("- sink: «[out]»")],
  [
    "an unknown field in an expression",
    "UNKNOWN_FIELD",
    pipeline("- filter: value.«gendr» == 'MALE'\n- sink: out"),
    "gender",
  ],
  [
    "pipelines that are each other's source",
    "CYCLE",
    "topology: t\npipelines:\n  a: [{ source: b }]\n  b: [{ source: «a» }]\n",
    "a → b → a",
  ],
  [
    "a schema file that is not there",
    "MISSING_FILE",
    "topology: t\nstreams: { s: { value: { avro: «user_lgo.avsc» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  ["a bad duration", "BAD_DURATION", counting({ window: "{ tumbling: «1sec», grace: 0s }" })],
  [
    "an id that is there twice",
    "DUPLICATE_ID",
    pipeline(
      "- id: x\n  filter: value.user_id > 1\n- id: «x»\n  filter: value.user_id > 2\n- sink: out",
    ),
  ],
  ["bad YAML", "BAD_YAML", "topology: t\n  «pipelines: {}»\n"],
  ["an empty file", "EMPTY_FILE", "«»", "topology: <name>"],
  ["a file of 300 kB", "FILE_TOO_LARGE", `«t»opology: t\n${"#".repeat(300_000)}`, "256000"],
  // Text and YAML.
  ["a file of comments", "EMPTY_FILE", "«#» later\n"],
  ["a key that is there twice", "DUPLICATE_KEY", "topology: t\n«topology»: u\n"],
  ["a key without a value", "EMPTY_VALUE", "topology: t\n«pipelines»:\n"],
  ["null", "EMPTY_VALUE", pipeline("- sink: «null»")],
  [
    "a list item without a value",
    "EMPTY_VALUE",
    "topology: t\npipelines:\n  p:\n    -«\n»    - source: s\n",
  ],
  ["two documents", "BAD_YAML", "topology: t\n«---»\ntopology: u\n"],
  ["a YAML directive", "BAD_YAML", "«%YAML» 1.1\n---\ntopology: t\n"],
  ["a tag", "BAD_YAML", "topology: «!name» t\n"],
  ["a core tag", "BAD_YAML", "topology: !!str «t»\n"],
  ["a tab as indentation", "BAD_YAML", "topology: t\npipelines:\n«\t»p: []\n"],
  [
    "an anchor that contains itself",
    "BAD_YAML",
    "topology: t\nstreams: { a: &x { create: «*x» } }\n",
  ],
  ["an alias without an anchor", "BAD_YAML", "topology: «*name»\n"],
  ["a NUL", "BAD_YAML", "topology: t«\0»x\n", "U+0000"],
  ["a list as the whole file", "WRONG_TYPE", "«- a»\n"],
  // YAML bites expressions.
  [
    "an expression that begins with !",
    "QUOTE_EXPRESSION",
    pipeline("- filter: «!value.ok» && value.x\n- sink: out"),
    'filter: "!value.ok && value.x"',
  ],
  [
    "an expression with a comma in a flow map",
    "QUOTE_EXPRESSION",
    counting({ value: "{ top: largest(value.item_id, «10)» }" }),
    'top: "largest(value.item_id, 10)"',
  ],
  [
    "an expression with ? :",
    "QUOTE_EXPRESSION",
    pipeline("- filter: value.user_id > 1 ? true «:» false\n- sink: out"),
    'filter: "value.user_id > 1 ? true : false"',
  ],
  [
    "an expression that begins with a quote",
    "QUOTE_EXPRESSION",
    pipeline(`- filter: "a" «== value.note»\n- sink: out`),
    `filter: '"a" == value.note'`,
  ],
  [
    "an expression that begins with [",
    "QUOTE_EXPRESSION",
    pipeline("- filter: [1, 2]«.exists(x, x > 1)»\n- sink: out"),
  ],
  // Shape.
  [
    "a missing key",
    "MISSING_KEY",
    counting({ window: "{ tumbling: 1s }" }).replace("window:", "«window»:"),
    "grace",
  ],
  [
    "a stage without a kind",
    "MISSING_KEY",
    pipeline("- «{ description: nothing }»\n- sink: out"),
    "windowedReduce",
  ],
  [
    "a stage of two kinds",
    "CONFLICTING_KEYS",
    pipeline("- filter: value.user_id > 1\n  «sink»: out"),
  ],
  [
    "a window of two kinds",
    "CONFLICTING_KEYS",
    counting({ window: "{ tumbling: 1s, «hopping»: 1s, every: 1s, grace: 0s }" }),
  ],
  [
    "a key beside the wrong one",
    "CONFLICTING_KEYS",
    counting({ window: "{ tumbling: 1s, «every»: 1s, grace: 0s }" }),
  ],
  [
    "a word that is none of the words",
    "BAD_VALUE",
    counting({ emit: "«finale»" }),
    'did you mean "final"?',
  ],
  [
    "a number out of range",
    "BAD_VALUE",
    "topology: t\nstreams: { s: { value: string, create: { partitions: «0» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "a name that is no name",
    "BAD_NAME",
    "topology: «Double-11»\npipelines: { p: [{ source: s }] }\n",
  ],
  ["a stream name that is no name", "BAD_NAME", "topology: t\nstreams: { «userLog»: {} }\n"],
  [
    "a field of the one name that JavaScript keeps for itself",
    "BAD_NAME",
    counting({ value: "{ «__proto__»: count() }" }),
    "but this one",
  ],
  [
    "a number for text",
    "WRONG_TYPE",
    "topology: t\nstreams: { s: { topic: «11», value: string } }\npipelines: { p: [{ source: s }] }\n",
    "'11'",
  ],
  [
    "a duration without a unit",
    "BAD_DURATION",
    counting({ window: "{ tumbling: «1000», grace: 0s }" }),
    "1000ms",
  ],
  ["a window of no length", "BAD_DURATION", counting({ window: "{ tumbling: «0s», grace: 0s }" })],
  ["a negative grace", "BAD_DURATION", counting({ window: "{ tumbling: 1s, grace: «-5ms» }" })],
  // Names.
  [
    "a sink that is not declared",
    "UNKNOWN_STREAM",
    pipeline("- sink: «ouut»"),
    'did you mean "out"?',
  ],
  [
    "a source that is not declared",
    "UNKNOWN_STREAM",
    "topology: t\npipelines: { p: [{ source: «shop» }] }\n",
    "streams: { shop: { value: <type> } }",
  ],
  ["a late stream that is not declared", "UNKNOWN_STREAM", counting({ late: "«lat»" })],
  [
    "a pipeline with the name of a stream",
    "DUPLICATE_NAME",
    pipeline("- sink: out", "  «out»: [{ source: s }, { sink: out }]"),
  ],
  [
    "two streams on one topic",
    "DUPLICATE_NAME",
    "topology: t\nstreams: { a: { value: string }, b: { value: string, topic: «a» } }\npipelines: { p: [{ source: a }, { sink: b }] }\n",
  ],
  [
    "an id that is the name of a stream",
    "DUPLICATE_ID",
    pipeline("- id: «out»\n  filter: value.user_id > 1\n- sink: out"),
  ],
  [
    "a stream called dead_letters",
    "RESERVED_NAME",
    "topology: t\nstreams: { «dead_letters»: {} }\npipelines: { p: [{ source: s }] }\n",
  ],
  ["a sink that is dead_letters", "RESERVED_NAME", pipeline("- sink: «dead_letters»")],
  [
    "a topic of the application itself",
    "RESERVED_NAME",
    "topology: t\nstreams: { s: { topic: «t-dead-letters», value: string } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "a topic that cannot be one",
    "BAD_NAME",
    "topology: t\nstreams: { s: { topic: «a b», value: string } }\npipelines: { p: [{ source: s }] }\n",
  ],
  ["a sink that is its own source", "SINK_IS_SOURCE", pipeline("- sink: «s»")],
  [
    "a pipeline that does not begin with a source",
    "SOURCE_FIRST",
    "topology: t\nstreams: { s: { value: string } }\npipelines:\n  p:\n    - «filter: value == 'x'»\n",
  ],
  ["a source further down", "SOURCE_FIRST", pipeline("- «source»: s\n- sink: out")],
  [
    "a source stream without a type",
    "MISSING_KEY",
    "topology: t\nstreams: { «s»: {} }\npipelines: { p: [{ source: s }] }\n",
    '"value"',
  ],
  [
    "an absolute path",
    "BAD_PATH",
    "topology: t\nstreams: { s: { value: { avro: «/etc/passwd» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "an address as a path",
    "BAD_PATH",
    "topology: t\nstreams: { s: { value: { avro: «http://host/a.avsc» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "a schema that is not JSON",
    "BAD_SCHEMA",
    "topology: t\nstreams: { s: { value: { avro: «broken.avsc» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "a schema that is not Avro",
    "BAD_SCHEMA",
    "topology: t\nstreams: { s: { value: { avro: «nonsense.avsc» } } }\npipelines: { p: [{ source: s }] }\n",
  ],
  [
    "two stateful stages without ids",
    "AMBIGUOUS_ID",
    pipeline(`- «windowedReduce»: { ${W} }\n- windowedReduce: { ${W} }\n- sink: out`),
    "id: p is the id it has had",
  ],
  // Types.
  [
    "a condition that is no condition",
    "TYPE_MISMATCH",
    pipeline("- filter: «value.user_id»\n- sink: out"),
  ],
  ["a key that is a list", "TYPE_MISMATCH", pipeline("- map: { key: «value.tags» }\n- sink: out")],
  [
    "emits of different types",
    "TYPE_MISMATCH",
    pipeline("- flatMap: [{ key: value.user_id }, { key: «value.gender» }]\n- sink: out"),
  ],
  ["a sum of text", "TYPE_MISMATCH", counting({ value: "{ n: sum(«value.gender») }" })],
  [
    "a sum of what may be null",
    "TYPE_MISMATCH",
    counting({ value: "{ n: count(«value.user_id») }" }),
  ],
  [
    "a sink of another type",
    "TYPE_MISMATCH",
    pipeline("- map: { value: value.user_id }\n- sink: «out»").replace(
      "out: {}",
      "out: { value: string }",
    ),
    "not string",
  ],
  [
    "a windowed key without a window",
    "TYPE_MISMATCH",
    pipeline("- sink: «out»").replace("out: {}", "out: { key: { window: string } }"),
  ],
  [
    "an event time that is text",
    "TYPE_MISMATCH",
    pipeline("- sink: out").replace("} }\n", "}, eventTime: «value.gender» }\n"),
  ],
  [
    "a chart of text",
    "TYPE_MISMATCH",
    counting({}, "dashboard: { charts: [{ stream: out, y: «key» }] }"),
  ],
  [
    "arithmetic on aggregators",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: «sum(value.price) / count()» }" }),
    "next map",
  ],
  [
    "an aggregator with too many arguments",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: '«sum(value.price, 1)»' }" }),
  ],
  [
    "an aggregator that does not exist",
    "UNKNOWN_FUNCTION",
    counting({ value: "{ n: «cuont»() }" }),
    "count",
  ],
  [
    "an aggregator with too few arguments",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: «largest(value.price)» }" }),
    "largest(x, k)",
  ],
  [
    "a k that is not written out",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: 'largest(value.price, «value.item_id»)' }" }),
    "1 to 1000",
  ],
  [
    "more kept accumulators than fit into a record",
    "BAD_AGGREGATOR",
    counting({
      value: Array.from({ length: 65 }, (_, n) => `\n      n${n}: last(value.price)`).join(""),
    }).replace(/value:(?= \n)/, "«value»:"),
    "at most 64",
  ],
  [
    "a k beyond its bound",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: 'collect(value.price, «10001»)' }" }),
    "1 to 10000",
  ],
  [
    "a mean of text",
    "TYPE_MISMATCH",
    counting({ value: "{ n: avg(«value.gender») }" }),
    "an int or a double",
  ],
  [
    "counts by a double",
    "TYPE_MISMATCH",
    counting({ value: "{ n: countBy(«value.price») }" }),
    "countBy takes an int, a string or a bool",
  ],
  [
    "a choice by a bool",
    "TYPE_MISMATCH",
    counting({ value: "{ n: 'maxBy(value.item_id, «value.price > 1.0»)' }" }),
    "by of maxBy",
  ],
  [
    "a combine of another type than lift",
    "TYPE_MISMATCH",
    counting({ value: "{ n: { lift: 1, combine: «double(a + b)» } }" }),
    "double, not int",
  ],
  [
    "a combine that does not commute",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: { lift: value.item_id, combine: «a - b» } }" }),
    "ordered: true",
  ],
  [
    "a combine that does not associate",
    "BAD_AGGREGATOR",
    counting({ value: "{ n: { lift: value.price, combine: «(a + b) / 2.0» } }" }),
    "combine(combine(a, b), c)",
  ],
  [
    "an inverse that is none",
    "BAD_AGGREGATOR",
    counting({
      value: "{ n: { lift: value.item_id, combine: a + b, inverse: «b - a» } }",
    }),
    "leave inverse out",
  ],
  [
    "a reducer that names the record where there is none",
    "UNKNOWN_NAME",
    counting({ value: "{ n: { lift: 1, combine: «value».item_id + b } }" }),
  ],
  ["a reducer without combine", "MISSING_KEY", counting({ value: "{ «n»: { lift: 1 } }" })],
  [
    "windows with holes between them",
    "BAD_WINDOW",
    counting({ window: "{ hopping: 1s, every: «2s», grace: 0s }" }),
  ],
  [
    "windows of which each record would be in too many",
    "BAD_WINDOW",
    counting({ window: "{ hopping: 1d, every: «1s», grace: 0s }" }),
    "every: 86400ms is the least for 1d",
  ],
  // Branches.
  ["a branch without branches", "EMPTY_VALUE", pipeline("- branch: «[]»")],
  [
    "a stage behind a branch",
    "UNREACHABLE",
    pipeline("- branch: [{ stages: [{ sink: out }] }]\n- «filter: value.item_id > 1»\n- sink: out"),
    "last stage",
  ],
  [
    "a branch behind the rest",
    "UNREACHABLE",
    pipeline(
      "- branch: [{ stages: [{ sink: out }] }, «{ when: value.item_id > 1, stages: [{ sink: out }] }»]",
    ),
  ],
  [
    "a pipeline behind branches",
    "UNREACHABLE",
    `${pipeline("- branch: [{ stages: [{ sink: out }] }]")}  q: [{ source: «p» }, { sink: out }]\n`,
    "ends in branches",
  ],
  [
    "a wrong condition of a branch",
    "UNKNOWN_FIELD",
    pipeline("- branch: [{ when: value.«gendr» == 'MALE', stages: [{ sink: out }] }]"),
  ],
  [
    "a wrong stage of a branch",
    "UNKNOWN_KEY",
    pipeline("- branch: [{ stages: [{ «filtr»: true }, { sink: out }] }]"),
  ],
  [
    "two stateful stages in branches, one without an id",
    "AMBIGUOUS_ID",
    pipeline(`- branch:
    - when: value.item_id > 1
      stages:
        - id: x
          windowedReduce: { ${W} }
    - stages:
        - «windowedReduce»: { ${W} }`),
  ],

  // Loops, fields set and dropped.
  [
    "a loop over what is no list",
    "TYPE_MISMATCH",
    pipeline("- flatMap: { for: { tag: «value.gender» }, key: tag }\n- sink: out"),
    "goes through a list, this is enum Gender",
  ],
  [
    "a loop that calls its element like something else",
    "DUPLICATE_NAME",
    pipeline("- flatMap: { for: { «value»: value.tags }, key: value }\n- sink: out"),
  ],
  [
    "an element behind its flatMap",
    "UNKNOWN_NAME",
    pipeline(
      "- flatMap: { for: { tag: value.tags }, key: tag }\n- filter: «tag» == 'x'\n- sink: out",
    ),
  ],
  [
    "an outer loop that uses an inner one's element",
    "UNKNOWN_NAME",
    pipeline("- flatMap: { for: { a: «b», b: value.tags }, key: a }\n- sink: out"),
  ],
  [
    "set beside value",
    "CONFLICTING_KEYS",
    pipeline("- map: { value: { a: 1 }, «set»: { b: 1 } }\n- sink: out"),
  ],
  [
    "a field that is set and dropped",
    "CONFLICTING_KEYS",
    pipeline("- map: { set: { note: \"'n'\" }, drop: [«note»] }\n- sink: out"),
  ],
  [
    "dropping a field that is not there",
    "UNKNOWN_FIELD",
    pipeline("- map: { drop: [«gendr»] }\n- sink: out"),
    'did you mean "gender"?',
  ],
  [
    "set of what is no record",
    "TYPE_MISMATCH",
    pipeline("- map: { value: value.item_id }\n- map: { «set»: { a: 1 } }\n- sink: out"),
  ],
  // Sources.
  [
    "sources of other types",
    "TYPE_MISMATCH",
    "topology: t\nstreams: { a: { value: string }, b: { value: long } }\npipelines: { p: [{ source: [a, «b»] }] }\n",
    'the value of "b" is int, that of "a" string',
  ],
  [
    "sources with other keys",
    "TYPE_MISMATCH",
    "topology: t\nstreams: { a: { value: string }, b: { key: string, value: string } }\npipelines: { p: [{ source: [a, «b»] }] }\n",
    'the key of "b" is string, that of "a" bytes',
  ],
  [
    "a source twice",
    "DUPLICATE_NAME",
    "topology: t\nstreams: { a: { value: string } }\npipelines: { p: [{ source: [a, «a»] }] }\n",
  ],
  // Sinks, headers, tombstones.
  [
    "a partition that is not there",
    "BAD_PARTITION",
    "topology: t\nstreams: { a: { value: string }, b: { create: { partitions: 3 } } }\npipelines: { p: [{ source: a }, { sink: { stream: b, partition: «3» } }] }\n",
    "0 to 2",
  ],
  [
    "a partition that is no int",
    "TYPE_MISMATCH",
    "topology: t\nstreams: { a: { value: string }, b: {} }\npipelines: { p: [{ source: a }, { sink: { stream: b, partition: «value» } }] }\n",
    "int(value)",
  ],
  [
    "a sink's misspelt stream",
    "UNKNOWN_STREAM",
    pipeline("- sink: { stream: «outt» }\n- sink: out"),
    'did you mean "out"',
  ],
  [
    "a header of Millrace's own",
    "RESERVED_NAME",
    pipeline("- map: { headers: { «millrace.stage»: \"'x'\" } }\n- sink: out"),
  ],
  [
    "a header that is no text",
    "TYPE_MISMATCH",
    pipeline("- map: { headers: { n: '«[1, 2]»' } }\n- sink: out"),
    "list(int)",
  ],
  [
    "a tombstone with a value",
    "CONFLICTING_KEYS",
    pipeline("- map: { «value»: 1, tombstone: true }\n- sink: out"),
  ],
  [
    "a reduce of tombstones",
    "TYPE_MISMATCH",
    pipeline(
      "- map: { key: value.gender, tombstone: true }\n- «reduce»: { value: { n: count() }, emit: updates }\n- sink: out",
    ),
    "filter: value != null",
  ],
  // Windows of windows.
  ["window: same without a window above", "BAD_WINDOW", counting({ window: "«same»" })],
  [
    "window: same behind updates",
    "BAD_WINDOW",
    pipeline(
      "- { id: a, windowedReduce: { key: value.gender, window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: updates } }\n" +
        "- { id: b, windowedReduce: { window: «same», value: { n: count() }, emit: final } }\n- sink: out",
    ),
    'emit: final in "a"',
  ],
  [
    "a late stream of window: same",
    "BAD_WINDOW",
    pipeline(
      "- { id: a, windowedReduce: { key: value.gender, window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final } }\n" +
        "- { id: b, windowedReduce: { window: same, value: { n: count() }, emit: final, «late»: late } }\n- sink: out",
    ),
  ],
  // Not yet built.
  ["a variable that is not set", "UNDEFINED_VARIABLE", `topology: «${"$"}{APP}»\n`],
  ["a variable without a name", "BAD_VARIABLE", `topology: a«${"$"}{1}»\n`, "$${"],
  [
    "a variable in a flow map",
    "QUOTE_EXPRESSION",
    counting({ window: `{ tumbling: «${"$"}{SIZE}», grace: 0s }` }),
    `"${"$"}{SIZE}"`,
  ],
  [
    "waiting for a partition that is never idle",
    "BAD_SKEW",
    "topology: t\nstreams:\n  s: { value: string, idle: never, maxSkew: «1m» }\n  out: {}\npipelines:\n  p:\n    - source: s\n    - sink: out\n",
    "give idle a duration",
  ],
  [
    "a result that what it is made of would wait for",
    "BAD_SKEW",
    "topology: t\nstreams:\n  s: { value: string }\n  out: { maxSkew: «1m» }\npipelines:\n  p:\n    - source: s\n    - sink: out\n",
    "leave it out",
  ],
  [
    "a table that is not read from its beginning",
    "BAD_TABLE",
    table("start: «latest»", "- sink: out"),
    "leave start out",
  ],
  [
    "a table whose rows vanish",
    "BAD_TABLE",
    table('create: { cleanup: «"compact,delete"» }', "- sink: out"),
    "cleanup: compact",
  ],
  [
    "a table of results of windows",
    "BAD_TABLE",
    table("key: «{ window: string, size: 1s }»", "- sink: out"),
    "declare it under streams",
  ],
  [
    "a table that results of windows go to",
    "BAD_TABLE",
    "topology: t\nstreams: { s: { key: string, value: string } }\ntables:\n  «out»: {}\npipelines:\n  p:\n    - source: s\n    - windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final }\n    - sink: out\n",
    "a plain key",
  ],
  [
    "a table that a stream is called like",
    "DUPLICATE_NAME",
    "topology: t\nstreams: { s: { value: string }, out: {} }\ntables:\n  «s»: { value: string }\npipelines:\n  p:\n    - source: s\n    - sink: out\n",
  ],
  [
    "rows of a table in a window",
    "BAD_TABLE",
    table(
      "key: string",
      "- «windowedReduce»: { window: { tumbling: 1s, grace: 0s }, value: { n: count() }, emit: final }\n- sink: out",
    ),
    "declare the topic under streams",
  ],
  [
    "rows that count after their key is forgotten",
    "BAD_TABLE",
    table(
      "key: string",
      "- reduce: { value: { n: count() }, retention: «1h», emit: updates }\n- sink: out",
    ),
    "leave retention out",
  ],
  [
    "an aggregator that takes nothing back",
    "BAD_TABLE",
    table(
      "key: string",
      "- reduce: { value: { n: count(), top: «max(size(value))» }, emit: updates }\n- sink: out",
    ),
    "count(), sum() and avg() of ints",
  ],
  [
    "headers of a row",
    "UNKNOWN_NAME",
    table("key: string", "- filter: «headers».a == 'b'\n- sink: out"),
  ],
  [
    "a table and a stream in one",
    "TYPE_MISMATCH",
    "topology: t\nstreams: { s: { value: string }, out: {} }\ntables: { r: { value: string } }\npipelines:\n  p:\n    - source: [s, «r»]\n    - sink: out\n",
    "bring them to one form",
  ],
  [
    "a function without a module",
    "UNKNOWN_FUNCTION",
    pipeline("- map: { fn: «enrich» }\n- sink: out"),
    "functions: ./functions.ts",
  ],
  [
    "a calendar of no place",
    "BAD_WINDOW",
    counting({ window: "{ calendar: day, zone: «Asia/Shangai», grace: 0s }" }),
    'did you mean "Asia/Shanghai"?',
  ],
  [
    "a reduce behind results that come by the wall clock",
    "NOT_BUILT",
    pipeline(
      "- { id: a, reduce: { key: value.gender, value: { n: count() }, emit: { every: 1s } } }\n" +
        "- { id: b, «reduce»: { value: { n: count() }, emit: updates } }\n- sink: out",
    ),
    "emit: final or emit: updates",
  ],
  [
    "a schema of the registry, with none at hand",
    "NO_REGISTRY",
    "topology: t\nstreams: { s: { value: «avro» } }\npipelines: { p: [{ source: s }] }\n",
  ],
  // Tests and dashboard.
  [
    "a misspelt field in a test",
    "UNKNOWN_FIELD",
    counting({}, "tests: [{ name: x, steps: [{ expect: { out: [{ value: { «m»: 1 } }] } }] }]"),
  ],
  [
    "a value of the wrong type in a test",
    "BAD_TEST_VALUE",
    counting({}, "tests: [{ name: x, steps: [{ expect: { out: [{ value: { n: «many» } }] } }] }]"),
  ],
  [
    "a field without default left out in a test",
    "BAD_TEST_VALUE",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: «{ user_id: 1, gender: MALE }» }] }] }]",
    ),
    "action",
  ],
  [
    "a number that would change",
    "LOSSY_NUMBER",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { user_id: «01234» } }] }] }]",
    ),
    "1234",
  ],
  [
    "a number that is too large",
    "LOSSY_NUMBER",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { user_id: «9007199254740993» } }] }] }]",
    ),
  ],
  [
    "a decimal with more digits than a double has",
    "LOSSY_NUMBER",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { price: «0.123456789012345678» } }] }] }]",
    ),
    "0.12345678901234568",
  ],
  [
    "a number beyond all doubles",
    "LOSSY_NUMBER",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { price: «1e400» } }] }] }]",
    ),
  ],
  [
    "a key of the wrong type in a test",
    "BAD_TEST_VALUE",
    counting({}, "tests: [{ name: x, steps: [{ expect: { out: [{ key: «MAEL» }] } }] }]").replace(
      "key: value.gender",
      "key: value.user_id",
    ),
  ],
  [
    "a list item of the wrong type in a test",
    "BAD_TEST_VALUE",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { user_id: 1, gender: MALE, action: BUY, tags: [a, «7»] } }] }] }]",
    ),
    "string",
  ],
  [
    "a single value for a list in a test",
    "BAD_TEST_VALUE",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { user_id: 1, gender: MALE, action: BUY, tags: «a» } }] }] }]",
    ),
    "list",
  ],
  [
    "null for a field that cannot be null in a test",
    "BAD_TEST_VALUE",
    counting({}, "tests: [{ name: x, steps: [{ expect: { out: [{ value: { n: «null» } }] } }] }]"),
  ],
  [
    "a wrong type in a nullable field in a test",
    "BAD_TEST_VALUE",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ value: { user_id: 1, gender: MALE, action: BUY, note: «7» } }] }] }]",
    ),
    "string",
  ],
  [
    "a partition that a test does not have",
    "BAD_VALUE",
    counting(
      {},
      "tests: [{ name: x, partitions: 2, steps: [{ send: s, records: [{ partition: «2», value: null }] }] }]",
    ),
    "2 partitions",
  ],
  [
    "no instances in a test",
    "BAD_VALUE",
    counting({}, "tests: [{ name: x, steps: [{ instances: «0» }] }]"),
  ],
  [
    "a wait without a unit in a test",
    "BAD_DURATION",
    counting({}, "tests: [{ name: x, steps: [{ wait: «5» }] }]"),
  ],
  [
    "leaving without instances",
    "CONFLICTING_KEYS",
    counting({}, "tests: [{ name: x, steps: [{ wait: 1s, «leaving»: crash }] }]"),
  ],
  [
    "a window of records that have none",
    "TYPE_MISMATCH",
    pipeline(
      "- filter: value.price > 1\n- sink: out",
      "tests: [{ name: x, steps: [{ expect: { out: [{ window: «[0s, 1s]» }] } }] }]",
    ),
  ],
  [
    "an instant without an offset",
    "BAD_DURATION",
    counting(
      {},
      "tests: [{ name: x, steps: [{ send: s, records: [{ at: «2015-11-11T00:00:00», value: 1 }] }] }]",
    ),
  ],
  [
    "an unknown stream in a test",
    "UNKNOWN_STREAM",
    counting({}, "tests: [{ name: x, steps: [{ expect: { «oot»: [] } }] }]"),
  ],
  [
    "an unknown stage in a ledger",
    "UNKNOWN_STREAM",
    counting({}, "tests: [{ name: x, steps: [{ ledger: { «countd»: { accepted: 1 } } }] }]"),
    "counted",
  ],
  [
    "a chart of a stream nobody uses",
    "UNKNOWN_STREAM",
    counting({}, "dashboard: { charts: [{ stream: «more», y: 1 }] }").replace(
      "out: {}",
      "out: {}\n  more: {}",
    ),
  ],
];

/** One pipeline over the table `s`. */
function table(fields: string, stages: string): string {
  const indented = stages
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return `topology: t\ntables:\n  s: { value: string, ${fields} }\nstreams: { out: {} }\npipelines:\n  p:\n    - source: s\n${indented}\n`;
}

describe("a broken definition", () => {
  for (const [what, code, marked, said] of CASES) {
    test(`with ${what} is answered with ${code} at the exact place`, () => {
      const { text, ...place } = unmark(marked);
      const diagnostics = diagnose(text);
      const found = diagnostics.find((diagnostic) => diagnostic.code === code);
      expect(found, JSON.stringify(diagnostics, null, 1)).toBeDefined();
      const { line, column, endColumn, file, severity } = found!;
      // At the end of a line there is nothing to underline: one column is.
      const width = Math.max(1, place.endColumn - place.column);
      expect({ line, column, endColumn }).toEqual({ ...place, endColumn: place.column + width });
      expect([file, severity]).toEqual([FILE, "error"]);
      if (said !== undefined) expect(`${found!.message} ${found!.hint ?? ""}`).toContain(said);
    });
  }

  test("has no plan, and everything wrong is told at once", () => {
    const text = pipeline(
      "- filtr: 1\n- filter: value.gendr == 'x'\n- map: { key: value.gener }\n- sink: ouut",
      "dashbord: {}",
    );
    expect(diagnose(text).map(({ code, line }) => `${line} ${code}`)).toEqual([
      "8 UNKNOWN_KEY",
      "8 TYPE_MISMATCH",
      "9 UNKNOWN_FIELD",
      "10 UNKNOWN_FIELD",
      "11 UNKNOWN_STREAM",
      "12 UNKNOWN_KEY",
    ]);
  });

  test("does not hide a second error in the same pipeline", () => {
    const stages = "- filter: value.gendr == 'x'\n- filter: value.pirce > 1.0\n- sink: ouut";
    expect(diagnose(pipeline(stages)).map(({ code, line }) => `${line} ${code}`)).toEqual([
      "8 UNKNOWN_FIELD",
      "9 UNKNOWN_FIELD",
      "10 UNKNOWN_STREAM",
    ]);
  });

  test("says where in the model it is", () => {
    const [diagnostic] = diagnose(pipeline("- flatMap: { when: value.gendr == 'x' }\n- sink: out"));
    expect(diagnostic?.path).toBe("pipelines.p[1].flatMap.when");
  });
});
