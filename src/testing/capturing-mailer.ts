import { canonicalEmail } from "../domain/email.ts";
import type { Mail, Mailer } from "../ports/mailer.ts";

/** A mailer that keeps its mails, for tests. */
export interface CapturingMailer extends Mailer {
  /** Every mail, in order. */
  readonly all: readonly Mail[];
  /** The newest mail to an address, in any spelling. Null: there is none. */
  last(to: string): Mail | null;
  clear(): void;
}

/**
 * Collects mails, for tests: each has its `link` and `code`. It sends nothing.
 *
 * @example
 * ```ts
 * import { capturingMailer } from "sallyport/testing";
 *
 * const mailer = capturingMailer();
 * const code = mailer.last("ada@example.com")?.code;
 * ```
 */
export function capturingMailer(): CapturingMailer {
  const all: Mail[] = [];
  return Object.freeze<CapturingMailer>({
    async send(mail) {
      all.push(mail);
    },
    all,
    last: (to) => {
      const address = canonicalEmail(to);
      const isTo = (mail: Mail): boolean => address !== null && canonicalEmail(mail.to) === address;
      return all.findLast(isTo) ?? null;
    },
    clear: () => {
      all.length = 0;
    },
  });
}
