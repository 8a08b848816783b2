import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { call } from "./demo.ts";

const SERVER = fileURLToPath(new URL("../../examples/express/server.ts", import.meta.url));
const USE_SOURCE = new URL("./use-source.ts", import.meta.url).href;
const CREDENTIALS = { email: "ada@example.com", password: "Correct1horse" };

let folder: string;
const running = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-demo-"));
});

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exit: Promise<number | null>;
}

function run(env: Readonly<Record<string, string>> = {}): Run {
  const { SALLYPORT_SECRET: _secret, HOST: _host, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--import", USE_SOURCE, SERVER], {
    cwd: folder,
    env: { ...inherited, PORT: "0", NODE_NO_WARNINGS: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, output: () => output, errors: () => errors, exit };
}

async function started(server: Run): Promise<string> {
  await expect.poll(() => server.output() + server.errors(), { timeout: 10_000 }).toContain("\n");
  const url = /http:\/\/localhost:\d+/.exec(server.output())?.[0];
  if (!url) throw new Error(`The server did not start: ${server.errors()}`);
  return url.replace("localhost", "127.0.0.1");
}

test("a first start makes a secret that nobody else can read; a second one knows the tokens of the first", async () => {
  const first = run();
  const signup = await call(`${await started(first)}/auth/signup`, "POST", { body: CREDENTIALS });
  expect(signup.status).toBe(201);
  const token = signup.json.accessToken;
  expect(statSync(join(folder, ".data")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, ".data", "secret")).mode & 0o777).toBe(0o600);
  const secret = readFileSync(join(folder, ".data", "secret"), "utf8");
  expect(secret).toMatch(/^[\w-]{43}$/);
  first.child.kill("SIGTERM");
  expect(await first.exit).toBe(0);

  const second = run();
  const url = await started(second);
  expect((await call(`${url}/auth/me`, "GET", { token })).json.user.email).toBe(CREDENTIALS.email);
  expect(readFileSync(join(folder, ".data", "secret"), "utf8")).toBe(secret);
  second.child.kill("SIGINT");
  expect(await second.exit).toBe(0);
  expect(first.errors() + second.errors()).toBe("");
});

test("a port in use is said in one line, with the way out", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  try {
    await expect.poll(() => blocker.address()).not.toBeNull();
    const address = blocker.address();
    const port = String(typeof address === "object" && address?.port);
    const server = run({ PORT: port });
    expect(await server.exit).toBe(1);
    expect(server.errors()).toBe(`Port ${port} is in use. Choose another: PORT=3001 npm run demo\n`);
  } finally {
    blocker.close();
  }
});

test.each([
  ["a secret that is too short", { SALLYPORT_SECRET: "short" }, /^.*secret.*\n$/],
  ["a port that is none", { PORT: "http" }, /^PORT is not a port: http\n$/],
])("%s stops the start with one line", async (_what, env, line) => {
  const server = run(env);
  expect(await server.exit).toBe(1);
  expect(server.errors()).toMatch(line);
});
