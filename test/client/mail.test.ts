// The client's calls about mail, against a server: each way from a sign-up or a forgotten password to a session.
import { runInNewContext } from "node:vm";
import { type AuthClientOptions, createAuthClient } from "sallyport/client";
import { type ClientMailOptions, mail, parseMailLink, readMailLink } from "sallyport/client-mail";
import { type AuthHandler, createHandler } from "sallyport/http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { cookieJar } from "../support/cookie-jar.ts";
import { CALLER, cookieHandler, ORIGIN } from "../support/cookies.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { type MailHarness, makeMailAuth, NEXT, serving } from "../support/mailbox.ts";
import { fakeStorage } from "./support.ts";

const RIGHT = { email: EMAIL, password: PASSWORD };
const LINK = "A".repeat(66);

type Mode = "bearer" | "cookie";

/** A server that mails, and browsers: each has cookies and a storage of its own. */
function makeWorld(mode: Mode, harness: MailHarness = makeMailAuth()) {
  const { auth } = serving(harness);
  const handler: AuthHandler = mode === "bearer" ? createHandler(auth) : cookieHandler(auth);
  const calls: { readonly path: string; readonly body: unknown; readonly token: string | null }[] = [];
  const browser = () => {
    const jar = cookieJar(() => harness.clock.now().getTime());
    const storage = fakeStorage();
    const send = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      const text = await request.text();
      const token = request.headers.get("authorization");
      calls.push({ path: pathname.slice("/auth/".length), body: text && JSON.parse(text), token });
      const headers = new Headers(request.headers);
      for (const [name, value] of Object.entries({ origin: ORIGIN, ...jar.header(pathname) }))
        headers.set(name, value);
      const body = text === "" ? null : text;
      const answer = await handler(
        new Request(request.url, { method: request.method, headers, body }),
        CALLER,
      );
      jar.keep(pathname, answer.headers.getSetCookie());
      return answer;
    };
    const now = () => harness.clock.now().getTime();
    const tab = (options: ClientMailOptions = { storage }, own: AuthClientOptions = {}) =>
      createAuthClient({
        ...{ basePath: `${ORIGIN}/auth`, transport: mode, storage, fetch: send, now, locks: null },
        ...own,
        features: { mail: mail(options) },
      });
    return { tab, storage };
  };
  const newest = async () => (await harness.arrive()).at(-1) ?? { link: "", code: "" };
  return { harness, browser, calls, newest };
}

describe.each(["bearer", "cookie"] as const)("in %s mode", (mode) => {
  test("a sign-up goes on in another tab, by the link, and signs in there", async () => {
    const { browser, newest } = makeWorld(mode);
    const { tab } = browser();
    const here = tab();
    const asked = await here.signup(RIGHT);
    if (asked.status !== "check_email") throw new TypeError(asked.status);
    expect(asked).not.toHaveProperty("accessToken");
    here.mail.keep("signup", asked);
    const { link } = await newest();
    const there = tab();
    const { challengeToken = "" } = there.mail.pending("signup") ?? {};
    const result = await there.mail.confirmSignup({ challengeToken, link });
    expect(result).toMatchObject({ status: "signed_in", user: { email: EMAIL, emailVerified: true } });
    expect([there.state(), here.state()]).toEqual(["signed_in", "signed_in"]);
    expect((await there.me()).user.email).toBe(EMAIL);
    expect([there.mail.pending("signup"), here.mail.pending("signup")]).toEqual([null, null]);
  });

  test("in another browser the link and a new password are the way", async () => {
    const { browser, newest } = makeWorld(mode);
    await browser().tab().signup(RIGHT);
    const { link } = await newest();
    const other = browser().tab();
    expect(other.mail.pending("signup")).toBe(null);
    expect((await other.mail.confirmSignup({ link, password: NEXT })).status).toBe("signed_in");
    await other.logout();
    expect(await codeOf(other.login(RIGHT))).toBe("invalid_credentials");
    expect((await other.login({ email: EMAIL, password: NEXT })).status).toBe("signed_in");
  });

  test("a confirmation ends the session that the client had", async () => {
    const { browser, newest, harness } = makeWorld(mode);
    const bob = await harness.open("bob@example.com");
    const client = browser().tab();
    await client.login({ email: "bob@example.com", password: PASSWORD });
    const asked = await client.signup(RIGHT);
    if (asked.status !== "check_email") throw new TypeError(asked.status);
    const { challengeToken } = asked;
    await client.mail.confirmSignup({ challengeToken, code: (await newest()).code });
    expect((await client.me()).user.email).toBe(EMAIL);
    // Bob's other session lives, and that of this browser does not.
    expect(await harness.auth.sessions.list(bob.accessToken)).toHaveLength(1);
  });

  test("a forgotten password: asked here, set here by the code, and the old session is over", async () => {
    const { browser, newest, harness, calls } = makeWorld(mode);
    await harness.open(EMAIL);
    const { tab } = browser();
    const signedIn = browser().tab();
    await signedIn.login(RIGHT);
    const client = tab();
    await client.mail.password.requestReset({ email: EMAIL });
    const { challengeToken = "" } = tab().mail.pending("password_reset") ?? {};
    const { code } = await newest();
    expect(await codeOf(client.mail.password.reset({ challengeToken, code, password: "abc" }))).toBe(
      "weak_password",
    );
    expect(client.mail.pending("password_reset")).not.toBe(null);
    expect(await client.mail.password.reset({ challengeToken, code, password: NEXT })).toBeUndefined();
    expect(client.mail.pending("password_reset")).toBe(null);
    expect(client.state()).not.toBe("signed_in");
    expect(await codeOf(signedIn.me())).toBe("session_revoked");
    expect((await client.login({ email: EMAIL, password: NEXT })).status).toBe("signed_in");
    expect(calls.filter(({ path, token }) => path.startsWith("password/") && token !== null)).toEqual([]);
  });

  test("a signed-in user asks for a mail and answers it, in the same session", async () => {
    const { browser, newest } = makeWorld(mode, makeMailAuth({ email: { verification: "off" } }));
    const client = browser().tab();
    await client.signup(RIGHT);
    const { challengeToken } = await client.mail.email.requestVerification();
    expect(client.mail.pending("email_verification")?.challengeToken).toBe(challengeToken);
    const { code } = await newest();
    expect(await codeOf(client.mail.email.verify({ challengeToken, code: "0" }))).toBe("invalid_code");
    expect((await client.mail.email.verify({ challengeToken, code })).user.emailVerified).toBe(true);
    expect([client.state(), client.mail.pending("email_verification")]).toEqual(["signed_in", null]);
  });

  test("the challenge of a login is answered by its mail, which may be sent again", async () => {
    const before = makeAuth();
    await before.auth.signup(RIGHT, { ip: null });
    const harness = makeMailAuth({ store: before.store, clock: before.clock });
    const { browser, newest } = makeWorld(mode, harness);
    const client = browser().tab();
    const asked = await client.login(RIGHT);
    if (asked.status !== "challenge") throw new TypeError(asked.status);
    client.mail.keep("login", asked);
    const first = await newest();
    const { challengeToken } = await client.mail.resend(asked);
    expect([challengeToken, await newest()]).toEqual([asked.challengeToken, first]);
    const result = await client.mail.challenges.email({ challengeToken, code: first.code });
    expect([result.status, client.state(), client.mail.pending("login")]).toEqual([
      "signed_in",
      "signed_in",
      null,
    ]);
  });
});

test("a known device asks for a reset by its token, which the page never has", async () => {
  const { browser, harness, calls } = makeWorld("bearer");
  await harness.open(EMAIL);
  const client = browser().tab();
  await client.login(RIGHT);
  await client.logout();
  await client.mail.password.requestReset({ email: EMAIL });
  expect(calls.at(-1)?.body).toEqual({ email: EMAIL, deviceToken: expect.stringMatching(/^[\w-]{40,}$/) });
});

test("with a storage that refuses, or without one, the challenge is kept in memory", async () => {
  const refusing = {
    ...{ getItem: () => null, removeItem: () => {} },
    setItem: () => {
      throw new TypeError("full");
    },
  };
  for (const storage of [null, refusing]) {
    const client = makeWorld("bearer").browser().tab({ storage });
    client.mail.keep("signup", { challengeToken: "c" });
    expect(client.mail.pending("signup")).toEqual({ challengeToken: "c" });
  }
});

test("a purpose is no name of an object's own, and foreign text in the storage is no challenge", () => {
  const { tab, storage } = makeWorld("bearer").browser();
  const client = tab();
  for (const purpose of ["toString", "__proto__", "constructor"])
    expect(client.mail.pending(purpose)).toBe(null);
  client.mail.keep("signup", {
    challengeToken: "c",
    expiresAt: "2026-01-01T12:00:00.000Z",
    status: "x",
  } as never);
  expect([...storage.items].filter(([key]) => key.endsWith(":mail"))).toEqual([
    [
      `sallyport:bearer:${ORIGIN}/auth:mail`,
      JSON.stringify({ signup: { challengeToken: "c", expiresAt: "2026-01-01T12:00:00.000Z" } }),
    ],
  ]);
  for (const text of ["no json", "[]", '"text"', "null"]) {
    for (const key of storage.items.keys()) storage.items.set(key, text);
    expect(tab().mail.pending("signup")).toBe(null);
  }
});

describe("the token of a link", () => {
  afterEach(() => vi.unstubAllGlobals());

  function open(href: string) {
    const replaced: unknown[][] = [];
    const history = { state: { own: 1 }, replaceState: (...all: unknown[]) => void replaced.push(all) };
    vi.stubGlobal("location", { href });
    vi.stubGlobal("history", history);
    return replaced;
  }

  test.each([
    [`https://a.example/mail#sallyport=signup.${LINK}`, "https://a.example/mail"],
    [`https://a.example/mail?lang=de#sallyport=signup.${LINK}`, "https://a.example/mail?lang=de"],
    [`https://a.example/mail?sallyport=signup.${LINK}`, "https://a.example/mail"],
    [`https://a.example/mail?a=1&sallyport=signup.${LINK}&b=2#top`, "https://a.example/mail?a=1&b=2#top"],
  ])("is taken out of %s", (href, clean) => {
    const replaced = open(href);
    expect(readMailLink()).toEqual({ purpose: "signup", link: LINK });
    expect(replaced).toEqual([[{ own: 1 }, "", clean]]);
  });

  test.each([
    "https://a.example/mail",
    "https://a.example/mail#top",
    `https://a.example/mail#other=signup.${LINK}`,
    `https://a.example/mail/signup.${LINK}`,
  ])("is not in %s, which stays as it is", (href) => {
    const replaced = open(href);
    expect([readMailLink(), replaced]).toEqual([null, []]);
  });

  test.each(["#sallyport=", "#sallyport=signup", `#sallyport=SIGNUP.${LINK}`, `#sallyport=signup.${LINK}!`])(
    "goes, if it is malformed as well: %s",
    (hash) => {
      const replaced = open(`https://a.example/mail${hash}`);
      expect([readMailLink(), replaced]).toEqual([null, [[{ own: 1 }, "", "https://a.example/mail"]]]);
    },
  );

  test("without a page there is none", () => {
    expect(readMailLink()).toBe(null);
  });

  test("is read from a pasted text", () => {
    const found = { purpose: "password_reset", link: LINK };
    for (const text of [
      `password_reset.${LINK}`,
      ` password_reset.${LINK}\n`,
      `https://a.example/mail#sallyport=password_reset.${LINK}`,
      `https://a.example/mail?sallyport=password_reset.${LINK}&utm_source=x`,
    ])
      expect(parseMailLink(text)).toEqual(found);
    for (const text of [
      "",
      "123456",
      "app.example",
      LINK,
      `.${LINK}`,
      `a b.${LINK}`,
      `x\npassword_reset.${LINK}`,
    ])
      expect(parseMailLink(text)).toBe(null);
  });
});

test("the entry needs nothing of a browser until it is called", () => {
  expect(runInNewContext("typeof location")).toBe("undefined");
  const client = createAuthClient({ basePath: `${ORIGIN}/auth`, features: { mail: mail() } });
  expect(client.mail.pending("signup")).toBe(null);
});
