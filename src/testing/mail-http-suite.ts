import { mailAnswerPromises } from "./http/mail/answers.ts";
import { type MailServerUnderTest, mailSubjectOf } from "./http/mail/mail-subject.ts";
import { mailPageOf, mailPagePromises } from "./http/mail/pages.ts";
import { mailRefusalPromises } from "./http/mail/refusals.ts";
import { proveAreas } from "./http/prove-areas.ts";
import type { TestFunction } from "./store-suite.ts";

export type { MailServerUnderTest } from "./http/mail/mail-subject.ts";

export interface MailHttpSuiteOptions {
  readonly test: TestFunction;
  /**
   * Starts a server of a fresh `createAuth`: an empty store, a fake clock, a cheap hasher, a `secret`, a
   * `capturingMailer`, `mail: { page: "https://app.example/mail", delivery: "manual" }`, and every other option at its
   * default. It is asked for once in each test. The suite closes it.
   */
  readonly open: () => MailServerUnderTest | Promise<MailServerUnderTest>;
  /** For a handler in cookie mode: one of its `origins`. By default the handler is in bearer mode. */
  readonly origin?: string | undefined;
}

/**
 * Proves what a server with the option `mailer` adds to the HTTP contract: the routes that mail, and those that answer a
 * mail. It stands beside `httpSuite`, which asks the same server without a mailer.
 */
export function mailHttpSuite({ test, open, origin }: MailHttpSuiteOptions): void {
  if (origin !== undefined) {
    const askerOf = (server: MailServerUnderTest) => mailPageOf(mailSubjectOf(server), origin);
    proveAreas({ "mail, cookies": mailPagePromises }, { test, open, askerOf });
  } else {
    const areas = { mail: { ...mailAnswerPromises, ...mailRefusalPromises } };
    proveAreas(areas, { test, open, askerOf: mailSubjectOf });
  }
}
