import assert from "node:assert/strict";
import { expectProblem } from "../expect.ts";
import { ALLOW, MAIL_ROUTES, ROUTES } from "../routes.ts";
import { EMAIL, PASSWORD } from "../shapes.ts";
import { MAIL_PAGE, type MailPromises, type MailSubject } from "./mail-subject.ts";

const LINK = "A".repeat(66);
const NEXT = "Another2staple";
const METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "PROPFIND"];

type Body = Readonly<Record<string, unknown>>;
type Failed = readonly (readonly [path: string, code: string])[];
type Row = readonly [path: string, body: unknown, errors: Failed];

const UNKNOWN: Failed = [["", "unknown_field"]];

/** Bodies that lack a half, or bring one too many. */
const WRONG: readonly Row[] = [
  ["/signup/confirm", { challengeToken: "x" }, [["code", "required"]]],
  ["/signup/confirm", { code: "000000" }, [["challengeToken", "required"]]],
  ["/signup/confirm", { link: LINK, password: NEXT, admin: true }, UNKNOWN],
  ["/signup/confirm", { challengeToken: "x", code: "000000", password: NEXT }, [["password", "unexpected"]]],
  ["/challenges/email", { code: 1, challengeToken: "x" }, [["code", "invalid_type"]]],
  ["/password/reset/confirm", { link: LINK }, [["password", "required"]]],
  ["/password/reset", {}, [["email", "required"]]],
  ["/password/reset", { email: "ada" }, [["email", "invalid_email"]]],
  ["/email/resend", {}, [["challengeToken", "required"]]],
  ["/email/resend", [], [["", "invalid_type"]]],
];

/** Everything that a mail scanner can do with a link: it opens it, in every way, and presses what it finds. */
async function scan({ send, post }: MailSubject, link: string): Promise<void> {
  for (const { path } of MAIL_ROUTES) {
    for (const method of METHODS) {
      for (const query of [
        "",
        `?link=${link}`,
        `?sallyport=signup.${link}`,
        `?link=${link}&password=${NEXT}`,
      ])
        assert.equal((await send(path + query, { method })).status, 405, `${method} ${path}`);
    }
    const answer = await post(path, { link });
    assert.ok([401, 422].includes(answer.status), `${path}: ${answer.status}`);
  }
}

/** What mail routes refuse, and what nothing of a mail does. */
export const mailRefusalPromises: MailPromises = {
  "the contract has these routes, and each takes POST alone": async ({ basePath, send }) => {
    const { paths } = JSON.parse((await send("/openapi.json")).body) as { readonly paths: object };
    const listed = Object.keys(paths).map((path) => path.slice(basePath.length));
    const all = new Set([...ROUTES, ...MAIL_ROUTES].map(({ path }) => path));
    assert.deepEqual(listed.sort(), [...all].sort());
    for (const { path } of MAIL_ROUTES) {
      for (const method of METHODS.filter((one) => one !== "HEAD")) {
        const answer = await send(path, { method });
        expectProblem(answer, "method_not_allowed", { headers: { allow: ALLOW["/login"] ?? "" } });
      }
    }
  },
  "a half that is lacking, or one too many, is told at its field, for every account alike": async (
    subject,
  ) => {
    for (const [path, body, errors] of WRONG) {
      expectProblem(await subject.post(path, body), "invalid_input", { errors });
      await subject.advance(60_000);
    }
    const { accessToken: token } = await subject.signUp();
    const answer = await subject.post("/email/verification/confirm", { code: "000000" }, { token });
    expectProblem(answer, "invalid_input", { errors: [["challengeToken", "required"]] });
  },
  "what is wrong, unknown, used, or of another mail has one answer": async (subject) => {
    const { post, read, ask, signUp, advance } = subject;
    await signUp();
    const challengeToken = await ask("/password/reset");
    const { link, code } = await read();
    const signup = await ask("/signup", "bob@example.com");
    const other = await read("bob@example.com");
    const wrong: readonly (readonly [path: string, body: Body])[] = [
      ["/signup/confirm", { link, password: NEXT }],
      ["/signup/confirm", { challengeToken, code }],
      ["/signup/confirm", { challengeToken: signup, link }],
      ["/challenges/email", { challengeToken, code }],
      ["/password/reset/confirm", { link: other.link, password: NEXT }],
      ["/password/reset/confirm", { challengeToken: signup, code: other.code, password: NEXT }],
      ["/password/reset/confirm", { link: LINK, password: NEXT }],
      ["/password/reset/confirm", { challengeToken: "forged", code, password: NEXT }],
      ["/password/reset/confirm", { challengeToken, code: "0", password: NEXT }],
    ];
    const answers = new Set<string>();
    const judge = async (path: string, body: Body): Promise<void> => {
      await advance(60_000);
      const { status, headers, body: text } = await post(path, body);
      answers.add(JSON.stringify([status, headers, text]));
      assert.equal(JSON.parse(text).code, "invalid_code", path);
    };
    for (const [path, body] of wrong) await judge(path, body);
    assert.equal((await post("/password/reset/confirm", { link, password: NEXT })).status, 204);
    await judge("/password/reset/confirm", { link, password: NEXT });
    assert.equal(answers.size, 1);
  },
  "a scanner that opens the link in every way, and presses everything, uses nothing up": async (subject) => {
    const { post, read, ask } = subject;
    const challengeToken = await ask("/signup");
    const { link } = await read();
    await scan(subject, link);
    await subject.advance(60_000);
    const answer = await post("/signup/confirm", { challengeToken, link });
    assert.equal(answer.status, 201, answer.body);
    await ask("/password/reset");
    const reset = await read();
    await scan(subject, reset.link);
    await subject.advance(60_000);
    const body = { link: reset.link, password: NEXT };
    assert.equal((await post("/password/reset/confirm", body)).status, 204);
  },
  "nothing of a mail is a token: it opens no route, neither ours nor the application's": async (subject) => {
    const { send, sendToApp, post, read, ask } = subject;
    const challengeToken = await ask("/signup");
    const { link, code } = await read();
    for (const token of [challengeToken, link, code]) {
      for (const path of ["/me", "/sessions"]) expectProblem(await send(path, { token }), "invalid_token");
      expectProblem(await sendToApp("/whoami", { token }), "invalid_token");
      const headers = { cookie: `__Host-sp-access=${token}; __Secure-sp-refresh=${token}` };
      expectProblem(await sendToApp("/whoami", { headers }), "token_missing");
      assert.equal((await post("/refresh", { refreshToken: token })).status, 401);
    }
    const confirmed = await post("/signup/confirm", { challengeToken, code });
    assert.deepEqual([confirmed.status, JSON.parse(confirmed.body).user.email], [201, EMAIL]);
  },
  "no header of a request decides where a link leads": async ({ post, read }) => {
    const headers = {
      host: "evil.example",
      origin: "https://evil.example",
      referer: "https://evil.example/",
      "x-forwarded-host": "evil.example",
    };
    const asked = await post("/signup", { email: EMAIL, password: PASSWORD }, { headers });
    assert.equal(asked.status, 202, asked.body);
    assert.equal((await read()).page, MAIL_PAGE);
  },
};
