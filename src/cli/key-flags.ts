import type { SigningAlgorithm } from "../domain/signing-key.ts";
import { misused } from "./command.ts";
import type { Flags } from "./flags.ts";

export function readAlgorithm(flags: Flags): SigningAlgorithm | undefined {
  const alg = flags.text("alg");
  if (alg === undefined || alg === "EdDSA" || alg === "ES256") return alg;
  throw misused("--alg takes EdDSA or ES256");
}

/** A path of a file, if there is one. An empty one is a variable that is not set, `-` a wish for stdout. */
export function readKeyFilePath(flags: Flags): string | undefined {
  const path = flags.text("file");
  if (path === "" || path === "-") throw misused("--file needs the path of a file");
  return path;
}
