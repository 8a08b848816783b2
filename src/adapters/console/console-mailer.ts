import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import type { Mail, Mailer } from "../../ports/mailer.ts";

export interface ConsoleMailerOptions {
  /** Gets the text of each mail. Default: the standard output of the process. */
  readonly write?: ((text: string) => unknown) | undefined;
}

/**
 * Prints each mail with its link and its code, for development: no mail server is needed, and no mail is sent.
 *
 * Throws `invalid_configuration` if `NODE_ENV` is `production`: who reads the log could sign in as any user.
 *
 * @example
 * ```ts
 * import { consoleMailer, type Mailer } from "sallyport";
 *
 * const mailer: Mailer = consoleMailer();
 * ```
 */
export function consoleMailer(options: ConsoleMailerOptions = {}): Mailer {
  const problem = optionsProblem(options, ["write"]) ?? writeProblem(options.write);
  if (problem) throw misconfigured(`consoleMailer: ${problem}`);
  if (process.env["NODE_ENV"] === "production")
    throw misconfigured(
      "consoleMailer: it prints links and codes that let users in, and NODE_ENV is production: use nodemailerMailer, or a mailer of your own",
    );
  const { write = (text: string) => process.stdout.write(text) } = options;
  return Object.freeze({
    async send(mail: Mail): Promise<void> {
      await write(printed(mail));
    },
  });
}

function writeProblem(write: unknown): string | null {
  return write === undefined || typeof write === "function" ? null : "write: must be a function";
}

function printed({ kind, to, locale, subject, text, link, code }: Mail): string {
  const lines = [
    `--- mail ${kind} (${locale}) to ${to}`,
    `Subject: ${subject}`,
    link === null ? null : `Link: ${link}`,
    code === null ? null : `Code: ${code}`,
    "",
    text.trimEnd(),
    "---",
  ];
  return `${lines.filter((line) => line !== null).join("\n")}\n`;
}
