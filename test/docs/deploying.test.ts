import { existsSync } from "node:fs";
import { Kysely, sql } from "kysely";
import { migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { boundedServer } from "../../examples/shared/bounded-server.ts";
import { codeBlock, codeSpans, readPage, section, tableRows } from "./support/pages.ts";
import { type Folder, freePort, makeFolder } from "./support/programs.ts";

const PAGE = "docs/deploying.md";
const SECRET = "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV";

let folder: Folder | undefined;
afterEach(async () => {
  await folder?.remove();
  folder = undefined;
});

test("the application's user may use every table, and no other right", async () => {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(":memory:") });
  await migrate(db);
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(
    db,
  );
  await db.destroy();
  const grants = codeBlock(PAGE, "sql", "grant").split(";").slice(0, 2);
  expect(grants.map((grant) => /grant ([\w, ]+) on/.exec(grant)?.[1])).toEqual([
    "select, insert, update, delete",
    "select",
  ]);
  const granted = grants.flatMap((grant) => grant.match(/\bauth_\w+/g) ?? []);
  expect(granted.sort()).toEqual(rows.map(({ name }) => name).sort());
});

test("the server's settings to begin with are those of the example", () => {
  const server = boundedServer(() => undefined);
  const rows = tableRows(section(PAGE, "The server")).map(([setting = "", begin]) => [
    codeSpans(setting),
    begin,
  ]);
  expect(rows).toEqual([
    [
      ["headersTimeout", "requestTimeout"],
      `${server.headersTimeout / 1000} s, ${server.requestTimeout / 1000} s`,
    ],
    [["keepAliveTimeout"], expect.any(String)],
    [["maxHeaderSize"], "8 KiB"],
    [["server.maxConnections"], String(server.maxConnections)],
  ]);
  expect(readPage("examples/shared/bounded-server.ts")).toContain("maxHeaderSize: 8 * 1024");
});

test("what is to be watched are events, reasons and codes that there are", () => {
  const known = new Set([
    ...codeSpans(section("docs/errors.md", "Reasons in events")),
    ...codeSpans(section("docs/errors.md", "Codes")),
    ...["success", "failure", "data.limit", "account", "onError", "auth.users"],
    ...["health().mail", "late", "auth.mail.dead()"],
    ...["health().ready", "hashing.waiting", "store", "limiter", "overloaded"],
  ]);
  const watched = tableRows(section(PAGE, "Watching")).flatMap((cells) => cells.flatMap(codeSpans));
  expect(watched.length).toBeGreaterThan(15);
  expect([...new Set(watched)].filter((name) => !known.has(name))).toEqual([]);
});

test("the example counts what people did, with the labels of the table", async () => {
  folder = makeFolder({
    "watched.ts": codeBlock(PAGE, "ts", "watchedAuth("),
    "main.ts": `
      import { watchedAuth } from "./watched.ts";
      const auth = watchedAuth((name, labels) => console.log(name, JSON.stringify(labels)));
      const client = { ip: null };
      await auth.signup({ email: "ada@example.com", password: "Correct1horse" }, client);
      await auth.login({ email: "ada@example.com", password: "Wrong1horse" }, client).catch(() => {});
      await auth.close();
      await auth.login({ email: "ada@example.com", password: "Wrong1horse" }, client).catch(() => {});`,
  });
  const run = folder.start(["main.ts"], { SALLYPORT_SECRET: SECRET });
  expect(await run.exit).toBe(0);
  expect(run.said()).toContain('auth_events {"type":"signup","outcome":"success","reason":"none"}');
  expect(run.said()).toContain('auth_events {"type":"login","outcome":"failure","reason":"wrong_password"}');
  expect(run.said()).toContain('auth_errors {"code":"unavailable"}');
  expect(run.said()).not.toContain("Wrong1horse");
});

test("on SIGTERM the example answers what has begun, and ends by itself", async () => {
  const port = await freePort();
  folder = makeFolder({
    "stop.ts": codeBlock(PAGE, "ts", "stopOnSignal("),
    "main.ts": `
      import { createServer } from "node:http";
      import { createAuth, memoryStore } from "sallyport";
      import { stopOnSignal } from "./stop.ts";
      const auth = createAuth({ secret: process.env.SALLYPORT_SECRET, store: memoryStore() });
      const server = createServer((request, response) => {
        console.log("begun");
        process.once("SIGTERM", () => setImmediate(() => response.end("answered")));
      });
      stopOnSignal(server, auth, async () => console.log((await auth.health()).store));
      server.listen(${port}, "127.0.0.1", () => console.log("listening"));`,
  });
  const run = folder.start(["main.ts"], { SALLYPORT_SECRET: SECRET });
  await run.says(/listening/);
  const answer = fetch(`http://127.0.0.1:${port}`, { headers: { connection: "close" } });
  await run.says(/begun/);
  run.child.kill("SIGTERM");
  expect(await (await answer).text()).toBe("answered");
  expect(await run.exit).toBe(0);
  expect(run.said()).toContain("down"); // the store was closed before the pool
});

describe("the recipe for reloads", () => {
  const MAIN = `
    import { readdirSync, readlinkSync } from "node:fs";
    const targetOf = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } };
    const open = () => readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).includes("auth.db")).length;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ email: "ada@example.com", password: "Wrong1horse" });
    const counts = [];
    const handlers = new Set();
    for (let reload = 0; reload <= 40; reload++) {
      const { authHandler } = await import("./auth.ts?" + reload);
      handlers.add(authHandler());
      const login = new Request("http://127.0.0.1/auth/login", { method: "POST", headers, body });
      await authHandler()(login, { ip: "127.0.0.1" });
      counts.push(open());
    }
    console.log(JSON.stringify({ first: counts[0], last: counts.at(-1), handlers: handlers.size }));`;
  const RECIPE = codeBlock(PAGE, "ts", "authHandler()");

  const countsOf = async (recipe: string): Promise<{ first: number; last: number; handlers: number }> => {
    folder = makeFolder({ "auth.ts": recipe, "main.ts": MAIN });
    const run = folder.start(["main.ts"], { SALLYPORT_SECRET: SECRET });
    expect([await run.exit, run.said()]).toEqual([0, expect.stringMatching(/^\{/)]);
    return JSON.parse(run.said());
  };

  test.runIf(existsSync("/proc/self/fd"))("opens the database once in 40 reloads", async () => {
    const { first, last, handlers } = await countsOf(RECIPE);
    expect(first).toBeGreaterThan(0);
    expect([last, handlers]).toEqual([first, 1]);
  });

  test.runIf(existsSync("/proc/self/fd"))(
    "is needed: without globalThis each reload opens it again",
    async () => {
      const { first, last, handlers } = await countsOf(RECIPE.replace("globalThis as", "{} as"));
      expect(last).toBeGreaterThanOrEqual(first + 40);
      expect(handlers).toBe(41);
    },
  );

  test("loads without the secret, and demands it at the first request", async () => {
    const main = `
      const { authHandler } = await import("./auth.ts");
      console.log("loaded");
      try { authHandler(); } catch (error) { console.log(error.code); }`;
    folder = makeFolder({ "auth.ts": RECIPE, "main.ts": main });
    const run = folder.start(["main.ts"]);
    expect(await run.exit).toBe(0);
    expect(run.said()).toBe("loaded\ninvalid_configuration\n");
  });
});

test("the image runs the Node of the project, not as root, and takes signals itself", () => {
  const image = codeBlock(PAGE, "dockerfile", "FROM");
  const { devDependencies } = JSON.parse(readPage("package.json"));
  const major = devDependencies.node.split(".")[0];
  expect([...image.matchAll(/^FROM node:(\d+)/gm)].map((match) => match[1])).toEqual([major, major]);
  const lines = image.trim().split("\n");
  expect(lines.indexOf("USER node")).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith("COPY")));
  expect(lines.at(-1)).toMatch(/^CMD \["node", /);
  expect(codeBlock(PAGE, "sh", "docker run")).toContain("--read-only");
});
