import assert from "node:assert/strict";
import { expectEmpty, expectJson, expectProblem } from "../expect.ts";
import { EMAIL, limited, MAIL_SENT, PASSWORD, SIGNED_IN, type SignedIn, USER, VERIFIED } from "../shapes.ts";
import type { MailPromises } from "./mail-subject.ts";

const RIGHT = { email: EMAIL, password: PASSWORD };
const NEXT = "Another2staple";
const ASKED = { shape: MAIL_SENT, headers: limited({ of: 5, left: 4 }) };
const PROVEN = limited({ of: 10, left: 9 });
const NEW_ACCOUNT = { shape: { ...SIGNED_IN, user: VERIFIED }, headers: PROVEN };
const WRONG_CODE = { headers: PROVEN };

const signups: MailPromises = {
  "a sign-up is 202, and its mail is 201 in the same browser, by the code": async (subject) => {
    const { post, read } = subject;
    const asked = await post("/signup", RIGHT);
    const { challengeToken } = expectJson<{ challengeToken: string }>(asked, 202, ASKED);
    const { kind, code } = await read();
    assert.equal(kind, "signup");
    const confirmed = await post("/signup/confirm", {
      challengeToken,
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    });
    const { accessToken: token } = expectJson<SignedIn>(confirmed, 201, NEW_ACCOUNT);
    assert.equal((await subject.send("/me", { token })).status, 200);
    assert.equal((await post("/login", RIGHT)).status, 200);
  },
  "by the link, too, with the password of the sign-up": async ({ post, read, ask }) => {
    const challengeToken = await ask("/signup");
    const { link } = await read();
    expectJson(await post("/signup/confirm", { challengeToken, link }), 201, NEW_ACCOUNT);
    assert.equal((await post("/login", RIGHT)).status, 200);
  },
  "in another browser the link needs a new password, and the first one is worth nothing": async (subject) => {
    const { post, read, ask } = subject;
    const challengeToken = await ask("/signup");
    const { link, code } = await read();
    expectJson(await post("/signup/confirm", { link, password: NEXT }), 201, NEW_ACCOUNT);
    expectProblem(await post("/signup/confirm", { challengeToken, code }), "invalid_code", {
      headers: limited({ of: 10, left: 8 }),
    });
    assert.equal((await post("/login", RIGHT)).status, 401);
    assert.equal((await post("/login", { email: EMAIL, password: NEXT })).status, 200);
  },
  "a free email and a taken one are told apart by nothing but the mail": async (subject) => {
    const { post, read, signUp, advance } = subject;
    await signUp();
    const taken = await post("/signup", RIGHT);
    await advance(60_000);
    const free = await post("/signup", { email: "bob@example.com", password: PASSWORD });
    for (const answer of [taken, free]) expectJson(answer, 202, ASKED);
    assert.deepEqual([free.headers, free.body.length], [taken.headers, taken.body.length]);
    assert.deepEqual((await read("bob@example.com")).kind, "signup");
  },
};

const resets: MailPromises = {
  "a reset is 202 for any address, and a mail for an account alone": async (subject) => {
    const { post, isTold, signUp, advance } = subject;
    await signUp();
    const known = await post("/password/reset", { email: EMAIL });
    assert.equal(await isTold(), true);
    await advance(60_000);
    const unknown = await post("/password/reset", { email: "eve@example.com" });
    assert.equal(await isTold("eve@example.com"), false);
    for (const answer of [known, unknown]) expectJson(answer, 202, ASKED);
    assert.deepEqual([known.headers, known.body.length], [unknown.headers, unknown.body.length]);
  },
  "its link and a new password are 204; every session is over, and no one is signed in": async (subject) => {
    const { post, send, read, ask, signUp } = subject;
    const { accessToken: token, refreshToken } = await signUp();
    await ask("/password/reset");
    const { link } = await read();
    expectEmpty(await post("/password/reset/confirm", { link, password: NEXT }), 204, PROVEN);
    expectProblem(await send("/me", { token }), "session_revoked");
    assert.equal((await post("/refresh", { refreshToken })).status, 401);
    assert.equal((await post("/login", RIGHT)).status, 401);
    assert.equal((await post("/login", { email: EMAIL, password: NEXT })).status, 200);
  },
  "so are its challenge token, its code and a new password": async ({ post, read, ask, signUp }) => {
    await signUp();
    const challengeToken = await ask("/password/reset");
    const { code } = await read();
    const answer = await post("/password/reset/confirm", { challengeToken, code, password: NEXT });
    expectEmpty(answer, 204, PROVEN);
    assert.equal((await post("/login", { email: EMAIL, password: NEXT })).status, 200);
  },
  "a weak password uses nothing up": async ({ post, read, ask, signUp }) => {
    await signUp();
    await ask("/password/reset");
    const { link } = await read();
    expectProblem(await post("/password/reset/confirm", { link, password: "Password1" }), "weak_password", {
      errors: [["password", "common_password"]],
      headers: PROVEN,
    });
    assert.equal((await post("/password/reset/confirm", { link, password: NEXT })).status, 204);
  },
};

const others: MailPromises = {
  "a mail that is sent again is the same mail, and the answer is 202 with the same token": async (
    subject,
  ) => {
    const { post, read, ask, advance } = subject;
    const challengeToken = await ask("/signup");
    const first = await read();
    await advance(60_000);
    const again = expectJson<{ challengeToken: string }>(
      await post("/email/resend", { challengeToken }),
      202,
      ASKED,
    );
    assert.equal(again.challengeToken, challengeToken);
    assert.deepEqual(await read(), first);
    expectProblem(await post("/email/resend", { challengeToken: "forged" }), "invalid_code", {
      headers: limited({ of: 5, left: 3 }),
    });
  },
  "a session asks for a mail, and its link verifies in that session": async ({
    post,
    send,
    read,
    signUp,
  }) => {
    const { accessToken: token, user } = await signUp();
    const asked = await send("/email/verification", { method: "POST", token });
    expectJson(asked, 202, { shape: MAIL_SENT });
    const { link } = await read();
    const other = await signUp("bob@example.com");
    const stolen = await post("/email/verification/confirm", { link }, { token: other.accessToken });
    expectProblem(stolen, "invalid_code", WRONG_CODE);
    const answer = await post("/email/verification/confirm", { link }, { token });
    const shape = { user: { ...USER, ...VERIFIED, id: user.id }, session: SIGNED_IN["session"] ?? null };
    expectJson(answer, 200, { shape, headers: limited({ of: 10, left: 8 }) });
    assert.equal((await send("/me", { token })).status, 200);
  },
};

/** What a mail brings about, and what asks for one. */
export const mailAnswerPromises: MailPromises = { ...signups, ...resets, ...others };
