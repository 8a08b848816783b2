// The example of pages without script, as a browser without any would use it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPagesApp } from "../../examples/pages/app.ts";
import { cookieJar } from "../support/cookie-jar.ts";
import { type Harness, makeAuth } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { call } from "./demo.ts";
import { followPage } from "./readme-commands.ts";

const ORIGIN = "http://localhost:3000";
const RIGHT = "email=ada%40example.com&password=Correct1horse";

let harness: Harness;
let url: string;
let close: () => Promise<void>;
let failures: unknown[];

beforeEach(async () => {
  harness = makeAuth();
  failures = [];
  const onError = (error: unknown): void => void failures.push(error);
  const server = await listen(createPagesApp({ auth: harness.auth, origins: [ORIGIN], onError }));
  url = `http://127.0.0.1:${server.port}`;
  close = server.close;
});
afterEach(async () => {
  await close();
  expect(failures).toEqual([]);
});

function newBrowser() {
  const jar = cookieJar(() => harness.clock.now().getTime());
  const ask = async (method: string, path: string, body?: string) => {
    const [pathname = ""] = path.split("?");
    const form = { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" };
    const headers = { ...jar.header(pathname), ...(body !== undefined && form) };
    const answer = await call(url + path, method, { headers, ...(body !== undefined && { body }) });
    jar.keep(pathname, answer.headers["set-cookie"] ?? []);
    return { ...answer, location: answer.headers.location };
  };
  return {
    jar,
    get: (path: string) => ask("GET", path),
    post: (path: string, body: string) => ask("POST", path, body),
  };
}

test("the commands of its page answer what it says", async () => {
  expect(await followPage("examples/pages/README.md", url)).toBe(4);
});

test("from a stranger's link to the account, and out", async () => {
  const browser = newBrowser();
  const { location = "" } = await browser.get("/account");
  expect(location).toBe("/sign-in?returnTo=%2Faccount");
  expect((await browser.get(location)).body).toContain('name="returnTo" type="hidden" value="/account"');
  expect((await browser.post("/auth/signup", `${RIGHT}&returnTo=%2Faccount`)).location).toBe("/account");
  expect((await browser.get("/account")).body).toContain("You are ada@example.com.");
  expect((await browser.post("/auth/logout", "form=%2Faccount")).location).toBe("/");
  expect((await browser.get("/account")).location).toBe("/sign-in?returnTo=%2Faccount");
});

test("a session of yesterday is renewed on the way", async () => {
  const browser = newBrowser();
  await browser.post("/auth/signup", RIGHT);
  harness.clock.advance("25h");
  const { location = "" } = await browser.get("/account");
  expect(location).toBe("/auth/renew?returnTo=%2Faccount");
  expect((await browser.get(location)).status).toBe(200);
  expect((await browser.post("/auth/renew", "returnTo=%2Faccount")).location).toBe("/account");
  expect((await browser.get("/account")).status).toBe(200);
});

test("a refusal is told in words of the page, and no link writes on it", async () => {
  const browser = newBrowser();
  const { location = "" } = await browser.post("/auth/login", RIGHT.replace("Correct", "Wrong"));
  expect((await browser.get(location)).body).toContain('<p role="alert">Email or password is wrong.</p>');
  const evil = new URLSearchParams({
    error: "<b>Call 555</b>",
    rule: "<i>x</i>",
    wait: "<u>1",
    returnTo: '"><s>',
  });
  const { body } = await browser.get(`/sign-in?${evil}`);
  expect(body).toContain("This did not work. Try again.");
  expect(body).not.toMatch(/555|<[bius]>/);
  for (const name of ["constructor", "__proto__"])
    expect((await browser.get(`/sign-in?error=${name}`)).status).toBe(200);
});

test("no page has a script, and none may be framed or kept", async () => {
  const browser = newBrowser();
  await browser.post("/auth/signup", RIGHT);
  for (const path of ["/", "/sign-in", "/account"]) {
    const { headers, body } = await browser.get(path);
    expect(body).not.toMatch(/<script|javascript:| on\w+=/i);
    expect([headers["cache-control"], headers["content-security-policy"]]).toEqual([
      "no-store",
      "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ]);
  }
  expect((await browser.get("/style.css")).headers["content-type"]).toBe("text/css");
  expect((await browser.get("/nothing")).status).toBe(404);
  expect((await browser.post("/account", "")).status).toBe(405);
});
