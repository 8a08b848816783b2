import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EmailProof } from "../../../src/domain/email-proof.ts";
import { firstIdAt, type UserId } from "../../../src/domain/ids.ts";
import type { User } from "../../../src/domain/user.ts";
import type { AuthStore } from "../../../src/ports/auth-store.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../../src/testing/store/samples.ts";
import { createDatabase, type TestDatabase } from "../../support/databases.ts";
import { challenged, enrolled, sceneOn } from "../../support/features/scene.ts";
import { codec } from "../../support/features/second-step.ts";
import { PASSWORD, signedIn } from "../../support/harness.ts";
import type { DatabaseKind } from "../../support/services.ts";
import { type CallerProcesses, type Callers, callersHere, startProcesses } from "./callers.ts";
import { type Answer, authOver, RENEWED } from "./orders.ts";

export interface RaceOptions {
  readonly kind: DatabaseKind;
  /** `sqliteStore(path)` instead of `kyselyStore(db)`. */
  readonly itself?: boolean;
}

const ROUNDS = [1, 2, 3, 4];
const LOSERS_OF_ONE = { true: 1, false: 49 };

/**
 * 50 callers at the same moment, from two processes. Who loses is told so: an error would tell a person
 * that the service is down when somebody was merely faster.
 */
export function raceSuite({ kind, itself = false }: RaceOptions): void {
  let database: TestDatabase;
  let processes: CallerProcesses | undefined;
  let callers: Callers;
  let store: AuthStore;

  beforeAll(async () => {
    database = await createDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db, { maxWaitMs: 60_000 });
    if (kind === "pglite") callers = callersHere({ store, db: database.db }, [2, 25]);
    else {
      callers = processes = await startProcesses(2);
      await processes.open({ database: database.ref, itself }, 25);
    }
  });
  afterAll(async () => {
    await callers?.close();
    await database?.drop();
  });

  const count = async (table: string, where: Readonly<Record<string, unknown>> = {}): Promise<number> => {
    const query = database.db.selectFrom(`auth_${table}`).select(({ fn }) => fn.countAll().as("rows"));
    const row = await query.where(({ and }) => and(where)).executeTakeFirstOrThrow();
    return Number(row["rows"]);
  };
  const addUser = async (): Promise<User> => {
    const user = sampleUser();
    await store.users.create(user);
    return user;
  };
  const openProof = async (given: Partial<EmailProof> = {}): Promise<EmailProof> => {
    const proof = sampleProof(given);
    await store.proofs.open(proof);
    return proof;
  };
  const rounds = (name: string, run: (round: number) => Promise<void>): void => {
    test(name, async () => {
      for (const round of ROUNDS) await run(round);
    });
  };

  rounds("one email: one account", async (round) => {
    const emailCanonical = `round-${round}@example.com`;
    expect(tally(await callers.race(() => ({ verb: "create", emailCanonical })))).toEqual(LOSERS_OF_ONE);
    expect(await count("users", { email_canonical: emailCanonical })).toBe(1);
  });

  rounds("one email in whole signups: one account, one password, one session, one event", async (round) => {
    const emailCanonical = `whole-${round}@example.com`;
    expect(tally(await callers.race(() => ({ verb: "signUp", emailCanonical })))).toEqual(LOSERS_OF_ONE);
    const record = await store.users.findForLogin(emailCanonical);
    const mine = { user_id: record?.user.id };
    expect(
      await Promise.all(["credentials", "sessions", "events"].map((table) => count(table, mine))),
    ).toEqual([1, 1, 1]);
  });

  // InnoDB ends the others by deadlock when the first insert rolls back: all of them have to come again.
  rounds("one email while the first signup of a process fails: another one gets it", async (round) => {
    const emailCanonical = `vain-${round}@example.com`;
    const answers = await callers.race(() => ({ verb: "signUpFirstInVain", emailCanonical }));
    const { "gave up": inVain = 0, ...others } = tally(answers);
    expect([1, 2]).toContain(inVain);
    expect(others).toEqual({ true: 1, false: 49 - inVain });
    expect(await count("users", { email_canonical: emailCanonical })).toBe(1);
  });

  rounds("one identifier of a credential: one has it", async () => {
    const { id: userId } = await addUser();
    const identifier = `passkey of ${userId}`;
    const answers = await callers.race(() => ({ verb: "addCredential", userId, identifier }));
    expect(tally(answers)).toEqual(LOSERS_OF_ONE);
    expect(await count("credentials", { user_id: userId })).toBe(1);
  });

  rounds("one version of a credential: one replaces it", async () => {
    const credential = sampleCredential({ userId: (await addUser()).id });
    await store.credentials.add(credential);
    const { userId, id } = credential;
    expect(tally(await callers.race(() => ({ verb: "replace", userId, id })))).toEqual(LOSERS_OF_ONE);
    expect((await store.credentials.list(userId))[0]?.version).toBe(1);
  });

  rounds("one token: one consumes it", async () => {
    const { hash, ...rest } = sampleToken({ userId: (await addUser()).id });
    await store.tokens.issue({ hash, ...rest });
    expect(tally(await callers.race(() => ({ verb: "consume", hash })))).toEqual(LOSERS_OF_ONE);
    expect(await count("one_time_tokens", { hash })).toBe(0);
  });

  rounds("attempts: exactly as many as are allowed", async () => {
    const { hash, ...rest } = sampleToken({ userId: (await addUser()).id });
    await store.tokens.issue({ hash, ...rest });
    const answers = await callers.race(() => ({ verb: "countAttempt", hash }));
    expect(tally(answers)).toEqual({ true: 7, false: 43 });
    expect(await count("one_time_tokens", { hash, attempts: 7 })).toBe(1);
  });

  rounds("one proof: one takes it", async () => {
    const proof = await openProof();
    expect(tally(await callers.race(() => ({ verb: "takeProof", id: proof.id })))).toEqual(LOSERS_OF_ONE);
    expect(await store.proofs.find(proof.id, noon())).toEqual({ ...proof, usedAt: noon(), data: "{}" });
  });

  rounds("attempts at a proof: exactly as many as are allowed", async () => {
    const { id } = await openProof();
    const answers = await callers.race(() => ({ verb: "countProof", id }));
    expect(tally(answers)).toEqual({ true: 7, false: 43 });
    expect((await store.proofs.find(id, noon()))?.attempts).toBe(7);
  });

  rounds("one proof and several users: it is bound to one of them, once", async () => {
    const users = [await addUser(), await addUser()] as [User, User];
    const { id } = await openProof();
    const answers = await callers.race((group) => ({
      verb: "bindProof",
      id,
      userId: (users[group] ?? users[0]).id,
    }));
    expect(tally(answers)).toEqual(LOSERS_OF_ONE);
    expect(users.map((user) => user.id)).toContain((await store.proofs.find(id, noon()))?.userId);
  });

  rounds("one proof is used beside its renewal: it stays used", async () => {
    const { id } = await openProof({ emailCanonical: RENEWED, sentAt: noon() });
    const answers = await callers.race((group) => ({
      verb: group === 0 ? "takeProof" : "renewProof",
      id,
    }));
    const { true: done = 0, false: lost = 0, ...failed } = tally(answers);
    expect([failed, done + lost]).toEqual([{}, 50]);
    expect((await store.proofs.find(id, noon()))?.usedAt).toEqual(noon());
  });

  rounds("one confirmation of a proof beside verifications: one is first, and all are told", async () => {
    const { id: userId } = await addUser();
    const { id } = await openProof({ userId, epoch: 0 });
    const answers = await callers.race((group) => ({
      verb: group === 0 ? "verify" : "confirm",
      userId,
      id,
    }));
    const { true: won = 0, false: lost = 0, stale = 0, ...failed } = tally(answers);
    const user = await store.users.find(userId);
    const verified = user?.emailVerifiedAt ? 1 : 0;
    expect([failed, won, lost, stale]).toEqual([{}, 1 + verified, 25 - verified, 24]);
    expect(user?.epoch).toBe(1);
    expect((await store.proofs.find(id, noon()))?.usedAt).toEqual(noon());
  });

  rounds("one mail: one claims it", async () => {
    const mail = sampleMail();
    await store.outbox.put([mail]);
    expect(tally(await callers.race(() => ({ verb: "claim" })))).toEqual({ "1": 1, "0": 49 });
    expect(await count("outbox", { id: mail.id, attempts: 1 })).toBe(1);
    await database.db.deleteFrom("auth_outbox").execute();
  });

  rounds("many mails: each is sent once", async () => {
    const mails = Array.from({ length: 100 }, (_, ms) => sampleMail({ dueAt: noon(-ms) }));
    await store.outbox.put(mails);
    const answers = await callers.race(() => ({ verb: "drain" }));
    const sent = answers.flatMap((answer) => String(answer).split(" ").filter(Boolean));
    expect(sent.sort()).toEqual(mails.map(({ id }) => id).sort());
    expect(await count("outbox")).toBe(0);
  });

  rounds("one rotation: one moves the counter", async () => {
    const { id, ...rest } = sampleSession({ userId: (await addUser()).id });
    await store.sessions.create({ id, ...rest });
    expect(tally(await callers.race(() => ({ verb: "rotate", id })))).toEqual(LOSERS_OF_ONE);
    expect((await store.sessions.find(id))?.session.refreshCounter).toBe(1);
  });

  rounds("one refresh token: the counter moves once, and every caller gets the same successor", async () => {
    const auth = authOver(store);
    const right = { email: `${newId()}@example.com`, password: "Correct1horse" };
    const { refreshToken, session } = signedIn(await auth.signup(right, { ip: null }));
    const answers = await callers.race(() => ({ verb: "refresh", refreshToken }));
    const [successor] = answers as [string];
    expect(tally(answers)).toEqual({ [successor]: 50 });
    expect((await store.sessions.find(session.id))?.session).toMatchObject({
      refreshCounter: 1,
      revokedAt: null,
    });
    expect((await auth.refresh(successor, { ip: null })).session.id).toBe(session.id);
  });

  rounds("refresh against logout: the session ends once, with one event, and stays ended", async () => {
    const { id, userId, ...rest } = sampleSession({ userId: (await addUser()).id });
    await store.sessions.create({ id, userId, ...rest });
    const answers = await callers.race((group) =>
      group === 0 ? { verb: "rotate", id } : { verb: "logOut", userId, id },
    );
    const { true: won, false: lost, ...failed } = tally(answers);
    expect(failed).toEqual({});
    expect((won ?? 0) + (lost ?? 0)).toBe(50);
    const ended = (await store.sessions.find(id))?.session;
    expect(ended).toMatchObject({ revokeReason: "logout", refreshCounter: (won ?? 0) - 1 });
    expect(await count("events", { session_id: id })).toBe(1);
  });

  rounds("logins at once: as many sessions live as may, and the oldest are gone", async () => {
    const { id: userId } = await addUser();
    const [older, old] = [-2, -1].map((ms) => ({ createdAt: noon(ms), expiresAt: noon(9_000) }));
    for (let i = 0; i < 30; i++) await store.sessions.create(sampleSession({ userId, ...older }));
    for (let i = 0; i < 20; i++) await store.sessions.create(sampleSession({ userId, ...old }));
    await store.sessions.create(sampleSession({ userId, createdAt: noon(1), expiresAt: noon() }));
    expect(tally(await callers.race(() => ({ verb: "logIn", userId })))).toEqual({ true: 50 });
    const live = await store.sessions.listLive(userId, noon(), 100);
    expect(live.map(({ createdAt }) => createdAt)).toEqual(Array(50).fill(noon()));
    expect(await count("sessions", { user_id: userId, revoke_reason: "session_limit" })).toBe(50);
  });

  rounds("login against reset: no session of the old password lives, and one reset happens", async () => {
    const { id: userId } = await addUser();
    await store.tokens.issue(sampleToken({ userId }));
    const answers = await callers.race((group) => ({ verb: group === 0 ? "logIn" : "reset", userId }));
    const { true: admitted = 0, false: refused = 0, ...resets } = tally(answers);
    expect([resets, admitted + refused]).toEqual([{ changed: 1, stale: 24 }, 25]);
    expect(await store.sessions.listLive(userId, noon(), 100)).toEqual([]);
    expect(await count("events", { user_id: userId })).toBe(admitted);
    expect(await count("one_time_tokens", { user_id: userId })).toBe(0);
    expect(await store.users.find(userId)).toMatchObject({ epoch: 1 });
  });

  rounds("deletion against logins: one deletes, no row is left behind, each login is told", async () => {
    const before = await count("events", { user_id: null });
    const { id: userId } = await addUser();
    await store.credentials.add(sampleCredential({ userId }));
    const answers = await callers.race((group) => ({ verb: group === 0 ? "logIn" : "remove", userId }));
    const { true: won = 0, false: lost = 0, ...failed } = tally(answers);
    expect([failed, won + lost]).toEqual([{}, 50]);
    expect(await store.users.find(userId)).toBeNull();
    const mine = { user_id: userId };
    const tables = ["credentials", "sessions", "events"];
    expect(await Promise.all(tables.map((table) => count(table, mine)))).toEqual([0, 0, 0]);
    expect(await count("events", { attempted_email: "a pseudonym" })).toBe(before + won - 1);
  });

  rounds("deletion against events: one deletes, and every event is kept", async () => {
    const { id: userId } = await addUser();
    const before = await count("events");
    const answers = await callers.race((group) => ({ verb: group === 0 ? "append" : "remove", userId }));
    expect(tally(answers)).toEqual({ true: 26, false: 24 });
    expect(await count("events")).toBe(before + 25);
    expect(await count("events", { user_id: userId })).toBe(0);
    expect(await count("events", { attempted_email: "ada@example.com" })).toBe(0);
  });

  rounds("purge: each dead row goes once, and no living one", async () => {
    const { id: userId } = await addUser();
    const dead = { userId, occurredAt: noon(-1_000) };
    await store.events.append(Array.from({ length: 300 }, () => sampleEvent(dead)));
    for (let rows = 0; rows < 40; rows++) {
      await store.tokens.issue(sampleToken({ userId, expiresAt: noon(-1) }));
      await store.sessions.create(sampleSession({ userId, revokedAt: noon(-1), revokeReason: "logout" }));
    }
    await store.tokens.issue(sampleToken({ userId }));
    const answers = await callers.race(() => ({ verb: "purge" }));
    expect(answers.filter((answer) => typeof answer !== "number")).toEqual([]);
    expect(answers.reduce<number>((sum, deleted) => sum + Number(deleted), 0)).toBe(380);
    expect(await count("one_time_tokens", { user_id: userId })).toBe(1);
    const old = database.db.selectFrom("auth_events").where("id", "<", firstIdAt(noon())).selectAll();
    expect(await old.execute()).toEqual([]);
  });

  /** As many of both: revoked ones, and such that expired by themselves. */
  const addDeadSessions = async (userId: UserId): Promise<void> => {
    for (let rows = 0; rows < 40; rows++) {
      await store.sessions.create(sampleSession({ userId, revokedAt: noon(-1), revokeReason: "logout" }));
      await store.sessions.create(sampleSession({ userId, expiresAt: noon(-1) }));
    }
  };

  rounds(
    "purge beside logins of the same user: each dead session goes once, and each login is told",
    async () => {
      const { id: userId } = await addUser();
      await addDeadSessions(userId);
      const answers = await callers.race((group) =>
        group === 0 ? { verb: "purge" } : { verb: "logIn", userId },
      );
      const purged = answers.filter((answer) => typeof answer === "number");
      expect(tally(answers.filter((answer) => typeof answer !== "number"))).toEqual({ true: 25 });
      expect(purged.reduce((sum, deleted) => sum + deleted, 0)).toBe(80);
      expect(await count("sessions", { user_id: userId })).toBe(25);
    },
  );

  rounds("purge beside a refresh: the counter moves once, and the session stays", async () => {
    const { id, userId, ...rest } = sampleSession({ userId: (await addUser()).id });
    await store.sessions.create({ id, userId, ...rest });
    await addDeadSessions(userId);
    const answers = await callers.race((group) => (group === 0 ? { verb: "purge" } : { verb: "rotate", id }));
    expect(tally(answers.filter((answer) => typeof answer !== "number"))).toEqual({ true: 1, false: 24 });
    expect(await count("sessions", { user_id: userId })).toBe(1);
  });

  rounds("purge beside a reset, which ends the same sessions: no caller is refused", async () => {
    const { id: userId } = await addUser();
    await addDeadSessions(userId);
    await store.sessions.create(sampleSession({ userId }));
    const answers = await callers.race((group) =>
      group === 0 ? { verb: "purge" } : { verb: "reset", userId },
    );
    const purged = answers.filter((answer) => typeof answer === "number");
    const resets = answers.filter((answer) => typeof answer !== "number");
    expect(tally(resets)).toEqual({ changed: 1, stale: 24 });
    expect(purged.reduce((sum, deleted) => sum + deleted, 0)).toBe(80);
    expect(await count("sessions", { user_id: userId, revoke_reason: "password_reset" })).toBe(1);
  });

  // The last one: those before it count every event.
  rounds("one challenge of a second factor: one session, and its code is used once", async (round) => {
    const email = `challenged-${round}@example.com`;
    const scene = sceneOn(store);
    const { user } = await enrolled(scene, email);
    const { challengeToken } = challenged(
      await scene.auth.login({ email, password: PASSWORD }, { ip: null }),
    );
    const answers = await callers.race(() => ({ verb: "answerChallenge", challengeToken }));
    expect(tally(answers)).toEqual({ true: 1, invalid_challenge: 49 });
    const [held] = await store.credentials.list(user.id, "totp");
    expect(codec.decode(held?.data ?? "")).toMatchObject({ used: 1 });
    expect(await count("sessions", { user_id: user.id })).toBe(2); // that of the signup, and one
  });
}

export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[String(answer)] = (counts[String(answer)] ?? 0) + 1;
  return counts;
}
