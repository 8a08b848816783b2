import { pathToFileURL } from "node:url";
import { parseDuration } from "../domain/duration.ts";
import type { MailId } from "../domain/ids.ts";
import type { QueuedMail } from "../domain/queued-mail.ts";
import { AuthError } from "../errors.ts";
import { systemClock } from "../lib/system-clock.ts";
import { isUuid } from "../lib/uuid.ts";
import { type Command, misused, type Surroundings } from "./command.ts";
import { DATABASE_FLAGS, DATABASE_USAGE, readDatabaseFlags } from "./database-flags.ts";
import { type Flags, readFlags } from "./flags.ts";
import { withDatabase } from "./with-database.ts";

const USAGE = `Usage: sallyport mail <dead | retry | deliver> [options]

  dead             List mail that was given up, newest first.
  retry            Let a mail that was given up be sent again.
  deliver          Send what waits, with the mailer of your application.

Options of dead and retry:
${DATABASE_USAGE}  --limit 20       dead: how many, 1 to 1000.
  --before <id>    dead: only mail that is older than this one.
  --id <id>        retry: the mail.

Options of deliver:
  --module <file>  A module that exports auth, as createAuth made it.
  --max 60s        Begin no further mail after this time.

  -h, --help       Print this text.
`;

const ACTIONS: Readonly<Record<string, Command>> = {
  dead,
  retry,
  deliver,
  "--help": (_argv, { stdout }) => void stdout.write(USAGE),
  "-h": (_argv, { stdout }) => void stdout.write(USAGE),
};

/** `sallyport mail`. */
export async function mail(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const [name = "", ...rest] = argv;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw misused("mail takes dead, retry or deliver");
  await action(rest, surroundings);
}

const MAX_LISTED = 1_000;

async function dead(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const { stdout } = surroundings;
  const flags = readFlags(argv, { ...DATABASE_FLAGS, limit: "text", before: "text" });
  if (flags.has("help")) return void stdout.write(USAGE);
  const { target, tables } = readDatabaseFlags(flags, surroundings);
  const limit = Number(flags.text("limit") ?? 20);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LISTED)
    throw misused(`--limit takes a whole number from 1 to ${MAX_LISTED}`);
  const before = flags.text("before") === undefined ? undefined : readId(flags, "before");
  const mails = await withDatabase(target, "store", (database) =>
    database.store(tables).outbox.listDead({ before, limit }),
  );
  for (const one of mails) stdout.write(lineOf(one));
  stdout.write(`${mails.length} ${mails.length === 1 ? "mail was" : "mails were"} given up.\n`);
}

function lineOf({ id, kind, recipient, attempts, deadAt }: QueuedMail): string {
  // Who asked for a mail again did not say to which address.
  return `${id} ${kind} ${recipient || "(asked for again)"} after ${attempts} attempts, ${deadAt?.toISOString()}\n`;
}

async function retry(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const { stdout, clock = systemClock } = surroundings;
  const flags = readFlags(argv, { ...DATABASE_FLAGS, id: "text" });
  if (flags.has("help")) return void stdout.write(USAGE);
  const { target, tables } = readDatabaseFlags(flags, surroundings);
  const id = readId(flags, "id");
  const isRevived = await withDatabase(target, "store", (database) =>
    database.store(tables).outbox.revive(id, clock.now()),
  );
  if (!isRevived) throw new AuthError("not_found", { message: "No mail with this id was given up" });
  stdout.write("The mail is due now.\n");
}

function readId(flags: Flags, name: string): MailId {
  const id = flags.text(name) ?? "";
  if (!isUuid(id)) throw misused(`--${name} takes the id of a mail`);
  return id as MailId;
}

interface Sender {
  readonly mail: {
    deliver(options: {
      readonly maxMs: number;
    }): Promise<{ readonly sent: number; readonly failed: number; readonly more: boolean }>;
  };
  close(): Promise<void>;
}

async function deliver(argv: readonly string[], { stdout }: Surroundings): Promise<void> {
  const flags = readFlags(argv, { module: "text", max: "text" });
  if (flags.has("help")) return void stdout.write(USAGE);
  const maxMs = parseDuration(flags.text("max") ?? "60s");
  if (maxMs === null) throw misused("--max takes a duration, such as 60s");
  const auth = await loadAuth(flags.text("module"));
  try {
    const { sent, failed, more } = await auth.mail.deliver({ maxMs });
    stdout.write(`Sent ${sent}, failed ${failed}; ${more ? "more may be due" : "nothing is due"}.\n`);
  } finally {
    await auth.close();
  }
}

async function loadAuth(file: string | undefined): Promise<Sender> {
  if (file === undefined) throw misused("--module names the file that exports auth");
  const { auth } = (await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new AuthError("invalid_configuration", { message: "The module could not be loaded", cause });
  })) as { readonly auth?: Partial<Sender> };
  if (typeof auth?.mail?.deliver === "function") return auth as Sender;
  throw new AuthError("invalid_configuration", { message: "The module exports no auth of this library" });
}
