/**
 * One process at a time in a folder.
 *
 * The lock is a file with the owner's process id, its host and the process's start. It is stale when the
 * owner is gone; where that cannot be asked, because it is another host's, when the owner has not
 * touched it for a minute. Taking a stale one over is itself guarded by a file that only one can make.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { MillraceError } from "../fault/mod.ts";

const TOUCHED_EVERY_MS = 10_000;
const GONE_AFTER_MS = 60_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number; empty where it cannot be found out. */
  readonly started: string;
}

export class FolderLock {
  readonly #file: string;
  readonly #timer: ReturnType<typeof setInterval>;
  static readonly #held = new Set<string>();

  private constructor(file: string) {
    this.#file = file;
    FolderLock.#held.add(file);
    this.#timer = setInterval(() => {
      const now = new Date();
      utimes(file, now, now).catch(() => {});
    }, TOUCHED_EVERY_MS);
    this.#timer.unref();
  }

  /** @throws {MillraceError} STATE_LOCKED naming who has it, and the file */
  static async take(file: string): Promise<FolderLock> {
    if (await create(file)) return new FolderLock(file);
    const guard = `${file}.takeover`;
    if (!(await create(guard))) {
      if (!(await isOld(guard))) throw locked(file, "another process is taking it over");
      await rm(guard, { force: true });
      throw locked(file, "a process died while taking it over: try again");
    }
    try {
      const owner = await ownerOf(file);
      if (owner !== undefined && (await isAlive(owner, file))) {
        throw locked(file, `process ${owner.pid} on ${owner.host || "this host"} has it`);
      }
      await rm(file, { force: true });
      if (!(await create(file))) throw locked(file, "another process was faster");
      return new FolderLock(file);
    } finally {
      await rm(guard, { force: true });
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    FolderLock.#held.delete(this.#file);
    await rm(this.#file, { force: true });
  }

  static holds(file: string): boolean {
    return FolderLock.#held.has(file);
  }
}

/** @returns false when it is there */
async function create(file: string): Promise<boolean> {
  try {
    const made = await open(file, "wx");
    try {
      await made.write(JSON.stringify(ourselves()));
    } finally {
      await made.close();
    }
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "EEXIST") return false;
    throw error;
  }
}

/** undefined: it has gone, or nothing can be read of it, which then is no one's. */
async function ownerOf(file: string): Promise<Owner | undefined> {
  try {
    const { pid, host, started } = JSON.parse(await readFile(file, "utf8"));
    return Number.isInteger(pid)
      ? { pid, host: String(host), started: String(started) }
      : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, host, started }: Owner, file: string): Promise<boolean> {
  if (host !== hostName()) return !(await isOld(file));
  // In a container every process is number 1.
  if (pid === process.pid) return FolderLock.holds(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === "ESRCH") return false;
    // Not allowed to ask.
    if (code !== "EPERM") return !(await isOld(file));
  }
  const now = startOf(pid);
  return started === "" || now === "" || now === started;
}

async function isOld(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > GONE_AFTER_MS;
  } catch {
    return true;
  }
}

function ourselves(): Owner {
  return { pid: process.pid, host: hostName(), started: startOf(process.pid) };
}

/** Empty where it may not be asked. */
function hostName(): string {
  try {
    return hostname();
  } catch {
    return "";
  }
}

/** Clock ticks since the boot, where there is /proc: the 22nd field, behind the name in brackets. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function locked(file: string, why: string): MillraceError {
  return new MillraceError(
    "STATE_LOCKED",
    `Cannot use the state folder: ${why}; give each process its own --state-dir, or delete ${file} when that process is gone`,
  );
}
