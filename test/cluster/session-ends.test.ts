// G1 over several processes: what one instance ended, no other one takes, from the next request on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../examples/demo.ts";
import {
  type Cluster,
  callFrom,
  freshAddress,
  logIn,
  PASSWORD,
  type SignedIn,
  servicesAreThere,
  signedIn,
  signUp,
  startCluster,
} from "./cluster.ts";

const EACH = [1, 2, 3];

describe.runIf(servicesAreThere())("three instances", () => {
  let cluster: Cluster;
  const at = (number: number): string => cluster.instances()[number - 1]?.url as string;

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => {
    await cluster?.remove();
  });

  /**
   * What each instance answers to an access token, one right after the other, from this one on: at a route of
   * the library's, and at one of the application's.
   */
  async function verdicts(first: number, { token, userId }: SignedIn): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    for (const step of EACH) {
      const instance = at(((first + step - 1) % 3) + 1);
      for (const path of ["/auth/me", `/api/users/${userId}/notes`]) {
        const { status, json } = await call(instance + path, "GET", { token });
        answers.push(status === 200 ? 200 : json.code);
      }
    }
    return answers;
  }

  async function expectLive(session: SignedIn): Promise<void> {
    expect(await verdicts(1, session)).toEqual(Array(6).fill(200));
  }

  async function expectEnded(by: number, session: SignedIn): Promise<void> {
    expect(await verdicts(by, session)).toEqual(Array(6).fill("session_revoked"));
    const body = { refreshToken: session.refreshToken };
    for (const number of EACH) {
      const { json } = await call(`${at(number)}/auth/refresh`, "POST", { body });
      expect(json.code).toBe("session_revoked");
    }
  }

  test.each(EACH)("a logout on instance %i is a logout on the two others", async (number) => {
    const session = await signUp(cluster.front, `logout-${number}@example.com`);
    await expectLive(session);
    expect((await call(`${at(number)}/auth/logout`, "POST", { token: session.token })).status).toBe(204);
    await expectEnded(number, session);
  });

  test.each(EACH)("a session that instance %i revoked is refused by the two others", async (number) => {
    const email = `revoke-${number}@example.com`;
    const own = await signUp(cluster.front, email);
    const lost = await logIn(cluster.front, email);
    await expectLive(lost);
    const revoked = await call(`${at(number)}/auth/sessions/${lost.sessionId}`, "DELETE", {
      token: own.token,
    });
    expect(revoked.status).toBe(204);
    await expectEnded(number, lost);
    await expectLive(own);
  });

  test.each(EACH)("a password change on instance %i ends every session on all of them", async (number) => {
    const email = `password-${number}@example.com`;
    const sessions = [await signUp(cluster.front, email), await logIn(cluster.front, email)] as const;
    for (const session of sessions) await expectLive(session);
    const body = { currentPassword: PASSWORD, newPassword: "Better2horses" };
    const change = await callFrom(freshAddress(), ["POST", `${at(number)}/auth/password`], {
      token: sessions[0].token,
      body,
    });
    const next = signedIn(change, 200);
    for (const session of sessions) await expectEnded(number, session);
    await expectLive(next);
    for (const other of EACH) {
      const old = await callFrom(freshAddress(), ["POST", `${at(other)}/auth/login`], {
        body: { email, password: PASSWORD },
      });
      expect([other, old.status, old.json.code]).toEqual([other, 401, "invalid_credentials"]);
      await logIn(at(other), email, body.newPassword);
    }
  });

  test("what one instance stores, the others show: notes are one list, and their bound holds once", async () => {
    const { token, userId } = await signUp(cluster.front, "notes@example.com");
    const add = (number: number, text: string) =>
      call(`${at(number)}/api/users/${userId}/notes`, "POST", { token, body: { text } });
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) => add((index % 3) + 1, "note")),
    );
    const statuses = Object.groupBy(answers, ({ status }) => String(status));
    expect([statuses["201"]?.length, statuses["422"]?.length]).toEqual([100, 20]);
    for (const number of EACH) {
      const { json } = await call(`${at(number)}/api/users/${userId}/notes`, "GET", { token });
      expect(json.notes.length).toBe(100);
      const { id } = json.notes[0];
      const removed = await call(`${at(number)}/api/users/${userId}/notes/${id}`, "DELETE", { token });
      const unknown = await call(`${at(number)}/api/users/${userId}/notes/%00`, "DELETE", { token });
      expect([removed.status, unknown.status]).toEqual([204, 404]);
      expect((await add(number, "one in its place")).status).toBe(201);
    }
  });
});
