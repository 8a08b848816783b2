import { readFileSync } from "node:fs";
import { memoryStore, type Session, type SessionId, type SignedIn } from "sallyport";
import { afterEach, describe, expect, test } from "vitest";
import { judgeRefresh, MAX_REFRESH_COUNTER } from "../../src/domain/refresh-verdict.ts";
import { CLIENT, codeOf, EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { makeMailAuth } from "../support/mailbox.ts";
import { codeBlock, codeSpans, readPage, rootPath, section, tableRows } from "./support/pages.ts";
import { type Folder, makeFolder } from "./support/programs.ts";

const PAGE = "docs/sessions.md";
const TABLES = tableRows(section(PAGE, "The table of a refresh"));
const VERDICTS = TABLES.filter((row) => row.length === 5).map(([verdict = "", , answer, reason, then]) => ({
  verdict: codeSpans(verdict)[0] ?? "",
  answer: codeSpans(answer ?? "")[0] ?? "fulfilled",
  reason: codeSpans(reason ?? "")[0],
  ends: then === "Ends",
}));
const CASES = TABLES.filter((row) => row.length === 3).map(([name = "", answer, reason]) => ({
  name,
  answer: codeSpans(answer ?? "")[0],
  reason: codeSpans(reason ?? "")[0],
}));

const GRACE = 10_000;
const AT = new Date("2026-01-01T12:00:00.000Z");
const ago = (ms: number): Date => new Date(AT.getTime() - ms);

interface Presented {
  readonly row: Partial<Session>;
  readonly counter: number;
}

/** For each verdict a session as it may be, and the counter that comes. */
const PRESENTED: Readonly<Record<string, Presented>> = {
  rotate: { row: { refreshCounter: 7, refreshedAt: ago(1) }, counter: 7 },
  repeat: { row: { refreshCounter: 7, refreshedAt: ago(GRACE) }, counter: 6 },
  stale: { row: { refreshCounter: 7, refreshedAt: ago(GRACE) }, counter: 5 },
  reuse: { row: { refreshCounter: 7, refreshedAt: ago(GRACE + 1) }, counter: 6 },
  exhausted: { row: { refreshCounter: MAX_REFRESH_COUNTER }, counter: MAX_REFRESH_COUNTER },
  unknown: { row: { refreshCounter: 7 }, counter: 8 },
  revoked: { row: { revokedAt: ago(1), revokeReason: "logout" }, counter: 0 },
  expired: { row: { idleExpiresAt: AT }, counter: 0 },
};

async function present(harness: Harness, { row, counter }: Presented) {
  const { auth, ctx, store } = harness;
  const { session } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
  const opened = (await store.sessions.find(session.id))?.session as Session;
  const stored: Session = { ...opened, ...row, id: ctx.newId<SessionId>(AT) };
  await store.sessions.create(stored);
  return { stored, token: ctx.refreshTokens.issue({ sessionId: stored.id, counter }) };
}

async function lastReason({ store }: Harness, { userId }: Session): Promise<string | null | undefined> {
  const [last] = await store.events.list({ userId, limit: 1 });
  return last?.type === "refresh" ? last.reason : undefined;
}

describe("the table of a refresh", () => {
  test("has every verdict once, in the order of the code", () => {
    const type = /export type RefreshVerdict =([^;]+);/.exec(readPage("src/domain/refresh-verdict.ts"))?.[1];
    const declared = [...(type ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1]);
    expect(VERDICTS.map(({ verdict }) => verdict)).toEqual(declared);
    expect(section(PAGE, "The table of a refresh")).toContain(MAX_REFRESH_COUNTER.toLocaleString("en"));
  });

  test.each(VERDICTS)("$verdict: $answer, $reason", async ({ verdict, answer, reason, ends }) => {
    const harness = makeAuth();
    const presented = PRESENTED[verdict] as Presented;
    const { stored, token } = await present(harness, presented);
    const { counter } = presented;
    expect(judgeRefresh(stored, { counter, now: AT, grace: GRACE })).toBe(verdict);

    expect(await codeOf(harness.auth.refresh(token, CLIENT))).toBe(answer);
    expect(await lastReason(harness, stored)).toBe(reason);
    const after = (await harness.store.sessions.find(stored.id))?.session;
    expect(after?.revokedAt?.getTime() !== stored.revokedAt?.getTime()).toBe(ends);
    if (ends) expect(after?.revokeReason).toBe(reason);
  });

  test("a repeat gives the current refresh token and writes nothing, a rotation the next one", async () => {
    const harness = makeAuth();
    const { stored, token } = await present(harness, PRESENTED["repeat"] as Presented);
    const current = harness.ctx.refreshTokens.issue({ sessionId: stored.id, counter: 7 });
    expect((await harness.auth.refresh(token, CLIENT)).refreshToken).toBe(current);
    expect((await harness.store.sessions.find(stored.id))?.session).toEqual(stored);
    expect((await harness.auth.refresh(current, CLIENT)).refreshToken).not.toBe(current);
  });
});

describe("what comes before the verdict, or in its way", () => {
  type Case = (harness: Harness, signedIn: SignedIn) => Promise<Harness>;
  const swapped = async (harness: Harness, options: Parameters<typeof makeAuth>[0]): Promise<Harness> => ({
    ...makeAuth({ ...options, clock: harness.clock }),
    store: harness.store,
  });
  const many = async (harness: Harness, token: string): Promise<Harness> => {
    for (let count = 0; count < 30; count++) await codeOf(harness.auth.refresh(token, CLIENT));
    return harness;
  };
  const makers: readonly (readonly [begins: string, make: Case, token?: string])[] = [
    ["Forged", async (harness) => harness, "forged"],
    ["More genuine tokens", (harness, { refreshToken }) => many(harness, refreshToken)],
    ["More forged", (harness) => many(harness, "forged"), "forged"],
    [
      "More refused genuine tokens",
      async (harness, { accessToken }) => {
        const other = await harness.auth.login({ email: EMAIL, password: PASSWORD }, CLIENT);
        if (other.status !== "signed_in") throw new TypeError("No session");
        await harness.auth.logout(other.accessToken);
        await harness.auth.logout(accessToken);
        return many(harness, other.refreshToken);
      },
    ],
    [
      "The session's row is gone",
      async (harness, { user }) => {
        await harness.auth.users.delete(user.id);
        return harness;
      },
    ],
    [
      "The user is disabled",
      async (harness, { user }) => {
        await harness.auth.users.disable(user.id);
        return harness;
      },
    ],
    [
      "The store reads a counter",
      async (harness) => {
        const sessions = { ...harness.store.sessions, rotate: async () => false };
        return swapped(harness, { store: { ...harness.store, sessions } });
      },
    ],
    [
      "`hooks.claims` failed",
      async (harness) =>
        swapped(harness, {
          store: harness.store,
          hooks: { claims: () => Promise.reject(new Error("down")) } as never,
        }),
    ],
  ];

  test("the table has these cases, and no other", () => {
    expect(CASES.map(({ name }) => makers.find(([begins]) => name.startsWith(begins))?.[0])).toEqual(
      makers.map(([begins]) => begins),
    );
  });

  test.each(makers.map(([begins, make, token]) => ({ begins, make, token })))(
    "$begins",
    async ({ begins, make, token }) => {
      const row = CASES.find(({ name }) => name.startsWith(begins));
      const harness = makeAuth();
      const signedIn = await harness.auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
      const { auth, sink } = await make(harness, signedIn);
      expect(await codeOf(auth.refresh(token ?? signedIn.refreshToken, CLIENT))).toBe(row?.answer);
      await new Promise(setImmediate);
      expect(sink.events.filter(({ type }) => type === "refresh").at(-1)?.reason).toBe(row?.reason);
    },
  );
});

describe("the picture of a rotation", () => {
  test("is what happens, step by step", async () => {
    const { auth, clock } = makeAuth();
    const tokens = [(await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT)).refreshToken];
    const answers: string[] = [];
    const expected: string[] = [];
    for (const line of codeBlock(PAGE, "mermaid", "sequenceDiagram").split("\n")) {
      if (/later than the grace/.test(line)) clock.advance(GRACE + 1);
      const [, asked] = /->>S: refresh with token (\d)/.exec(line) ?? [];
      if (asked) answers.push(await refreshed(Number(asked)));
      const [, given, code] = /S-->>\w: (?:token (\d)|(\w+)$)/.exec(line) ?? [];
      if (given ?? code) expected.push(given ?? (code as string));
    }
    expect(expected).toHaveLength(5);
    expect(answers).toEqual(expected);

    async function refreshed(index: number): Promise<string> {
      return auth.refresh(tokens[index] as string, CLIENT).then(
        ({ refreshToken }) => {
          if (!tokens.includes(refreshToken)) tokens.push(refreshToken);
          return String(tokens.indexOf(refreshToken));
        },
        (error) => error.code,
      );
    }
  });
});

const TABS = `
import { createAuth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { nextTokens } from "./tabs.ts";

const auth = createAuth({ secret: process.env.SECRET, store: memoryStore() });
const handler = createHandler(auth);
let asked = 0;
globalThis.fetch = (path, init) => {
  asked++;
  return handler(new Request(new URL(path, "http://localhost"), init), { ip: null });
};
const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, text) => kept.set(key, text),
  removeItem: (key) => kept.delete(key),
};
const used = await auth.signup({ email: "ada@example.com", password: "Correct1horse" }, { ip: null });
localStorage.setItem("tokens", JSON.stringify(used));
const all = await Promise.all(Array.from({ length: 50 }, () => nextTokens(used)));
const [{ accessToken }] = all;
console.log(asked, new Set(all.map((tokens) => tokens.refreshToken)).size);
await auth.logout(accessToken);
const after = JSON.parse(localStorage.getItem("tokens"));
console.log(asked, await nextTokens(after), kept.size, asked);
`;

describe("several tabs", () => {
  let folder: Folder;
  afterEach(() => folder.remove());

  test("of 50 tabs that refresh at once, one asks; after a logout the tokens are dropped", async () => {
    folder = makeFolder({ "tabs.ts": codeBlock(PAGE, "ts", "navigator.locks"), "main.js": TABS });
    const program = folder.start(["main.js"], { SECRET: "n4Xq-zT8vKc1WmYp6RbLhJd3sGfUeA9oI7tE2yQx" });
    expect([await program.exit, program.said()]).toEqual([0, "1 1\n1 null 0 2\n"]);
  });
});

describe("facts of the page", () => {
  test("the defaults of the lifetimes are those of the code", () => {
    const { session } = makeAuth().ctx.settings;
    const days = (ms: number): string => `"${ms / 86_400_000}d"`;
    expect(
      tableRows(section(PAGE, "How long a session lives")).map((row) => codeSpans(row[1] ?? "")[0]),
    ).toEqual([`"${session.accessTtl / 3_600_000}h"`, days(session.idleTtl), days(session.refreshTtl)]);
    expect(session.grace).toBe(GRACE);
    expect(section(PAGE, "How long a session lives")).toContain(`\`session.jitter\` (${session.jitter})`);
    expect(section(PAGE, "Ending sessions")).toContain(`\`session.max\` (${session.max})`);
  });

  test("every call that ends sessions leaves the event of its row, and says why in theirs", async () => {
    const seen: string[] = [];
    const email = { verification: "off" } as const;
    const { auth, store, sink, reset } = makeMailAuth({ store: memoryStore(), session: { max: 4 }, email });
    const credentials = { email: EMAIL, password: PASSWORD };
    const first = await auth.signup(credentials, CLIENT);
    const login = async (): Promise<SignedIn> => (await auth.login(credentials, CLIENT)) as SignedIn;
    const [second, third, fourth, last] = [await login(), await login(), await login(), await login()];
    await auth.logout(second.refreshToken);
    await auth.sessions.revoke(last.accessToken, third.session.id);
    await auth.sessions.revokeOthers(last.accessToken);
    const next = await auth.login({ ...credentials, refreshToken: last.refreshToken }, CLIENT);
    const changed = await auth.password.change(
      (next as SignedIn).accessToken,
      { currentPassword: PASSWORD, newPassword: "Another2horse" },
      CLIENT,
    );
    const { mail } = await reset(EMAIL);
    await auth.password.reset({ link: mail.link, password: PASSWORD }, CLIENT);
    const again = await login();
    await auth.users.disable(changed.user.id);
    for (const { session } of [first, second, third, fourth, last, next as SignedIn, changed, again]) {
      seen.push((await store.sessions.find(session.id))?.session.revokeReason ?? "live");
    }
    const types = [
      ...["logout", "revoke_session", "revoke_other_sessions", "replace_session"],
      ...["change_password", "reset_password", "disable"],
    ];
    expect(seen).toEqual(["session_limit", ...types]);
    await new Promise(setImmediate);
    const later = sink.events.slice(5).map(({ type }) => type);
    const others = ["login", "request_password_reset", "mail"];
    expect(later.filter((type) => !others.includes(type))).toEqual(types);
    const listed = tableRows(section(PAGE, "Ending sessions")).flatMap((row) => codeSpans(row[3] ?? ""));
    expect(listed).toEqual([...types, "delete", "login", "refresh"]);
  });

  test("the cached check remembers as many sessions as the page says", () => {
    const source = readFileSync(rootPath("src/kit/session-check.ts"), "utf8");
    expect(source).toContain("MAX_CACHED_SESSIONS = 10_000");
    expect(section(PAGE, "When the session is read")).toContain("at most 10,000 sessions");
  });
});
