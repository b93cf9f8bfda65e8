/**
 * `millrace test`: the tests of definitions on the test driver, in this process, without a broker.
 *
 * @module
 */

import { formatDiagnostics } from "../../../topology/language/mod.ts";
import { formatFailure } from "../../testing/mod.ts";
import { type Command, type CommandContext, UsageError } from "../command.ts";
import { aborted } from "../lifecycle.ts";
import { runTests, type TestReport } from "../run_tests.ts";
import { readTests, type TestedTopology } from "../test_files.ts";
import { DiagnosticsError } from "../topology_file.ts";
import { type FileWatcher, watchFiles } from "../watch_files.ts";

const DEFAULT_FOLDER = "topology";

export const test: Command = {
  name: "test",
  summary: `Runs the tests in definitions and in <name>.test.yaml files; without a file, all in ${DEFAULT_FOLDER}/.`,
  arguments: "[file…]",
  positionals: { least: 0, most: Number.MAX_SAFE_INTEGER },
  options: {
    filter: { type: "string", value: "text", help: "only tests whose name contains it" },
    watch: { type: "boolean", help: "run again whenever a file is saved that they depend on" },
    json: {
      type: "boolean",
      help: "one JSON document: { ok, passed, failed, seconds, topologies }",
    },
  },
  async run(context) {
    const { positionals, text, flag, signal } = context;
    if (flag("watch") && flag("json")) throw new UsageError("--watch has no end, --json needs one");
    const paths = positionals.length > 0 ? positionals : [DEFAULT_FOLDER];
    const filter = text("filter") ?? "";
    const sinceMs = Date.now();
    const topologies = await readTests(paths);
    // Before they run: what is saved while they do is run again.
    const watcher = flag("watch") ? follow(paths, filter, topologies, sinceMs, context) : undefined;
    try {
      const report = await runTests(topologies, filter, signal);
      if (report.ok && report.passed === 0) {
        const what = filter === "" ? "there is no test" : `no test's name contains "${filter}"`;
        throw new UsageError(`${what} in ${paths.join(", ")}`);
      }
      if (flag("json")) context.print(JSON.stringify(report));
      else show(topologies, report, context);
      if (watcher === undefined) return report.ok ? 0 : 1;
      context.note("watching; Ctrl-C ends");
      await aborted(signal);
      return 0;
    } finally {
      watcher?.close();
    }
  },
};

/** Runs them again after every save. */
function follow(
  paths: readonly string[],
  filter: string,
  first: readonly TestedTopology[],
  sinceMs: number,
  context: CommandContext,
): FileWatcher {
  const { note, signal } = context;
  const watcher = watchFiles(
    filesOf(first),
    async () => {
      try {
        const topologies = await readTests(paths);
        watcher.watch(filesOf(topologies));
        show(topologies, await runTests(topologies, filter, signal), context);
      } catch (error) {
        // A file that is not there for the moment: the next save brings it back.
        if (error instanceof DiagnosticsError) note(error.message);
        else if (!signal.aborted) throw error;
      }
    },
    sinceMs,
  );
  return watcher;
}

function filesOf(topologies: readonly TestedTopology[]): readonly string[] {
  return [...new Set(topologies.flatMap(({ files }) => files))];
}

/** Failures and counts on stdout, diagnostics on stderr as `check` has them. */
function show(
  topologies: readonly TestedTopology[],
  { passed, failed, seconds, topologies: reports }: TestReport,
  { print, note }: CommandContext,
): void {
  reports.forEach(({ file, errors, tests }, n) => {
    if (errors.length > 0) {
      const { texts } = topologies[n]!;
      const color = process.stderr.isTTY === true;
      note(formatDiagnostics(errors, (name) => texts.get(name), { color }));
      print(`${file}: not run`);
      return;
    }
    for (const { name, failures } of tests) {
      for (const failure of failures) {
        const color = process.stdout.isTTY === true;
        print(formatFailure({ test: name, ...failure }, { color }));
      }
    }
    const bad = tests.filter(({ ok }) => !ok).length;
    if (tests.length > 0) print(`${file}: ${tests.length - bad} passed, ${bad} failed`);
  });
  print(`${passed} passed, ${failed} failed in ${seconds.toFixed(2)} s`);
}
