// G1, G2, G7, G9 when an instance goes away in the middle: answers are right, or missing in so many words.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../examples/demo.ts";
import { type Cluster, servicesAreThere, startCluster, until } from "./cluster.ts";
import { areNotesOf, isMe, isRevoked, type Load, offerLoad } from "./load.ts";

/** What a client may be answered while an instance dies. */
const ANSWERS = [200, 201, 204, 401, 429, 502, 503];

describe.runIf(servicesAreThere())("three instances", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => {
    await cluster?.remove();
  });

  test("kill -9 of each in turn, at 100 requests a second, makes no answer wrong and leaves none out", async () => {
    const load = await offerLoad(cluster.front);
    await until(() => load.sent() >= 300);
    for (const index of [0, 1, 2]) await killInstance(index, load);
    await load.stop();

    expect(load.wrong, figures(load)).toEqual([]);
    expect(sum(load.statuses.values())).toBe(load.sent());
    expect([...load.statuses.keys()].filter((status) => !ANSWERS.includes(status))).toEqual([]);
    await expectAsRemembered(load);
  });

  /** Resolves when it is back, and has answered for a while. */
  async function killInstance(index: number, load: Load): Promise<void> {
    const old = cluster.instances()[index];
    process.kill(old?.pid as number, "SIGKILL");
    await until(() => cluster.instances()[index]?.pid !== old?.pid);
    const port = cluster.instances()[index]?.port as number;
    const before = load.servedBy(port);
    await until(() => load.servedBy(port) >= before + 100);
  }

  /** Every instance says of every session and note what those who made them were told. */
  async function expectAsRemembered({ users }: Load): Promise<void> {
    for (const { url } of cluster.instances()) {
      for (const [index, user] of users.entries()) {
        for (const { token, id, ended } of user.sessions) {
          const me = await call(`${url}/auth/me`, "GET", { token });
          expect(ended ? isRevoked(me) : isMe(me, user, id), me.body).toBe(true);
        }
        const token = user.sessions.findLast(({ ended }) => !ended)?.token;
        if (token === undefined) continue;
        const notes = await call(url + user.notes, "GET", { token });
        expect(areNotesOf(user, notes), notes.body).toBe(true);
        const foreign = await call(url + (users.at(index - 1)?.notes ?? ""), "GET", { token });
        expect([foreign.status, foreign.json.code]).toEqual([403, "forbidden"]);
      }
    }
  }
});

function figures({ sent, statuses }: Load): string {
  const answers = [...statuses].sort(([one], [other]) => one - other);
  return `${sent()} requests; ${answers.map(([status, count]) => `${status}: ${count}`).join(", ")}`;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
