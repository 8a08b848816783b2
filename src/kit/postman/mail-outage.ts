import { AuthError } from "../../errors.ts";
import type { MailOutage } from "../../mail-service.ts";
import type { Report } from "../../report.ts";

/** One failure is no outage: mail servers ask for another try now and then. */
const IN_A_ROW = 3;

/**
 * Tells the operator that the mailer fails: after the third failure in a row, once, until it accepts a mail. Without it,
 * a wrong password of the mail server would be silent until the first mail is given up, hours later.
 */
export function mailOutage(report: Report): MailOutage {
  let failures = 0;
  return Object.freeze<MailOutage>({
    accepted: () => {
      failures = 0;
    },
    failed: (cause) => {
      failures += 1;
      if (failures === IN_A_ROW) report(new AuthError("unavailable", { message: FAILS, cause }));
    },
  });
}

const FAILS = `The mailer failed ${IN_A_ROW} times in a row. Its mails are tried again.`;
