import { AuthError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** Where the command runs; `process` is such a place. */
export interface Surroundings {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface CliStream {
  write(text: string): unknown;
}

/** Does its work or throws; an `AuthError` of `misused` ends in exit code 2, everything else in 1. */
export type Command = (argv: readonly string[], surroundings: Surroundings) => void | Promise<void>;

/** The command was called wrongly. The message names the flag, and never what was given: it may be a secret. */
export function misused(message: string): AuthError {
  return new AuthError("invalid_input", { message });
}
