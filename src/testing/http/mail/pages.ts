import assert from "node:assert/strict";
import { expectBrief, expectSet, VARY } from "../cookie-expect.ts";
import { servesItsOwn } from "../cross-site.ts";
import { expectEmpty, expectJson, expectPageProblem } from "../expect.ts";
import { type Page, pageOf } from "../page.ts";
import { MAIL_ROUTES } from "../routes.ts";
import { ACCESS, DEVICE, REFRESH } from "../set-cookie.ts";
import { EMAIL, limited, MAIL_SENT, PASSWORD, SESSION, TIME, VERIFIED } from "../shapes.ts";
import type { MailSubject } from "./mail-subject.ts";

/** A page of a server that mails. */
export interface MailPage extends Page {
  readonly subject: MailSubject;
}

export type MailPagePromises = Readonly<Record<string, (page: MailPage) => Promise<void>>>;

const RIGHT = { email: EMAIL, password: PASSWORD };
const NEXT = "Another2staple";
const ALL = [ACCESS, DEVICE, REFRESH];
const PROVEN = { accessTokenExpiresAt: TIME, refreshTokenExpiresAt: TIME };
const ENTERED = { status: "signed_in", user: VERIFIED, session: SESSION, ...PROVEN };
const COUNTED = { ...limited({ of: 10, left: 9 }), ...VARY };

export function mailPageOf(subject: MailSubject, origin: string): MailPage {
  const page = pageOf(subject, origin);
  return {
    ...page,
    subject,
    async signUp(email = EMAIL) {
      await subject.advance(60_000);
      const asked = await page.post("/signup", { email, password: PASSWORD });
      const { code } = await subject.read(email);
      const answer = await page.post("/signup/confirm", { ...challengeIn(asked.body), code });
      await subject.advance(60_000);
      return answer;
    },
  };
}

function challengeIn(body: string): { readonly challengeToken: string } {
  const { challengeToken } = JSON.parse(body) as { readonly challengeToken: string };
  return { challengeToken };
}

const cookies: MailPagePromises = {
  "a sign-up sets no cookie, and its mail sets those of a sign-in": async (page) => {
    const asked = await page.post("/signup", RIGHT);
    expectJson(asked, 202, { shape: MAIL_SENT, headers: { ...limited({ of: 5, left: 4 }), ...VARY } });
    expectSet(asked, []);
    const { code } = await page.subject.read();
    const answer = await page.post("/signup/confirm", { ...challengeIn(asked.body), code });
    expectJson(answer, 201, { shape: ENTERED, headers: COUNTED });
    expectSet(answer, ALL);
    for (const { value } of answer.cookies) assert.ok(!answer.body.includes(value));
    assert.equal((await page.send("/me")).status, 200);
  },
  "a sign-up that is not remembered marks its challenge, and the mail sets brief cookies": async (page) => {
    const asked = challengeIn((await page.post("/signup", { ...RIGHT, remember: false })).body);
    assert.match(asked.challengeToken, /^~/);
    const again = challengeIn((await page.post("/email/resend", asked)).body);
    assert.deepEqual(again, asked);
    const { code } = await page.subject.read();
    for (const challengeToken of [`~${asked.challengeToken}`, `${asked.challengeToken}~`]) {
      const refused = await page.post("/signup/confirm", { challengeToken, code });
      assert.equal(JSON.parse(refused.body).code, "invalid_code");
    }
    expectBrief(await page.post("/signup/confirm", { ...asked, code }), ALL);
    expectBrief(await page.post("/refresh"), [ACCESS, REFRESH]);
  },
  "in another browser the confirmation itself says whether it is remembered": async (page) => {
    await page.post("/signup", RIGHT);
    const { link } = await page.subject.read();
    const body = { link, password: NEXT };
    const wrong = await page.post("/signup/confirm", { ...body, remember: "no" });
    expectPageProblem(wrong, "invalid_input", { errors: [["remember", "invalid_type"]], headers: VARY });
    expectBrief(await page.post("/signup/confirm", { ...body, remember: false }), ALL);
  },
  "a confirmation ends the session that its browser had": async (page) => {
    await page.signUp("bob@example.com");
    const copy = new Map(page.jar);
    await page.signUp();
    for (const [name, value] of copy) page.jar.set(name, value);
    expectPageProblem(await page.send("/me"), "session_revoked", { headers: VARY });
  },
  "a reset sets no cookie, and takes no token from a body": async (page) => {
    await page.signUp();
    const asked = await page.post("/password/reset", { email: EMAIL });
    expectSet(asked, []);
    const { link } = await page.subject.read();
    const answer = await page.post("/password/reset/confirm", { link, password: NEXT });
    expectEmpty(answer, 204, COUNTED);
    expectSet(answer, []);
    expectPageProblem(await page.send("/me"), "session_revoked", { headers: VARY });
    const unknown = { errors: [["", "unknown_field"]] as const, headers: VARY };
    const withDevice = await page.post("/password/reset", { email: EMAIL, deviceToken: "x" });
    expectPageProblem(withDevice, "invalid_input", unknown);
    const withSession = { link, password: NEXT, refreshToken: "x" };
    expectPageProblem(await page.post("/signup/confirm", withSession), "invalid_input", unknown);
  },
  "a session in cookies asks for a mail, and answers it": async (page) => {
    await page.signUp();
    const asked = await page.post("/email/verification");
    expectJson(asked, 202, { shape: MAIL_SENT, headers: VARY });
    const { code } = await page.subject.read();
    const answer = await page.post("/email/verification/confirm", { ...challengeIn(asked.body), code });
    expectJson(answer, 200, { shape: { user: VERIFIED, session: SESSION }, headers: COUNTED });
    expectSet(answer, []);
  },
};

/** What cookie mode adds to the mail routes. */
export const mailPagePromises: MailPagePromises = {
  ...cookies,
  ...Object.fromEntries(
    MAIL_ROUTES.map((route) => [
      `${route.method} ${route.path} is served to pages of our own alone`,
      servesItsOwn(route),
    ]),
  ),
};
