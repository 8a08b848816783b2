// docs/recovery.md against the routes and the module of its page, which runs here in a browser of stubs.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { AuthClient } from "sallyport/client";
import type { MailLink } from "sallyport/client-mail";
import { createHandler } from "sallyport/http";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { sentSchema } from "../../src/contract/token-fields.ts";
import { fakeStorage } from "../client/support.ts";
import { cookieJar } from "../support/cookie-jar.ts";
import { CALLER } from "../support/cookies.ts";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { makeMailAuth, NEXT, serving } from "../support/mailbox.ts";
import { mailRoutes } from "../support/routes.ts";
import { codeBlock, codeSpans, rootPath, section, tableRows } from "./support/pages.ts";

const PAGE = "docs/recovery.md";
const ORIGIN = "http://localhost:3000";
// Inside of the repository, where the packages are found, and outside of what is committed.
const FOLDER = rootPath(".cache/recovery");

afterEach(() => void vi.unstubAllGlobals());
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test("lists the routes of a server that mails, and no other", () => {
  const listed = tableRows(section(PAGE, "Over HTTP")).map(([route = "", token, , success]) => [
    codeSpans(route)[0],
    token === "–" ? "public" : "bearer",
    success?.slice(0, 3),
  ]);
  expect(listed).toEqual(
    mailRoutes.map(({ method, path, access, status }) => [`${method} /auth${path}`, access, String(status)]),
  );
});

test("each body of the table has the fields of the route", () => {
  for (const [route = "", , body = ""] of tableRows(section(PAGE, "Over HTTP"))) {
    const path = (codeSpans(route)[0] ?? "").replace("POST /auth", "");
    const input = sentSchema(mailRoutes.find((row) => row.path === path)?.input);
    const fields = Object.keys(input instanceof z.ZodMiniObject ? input.shape : {});
    // The token of the session that a sign-in ends: the page of sessions has it.
    expect([path, new Set(codeSpans(body))]).toEqual([
      path,
      new Set(fields.filter((field) => field !== "refreshToken")),
    ]);
  }
});

interface PageModule {
  readonly client: AuthClient;
  readonly found: MailLink | null;
  forgot(email: string): Promise<string>;
  signUp(email: string, password: string): Promise<string>;
  openMail(found: MailLink): Promise<boolean>;
  setPassword(found: MailLink, password: string): Promise<void>;
}

/** A module is evaluated once, so each page has a file of its own. */
let pages = 0;

/** Browsers over one server. Each has its cookies and its storage; each page that opens is a module of its own. */
function makeWorld() {
  const harness = makeMailAuth();
  const handler = createHandler(serving(harness).auth, {
    ...{ transport: "cookie", origins: [ORIGIN], insecureLocalhost: true },
  });
  mkdirSync(FOLDER, { recursive: true });
  return {
    harness,
    browser() {
      const jar = cookieJar(() => harness.clock.now().getTime());
      const storage = fakeStorage();
      const send = async (request: Request): Promise<Response> => {
        const { pathname } = new URL(request.url);
        const headers = new Headers([...request.headers, ...Object.entries(jar.header(pathname))]);
        headers.set("origin", ORIGIN);
        const text = await request.text();
        const init = { method: request.method, headers, body: text === "" ? null : text };
        const answer = await handler(new Request(request.url, init), CALLER);
        jar.keep(pathname, answer.headers.getSetCookie());
        return answer;
      };
      return async (hash = ""): Promise<PageModule & { readonly address: () => string }> => {
        const location = { href: `${ORIGIN}/mail${hash}` };
        const replaceState = (_state: unknown, _title: string, href: string) => {
          location.href = href;
        };
        vi.stubGlobal("location", location);
        vi.stubGlobal("history", { state: null, replaceState });
        vi.stubGlobal("localStorage", storage);
        vi.stubGlobal("fetch", send);
        const file = `${FOLDER}/page-${pages++}.ts`;
        writeFileSync(file, codeBlock(PAGE, "ts", "readMailLink"));
        const opened = (await import(/* @vite-ignore */ file)) as PageModule;
        return { ...opened, address: () => location.href };
      };
    },
  };
}

const hashOf = (purpose: string, link = "") => `#sallyport=${purpose}.${link}`;

test("the page signs up in one browser by the link, and in another with a new password", async () => {
  for (const other of [false, true]) {
    const { harness, browser } = makeWorld();
    const open = browser();
    const page = await open();
    expect([page.found, await page.signUp(EMAIL, PASSWORD)]).toEqual([null, "We sent you a mail."]);
    const [mail] = await harness.arrive();
    const landing = await (other ? browser() : open)(hashOf("signup", mail?.link));
    expect([landing.found?.purpose, landing.address()]).toEqual(["signup", `${ORIGIN}/mail`]);
    expect(await landing.openMail(landing.found as MailLink)).toBe(!other);
    if (other) await landing.setPassword(landing.found as MailLink, NEXT);
    expect((await landing.client.me()).user).toMatchObject({ email: EMAIL, emailVerified: true });
  }
});

test("the page brings back a user who forgot the password", async () => {
  const { harness, browser } = makeWorld();
  await harness.open(EMAIL);
  const open = browser();
  const page = await open();
  expect(await page.forgot(EMAIL)).toContain("We sent a mail");
  const [mail] = await harness.arrive();
  const landing = await open(hashOf("password_reset", mail?.link));
  expect(await landing.openMail(landing.found as MailLink)).toBe(false);
  await landing.setPassword(landing.found as MailLink, NEXT);
  expect((await landing.client.login({ email: EMAIL, password: NEXT })).status).toBe("signed_in");
});
