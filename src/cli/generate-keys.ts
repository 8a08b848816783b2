import type { Surroundings } from "./command.ts";
import type { Flags } from "./flags.ts";
import { createKeyFile } from "./key-file.ts";
import { readAlgorithm, readKeyFilePath } from "./key-flags.ts";
import { keyFileText, newSigningJwk } from "./signing-jwk.ts";

/** `sallyport keys generate`. */
export function generateKeys(flags: Flags, { stdout }: Surroundings): void {
  const alg = readAlgorithm(flags) ?? "EdDSA";
  const path = readKeyFilePath(flags);
  const jwk = newSigningJwk(alg);
  if (path === undefined) return void stdout.write(keyFileText([jwk]));
  createKeyFile(path, keyFileText([jwk]));
  stdout.write(`Made the key ${jwk.kid} (${alg}), in a new file that only its owner can read.
Next: parse the file with JSON.parse, and give it to createAuth as signingKeys.
`);
}
