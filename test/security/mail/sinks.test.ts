// Class: the link, the code or the nonce of a mail in a log, an event, an error, a URL or a Referer (G8). Every flow runs
// over HTTP, in both modes, with faults of every kind. Then every sink is searched for everything that was secret.
import { inspect } from "node:util";
import type { Auth, EmailProof } from "sallyport";
import { type AuthHandler, createHandler } from "sallyport/http";
import { expect, test } from "vitest";
import { CALLER, cookieHandler, ORIGIN } from "../../support/cookies.ts";
import { EMAIL, PASSWORD, STORES } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";
import { makeMailAuth, NEXT, serving } from "../../support/mailbox.ts";

const HANDLERS: Readonly<Record<"bearer" | "cookie", (auth: Auth) => AuthHandler>> = {
  bearer: (auth) => createHandler(auth),
  cookie: cookieHandler,
};
const RIGHT = { email: EMAIL, password: PASSWORD };

interface Exchange {
  readonly status: number;
  readonly url: string;
  readonly headers: string;
  readonly body: string;
}

/** A browser that keeps nothing but what it saw: each answer whole. */
function watching(handler: AuthHandler) {
  const seen: Exchange[] = [];
  const post = async (path: string, body?: object, token?: string): Promise<Record<string, string>> => {
    const url = `${ORIGIN}/auth${path}`;
    const headers = {
      origin: ORIGIN,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    };
    const init = { method: "POST", headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await handler(new Request(url, init), CALLER);
    const text = await answer.text();
    seen.push({ status: answer.status, url, headers: JSON.stringify([...answer.headers]), body: text });
    return text === "" ? {} : JSON.parse(text);
  };
  return { seen, post };
}

test.each(
  STORES.flatMap(([name, make]) => [[name, "bearer", make] as const, [name, "cookie", make] as const]),
)(
  "no link, code, nonce or challenge of a mail is in any sink: %s, %s mode",
  async (_name, mode, makeStore) => {
    let broken = "";
    const nonces: string[] = [];
    const inner = makeStore();
    const store = interceptStore(inner, (verb) => {
      if (verb === broken) throw new TypeError(`fault at ${verb}`);
    });
    const harness = makeMailAuth({ store });
    const { arrive, sink, errors } = harness;
    const { auth } = serving(harness);
    const { seen, post } = watching(HANDLERS[mode](auth));
    const secrets: string[] = [];
    const challenges: string[] = [];
    const asked = async (path: string, body: object): Promise<string> => {
      const { challengeToken = "" } = await post(path, body);
      challenges.push(challengeToken);
      return challengeToken;
    };
    const read = async (challengeToken: string) => {
      const mail = (await arrive()).at(-1);
      const proof = await proofOf(challengeToken, (id) => inner.proofs.find(id, harness.clock.now()));
      nonces.push(proof?.nonce ?? "");
      secrets.push(mail?.link ?? "", mail?.code ?? "");
      return { link: mail?.link ?? "", code: mail?.code ?? "" };
    };

    const signup = await asked("/signup", RIGHT);
    const first = await read(signup);
    await post("/email/resend", { challengeToken: signup });
    for (broken of ["proofs.find", "proofs.countAttempt", "proofs.take", "users.create", "events.append"])
      await post("/signup/confirm", { challengeToken: signup, code: first.code });
    broken = "";
    for (const wrong of [
      { link: first.link },
      { code: first.code },
      { link: first.code, password: first.link },
    ])
      await post("/signup/confirm", wrong);
    for (const field of ["email", "admin", first.link])
      await post("/signup/confirm", { [field]: first.link, challengeToken: signup, code: first.code });
    const entered = await post("/signup/confirm", { challengeToken: signup, link: first.link });
    expect(entered["status"]).toBe("signed_in");

    const reset = await asked("/password/reset", { email: EMAIL });
    const second = await read(reset);
    await post("/challenges/email", { challengeToken: reset, code: second.code });
    await post("/email/verification/confirm", { link: second.link }, second.link);
    await post("/refresh", { refreshToken: second.link });
    for (broken of ["users.change", "credentials.replace", "outbox.put", "events.append"])
      await post("/password/reset/confirm", { link: second.link, password: NEXT });
    broken = "";
    await post("/password/reset/confirm", { challengeToken: reset, code: second.code, password: NEXT });
    await post("/password/reset/confirm", { link: second.link, password: NEXT });

    const statuses = seen.map(({ status }) => status);
    expect(statuses).toEqual(expect.arrayContaining([201, 202, 204, 422, 503]));
    const said = seen.map(({ url, headers, body }) => [url, headers, withoutToken(body)]);
    const log = inspect([said, sink.events, errors, harness.auth, JSON.stringify(sink.events)], {
      ...{ depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null },
    });
    expect(log).toContain("fault at proofs.take");
    expect(nonces.every((nonce) => nonce.length > 20)).toBe(true);
    for (const secret of [...secrets, ...nonces, ...challenges, PASSWORD, NEXT]) {
      expect(secret.length).toBeGreaterThan(5);
      expect(log).not.toContain(secret);
    }
  },
);

/** The answer to the one who asked has the challenge token, once. */
function withoutToken(body: string): string {
  return body.replace(/"challengeToken":"[^"]+"/, "");
}

async function proofOf(
  challengeToken: string,
  find: (id: EmailProof["id"]) => Promise<EmailProof | null>,
): Promise<EmailProof | null> {
  const id = Buffer.from(challengeToken, "base64url").toString("hex", 1, 17);
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return find(uuid as EmailProof["id"]);
}
