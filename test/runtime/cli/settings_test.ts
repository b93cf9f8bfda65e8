import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseCommand } from "../../../runtime/cli/command.ts";
import { tail } from "../../../runtime/cli/commands/tail.ts";
import { readSettings } from "../../../runtime/cli/settings.ts";
import { cli } from "./_cli.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "millrace-settings-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function configured(text: string, environment: Record<string, string> = {}) {
  const file = join(FOLDER, "millrace.config.yaml");
  writeFileSync(file, text);
  return readSettings(file, environment);
}

/** What is said of a configuration that is refused. */
function refusal(text: string, environment: Record<string, string> = {}): string {
  try {
    configured(text, environment);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it found nothing wrong");
}

describe("an option", () => {
  const BROKERS = "brokers: [file:1, file:2]\n";

  test.each([
    [["--brokers", "flag:1"], { MILLRACE_BROKERS: "env:1" }, "flag:1"],
    [[], { MILLRACE_BROKERS: "env:1,env:2" }, "env:1,env:2"],
    [[], {}, "file:1,file:2"],
  ])("is what the flags %j, then the environment %j, then the file says", (args, env, brokers) => {
    const settingsOf = () => configured(BROKERS, env);
    expect(parseCommand(tail, ["shoppers", ...args], settingsOf).text("brokers")).toBe(brokers);
  });

  test("that names the state's folder is seen from the file, from where it was started, or not at all", () => {
    const settingOf = (text: string, env = {}) => configured(text, env).options["state-dir"];
    expect(settingOf("stateDir: ./state\n")).toBe(join(FOLDER, "state"));
    expect(settingOf("stateDir: ./state\n", { MILLRACE_STATE_DIR: "mine" })).toBe("mine");
    expect(settingOf("registry: http://r:1\n")).toBeUndefined();
  });

  test("has its default where nobody says anything", () => {
    const { text } = parseCommand(tail, ["shoppers"], () => readSettings(undefined, {}));
    expect(text("brokers")).toBe("127.0.0.1:9092");
    expect(text("registry")).toBe("http://127.0.0.1:8081");
  });

  test("comes from the file that --config names, or MILLRACE_CONFIG", () => {
    configured("registry: http://r:1\n");
    const file = join(FOLDER, "millrace.config.yaml");
    let named: string | undefined;
    parseCommand(tail, ["x", "--config", file], (config) => {
      named = config;
      return readSettings(config, {});
    });
    expect(named).toBe(file);
    expect(readSettings(undefined, { MILLRACE_CONFIG: file }).options).toEqual({
      registry: "http://r:1",
    });
  });
});

describe("credentials", () => {
  const SASL = "sasl: { mechanism: scram-sha-512, username: app, password: sesame }\n";

  test("come from the file, variables included, and each part from the environment first", () => {
    const text = `${SASL.replace("sesame", `"$\{KAFKA_PASSWORD}"`)}registryLogin:
  username: reader
  password: 0123
`;
    expect(configured(text, { KAFKA_PASSWORD: "a: b # c" }).credentials).toEqual({
      sasl: { mechanism: "scram-sha-512", username: "app", password: "a: b # c" },
      registry: { username: "reader", password: "0123" },
    });
    const environment = {
      MILLRACE_SASL_PASSWORD: "other",
      MILLRACE_SASL_MECHANISM: "PLAIN",
      MILLRACE_REGISTRY_USERNAME: "writer",
      MILLRACE_REGISTRY_PASSWORD: "w",
    };
    expect(configured(SASL, environment).credentials).toEqual({
      sasl: { mechanism: "plain", username: "app", password: "other" },
      registry: { username: "writer", password: "w" },
    });
  });

  test("are no options: other users of the machine can see those", () => {
    const names = Object.keys(tail.options).filter((name) => /pass|user|sasl/.test(name));
    expect(names).toEqual([]);
  });

  test("of TLS are files beside the configuration", () => {
    writeFileSync(join(FOLDER, "ca.pem"), "CA");
    expect(configured("tls: { ca: ca.pem }\n").credentials).toEqual({ ssl: { ca: "CA" } });
    expect(configured("tls: true\n").credentials).toEqual({ ssl: true });
    expect(configured("tls: true\n", { MILLRACE_TLS: "false" }).credentials).toEqual({
      ssl: false,
    });
    expect(configured("brokers: a:1\n", { MILLRACE_TLS: "true" }).credentials).toEqual({
      ssl: true,
    });
    expect(refusal("tls: { ca: none.pem }\n")).toMatch(/Cannot use tls\.ca: cannot read .*none/);
  });

  test.each([
    [
      "MILLRACE_SASL_MECHANISM",
      {
        MILLRACE_SASL_MECHANISM: "sesame",
        MILLRACE_SASL_USERNAME: "a",
        MILLRACE_SASL_PASSWORD: "sesame",
      },
    ],
    ["MILLRACE_SASL_PASSWORD", { MILLRACE_SASL_PASSWORD: "sesame" }],
    ["MILLRACE_REGISTRY_USERNAME", { MILLRACE_REGISTRY_USERNAME: "sesame" }],
    ["MILLRACE_TLS", { MILLRACE_TLS: "sesame" }],
  ])("of the environment that make no sense are named, not shown: %s", (name, environment) => {
    const said = refusal("brokers: a:1\n", environment as Record<string, string>);
    expect(said).toContain(`Cannot use ${name}`);
    expect(said).not.toContain("sesame");
  });
});

describe("a configuration file that is wrong", () => {
  test.each([
    ["broker: a:1", "1:1 error UNKNOWN_KEY", 'did you mean "brokers"?'],
    ["sasl: { username: a, password: sesame, mechanism: scram }", "UNKNOWN", ""],
    ["registry: [a]", "1:11 error WRONG_TYPE", "must be text"],
    ["tls: { cert: a.pem }", "1:8 error CONFLICTING_KEYS", "key"],
    ["sasl: { username: a }", "MISSING_KEY", "password"],
    [`sasl: { username: a, password: "$\{NOWHERE}" }`, "UNDEFINED_VARIABLE", "NOWHERE"],
    ["sasl:\n  username: a\n  password: sesame: sesame", "3:19 error BAD_YAML", "not well-formed"],
    ["sasl:\n  username: a\n  password: *sesame", "BAD_YAML", ""],
    ["", "1:1 error EMPTY_FILE", "brokers"],
  ])("is refused with its place, and shows no secret: %j", (text, place, said) => {
    const message = refusal(text);
    expect(message).toContain(place === "UNKNOWN" ? "BAD_VALUE" : place);
    expect(message).toContain(said);
    expect(message).not.toContain("sesame");
  });

  test("is a user's error, before anything is asked of a network", async () => {
    const file = join(FOLDER, "wrong.yaml");
    writeFileSync(file, "broker: a:1\n");
    const { code, stdout, stderr } = await cli("tail", "shoppers", "--config", file);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('unknown key "broker"; did you mean "brokers"?');
    expect((await cli("tail", "--help", "--config", file)).code).toBe(0);
  });
});
