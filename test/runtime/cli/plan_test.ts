/** `plan` beside a `dev` that runs: what each edit would mean, and that `dev` takes it over. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Millrace, millrace } from "../../support/millrace.ts";
import { cli } from "./_cli.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

describe("plan, beside a running dev", () => {
  let folder: string;
  let running: string;
  let draft: string;
  let good: string;
  let app: Millrace;
  let where: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-plan-"));
    cpSync(join(ROOT, "topology/double11.yaml"), join(folder, "topology/double11.yaml"));
    cpSync(join(ROOT, "schemas"), join(folder, "schemas"), { recursive: true });
    running = join(folder, "topology/double11.yaml");
    draft = join(folder, "topology/draft.yaml");
    good = readFileSync(running, "utf8");
    const ports = ["--port", "0", "--broker-port", "0", "--registry-port", "0"];
    app = millrace(["dev", running, "--no-feed", ...ports]);
    const [, broker] = await app.saw(/broker +(\S+)/);
    await app.saw(/stop +Ctrl-C/);
    where = ["--brokers", broker!];
  });
  afterAll(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function compare(text: string, ...options: string[]) {
    writeFileSync(draft, text);
    return cli("plan", draft, ...where, ...options);
  }

  test("says that there is nothing to do for what runs", async () => {
    expect(await compare(good)).toMatchObject({
      code: 0,
      stdout: `unchanged    shoppers_by_gender.0
unchanged    shoppers_by_gender.1
unchanged    per_second
unchanged    shoppers_by_gender.3

double11: nothing to do
`,
    });
  });

  test("exits with 10 for changes that keep state, and dev swaps", async () => {
    const hot = good.replace("'MALE', 'UNKNOWN']", "'MALE']").replace("grace: 0s", "grace: 2s");
    expect(await compare(hot)).toMatchObject({
      code: 10,
      stdout: `unchanged    shoppers_by_gender.0
hot          shoppers_by_gender.1
               emits has changed
compatible   per_second
               grace: 0ms, now 2s: a record for a window that has closed already opens it again, empty
unchanged    shoppers_by_gender.3

double11: 2 changes, no state is lost
`,
    });
    writeFileSync(running, hot);
    await app.saw(/changed: swapped, state kept/);
    expect(await compare(hot)).toMatchObject({ code: 0 });
    writeFileSync(running, good);
    await app.saw(
      /started over, from the earliest record\nnew state +per_second\n +grace: 2s, now 0ms/,
    );
    expect(await compare(good)).toMatchObject({ code: 0 });
  });

  test("exits with 11 for changes that lose state, and says which as JSON", async () => {
    const { code, stdout } = await compare(good.replace("tumbling: 1s", "tumbling: 5s"), "--json");
    expect(code).toBe(11);
    const { application, ranBefore, verdict, stages, topics } = JSON.parse(stdout);
    expect([application, ranBefore, verdict]).toEqual(["double11", true, "losing"]);
    expect(stages[2]).toEqual({
      stage: "per_second",
      path: "pipelines.shoppers_by_gender[2]",
      kind: "windowedReduce",
      class: "newState",
      reasons: ["window: tumbling 1s, now tumbling 5s"],
      lost: "what per_second holds in open windows, and its counts",
    });
    expect(topics).toContainEqual({ topic: "result", change: "reset" });
    expect(topics).not.toContainEqual(expect.objectContaining({ topic: "user_log" }));
  });

  test("says of an application that never ran here what it would make", async () => {
    const { code, stdout } = await compare(good.replace("topology: double11", "topology: other"));
    expect(code).toBe(10);
    expect(stdout).toContain("created      topic other-per_second-changelog\n");
    expect(stdout).toMatch(/\nother: has not run here yet, .*\n$/);
  });
});
