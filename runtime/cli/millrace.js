#!/usr/bin/env node
// The bin of the package. Node versions that do not strip types themselves get tsx.
import { register } from "tsx/esm/api";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`millrace needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(2);
}
if (!process.features.typescript) register();
const { main } = await import("./main.ts");
await main(process.argv.slice(2));
