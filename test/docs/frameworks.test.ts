// Each page of a framework: its server runs, and answers the requests of the page.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../examples/demo.ts";
import { followPage } from "../examples/readme-commands.ts";
import { SECRET } from "../support/harness.ts";
import { codeBlock, codeBlocks, readPage } from "./support/pages.ts";
import { type Folder, freePort, makeFolder } from "./support/programs.ts";

const PAGES = ["express", "fastify", "hono", "node-http"].map((name) => `docs/frameworks/${name}.md`);
/** Next.js is too large for this folder: test/recipes/next runs its page. */
const ELSEWHERE = "docs/frameworks/nextjs.md";
const SHAPE = ["Install", "Server", "The user in a route", "Guard", "Sign in", "Deploy"];

test.each([...PAGES, ELSEWHERE])("%s has the shape of all of them, in at most 120 lines", (page) => {
  const text = readPage(page);
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(SHAPE);
});

describe.each(PAGES)("%s", (page) => {
  const server = codeBlock(page, "ts", "createAuth(");
  let folder: Folder;
  let url: string;

  beforeAll(async () => {
    folder = makeFolder({ "server.ts": server, ".env": `SALLYPORT_SECRET=${SECRET}\n` });
    const port = String(await freePort());
    const program = folder.start(["--env-file=.env", "server.ts"], { PORT: port, NODE_ENV: "production" });
    await program.says(/Listening on/);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => folder.remove());

  test("names its server, and the command that starts it", () => {
    expect(readPage(page)).toContain("`server.ts`:\n\n```ts\n");
    expect(codeBlocks(page).map(({ code }) => code)).toContain("node --env-file=.env server.ts\n");
  });

  test("has a server that answers the requests of the page, as the page says", async () => {
    expect(await followPage(page, url)).toBeGreaterThanOrEqual(6);
  });

  test("has a route that knows the email of its user, and refuses all others", async () => {
    const body = { email: "grace@example.com", password: "Correct1horse" };
    const { json } = await call(`${url}/auth/signup`, "POST", { body });
    const mine = await call(`${url}/me`, "GET", { token: json.accessToken });
    expect([mine.status, mine.json]).toEqual([200, { email: body.email }]);
    for (const token of [undefined, `${json.accessToken}x`]) {
      const refused = await call(`${url}/me`, "GET", { token });
      expect([refused.status, refused.headers["content-type"]]).toEqual([401, "application/problem+json"]);
    }
  });
});
