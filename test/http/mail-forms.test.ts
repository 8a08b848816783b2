// Mail without script: a form asks for it, a cookie keeps the challenge, and a form answers it.
import { expect, test } from "vitest";
import { type FormBrowser, formBrowser, ledTo, RIGHT } from "../support/form-browser.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { type MailHarness, makeMailAuth, NEXT, serving } from "../support/mailbox.ts";

const HERE = { ip: null };

function open(harness: MailHarness = makeMailAuth()) {
  const { auth } = serving(harness);
  const browser = (): FormBrowser => formBrowser({ auth, clock: harness.clock });
  const newest = async () => (await harness.arrive()).at(-1) ?? { link: "", code: "" };
  return { harness, browser, newest };
}

async function statusOfMe(browser: FormBrowser): Promise<number> {
  return (await browser.get("/auth/me")).status;
}

test("a sign-up leads to the page of the code, and the code to where the visitor was going", async () => {
  const { browser, newest } = open();
  const page = browser();
  const asked = await page.post("/auth/signup", { ...RIGHT, returnTo: "/notes" });
  expect(await ledTo(asked)).toEqual([303, "/step?kind=signup&returnTo=%2Fnotes"]);
  expect(page.jar.all().map(({ name }) => name)).toEqual(["__Secure-sp-challenge"]);
  const { code } = await newest();
  const wrong = await page.post("/auth/signup/confirm", { code: "000 000", form: "/step?kind=signup" });
  expect(await ledTo(wrong)).toEqual([303, "/step?kind=signup&error=invalid_code"]);
  const right = await page.post("/auth/signup/confirm", { code, returnTo: "/notes" });
  expect(await ledTo(right)).toEqual([303, "/notes"]);
  expect([page.held("challenge"), await statusOfMe(page)]).toEqual([undefined, 200]);
});

test("a link counts alone where the sign-up was, and elsewhere with a new password", async () => {
  const { browser, newest } = open();
  const [here, elsewhere] = [browser(), browser()];
  await here.post("/auth/signup", RIGHT);
  const { link } = await newest();
  const alone = await elsewhere.post("/auth/signup/confirm", { link, form: "/mail" });
  expect(await ledTo(alone)).toEqual([303, "/mail?error=invalid_code"]);
  // An empty field of the same form is no half.
  const entered = await here.post("/auth/signup/confirm", { link, code: "", password: "" });
  expect([await ledTo(entered), await statusOfMe(here)]).toEqual([[303, "/home"], 200]);
});

test("beside a new password the challenge in the cookie is left out", async () => {
  const { browser, newest } = open();
  const page = browser();
  await page.post("/auth/signup", RIGHT);
  const { link } = await newest();
  const answer = await page.post("/auth/signup/confirm", { link, password: NEXT });
  expect([await ledTo(answer), await statusOfMe(page)]).toEqual([[303, "/home"], 200]);
});

test("a forgotten password: asked, sent again, and set by the code", async () => {
  const { harness, browser, newest } = open();
  await harness.open(EMAIL);
  const page = browser();
  const asked = await page.post("/auth/password/reset", { email: EMAIL });
  expect(await ledTo(asked)).toEqual([303, "/step?kind=password_reset"]);
  const { code } = await newest();
  const again = await page.post("/auth/email/resend", { returnTo: "/step?kind=password_reset" });
  expect(await ledTo(again)).toEqual([303, "/step?kind=password_reset"]);
  expect(await ledTo(await page.post("/auth/email/resend"))).toEqual([303, "/step"]);
  expect((await newest()).code).toBe(code);
  const weak = await page.post("/auth/password/reset/confirm", { code, password: "abc" });
  expect(await ledTo(weak)).toEqual([
    303,
    "/step?error=weak_password&rule=too_short&rule=missing_upper&rule=missing_digit",
  ]);
  const set = await page.post("/auth/password/reset/confirm", { code, password: NEXT, returnTo: "/sign-in" });
  expect([await ledTo(set), page.held("challenge")]).toEqual([[303, "/sign-in"], undefined]);
  expect(await statusOfMe(page)).toBe(401);
  expect(await ledTo(await page.post("/auth/login", { email: EMAIL, password: NEXT }))).toEqual([
    303,
    "/home",
  ]);
});

test("an unknown address is led to the same page, with a cookie of the same length", async () => {
  const { harness, browser } = open();
  await harness.open(EMAIL);
  const seen = [];
  for (const email of [EMAIL, "eve@example.com"]) {
    const page = browser();
    const led = await ledTo(await page.post("/auth/password/reset", { email }));
    seen.push([...led, page.held("challenge")?.length]);
  }
  expect(seen[0]).toEqual(seen[1]);
});

test("a signed-in visitor asks for a mail by a button, and answers it by its code or its link", async () => {
  for (const half of ["code", "link"] as const) {
    const { browser, newest } = open(makeMailAuth({ email: { verification: "off" } }));
    const page = browser();
    await page.post("/auth/signup", RIGHT);
    const asked = await page.post("/auth/email/verification");
    expect(await ledTo(asked)).toEqual([303, "/step?kind=email_verification"]);
    const mail = await newest();
    const answer = await page.post("/auth/email/verification/confirm", { [half]: mail[half] });
    expect(await ledTo(answer)).toEqual([303, "/home"]);
    const me = (await (await page.get("/auth/me")).json()) as { user: { emailVerified: boolean } };
    expect(me.user.emailVerified).toBe(true);
  }
});

test("a sign-up that verifies later has signed in, and leads on", async () => {
  const { browser } = open(makeMailAuth({ email: { verification: "later" } }));
  const page = browser();
  expect(await ledTo(await page.post("/auth/signup", RIGHT))).toEqual([303, "/home"]);
  expect(await statusOfMe(page)).toBe(200);
});

test("the challenge of a login is answered by its mail, and a brief sign-in stays brief", async () => {
  const before = makeAuth();
  await before.auth.signup(RIGHT as { email: string; password: string }, HERE);
  const { browser, newest } = open(makeMailAuth({ store: before.store, clock: before.clock }));
  const page = browser();
  const asked = await page.post("/auth/login", { email: EMAIL, password: PASSWORD, remember: "false" });
  expect(await ledTo(asked)).toEqual([303, "/step?kind=email&method=email"]);
  expect(page.held("challenge")).toMatch(/^~/);
  const { code } = await newest();
  expect(await ledTo(await page.post("/auth/challenges/email", { code }))).toEqual([303, "/home"]);
  expect(await statusOfMe(page)).toBe(200);
  page.jar.close();
  expect(await statusOfMe(page)).toBe(401);
});
