import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";

/** Where the command writes; `process` is one. */
export interface CliStreams {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
}

interface CliStream {
  write(text: string): unknown;
}

const SECRET_BYTES = 32;
const SUCCESS = 0;
const USAGE_ERROR = 2;

const USAGE = `Usage: sallyport <command>

Commands:
  secret       Print a new secret for createAuth: 32 random bytes as base64url.

Options:
  -h, --help   Print this text.
  --version    Print the version.
`;

const COMMANDS: Readonly<Record<string, () => string>> = {
  secret: () => `${newSecret()}\n`,
  "--help": () => USAGE,
  "-h": () => USAGE,
  "--version": () => `${readVersion()}\n`,
};

/** Runs the `sallyport` command with these arguments, and says its exit code: 2 when it was used wrongly. */
export function run(argv: readonly string[], { stdout, stderr }: CliStreams): number {
  const [name, ...rest] = argv;
  if (name === undefined) {
    stderr.write(USAGE);
    return USAGE_ERROR;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return misused(stderr, "unknown command");
  if (rest.length > 0) return misused(stderr, `${name} takes no arguments`);
  stdout.write(command());
  return SUCCESS;
}

// The argument is not repeated: it may be a secret in the wrong place.
function misused(stderr: CliStream, problem: string): number {
  stderr.write(`sallyport: ${problem}; see sallyport --help\n`);
  return USAGE_ERROR;
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

function readVersion(): string {
  // By its own name, the package finds itself from the sources and from the built file alike.
  const { version } = createRequire(import.meta.url)("sallyport/package.json") as { version: string };
  return version;
}
