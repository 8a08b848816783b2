import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type ClientRequest, request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, call } from "./demo.ts";

const USE_SOURCE = new URL("../support/use-source.ts", import.meta.url).href;
const CREDENTIALS = { email: "ada@example.com", password: "Correct1horse" };
const JSON_TYPE = { "content-type": "application/json" };

export type ExampleName = "express" | "fastify" | "web";

/** A process of an example, in a folder of its own. */
export interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exit: Promise<number | null>;
}

let folder: string;
const running = new Set<ChildProcess>();

/** Gives each test of a file its folder, and leaves no process behind. */
export function useFolder(): () => string {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-demo-"));
  });
  afterEach(() => {
    for (const child of running) child.kill("SIGKILL");
    running.clear();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => folder;
}

export function run(example: ExampleName, env: Readonly<Record<string, string>> = {}): Run {
  const inherited = { ...process.env };
  for (const name of ["SALLYPORT_SECRET", "HOST", "ORIGIN", "DATABASE_URL", "SMTP_URL", "MAIL_FROM"])
    delete inherited[name];
  const server = fileURLToPath(new URL(`../../examples/${example}/server.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", USE_SOURCE, server], {
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

/** Where it serves, once it does. */
export async function started(server: Run): Promise<string> {
  await expect.poll(() => server.output() + server.errors()).toContain("\n");
  const url = /^Sallyport demo: (http:\/\/localhost:\d+)\n$/.exec(server.output())?.[1];
  if (!url) throw new Error(`The server did not start: ${server.errors()}`);
  return url.replace("localhost", "127.0.0.1");
}

/** Signs up, and confirms it by the code in the inbox if a mail was sent. Answers what signs in. */
export async function signUp(
  url: string,
  body: { readonly email: string; readonly password: string },
): Promise<Answer> {
  const signup = await call(`${url}/auth/signup`, "POST", { body });
  if (signup.json.status !== "check_email") return signup;
  const { challengeToken } = signup.json;
  const inbox = await call(`${url}/dev/mail`, "GET");
  const [, code] = /<strong class="mail-code">(\d+)</.exec(inbox.body) ?? [];
  return call(`${url}/auth/signup/confirm`, "POST", { body: { challengeToken, code } });
}

/** From sign-up to sign-out. With two addresses, each step is seen from the other one. */
export async function signUpToSignOut(url: string, other: string = url): Promise<void> {
  const signup = await signUp(url, CREDENTIALS);
  expect(signup.status).toBe(201);
  const { accessToken: token, user } = signup.json;
  const notes = `/api/users/${user.id}/notes`;

  const added = await call(other + notes, "POST", { token, body: { text: " water the plants " } });
  expect([added.status, added.json.note.text]).toEqual([201, "water the plants"]);
  const listed = await call(url + notes, "GET", { token });
  expect([listed.json, listed.headers["cache-control"]]).toEqual([{ notes: [added.json.note] }, "no-store"]);
  const foreign = await call(other + notes.replace(user.id, "someone"), "GET", { token });
  expect([foreign.status, foreign.json.code]).toEqual([403, "forbidden"]);
  const note = `${notes}/${added.json.note.id}`;
  expect((await call(other + note, "DELETE", { token })).status).toBe(204);
  expect((await call(url + note, "DELETE", { token })).json.code).toBe("not_found");
  expect((await call(other + notes, "GET", { token })).json).toEqual({ notes: [] });

  expect((await call(`${url}/auth/logout`, "POST", { token })).status).toBe(204);
  const after = await call(other + notes, "GET", { token });
  expect([after.status, after.json.code]).toEqual([401, "session_revoked"]);
}

/** What every example promises to whoever starts and stops it. */
export function behavesAsProcess(example: ExampleName, command: string): void {
  test("from sign-up to sign-out, without a word but its address", async () => {
    const server = run(example);
    await signUpToSignOut(await started(server));
    server.child.kill("SIGTERM");
    expect(await server.exit).toBe(0);
    expect(server.errors()).toBe("");
  });

  test("a request that has begun is answered after SIGTERM, and no other", async () => {
    const server = run(example);
    const url = await started(server);
    const request = await begun(`${url}/auth/signup`, JSON.stringify(CREDENTIALS).length);
    server.child.kill("SIGTERM");
    const health = () => call(`${url}/health`, "GET").catch(({ code }) => code);
    await expect.poll(health).toBe("ECONNREFUSED");
    const answer = new Promise<number | undefined>((resolve, reject) => {
      request.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
    request.end(JSON.stringify(CREDENTIALS));
    expect(await answer).toBe(example === "express" ? 202 : 201); // with mail, and without
    expect(await server.exit).toBe(0);
  });

  test("a port in use is said in one line, with the way out", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    try {
      await expect.poll(() => blocker.address()).not.toBeNull();
      const address = blocker.address();
      const port = String(typeof address === "object" && address?.port);
      const server = run(example, { PORT: port });
      expect(await server.exit).toBe(1);
      expect(server.errors()).toBe(`Port ${port} is in use. Choose another: PORT=3001 ${command}\n`);
    } finally {
      blocker.close();
    }
  });
}

/** A request whose server waits for its body: it has said so. */
function begun(url: string, length: number): Promise<ClientRequest> {
  const headers = { ...JSON_TYPE, "content-length": String(length), expect: "100-continue" };
  const request = httpRequest(url, { method: "POST", agent: false, headers });
  return new Promise((resolve, reject) => {
    request.on("continue", () => resolve(request)).on("error", reject);
    request.flushHeaders();
  });
}
