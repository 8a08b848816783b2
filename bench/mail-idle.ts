import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthStore } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";
import { capturingMailer } from "sallyport/testing";
import { benchAuth, withFolder } from "./fixtures.ts";
import { atMost, type Row } from "./report.ts";

/** What the delivery of mail costs a process that has no mail to send. */
export async function mailIdleRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const seconds = quick ? 15 : 30;
  return withFolder(async (folder) => {
    const { store, looks } = counted(sqliteStore(join(folder, "auth.db")));
    const mail = { page: "https://app.example/mail" };
    const auth = benchAuth(store, { mailer: capturingMailer(), mail });
    await sleep(2_000); // the first look comes early
    const before = { used: process.cpuUsage(), looks: looks() };
    await sleep(seconds * 1_000);
    const { user, system } = process.cpuUsage(before.used);
    const perMinute = ((looks() - before.looks) * 60) / seconds;
    await auth.close();
    const share = (user + system) / 10_000 / seconds;
    return [
      { ...ROW, name: "of a core, in percent", value: share, goal: atMost(1, share, "%") },
      { ...ROW, name: "statements a minute", value: perMinute, goal: atMost(20, perMinute, "statements") },
    ];
  });
}

const ROW = { group: "delivery of mail, while no mail waits", unit: "" } as const;

function counted(store: AuthStore): { readonly store: AuthStore; looks(): number } {
  let count = 0;
  const { outbox } = store;
  const claim: AuthStore["outbox"]["claim"] = (...wanted) => {
    count++;
    return outbox.claim(...wanted);
  };
  return { store: { ...store, outbox: { ...outbox, claim } }, looks: () => count };
}
