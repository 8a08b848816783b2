import assert from "node:assert/strict";
import { expectSet } from "./cookie-expect.ts";
import { expectPageProblem } from "./expect.ts";
import type { Page, PagePromises } from "./page.ts";
import { ACCESS, DEVICE, HINT, type PageAnswer, REFRESH } from "./set-cookie.ts";
import { EMAIL, PASSWORD, WRONG } from "./shapes.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" } as const;
const RIGHT = { email: EMAIL, password: PASSWORD };
const NEXT = "Another2staple";
const MAX = 16 * 1024;
const ENTERED = [ACCESS, HINT, DEVICE, REFRESH];
const EVIL = { origin: "https://evil.example" };

type Fields = Readonly<Record<string, string>> | string;

type SendForm = (path: string, fields?: Fields) => Promise<PageAnswer>;

function formsOf(page: Page, headers: Readonly<Record<string, string>> = {}): SendForm {
  return (path, fields = {}) => {
    const body = typeof fields === "string" ? fields : String(new URLSearchParams(fields));
    return page.send(path, { method: "POST", headers: { ...FORM, ...headers }, body });
  };
}

/** A redirect to exactly this place. No cache may keep it. */
function expectLed({ status, headers, body }: PageAnswer, location: string): void {
  const held = new Map(headers);
  assert.deepEqual(
    [status, body, held.get("location"), held.get("cache-control"), held.get("vary")],
    [303, "", location, "no-store", "Origin, Cookie"],
  );
}

const VARYING = { headers: { vary: "Origin, Cookie" } };

/** Of a server whose handler has `pages`, with this page for its sign-ins. */
export function formPromises(signIn: string): PagePromises {
  return { ...led, ...ledBack(signIn), ...notLed };
}

const led: PagePromises = {
  "a form signs up, in and out, and sets a new password": async (page) => {
    const send = formsOf(page);
    const up = await send("/signup", { ...RIGHT, returnTo: "/notes?page=2" });
    expectLed(up, "/notes?page=2");
    expectSet(up, ENTERED);
    const change = { currentPassword: PASSWORD, newPassword: NEXT, returnTo: "/settings" };
    expectLed(await send("/password", change), "/settings");
    assert.equal((await send("/logout")).status, 303);
    assert.deepEqual([...page.jar.keys()], [DEVICE]);
    const again = await send("/login", { email: EMAIL, password: NEXT, returnTo: "/notes" });
    expectLed(again, "/notes");
    assert.equal((await page.send("/me")).status, 200);
  },
  "a session is renewed by a page that posts, and a GET changes nothing": async (page) => {
    const send = formsOf(page);
    await page.signUp();
    page.jar.delete(ACCESS);
    const { status, cookies, headers, body } = await page.send("/renew?returnTo=/notes");
    assert.deepEqual([status, cookies], [200, []]);
    assert.match(
      new Map(headers).get("content-security-policy") ?? "",
      /^default-src 'none'; script-src 'sha256-/,
    );
    const action = `action="${page.subject.basePath}/renew"`;
    assert.ok(body.includes(action) && body.includes('value="/notes"'), body);
    const renewed = await send("/renew", { returnTo: "/notes" });
    expectLed(renewed, "/notes");
    expectSet(renewed, [ACCESS, HINT, REFRESH]);
    expectLed(await page.send("/renew?returnTo=/notes"), "/notes");
  },
};

function ledBack(signIn: string): PagePromises {
  return {
    "a refusal leads back, with codes alone": async (page) => {
      const send = formsOf(page);
      const wrong = { email: EMAIL, password: WRONG };
      expectLed(await send("/login", wrong), `${signIn}?error=invalid_credentials`);
      expectLed(
        await send("/login", { ...wrong, form: "/door", returnTo: "/notes" }),
        "/door?error=invalid_credentials&returnTo=%2Fnotes",
      );
      const twice = await send("/login", `email=a&${new URLSearchParams(RIGHT)}`);
      expectLed(twice, `${signIn}?error=malformed_request`);
      assert.equal(page.jar.size, 0);
    },
  };
}

const notLed: PagePromises = {
  "a form of more than 16 KiB, of another type or of another site stays a problem": async (page) => {
    const send = formsOf(page);
    await page.signUp();
    expectPageProblem(await send("/login", `x=${"1".repeat(MAX)}`), "payload_too_large", VARYING);
    for (const path of ["/login", "/signup", "/logout", "/renew", "/password"]) {
      expectPageProblem(await formsOf(page, EVIL)(path, RIGHT), "cross_site_request", VARYING);
      const text = await formsOf(page, { "content-type": "text/plain" })(path, "x=1");
      assert.equal(text.status, 415, path);
    }
    assert.equal((await page.send("/me")).status, 200);
  },
};

/** Of a server whose handler has no `pages`. */
export const noFormPromises: PagePromises = {
  "no route takes a form, and none renews": async (page) => {
    const send = formsOf(page);
    await page.signUp();
    for (const path of ["/login", "/signup", "/logout", "/password"])
      expectPageProblem(await send(path, RIGHT), "unsupported_media_type", VARYING);
    for (const method of ["GET", "POST"]) assert.equal((await page.send("/renew", { method })).status, 404);
    assert.equal((await page.send("/me")).status, 200);
  },
};
