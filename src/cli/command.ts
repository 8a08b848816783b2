import { AuthError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** What the command reads and writes; `process` fits. */
export interface Surroundings {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

interface CliStream {
  write(text: string): unknown;
}

/** Runs, or throws. An `AuthError` of `misused` ends in exit code 2, all other errors in 1. */
export type Command = (argv: readonly string[], surroundings: Surroundings) => void | Promise<void>;

/** Wrong use of the command. The message names the flag, never its value: that may be a secret. */
export function misused(message: string): AuthError {
  return new AuthError("invalid_input", { message });
}
