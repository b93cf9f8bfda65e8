import { describe, expect, it } from "vitest";
import { BOUNDS, RegistryState } from "../../../runtime/registry/registry_state.ts";

const schema = (n: number) => JSON.stringify({ type: "fixed", name: `F${n}`, size: 1 });

describe("what the registry holds", () => {
  it("is bounded in subjects, registered or only configured", () => {
    const state = new RegistryState();
    for (let n = 0; n < BOUNDS.subjects; n++) {
      if (n % 2 === 0) state.setLevel("NONE", `s${n}`);
      else state.register(`s${n}`, schema(0));
    }
    const refused = expect.objectContaining({ errorCode: 42201 });
    expect(() => state.register("one-more", schema(0))).toThrow(refused);
    expect(() => state.setLevel("NONE", "one-more")).toThrow(refused);
    expect(state.register("s1", schema(0))).toBe(1);
    state.unsetLevel("s0");
    expect(state.register("one-more", schema(0))).toBe(1);
  });

  it("is bounded in versions of a subject, deleted ones too", () => {
    const state = new RegistryState();
    for (let n = 0; n < BOUNDS.versions; n++) {
      state.register("s", schema(0));
      state.deleteSubject("s", false);
    }
    expect(() => state.register("s", schema(0))).toThrow(/1000 versions/);
    expect(state.versions("s", true).at(-1)).toBe(BOUNDS.versions);
    state.deleteSubject("s", true);
    state.register("s", schema(0));
    expect(state.versions("s", false)).toEqual([1]);
  });

  it("is bounded in schemas, and a refused one leaves no subject behind", () => {
    const state = new RegistryState();
    state.setLevel("NONE");
    for (let n = 0; n < BOUNDS.schemas; n++) state.register(`s${n % 100}`, schema(n));
    expect(() => state.register("new", schema(-1 >>> 0))).toThrow(/10000 schemas/);
    expect(state.subjects(true)).not.toContain("new");
    expect(state.register("new", schema(7))).toBe(8);
  });

  it("is bounded in the text of schemas", () => {
    const state = new RegistryState();
    state.setLevel("NONE");
    const long = (n: number) =>
      JSON.stringify({ type: "fixed", name: `F${n}`, size: 1, x: "x".repeat(8_000_000) });
    for (let n = 0; n < 8; n++) state.register("s", long(n));
    expect(() => state.register("s", long(9))).toThrow(/characters of schemas/);
    expect(state.register("s", schema(1))).toBe(9);
  });

  it("calls what was deleted and registered again by the old id and a new number", () => {
    const state = new RegistryState();
    state.register("s", schema(0));
    state.deleteVersion("s", "1", false);
    expect(state.register("s", schema(0))).toBe(1);
    expect(state.version("s", "latest", true)).toMatchObject({ id: 1, version: 2 });
    // The newest that lives, though a later one was deleted.
    state.setLevel("NONE");
    state.register("s", schema(1));
    state.deleteVersion("s", "3", false);
    expect(state.version("s", "latest", true).version).toBe(2);
  });
});
