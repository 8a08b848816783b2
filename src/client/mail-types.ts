import type {
  ChallengeProof,
  LinkWithPassword,
  ResendInput,
  ResetInput,
  SessionProof,
} from "../api/inputs.ts";
import type { CurrentUser, LoginResult, MailSent } from "./types.ts";

export type {
  ChallengeProof,
  ChallengeWithCode,
  ChallengeWithLink,
  CodeWithPassword,
  LinkWithPassword,
  ResendInput,
  ResetInput,
  SessionProof,
} from "../api/inputs.ts";

/** What a mail is about, as its link names it. A newer server may send others. */
export type MailPurpose = "signup" | "password_reset" | "login" | "email_verification" | (string & {});

export type SignupConfirmation = (ChallengeProof | LinkWithPassword) & {
  /** Only in cookie mode. False: the browser forgets the cookies when it closes. Without it, the signup decides. */
  readonly remember?: boolean | undefined;
};
export interface ResetRequestInput {
  readonly email: string;
}

/** What this browser keeps of a mail that it asked for. */
export interface PendingMail {
  readonly challengeToken: string;
  /** When the link of the mail ends. */
  readonly expiresAt?: string | undefined;
}

/** The calls about mail, under the names that they have in `auth`. */
export interface ClientMail {
  /**
   * Creates the account of a signup, and signs in. In the browser of the signup its `challengeToken` counts, with the
   * code or the link. In another browser the link and a new password count.
   *
   * @example
   * ```ts
   * import { createAuthClient } from "sallyport/client";
   * import { mail } from "sallyport/client-mail";
   *
   * const client = createAuthClient({ transport: "cookie", features: { mail: mail() } });
   * const asked = await client.signup({ email: "ada@example.com", password: "Analytical1" });
   * if (asked.status === "check_email") {
   *   const { challengeToken } = asked;
   *   await client.mail.confirmSignup({ challengeToken, code: "123456" });
   * }
   * ```
   */
  confirmSignup(proof: SignupConfirmation): Promise<LoginResult>;
  readonly challenges: {
    /** Answers the challenge `email` of a login. The answer may be a further challenge. */
    email(proof: ChallengeProof): Promise<LoginResult>;
  };
  readonly password: {
    /** Sends a mail that sets a new password. The answer is the same for every address. */
    requestReset(input: ResetRequestInput): Promise<MailSent>;
    /** Sets a new password by a mail. All sessions of the user end, and none begins. */
    reset(input: ResetInput): Promise<void>;
  };
  readonly email: {
    /** Sends the signed-in user a mail that verifies their address. */
    requestVerification(): Promise<MailSent>;
    /** Verifies the address of the signed-in user. */
    verify(proof: SessionProof): Promise<CurrentUser>;
  };
  /** Sends the same mail again, three times at most. */
  resend(input: ResendInput): Promise<MailSent>;
  /**
   * Keeps the challenge of a mail in this browser, for the page that its link opens. `requestReset` and
   * `requestVerification` do it themselves. Do it for the answers of `signup` and `login`. The next success of its
   * purpose ends it.
   *
   * @example
   * ```ts
   * import { createAuthClient } from "sallyport/client";
   * import { mail } from "sallyport/client-mail";
   *
   * const client = createAuthClient({ transport: "cookie", features: { mail: mail() } });
   * const asked = await client.signup({ email: "ada@example.com", password: "Analytical1" });
   * if (asked.status === "check_email") client.mail.keep("signup", asked);
   * ```
   */
  keep(purpose: MailPurpose, asked: PendingMail): void;
  /** What this browser keeps for a purpose. Null: another browser has asked, or the mail was answered. */
  pending(purpose: MailPurpose): PendingMail | null;
}
