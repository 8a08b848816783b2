import type { MailFailure } from "../../ports/mailer.ts";

/** Refusals of this mail: of its recipient, its size, its content. All others are about the server or our account there. */
const ABOUT_THE_MAIL = ["EENVELOPE", "EMESSAGE"];

/**
 * Makes the error that leaves the mailer. A 5xx to the mail itself is permanent. A 5xx to the password or to the
 * connection is not: the operator can fix that, and the mail goes out then. The words of the server stay behind: they can
 * hold the address of a user.
 */
export function mailFailure(error: unknown): TypeError & MailFailure {
  const { code, responseCode } = Object(error) as MailFailure;
  const status = typeof responseCode === "number" ? responseCode : undefined;
  const word = typeof code === "string" && /^[A-Z]\w{1,63}$/.test(code) ? code : "ESEND";
  const permanent = ABOUT_THE_MAIL.includes(word) && status !== undefined && status >= 500;
  return failure({ code: word, permanent, ...(status === undefined ? {} : { responseCode: status }) });
}

/** The error for a mail that may not be sent as it is. */
export function unfit(): TypeError & MailFailure {
  return failure({ code: "EUNFIT", permanent: true });
}

export function closed(): TypeError & MailFailure {
  return failure({ code: "ECLOSED", permanent: false });
}

function failure(fields: MailFailure): TypeError & MailFailure {
  const status = fields.responseCode === undefined ? "" : `, status ${fields.responseCode}`;
  return Object.assign(new TypeError(`The mail was not sent: ${fields.code}${status}`), fields);
}
