import assert from "node:assert/strict";
import type { Mail } from "../../../ports/mailer.ts";
import type { Answer } from "../call.ts";
import { EMAIL, PASSWORD, type SignedIn } from "../shapes.ts";
import { type HttpServerUnderTest, type Subject, subjectOf } from "../subject.ts";

/** A server that runs, with an `Auth` of its own that mails. */
export interface MailServerUnderTest extends HttpServerUnderTest {
  /** Delivers what waits. Returns the newest mail of this delivery to an address. Null: there is none. */
  deliver(to: string): Promise<Pick<Mail, "kind" | "link" | "code"> | null>;
}

/** By name: what a server that mails promises, and its proof on a fresh one. */
export type MailPromises = Readonly<Record<string, (subject: MailSubject) => Promise<void>>>;

/** The page that links lead to: `mail.page` of the server. */
export const MAIL_PAGE = "https://app.example/mail";

/** A mail as its reader uses it. */
interface Arrived {
  readonly kind: string;
  /** Where the link leads. */
  readonly page: string;
  /** The token of the link. */
  readonly link: string;
  readonly code: string;
}

/** The server, its mailbox, and the requests that most proofs need. */
export interface MailSubject extends Subject {
  /** The newest mail that has arrived since the last time. Fails if there is none. */
  read(email?: string): Promise<Arrived>;
  /** Whether any mail has arrived since the last time. */
  isTold(email?: string): Promise<boolean>;
  /** Asks for the mail of a signup, or of a reset. Answers the challenge token. */
  ask(path: "/signup" | "/password/reset", email?: string): Promise<string>;
}

export function mailSubjectOf(server: MailServerUnderTest): MailSubject {
  const subject = subjectOf(server);
  const { post, advance } = subject;
  const read: MailSubject["read"] = async (email = EMAIL) => {
    const mail = await server.deliver(email);
    assert.ok(mail, `no mail to ${email}`);
    const [page = "", token = ""] = mail.link?.split("#sallyport=") ?? [];
    return { kind: mail.kind, page, link: token.split(".")[1] ?? "", code: mail.code ?? "" };
  };
  const ask: MailSubject["ask"] = async (path, email = EMAIL) => {
    const answer = await post(path, path === "/signup" ? { email, password: PASSWORD } : { email });
    return challengeOf(answer);
  };
  return {
    ...subject,
    read,
    ask,
    isTold: async (email = EMAIL) => (await server.deliver(email)) !== null,
    async signUp(email = EMAIL) {
      await advance(MINUTE);
      const challengeToken = await ask("/signup", email);
      const { code } = await read(email);
      const answer = await post("/signup/confirm", { challengeToken, code });
      await advance(MINUTE);
      assert.equal(answer.status, 201, answer.body);
      return JSON.parse(answer.body) as SignedIn;
    },
  };
}

const MINUTE = 60_000;

function challengeOf({ status, body }: Answer): string {
  assert.equal(status, 202, body);
  return (JSON.parse(body) as { readonly challengeToken: string }).challengeToken;
}
