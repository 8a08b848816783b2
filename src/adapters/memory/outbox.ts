import type { LeaseId, MailId } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { MailClaim, OutboxStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, compareText, type Run, type Tables } from "./tables.ts";

export function memoryOutbox(tables: Tables, run: Run): OutboxStore {
  const { outbox } = tables;
  return Object.freeze<OutboxStore>({
    put: (mails) =>
      run(() => {
        for (const mail of mails) {
          assertInsertable(outbox, mail.id);
          outbox.put(mail);
        }
      }),
    claim: (claim) => run(() => claimEach(tables, claim)),
    ...claimed(tables, run),
    oldest: (now) =>
      run(() => {
        const [oldest] = due(tables, now);
        return oldest ? new Date(oldest.dueAt) : null;
      }),
    listDead: ({ before, limit }) =>
      run(() =>
        [...outbox.all()]
          .filter(({ id, deadAt }) => deadAt !== null && (before === undefined || id < before))
          .sort((a, b) => compareText(b.id, a.id))
          .slice(0, limit)
          .map(copyRow),
      ),
    revive: (id, now) =>
      run(() => {
        const mail = outbox.get(id);
        if (!mail?.deadAt) return false;
        outbox.put({ ...mail, deadAt: null, dueAt: now, attempts: 0 });
        return true;
      }),
  });
}

/** What a worker does with a mail that it claimed. */
function claimed({ outbox }: Tables, run: Run): Pick<OutboxStore, "settle" | "postpone" | "bury"> {
  const ofLease = (id: MailId, lease: LeaseId): QueuedMail | null => {
    const mail = outbox.get(id);
    return mail?.lease === lease ? mail : null;
  };
  const release = (id: MailId, lease: LeaseId, next: Partial<QueuedMail>): Promise<boolean> =>
    run(() => {
      const mail = ofLease(id, lease);
      if (mail) outbox.put({ ...mail, ...next, lease: null });
      return mail !== null;
    });
  return {
    settle: (id, lease) =>
      run(() => {
        const mail = ofLease(id, lease);
        if (mail) outbox.drop(id);
        return mail !== null;
      }),
    postpone: (id, lease, dueAt) => release(id, lease, { dueAt }),
    bury: (id, lease, at) => release(id, lease, { deadAt: at }),
  };
}

function due({ outbox }: Tables, now: Date): QueuedMail[] {
  return [...outbox.all()]
    .filter(({ deadAt, dueAt }) => deadAt === null && dueAt <= now)
    .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || compareText(a.id, b.id));
}

function claimEach(tables: Tables, { audience, now, until, limit, lease }: MailClaim): readonly QueuedMail[] {
  const mails = due(tables, now)
    .filter((mail) => mail.audience === audience)
    .slice(0, limit)
    .map((mail) => ({ ...mail, dueAt: until, attempts: mail.attempts + 1, lease }));
  for (const mail of mails) tables.outbox.put(mail);
  return mails.map(copyRow);
}
