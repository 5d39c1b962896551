/** Real instances on one store, each a process of its own, and sockets with a cable that can be cut. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:\d+)/;
const START_MS = 30_000;
const STOP_MS = 10_000;
const SECRET = "a secret that only this test knows, and nobody else";

/** The Python to run the server with, or why there is none. */
export function whyNoServer() {
  if (!process.env.PYTHON) return "PYTHON does not name the Python that runs the server";
  if (typeof WebSocket !== "function") return "this node has no WebSocket (run it with --experimental-websocket)";
  const check = spawnSync(process.env.PYTHON, ["-c", "import tornado, redis"]);
  return check.status === 0 ? null : `${process.env.PYTHON} cannot run the server: tornado or redis is missing`;
}

/** Instances in a folder of their own. */
export class Servers {
  #folder = mkdtempSync(join(tmpdir(), "lr-"));
  #children = [];

  get #env() {
    const known = Object.entries(process.env).filter(([name]) => !name.startsWith("LESSONROOM_"));
    return { ...Object.fromEntries(known), LESSONROOM_AUTH__SECRET: SECRET, LESSONROOM_REDIS__DATA_DIR: join(this.#folder, "data") };
  }

  /** Starts one. */
  async start() {
    const child = spawn(process.env.PYTHON, [join(ROOT, "server.py"), "--port", "0"], {
      cwd: this.#folder, env: this.#env, stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    const url = await listening(child);
    await ready(url);
    return { url, child };
  }

  platformToken(user, name) {
    const args = [join(ROOT, "server.py"), "token", "--user", String(user), "--name", name];
    const made = spawnSync(process.env.PYTHON, args, { cwd: this.#folder, env: this.#env, encoding: "utf-8" });
    if (made.status !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  }

  /** The process of the store that the instances share. */
  storePid() {
    const data = join(this.#folder, "data");
    const texts = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      .map(({ name }) => readFileSync(join(data, name, "redis.pid"), "utf-8"));
    return Number(texts[0]);
  }

  async stop() {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) await ended(child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let log = "";
    const timer = setTimeout(() => reject(new Error(`the server does not start:\n${log}`)), START_MS);
    const read = (data) => {
      log += data;
      const found = LISTENING.exec(log);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(`the server ended:\n${log}`)));
  });
}

async function ready(url) {
  for (const end = Date.now() + START_MS; Date.now() < end;) {
    if ((await fetch(`${url}/readyz`)).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url} does not become ready`);
}

function ended(child) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.once("exit", () => resolve(clearTimeout(timer)));
    child.kill("SIGTERM");
  });
}

/** Sockets of one person; `cut` ends them, and keeps new ones from opening until `mend`. */
export class Cable {
  #isCut = false;
  #open = new Set();

  get WebSocket() {
    const cable = this;
    return class extends WebSocket {
      constructor(url, protocols) {
        super(cable.#isCut ? "ws://127.0.0.1:9/" : url, protocols);
        cable.#open.add(this);
      }
    };
  }

  cut() {
    this.#isCut = true;
    for (const socket of this.#open) {
      const isOpening = socket.readyState === WebSocket.CONNECTING;
      socket.close(4000);
      if (isOpening) socket.onclose?.({ code: 1006, reason: "" }); // which node's own leaves out
    }
    this.#open.clear();
  }

  mend() {
    this.#isCut = false;
  }
}

/** The next event of a type for which `holds`. */
export function next(client, type, holds = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no such ${type} came`)), 15_000);
    const off = client.on(type, (detail) => {
      if (!holds(detail)) return;
      clearTimeout(timer);
      off();
      resolve(detail);
    });
  });
}
