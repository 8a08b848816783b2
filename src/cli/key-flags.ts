import type { SigningAlgorithm } from "../domain/signing-key.ts";
import { misused } from "./command.ts";
import type { Flags } from "./flags.ts";

export function readAlgorithm(flags: Flags): SigningAlgorithm | undefined {
  const alg = flags.text("alg");
  if (alg === undefined || alg === "EdDSA" || alg === "ES256") return alg;
  throw misused("--alg takes EdDSA or ES256");
}

/** The path of `--file`, if given. An empty path means an unset variable, `-` means stdout: both are refused. */
export function readKeyFilePath(flags: Flags): string | undefined {
  const path = flags.text("file");
  if (path === "" || path === "-") throw misused("--file needs the path of a file");
  return path;
}
