import { createHandler } from "sallyport/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeAuth, SECRET } from "../support/harness.ts";
import {
  type CodeBlock,
  codeBlock,
  codeBlocks,
  codeSpans,
  readPage,
  section,
  tableRows,
} from "./support/pages.ts";
import { type Folder, freePort, makeFolder } from "./support/programs.ts";

const PAGE = "docs/quickstart.md";
const SERVER = codeBlock("README.md", "ts", "expressAuth");
const ARGS = ["--env-file=.env", "server.ts"];

let folder: Folder;
let url: string;

beforeAll(async () => {
  folder = makeFolder({ "server.ts": SERVER, ".env": `SALLYPORT_SECRET=${SECRET}\n` });
  url = await startServer(folder);
});
afterAll(() => folder.remove());

async function startServer({ start }: Folder): Promise<string> {
  const port = String(await freePort());
  const server = start(ARGS, { PORT: port, NODE_ENV: "production" });
  await server.says(/Listening on/);
  return `http://127.0.0.1:${port}`;
}

describe("the README", () => {
  test("is under 150 lines, and its quick start is 30 at most", () => {
    expect(readPage("README.md").trimEnd().split("\n").length).toBeLessThan(150);
    expect(SERVER.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
  });

  test("has a quick start that runs: a signed-in user reaches the protected route, and nobody else", async () => {
    const hello = (token?: string) =>
      fetch(`${url}/hello`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    const signup = await fetch(`${url}/auth/signup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "grace@example.com", password: "Correct1horse" }),
    });
    expect(signup.status).toBe(201);
    const { accessToken, user } = await signup.json();

    const welcome = await hello(accessToken);
    expect([welcome.status, await welcome.json()]).toEqual([200, { hello: user.id }]);
    const nobody = await hello();
    expect([nobody.status, (await nobody.json()).code]).toEqual([401, "token_missing"]);
    expect((await hello(`${accessToken}x`)).status).toBe(401);
  });

  test("has the two commands of a stranger, and the address that they lead to", () => {
    expect(codeBlocks("README.md")[0]).toMatchObject({ language: "sh", code: "npm ci\nnpm run demo\n" });
    expect(section("README.md", "Try it")).toContain("<http://localhost:3000>");
    expect(readPage("examples/express/server.ts")).toContain('process.env["PORT"] ?? "3000"');
  });
});

describe("the quick start", () => {
  test("has the server of the README", () => {
    expect(codeBlock(PAGE, "ts", "import express")).toBe(SERVER);
  });

  test.each([
    ["no secret", ""],
    ["a weak secret", "SALLYPORT_SECRET=secret\n"],
  ])("with %s the server does not start, and says how to make one", async (_what, env) => {
    const other = makeFolder({ "server.ts": SERVER, ".env": env });
    try {
      const server = other.start(ARGS, { PORT: String(await freePort()) });
      expect(await server.exit).not.toBe(0);
      expect(server.said()).toMatch(/invalid_configuration|createAuth: secret: .*npx sallyport secret/);
    } finally {
      await other.remove();
    }
  });

  test("every request of the page is answered as the page says", async () => {
    const exchanges = exchangesOf(codeBlocks(PAGE));
    expect(exchanges.length).toBeGreaterThanOrEqual(8);
    const held: Held = { TOKEN: "", REFRESH_TOKEN: "" };
    for (const { command, answer } of exchanges) {
      const response = await send(command, held);
      const body = await response.text();
      const { status, headers, text } = readAnswer(answer);
      expect([command, response.status]).toEqual([command, status]);
      expect(Object.fromEntries([...response.headers].filter(([name]) => name in headers))).toEqual(headers);
      expect(shape(body)).toEqual(shape(text));
      held.TOKEN = /"accessToken":"([^"]+)"/.exec(body)?.[1] ?? held.TOKEN;
      held.REFRESH_TOKEN = /"refreshToken":"([^"]+)"/.exec(body)?.[1] ?? held.REFRESH_TOKEN;
    }
  });

  test("the code without HTTP runs", async () => {
    const own = makeFolder({ "direct.ts": codeBlock(PAGE, "ts", "auth.verifyToken") });
    try {
      const program = own.start(["direct.ts"], { SALLYPORT_SECRET: SECRET });
      expect([await program.exit, program.said()]).toEqual([
        0,
        expect.stringMatching(/^[0-9a-f-]{36} 20\d\d-/),
      ]);
    } finally {
      await own.remove();
    }
  });

  test("lists the routes of the contract, and no other", async () => {
    const rows = tableRows(section(PAGE, "The routes"));
    const listed = rows.map(([route = "", token, success]) => [
      codeSpans(route)[0],
      token === "–" ? "public" : "bearer",
      success?.slice(0, 3),
    ]);
    const { dispatch } = createHandler(makeAuth().auth);
    const target = "/auth/openapi.json";
    const { body } = await dispatch({
      method: "GET",
      target,
      headers: {},
      body: { kind: "none" },
      client: { ip: null },
    });
    const { paths } = JSON.parse(body ?? "") as { paths: Record<string, Record<string, Operation>> };
    const actual = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security, responses }]) => [
        `${method.toUpperCase()} ${path}`,
        security.length === 0 ? "public" : "bearer",
        Object.keys(responses).find((status) => status.startsWith("2")),
      ]),
    );
    expect(listed).toEqual(actual);
  });
});

interface Operation {
  readonly security: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Exchange {
  readonly command: string;
  readonly answer: string;
}

/** Each `curl` command with the answer that follows it. */
function exchangesOf(blocks: readonly CodeBlock[]): readonly Exchange[] {
  return blocks.flatMap(({ code }, index) => {
    if (!code.startsWith("curl ")) return [];
    const answer = blocks[index + 1];
    if (answer?.language !== "http") throw new TypeError(`No answer follows: ${code}`);
    return [{ command: code, answer: answer.code }];
  });
}

/** What the reader keeps in variables of the shell. */
interface Held {
  TOKEN: string;
  REFRESH_TOKEN: string;
}

/** The words of a command as a shell reads them: quoted parts that touch are one word. */
function shellWords(command: string, held: Held): readonly string[] {
  const words = command.replaceAll("\\\n", " ").match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) =>
      (single ?? double).replace(/\$(\w+)/, (all: string, name: string) =>
        single === undefined ? held[name as keyof Held] : all,
      ),
    ),
  );
}

/** Does what curl does with the few options that the page uses; any other fails. */
function send(command: string, held: Held): Promise<Response> {
  const words = shellWords(command, held);
  const [, flag, ...rest] = words;
  if (flag !== "-i") throw new TypeError(`The page shows headers: curl -i, not ${flag}`);
  const headers = new Headers({ "user-agent": "curl/8.5.0" });
  let target = "";
  let method: string | undefined;
  let body: string | null = null;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-H") headers.append(...((rest.shift() ?? "").split(": ") as [string, string]));
    else if (word === "-d") body = rest.shift() ?? "";
    else if (word === "-X") method = rest.shift();
    else if (word.startsWith("http://localhost:3000/")) target = word.slice("http://localhost:3000".length);
    else throw new TypeError(`Unknown option of curl: ${word}`);
  }
  return fetch(url + target, { method: method ?? (body === null ? "GET" : "POST"), headers, body });
}

function readAnswer(answer: string): { status: number; headers: Record<string, string>; text: string } {
  const [head = "", text = ""] = answer.split("\n\n");
  const [statusLine = "", ...fields] = head.trim().split("\n");
  const headers = Object.fromEntries(fields.map((field) => field.split(": ") as [string, string]));
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]), headers, text };
}

/** An answer without what differs from run to run: ids, times and tokens. */
function shape(text: string): unknown {
  if (text.trim() === "") return null;
  return JSON.parse(
    text
      .replaceAll(/"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}"/g, '"<id>"')
      .replaceAll(/"20\d\d-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
      .replaceAll(/"(?:eyJ|Ag)[\w.-]+"/g, '"<token>"'),
  );
}
