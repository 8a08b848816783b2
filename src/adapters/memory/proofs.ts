import type { EmailProof } from "../../domain/email-proof.ts";
import type { ProofId } from "../../domain/ids.ts";
import type { ProofEnding, ProofRenewal, ProofStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertInsertable, assertUserExists, compareText, type Run, type Tables } from "./tables.ts";

export function memoryProofs(tables: Tables, run: Run): ProofStore {
  const { proofs } = tables;
  const findLive = (id: ProofId, now: Date): EmailProof | null => {
    const proof = proofs.get(id);
    return proof && now < proof.expiresAt ? proof : null;
  };
  return Object.freeze<ProofStore>({
    open: (proof) =>
      run(() => {
        assertInsertable(proofs, proof.id);
        assertUserExists(tables, proof.userId);
        proofs.put(proof);
      }),
    find: (id, now) =>
      run(() => {
        const proof = findLive(id, now);
        return proof && copyRow(proof);
      }),
    countAttempt: (id, { max, now }) =>
      run(() => {
        const proof = findLive(id, now);
        if (!proof || proof.attempts >= max) return false;
        proofs.put({ ...proof, attempts: proof.attempts + 1 });
        return true;
      }),
    take: (id, now) =>
      run(() => {
        const proof = findLive(id, now);
        if (!proof || proof.usedAt) return false;
        proofs.put({ ...proof, usedAt: now, data: "{}" });
        return true;
      }),
    ...addressing(tables, run),
    ...renewals(tables, run),
  });
}

function addressing(tables: Tables, run: Run): Pick<ProofStore, "bind" | "forget"> {
  const { proofs } = tables;
  return {
    bind: (id, userId, epoch) =>
      run(() => {
        const proof = proofs.get(id);
        if (!proof || proof.userId !== null || proof.epoch !== null) return false;
        assertUserExists(tables, userId);
        proofs.put({ ...proof, userId, epoch });
        return true;
      }),
    forget: (id) =>
      run(() => {
        const proof = proofs.get(id);
        if (proof?.userId === null) proofs.put(withoutAddress(proof));
      }),
  };
}

function renewals({ proofs }: Tables, run: Run): Pick<ProofStore, "markSent" | "renew" | "endAll"> {
  return {
    markSent: (id, at) =>
      run(() => {
        const proof = proofs.get(id);
        if (proof) proofs.put({ ...proof, sentAt: at });
      }),
    renew: (purpose, emailCanonical, renewal) =>
      run(() => {
        const [newest] = [...proofs.all()]
          .filter((proof) => proof.purpose === purpose && proof.emailCanonical === emailCanonical)
          .filter((proof) => proof.usedAt === null && sentTime(proof) > renewal.sentAfter.getTime())
          .sort((a, b) => sentTime(b) - sentTime(a) || compareText(b.id, a.id));
        if (!newest) return null;
        const renewed = { ...newest, expiresAt: laterEnd(newest, renewal) };
        proofs.put(renewed);
        return copyRow(renewed);
      }),
    endAll: (userId, ending) =>
      run(() => {
        const ended = proofs.ownedBy(userId).filter((proof) => endsWith(proof, ending));
        for (const proof of ended) proofs.put({ ...proof, usedAt: ending.at, data: "{}" });
        return ended.length;
      }),
  };
}

/** A proof of no user, or of a deleted one. */
export function withoutAddress(proof: EmailProof): EmailProof {
  return { ...proof, email: "", emailCanonical: "", data: "{}" };
}

function sentTime({ sentAt }: EmailProof): number {
  return sentAt ? sentAt.getTime() : Number.NEGATIVE_INFINITY;
}

function laterEnd(proof: EmailProof, { expiresAt }: ProofRenewal): Date {
  return proof.expiresAt < expiresAt ? expiresAt : proof.expiresAt;
}

function endsWith({ usedAt, purpose, epoch }: EmailProof, { keep, laterThan }: ProofEnding): boolean {
  if (usedAt) return false;
  const isLater = laterThan !== undefined && epoch !== null && epoch > laterThan;
  return !keep.includes(purpose) || isLater;
}
