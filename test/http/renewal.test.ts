// Renewal on the way to a page: a GET that changes nothing, a post that rotates once, and no way round in a circle.
// Class: session fixation by a planted cookie.
import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { memoryStore } from "sallyport";
import { beforeEach, describe, expect, test } from "vitest";
import { CALLER, ORIGIN, setCookies } from "../support/cookies.ts";
import { type FormBrowser, formBrowser, ledTo, RIGHT } from "../support/form-browser.ts";
import { codeOf, type Harness, makeAuth } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

let harness: Harness;
let page: FormBrowser;
let verbs: readonly string[];
beforeEach(async () => {
  const counted = countVerbs(memoryStore());
  ({ verbs } = counted);
  harness = makeAuth({ store: counted.store });
  page = formBrowser(harness);
});

const HEAD = { method: "GET" };
/** How often a rotation was tried. */
const renewed = () => verbs.filter((verb) => verb === "sessions.rotate").length;
const namesOf = (response: Response): readonly string[] => setCookies(response).map(({ name }) => name);

/** As after a day: the access cookie is gone, and the others are there. */
async function returning(): Promise<void> {
  await page.post("/auth/signup", RIGHT);
  harness.clock.advance("25h");
  expect(page.held("access")).toBeUndefined();
}

describe("where a page sends a visitor", () => {
  const link = (): readonly unknown[] => {
    const head = { ...HEAD, headers: page.jar.header("/notes") };
    return [page.handler.signInUrl(head, "/notes?page=2"), page.handler.renewUrl(head, "/notes?page=2")];
  };

  test("a stranger to sign in, and one who was here to renew", async () => {
    expect(link()).toEqual(["/sign-in?returnTo=%2Fnotes%3Fpage%3D2", null]);
    await returning();
    const renew = "/auth/renew?returnTo=%2Fnotes%3Fpage%3D2";
    expect(link()).toEqual([renew, renew]);
    await page.post("/auth/logout");
    expect(link()).toEqual(["/sign-in?returnTo=%2Fnotes%3Fpage%3D2", null]);
  });

  test("below the path that browsers see", () => {
    const { handler } = formBrowser(harness, { publicPath: "/api/auth" });
    const headers = { cookie: "__Host-sp-renew=1" };
    expect(handler.renewUrl({ ...HEAD, headers }, "/")).toBe("/api/auth/renew?returnTo=%2F");
    expect(handler.renewUrl({ ...HEAD, headers: new Headers(headers) }, "/auth")).toBe(
      "/api/auth/renew?returnTo=%2Fauth",
    );
  });

  test("the hint has the name of the application, and is worth nothing", async () => {
    const own = formBrowser(harness, { cookies: { name: "acme" } });
    await own.post("/auth/signup", RIGHT);
    const { attributes } = setCookies(await own.post("/auth/login", RIGHT))[2] ?? {};
    expect(own.held("renew")).toBe("1");
    expect(attributes).toEqual({
      "max-age": String(14 * 86_400),
      path: "/",
      httponly: "",
      secure: "",
      samesite: "Lax",
    });
    const headers = { cookie: "__Host-acme-renew=1", origin: ORIGIN };
    expect(await codeOf(own.handler.authenticate({ ...HEAD, headers }))).toBe("token_missing");
  });
});

describe("GET renew", () => {
  test("leads a stranger to sign in, and a user of a live session back", async () => {
    expect(await ledTo(await page.get("/auth/renew?returnTo=/notes"))).toEqual([
      303,
      "/sign-in?returnTo=%2Fnotes",
    ]);
    await page.post("/auth/signup", RIGHT);
    expect(await ledTo(await page.get("/auth/renew?returnTo=/notes"))).toEqual([303, "/notes"]);
    expect(await ledTo(await page.get("/auth/renew"))).toEqual([303, "/home"]);
  });

  test("is a small page that posts, under a policy that allows its one script alone", async () => {
    await returning();
    const answer = await page.get("/auth/renew?returnTo=/notes");
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toEqual({
      "cache-control": "no-store",
      "content-length": String(Buffer.byteLength(html)),
      "content-security-policy": expect.any(String),
      "content-type": "text/html; charset=utf-8",
      "referrer-policy": "same-origin",
      vary: "Origin, Cookie",
      "x-content-type-options": "nosniff",
    });
    const hashOf = (element: string): string => {
      const [, text = ""] = new RegExp(`<${element}>(.*)</${element}>`).exec(html) ?? [];
      return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    };
    expect(answer.headers.get("content-security-policy")).toBe(
      `default-src 'none'; script-src ${hashOf("script")}; style-src ${hashOf("style")}; ` +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(html).toContain(
      '<form method="post" action="/auth/renew"><input type="hidden" name="returnTo" value="/notes">',
    );
    expect(html.length).toBeLessThan(1024);
  });

  test.each([false, true])(
    "sends its form once the user looks at it: prepared ahead: %j",
    async (prerendering) => {
      await returning();
      const html = await (await page.get("/auth/renew?returnTo=/notes")).text();
      const [, script = ""] = /<script>(.*)<\/script>/.exec(html) ?? [];
      const seen: string[] = [];
      const events: (readonly [name: string, act: () => void, options: object])[] = [];
      const document = {
        prerendering,
        forms: [{ submit: () => seen.push("posted") }],
        addEventListener: (...event: (typeof events)[number]) => void events.push(event),
      };
      runInNewContext(script, { document });
      expect(seen).toEqual(prerendering ? [] : ["posted"]);
      for (const [, act] of events) act();
      expect(seen).toEqual(["posted"]);
      expect(events.map(([name, , options]) => [name, { ...options }])).toEqual(
        prerendering ? [["prerenderingchange", { once: true }]] : [],
      );
    },
  );

  test("changes nothing, however often it is asked: no rotation, no cookie", async () => {
    await returning();
    const before = page.jar.all();
    for (let times = 0; times < 20; times++) expect((await page.get("/auth/renew")).status).toBe(200);
    expect([renewed(), page.jar.all()]).toEqual([0, before]);
  });

  test("asks nothing of HEAD but headers, and takes no other method", async () => {
    await returning();
    const send = async (method: string) => {
      const headers = { ...page.jar.header("/auth/renew"), origin: ORIGIN };
      return page.handler(new Request(`${ORIGIN}/auth/renew`, { method, headers }), CALLER);
    };
    const head = await send("HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const options = await send("OPTIONS");
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
    expect((await send("DELETE")).status).toBe(405);
  });

  test.each([
    `/notes?"><script>alert(1)</script>`,
    `/notes?'onfocus='alert(1)`,
    "/notes?<!--",
    "/notes?&quot;&#34;&lt;",
    "/notes#`$1`",
  ])("%j is no markup in it", async (returnTo) => {
    await returning();
    const html = await (await page.get(`/auth/renew?${new URLSearchParams({ returnTo })}`)).text();
    const [, value = ""] = /name="returnTo" value="([^"]*)">/.exec(html) ?? [];
    expect(html.replace(value, "")).not.toMatch(/alert|onfocus|quot/);
    expect(value).not.toMatch(/[<>"']/);
    const read = value.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    expect(await ledTo(await page.post("/auth/renew", { returnTo: read }))).toEqual([303, read]);
    const { href } = new URL(returnTo, ORIGIN);
    expect(ORIGIN + read).toBe(href);
  });

  test("says that a store is away, and changes no cookie", async () => {
    await page.post("/auth/signup", RIGHT);
    await harness.auth.close();
    const answer = await page.get("/auth/renew?returnTo=/notes");
    expect(namesOf(answer)).toEqual([]);
    expect((await ledTo(answer))[1]).toMatch(
      /^\/sign-in\?error=(?:unavailable&wait=5|internal_error)&returnTo=%2Fnotes$/,
    );
  });
});

describe("POST renew", () => {
  test("rotates, and leads back", async () => {
    await returning();
    const before = page.held("refresh");
    const answer = await page.post("/auth/renew", { returnTo: "/notes" });
    expect(namesOf(answer)).toEqual(["__Host-sp-access", "__Secure-sp-refresh", "__Host-sp-renew"]);
    expect(await ledTo(answer)).toEqual([303, "/notes"]);
    expect(page.held("refresh")).not.toBe(before);
    expect((await page.get("/auth/me")).status).toBe(200);
    expect(renewed()).toBe(1);
  });

  test("keeps what the sign-in has asked for: the browser forgets the cookies", async () => {
    await page.post("/auth/signup", { ...RIGHT, remember: "false" });
    page.jar.keep("/", ["__Host-sp-access=; Max-Age=0; Path=/; Secure"]);
    harness.clock.advance("25h");
    await page.post("/auth/renew");
    expect(page.held("refresh")).toMatch(/^~/);
    expect(page.jar.all().map(({ endsAt }) => endsAt)).toEqual([null, null, null, null]);
  });

  test("of 50 tabs at once is one rotation, and every tab comes back", async () => {
    harness = makeAuth({ limits: { refresh: { session: "100/1m" } } });
    page = formBrowser(harness);
    await returning();
    const { cookie = "" } = page.jar.header("/auth/renew");
    const tabs = Array.from({ length: 50 }, () =>
      page.post("/auth/renew", { returnTo: "/notes" }, { cookie }),
    );
    const answers = await Promise.all(tabs);
    const tokens = answers.flatMap((answer) =>
      setCookies(answer).filter(({ name }) => name.endsWith("-refresh")),
    );
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
    for (const answer of answers) expect(await ledTo(answer)).toEqual([303, "/notes"]);
    expect((await page.get("/auth/me")).status).toBe(200);
    const late = await page.post("/auth/renew", { returnTo: "/notes" });
    expect([namesOf(late), await ledTo(late)]).toEqual([[], [303, "/notes"]]);
  });

  test("of a tab that finds the session alive rotates nothing", async () => {
    await page.post("/auth/signup", RIGHT);
    for (let times = 0; times < 5; times++)
      expect(await ledTo(await page.post("/auth/renew", { returnTo: "/notes" }))).toEqual([303, "/notes"]);
    expect(renewed()).toBe(0);
  });

  test("with an ended session ends the cookies, and leads to the sign-in without a word", async () => {
    await returning();
    const { cookie = "" } = page.jar.header("/auth/renew");
    await page.post("/auth/logout");
    const answer = await page.post("/auth/renew", { returnTo: "/notes" }, { cookie });
    expect(setCookies(answer).map(({ name, attributes }) => [name, attributes["max-age"]])).toEqual([
      ["__Host-sp-access", "0"],
      ["__Secure-sp-refresh", "0"],
      ["__Host-sp-renew", "0"],
    ]);
    expect(await ledTo(answer)).toEqual([303, "/sign-in?returnTo=%2Fnotes"]);
  });

  test("with a hint alone ends the hint: the visitor is not sent round again", async () => {
    page.jar.keep("/", ["__Host-sp-renew=1; Max-Age=1000; Path=/; Secure"]);
    expect((await page.get("/auth/renew")).status).toBe(200);
    const answer = await page.post("/auth/renew", { returnTo: "/notes" });
    expect(await ledTo(answer)).toEqual([303, "/sign-in?returnTo=%2Fnotes"]);
    expect(page.jar.all()).toEqual([]);
    expect(page.handler.renewUrl({ ...HEAD, headers: page.jar.header("/") }, "/notes")).toBeNull();
  });

  test("with a refresh cookie that a neighbour planted signs no user in: it cannot plant the hint", async () => {
    const eve = formBrowser(harness);
    await eve.post("/auth/signup", { ...RIGHT, email: "eve@example.com" });
    page.jar.keep("/auth", [`__Secure-sp-refresh=${eve.held("refresh")}; Path=/auth; Secure`]);
    expect(await ledTo(await page.get("/auth/renew?returnTo=/notes"))).toEqual([
      303,
      "/sign-in?returnTo=%2Fnotes",
    ]);
    const answer = await page.post("/auth/renew", { returnTo: "/notes" });
    expect(await ledTo(answer)).toEqual([303, "/sign-in?returnTo=%2Fnotes"]);
    expect([namesOf(answer), renewed(), page.held("access")]).toEqual([["__Host-sp-renew"], 0, undefined]);
  });

  test("does not end the cookies for a planted one", async () => {
    await returning();
    const cookie = `${page.jar.header("/auth/renew")["cookie"]}; __Secure-sp-refresh=planted`;
    const answer = await page.post("/auth/renew", {}, { cookie });
    expect([namesOf(answer), await ledTo(answer)]).toEqual([[], [303, "/sign-in"]]);
  });

  test("of a session that the next sign-in has replaced ends none of its cookies", async () => {
    await returning();
    const { cookie = "" } = page.jar.header("/auth/renew");
    await page.post("/auth/login", RIGHT);
    const late = await page.post("/auth/renew", { returnTo: "/notes" }, { cookie });
    expect([namesOf(late), await ledTo(late)]).toEqual([[], [303, "/sign-in?returnTo=%2Fnotes"]]);
    expect([page.held("renew"), (await page.get("/auth/me")).status]).toEqual(["1", 200]);
  });

  test("says that a limit is reached, and keeps the cookies", async () => {
    await page.post("/auth/signup", RIGHT);
    let last = await page.post("/auth/renew");
    for (let times = 0; times < 40; times++) {
      page.jar.keep("/", ["__Host-sp-access=; Max-Age=0; Path=/; Secure"]);
      last = await page.post("/auth/renew");
    }
    expect(namesOf(last)).toEqual([]);
    expect((await ledTo(last))[1]).toMatch(/^\/sign-in\?error=rate_limited&wait=\d+$/);
    expect([page.held("refresh"), page.held("renew")]).toEqual([expect.any(String), "1"]);
  });
});
