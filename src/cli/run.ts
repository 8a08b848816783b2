import { randomBytes } from "node:crypto";
import { isAuthError } from "../errors.ts";
import { type Command, misused, type Surroundings } from "./command.ts";
import { keys } from "./keys.ts";
import { mail } from "./mail.ts";
import { migrate } from "./migrate.ts";
import { purge } from "./purge.ts";
import { readVersion } from "./version.ts";

const SECRET_BYTES = 32;
const SUCCESS = 0;
const FAILURE = 1;
const USAGE_ERROR = 2;

const USAGE = `Usage: sallyport <command>

Commands:
  secret       Print a new secret for createAuth: 32 random bytes as base64url.
  keys         Make and rotate the keys that sign access tokens.
  migrate      Create the tables in your database, or bring them up to date.
  mail         List mail that was given up, send it again, or deliver what waits.
  purge        Delete expired tokens, ended sessions and old events.

Options:
  -h, --help   Print this text; after keys, migrate, mail or purge: their options.
  --version    Print the version.
`;

const COMMANDS: Readonly<Record<string, Command>> = {
  secret: printing(newSecret),
  keys,
  migrate,
  mail,
  purge,
  "--help": printing(() => USAGE),
  "-h": printing(() => USAGE),
  "--version": printing(() => `${readVersion()}\n`),
};

/** Commands with a page of their own. */
const WITH_HELP: readonly string[] = ["keys", "migrate", "mail", "purge"];

/**
 * Runs the `sallyport` command with these arguments, and answers its exit code: 2 after wrong use, 1 after a
 * failure.
 */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stderr } = surroundings;
  const [name, ...rest] = argv;
  if (name === undefined) {
    stderr.write(USAGE);
    return USAGE_ERROR;
  }
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw misused("unknown command");
    await command(rest, surroundings);
    return SUCCESS;
  } catch (error) {
    return failed(error, name, surroundings);
  }
}

function printing(text: () => string): Command {
  return (argv, { stdout }) => {
    if (argv.length > 0) throw misused("this command takes no arguments");
    stdout.write(text());
  };
}

function failed(error: unknown, name: string, { stderr }: Surroundings): number {
  if (!isAuthError(error)) throw error; // our own bug: show its stack
  const wrongUse = error.code === "invalid_input";
  const help = WITH_HELP.includes(name) ? `${name} --help` : "--help";
  stderr.write(`sallyport: ${error.message}${wrongUse ? `; see sallyport ${help}` : ""}\n`);
  return wrongUse ? USAGE_ERROR : FAILURE;
}

function newSecret(): string {
  return `${randomBytes(SECRET_BYTES).toString("base64url")}\n`;
}
