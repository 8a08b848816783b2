// The quick start as a newcomer reads it: an empty folder, the tarball, and the commands of the page in their order.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { cleanEnvironment, pinned } from "../../scripts/smoke-package.ts";
import { freePort } from "../support/free-port.ts";

const PAGE = readFileSync(fileURLToPath(new URL("../../docs/quickstart.md", import.meta.url)), "utf8");
const BLOCKS = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
  language: match[1] as string,
  code: match[2] as string,
}));
const START = "node --env-file=.env server.ts";

let folder: string;
let port: string;
let server: ChildProcess | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-newcomer-"));
  port = String(await freePort());
});
afterEach(async () => {
  if (server?.exitCode === null) {
    server.kill("SIGKILL");
    await once(server, "close");
  }
  rmSync(folder, { recursive: true });
});

/** A shell of the newcomer's, with the Node that the page wants. */
function shell(command: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return spawn("bash", ["-euc", command], { cwd: folder, env: { ...cleanEnvironment(), PATH, ...env } });
}

async function output(command: string, env?: Readonly<Record<string, string>>): Promise<string> {
  const child = shell(command, env);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
  const [code] = await once(child, "close");
  expect([command, code, code === 0 ? "" : text]).toEqual([command, 0, ""]);
  return text;
}

/** A shell block of the page; what cannot be the same here is put in its place. */
function block(mark: string, changes: Readonly<Record<string, string>> = {}): string {
  const found = BLOCKS.find(({ language, code }) => language === "sh" && code.includes(mark));
  expect(found, mark).toBeDefined();
  const entries = Object.entries(changes);
  for (const [from] of entries) expect(found?.code).toContain(from);
  return entries.reduce((code, [from, to]) => code.replaceAll(from, to), found?.code ?? "");
}

async function startServer(): Promise<void> {
  expect(block("--env-file").trim()).toBe(START);
  server = shell(`exec ${START}`, { PORT: port });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream?.on("data", (chunk) => (said += chunk));
  await Promise.race([once(server.stdout as NodeJS.ReadableStream, "data"), once(server, "close")]);
  expect(said).toContain("Listening on");
}

/** Runs each `curl` of the page, and gives the statuses that came and those that the page shows. */
async function requests(): Promise<{ came: readonly string[]; shown: readonly string[] }> {
  const held = { TOKEN: "", REFRESH_TOKEN: "" };
  const came: string[] = [];
  const shown: string[] = [];
  for (const [index, { language, code }] of BLOCKS.entries()) {
    if (language !== "sh" || !code.startsWith("curl ")) continue;
    // -s alone is ours: without a terminal curl shows its progress.
    const answer = await output(
      code.replaceAll("localhost:3000", `localhost:${port}`).replace("curl", "curl -s"),
      held,
    );
    held.TOKEN = /"accessToken":"([^"]+)"/.exec(answer)?.[1] ?? held.TOKEN;
    held.REFRESH_TOKEN = /"refreshToken":"([^"]+)"/.exec(answer)?.[1] ?? held.REFRESH_TOKEN;
    came.push(answer.slice(0, 12));
    shown.push((BLOCKS[index + 1]?.code ?? "").slice(0, 12));
  }
  return { came, shown };
}

const serverOf = (framework: string): string =>
  BLOCKS.find(({ language, code }) => language === "ts" && code.startsWith(`import ${framework}`))?.code ??
  "";

test.each(["express", "fastify"])(
  "the page leads from an empty folder to a protected route, with %s",
  async (framework) => {
    const packed = inject("packed").path;
    await output(
      block("mkdir hello", { "mkdir hello && cd hello": ":", "npm install sallyport express": ":" }),
    );
    await output(
      block("npm install ./sallyport", {
        "npm ci && npm run build && npm pack": ":",
        "./sallyport-0.1.0.tgz express": `${packed} ${pinned("express")}`,
      }),
    );
    if (framework === "fastify") await output(block("npm install fastify", { fastify: pinned("fastify") }));
    await output(block("npx sallyport secret"));
    writeFileSync(join(folder, "server.ts"), serverOf(framework));
    await startServer();
    const { came, shown } = await requests();
    expect(came).toEqual(shown);
    expect(came).toEqual(expect.arrayContaining(["HTTP/1.1 200", "HTTP/1.1 401", "HTTP/1.1 204"]));
  },
);
