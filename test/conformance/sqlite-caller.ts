// One of several processes on one file: waits for an order, then calls the store many times at once.
import { sqliteStore } from "../../src/adapters/sqlite.ts";
import type { SessionId, UserId } from "../../src/domain/ids.ts";
import {
  noon,
  sampleCredential,
  sampleEvent,
  sampleSession,
  sampleUser,
} from "../../src/testing/store/samples.ts";

export type Order =
  | { readonly verb: "open" }
  | { readonly verb: "create"; readonly emailCanonical: string }
  | { readonly verb: "signUp"; readonly emailCanonical: string }
  | { readonly verb: "consume"; readonly hash: string }
  | { readonly verb: "countAttempt"; readonly hash: string }
  | { readonly verb: "rotate"; readonly id: SessionId }
  | { readonly verb: "logIn"; readonly userId: UserId; readonly epoch: number }
  | { readonly verb: "reset"; readonly userId: UserId; readonly epoch: number }
  | { readonly verb: "purge" };

const [path = "", callers = "1"] = process.argv.slice(2);
const store = sqliteStore(path);

process.on("message", async (order: Order) => {
  const answers = await Promise.all(Array.from({ length: Number(callers) }, () => carryOut(order)));
  process.send?.(answers);
});
process.on("disconnect", () => void store.close());
process.send?.("ready");

function carryOut(order: Order): Promise<unknown> {
  switch (order.verb) {
    case "open":
      return store.users.create(sampleUser());
    case "create":
      return store.users.create(sampleUser({ emailCanonical: order.emailCanonical }));
    case "signUp":
      return signUp(order.emailCanonical);
    case "consume":
      return store.tokens.consume("password_reset", order.hash, noon()).then((token) => token !== null);
    case "countAttempt":
      return store.tokens.countAttempt("password_reset", order.hash, { max: 7, now: noon() });
    case "rotate": {
      const next = { refreshedAt: noon(1), idleExpiresAt: noon(9_000), ip: null, userAgent: null };
      return store.sessions.rotate(order.id, 0, next);
    }
    case "logIn":
      return logIn(order.userId, order.epoch);
    case "reset":
      return reset(order.userId, order.epoch);
    case "purge":
      return store
        .purge({ now: noon(), eventsBefore: noon(), endedSessionsBefore: noon() }, 10)
        .then(({ deleted }) => deleted);
  }
}

function signUp(emailCanonical: string): Promise<boolean> {
  return store.transaction(async (tx) => {
    const user = sampleUser({ emailCanonical });
    if (!(await tx.users.create(user))) return false;
    await tx.credentials.add(sampleCredential({ userId: user.id }));
    await tx.events.append([sampleEvent({ userId: user.id, type: "signup" })]);
    return true;
  });
}

function logIn(userId: UserId, epoch: number): Promise<boolean> {
  return store.transaction(async (tx) => {
    if (!(await tx.users.admit(userId, epoch, noon()))) return false;
    await tx.sessions.create(sampleSession({ userId }));
    return true;
  });
}

function reset(userId: UserId, epoch: number): Promise<string> {
  return store.transaction(async (tx) => {
    const answer = await tx.users.change(userId, epoch, { at: noon() });
    if (answer === "changed") {
      await tx.sessions.revokeAll(null, { userId, reason: "password_reset", at: noon() });
    }
    return answer;
  });
}
