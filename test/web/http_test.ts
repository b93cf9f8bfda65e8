import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDashboard, type Dashboard } from "../../web/mod.ts";
import { evaluatePaths, SHOPPERS } from "./_fixtures.ts";

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await createDashboard({
    dashboard: SHOPPERS,
    epoch: "epoch-1",
    evaluate: evaluatePaths,
    limits: { requestTimeoutMs: 300, headersTimeoutMs: 200 },
  });
});
afterAll(() => dashboard.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Sends the path exactly as given; `fetch` would tidy it. */
function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: dashboard.port, host: "127.0.0.1", path, headers, method });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: string[] = [];
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: chunks.join(""),
        }),
      );
    });
    sent.end();
  });
}

describe("the page's files", () => {
  test("the page, its modules without types, uPlot and the styles are served", async () => {
    const page = await get("/");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    const module = await get("/page/main.ts");
    expect(module.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(module.body).not.toContain("readonly #store");
    expect(module.body).toContain("#store");
    for (const path of [
      "/protocol.ts",
      "/vendor/uplot.js",
      "/vendor/uplot.css",
      "/page/style.css",
    ]) {
      expect((await get(path)).status, path).toBe(200);
    }
  });

  test("everything the page refers to exists", async () => {
    const seen = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, body } = await get(path);
      expect(status, path).toBe(200);
      const references = [...body.matchAll(/(?:src|href)="(\/[^"]+)"|from ["'](\.[^"']+)["']/g)];
      for (const [, absolute, relative] of references) {
        await visit(new URL(absolute ?? relative ?? "", `http://x${path}`).pathname);
      }
    };
    await visit("/");
    expect(seen.size).toBeGreaterThan(15);
  });

  test("an unchanged file is not sent again", async () => {
    const first = await get("/page/style.css");
    const second = await get("/page/style.css", { "if-none-match": first.headers["etag"] ?? "" });
    expect(second.status).toBe(304);
    expect(second.body).toBe("");
  });

  test("HEAD gives the headers alone", async () => {
    const answer = await get("/", {}, "HEAD");
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(500);
  });

  test.each([
    "/../../package.json",
    "/%2e%2e/%2e%2e/package.json",
    "/page/../server.ts",
    "/page/%00",
    "//etc/passwd",
    "/server.ts",
    "/page",
    "/page/index.html",
    "/__proto__",
  ])("%s does not exist", async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});

test("a very long path does not exist", async () => {
  expect((await get(`/${"a".repeat(4_000)}`)).status).toBe(404);
});

describe("what every answer carries", () => {
  test("a policy that lets nothing in from elsewhere", async () => {
    const { headers } = await get("/");
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]{44}'/);
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${dashboard.port}`);
    expect(policy).not.toContain("unsafe");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect((await get("/nothing")).headers["content-security-policy"]).toContain("'none'");
  });

  test("a foreign Host is refused, whatever it asks for", async () => {
    for (const path of ["/", "/livez", "/page/main.ts"]) {
      expect((await get(path, { host: "evil.example" })).status, path).toBe(403);
    }
  });

  test("only reading is allowed", async () => {
    const answer = await get("/", {}, "POST");
    expect(answer.status).toBe(405);
    expect(answer.headers["allow"]).toBe("GET, HEAD");
  });
});

describe("health", () => {
  test("live at once, ready only while the feed is", async () => {
    expect((await get("/livez")).status).toBe(200);
    expect(await get("/readyz")).toMatchObject({ status: 503, body: "catching-up\n" });
    dashboard.setStatus({ feed: "live" });
    expect((await get("/readyz")).status).toBe(200);
    dashboard.setStatus({ feed: "down", message: "broker out of reach" });
    expect(await get("/readyz")).toMatchObject({ status: 503, body: "broker out of reach\n" });
  });
});

describe("bounds", () => {
  test("headers above the limit are refused", async () => {
    expect((await get("/", { "x-long": "a".repeat(9_000) })).status).toBe(431);
  });

  test("the port is in use: a fault that says so", async () => {
    const options = {
      dashboard: SHOPPERS,
      epoch: "e",
      evaluate: evaluatePaths,
      port: dashboard.port,
    };
    await expect(createDashboard(options)).rejects.toMatchObject({ code: "PORT_IN_USE" });
  });

  test("a limit of nothing is refused", async () => {
    const options = { dashboard: SHOPPERS, epoch: "e", evaluate: evaluatePaths };
    await expect(createDashboard({ ...options, limits: { maxClients: 0 } })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    const limits = { lowWatermarkBytes: 10, highWatermarkBytes: 5 };
    await expect(createDashboard({ ...options, limits })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  test("a request that never ends is cut off", async () => {
    const socket = connect(dashboard.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nx: ");
    const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.on("error", () => {});
    socket.resume();
    const startedMs = performance.now();
    await ended;
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });
});
