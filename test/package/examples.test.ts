// The examples as a user has them: installed with the tarball, copied to a folder, and run as `examples/README.md` says.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import {
  cleanEnvironment,
  installPackages,
  newFolder,
  pinned,
  removeFolder,
} from "../../scripts/smoke-package.ts";
import { codeBlock } from "../docs/support/pages.ts";
import { call } from "../examples/demo.ts";
import { followPage } from "../examples/readme-commands.ts";
import { signUp } from "../examples/server-process.ts";

const COMMANDS = codeBlock("examples/README.md", "sh", "npm install sallyport").split("\n");

let folder: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  folder = await newFolder();
  const [install = ""] = COMMANDS.filter((line) => line.startsWith("npm install sallyport "));
  const others = install.split(" ").slice(3);
  expect(COMMANDS).toContain("cp -R node_modules/sallyport/examples .");
  await installPackages(folder, [inject("packed").path, ...others.map(pinned)]);
  await cp(join(folder, "node_modules/sallyport/examples"), join(folder, "examples"), { recursive: true });
});
afterAll(() => removeFolder(folder));

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  await removeFolder(join(folder, ".data")); // the next example begins without accounts
});

/** Runs a program until it says something, and gives what it has said. */
async function firstWords(file: string): Promise<string> {
  child = spawn(process.execPath, [file], { cwd: folder, env: { ...cleanEnvironment(), PORT: "0" } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += text));
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), once(child, "close")]);
  return said;
}

async function urlOf(file: string): Promise<string> {
  const said = await firstWords(file);
  const port = /^Sallyport demo: http:\/\/localhost:(\d+)$/m.exec(said)?.[1];
  expect(port, said).toBeDefined();
  return `http://127.0.0.1:${port}`;
}

test.each(["fastify", "web"])(
  "the copied example %s starts, and answers the requests of its page",
  async (name) => {
    const url = await urlOf(`examples/${name}/server.ts`);
    expect(await followPage(`examples/${name}/README.md`, url)).toBeGreaterThan(4);
  },
);

test("the copied example for Express starts, and serves its page with the client of the package", async () => {
  const url = await urlOf("examples/express/server.ts");
  const body = { email: "ada@example.com", password: "Correct1horse" };
  expect((await signUp(url, body)).status).toBe(201);
  const page = await call(url, "GET");
  const [, script = "no script"] = /<script[^>]* src="([^"]+)"/.exec(page.body) ?? [];
  expect((await call(`${url}${script.replace(/^\.?\//, "/")}`, "GET")).status).toBe(200);
  expect((await call(`${url}/client.js`, "GET")).body).toContain("createAuthClient");
  expect((await call(`${url}/client-mail.js`, "GET")).body).toContain("readMailLink");
  expect((await call(`${url}/mail`, "GET")).body).toContain("Choose a password");
});

test("the copied example of pages without script starts, and serves its sign-in and its style", async () => {
  const url = await urlOf("examples/pages/server.ts");
  expect((await call(`${url}/sign-in`, "GET")).body).toContain('action="/auth/login"');
  expect((await call(`${url}/style.css`, "GET")).headers["content-type"]).toBe("text/css");
});

test("the copied example of own tables runs", async () => {
  expect(await firstWords("examples/own-tables/main.ts")).not.toMatch(/Error/);
  if (child?.exitCode === null) await once(child, "close");
  expect(child?.exitCode).toBe(0);
});
