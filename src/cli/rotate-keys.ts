import { readPrivateJwks } from "../domain/private-jwks.ts";
import type { SigningAlgorithm } from "../domain/signing-key.ts";
import { misconfigured } from "../errors.ts";
import { misused, type Surroundings } from "./command.ts";
import type { Flags } from "./flags.ts";
import { rewriteKeyFile } from "./key-file.ts";
import { readAlgorithm, readKeyFilePath } from "./key-flags.ts";
import { keyFileText, newSigningJwk, type SigningJwk } from "./signing-jwk.ts";

/** A key of the file. We only ever show its name and algorithm. */
interface FileKey {
  readonly jwk: SigningJwk;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
}

interface StepTaken {
  readonly jwks: readonly SigningJwk[];
  readonly said: string;
}

type Step = (keys: readonly [FileKey, ...FileKey[]], alg: SigningAlgorithm | undefined) => StepTaken;

const STEPS: Readonly<Record<string, Step>> = { publish, sign, retire };

/**
 * A member of our own in the file. It tells the next key from the replaced one: both are last in the list. So
 * a step that runs twice, as in a retried job, does not undo itself.
 */
const STATE = "sallyport:state";

/** `sallyport keys rotate`. */
export function rotateKeys(flags: Flags, { stdout, stderr }: Surroundings): void {
  const alg = readAlgorithm(flags);
  const path = readKeyFilePath(flags);
  const name = flags.text("step") ?? "";
  const step = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (path === undefined) throw misused("which file? Give --file");
  if (!step) throw misused("--step takes publish, sign or retire");
  if (alg && step !== publish) throw misused("--alg goes with --step publish: no other step makes a key");
  const { result, isOpenToAll } = rewriteKeyFile(path, (text) => {
    const { jwks, said } = step(readKeys(text), alg);
    return { text: keyFileText(jwks), result: said };
  });
  stdout.write(result);
  if (isOpenToAll) stderr.write("sallyport: every user of this machine can read the file: chmod 600 it\n");
}

function publish([first, ...others]: readonly [FileKey, ...FileKey[]], alg = first.alg): StepTaken {
  if (others.length > 0) {
    throw misconfigured(
      "the file holds several keys, so a rotation is under way: end it with sign and retire",
    );
  }
  const added = newSigningJwk(alg);
  return {
    jwks: [unmarked(first), { ...added, [STATE]: "published" }],
    said: `Published the key ${added.kid} (${alg}). The key ${first.kid} signs, as before.
Next: deploy the file to every instance. Then wait until every verifier has read the
new key: 10 minutes, unless one keeps keys for longer. Then: --step sign.
`,
  };
}

function sign(keys: readonly [FileKey, ...FileKey[]]): StepTaken {
  const next = keys.at(-1) as FileKey;
  if (keys.length === 1)
    throw misconfigured("the file holds one key, and it signs: --step publish comes first");
  if (next.jwk[STATE] === "replaced") {
    throw misconfigured("the new key signs already: --step retire comes next");
  }
  const others = keys.slice(0, -1);
  return {
    jwks: [unmarked(next), ...others.map(({ jwk }) => ({ ...jwk, [STATE]: "replaced" }))],
    said: `The key ${next.kid} signs from now on. Tokens of ${listed(others)} are still valid.
Next: deploy the file to every instance. Then wait until the older tokens have expired:
the longest session.accessTtl, 15 minutes by default. Then: --step retire.
`,
  };
}

function retire([first, ...others]: readonly [FileKey, ...FileKey[]]): StepTaken {
  if (others.length === 0)
    throw misconfigured("the file holds one key, and it signs: there is no key to retire");
  if (others.some(({ jwk }) => jwk[STATE] === "published")) {
    throw misconfigured("the new key does not sign yet, and would be dropped: --step sign comes first");
  }
  return {
    jwks: [unmarked(first)],
    said: `Dropped ${listed(others)}. The key ${first.kid} is the only one.
Next: deploy the file to every instance. Tokens of a dropped key are refused from then on.
`,
  };
}

function readKeys(text: string): readonly [FileKey, ...FileKey[]] {
  const parsed = parseJson(text);
  const { keys, problems } = readPrivateJwks(parsed);
  if (problems.length === 0) {
    const jwks = parsed as readonly SigningJwk[];
    return keys.map(({ kid, alg }, index) => ({ jwk: jwks[index], kid, alg })) as never;
  }
  const list = problems.map(({ index, message }) =>
    index === undefined ? `the file of --file ${message}` : `its key ${index + 1} ${message}`,
  );
  throw misconfigured(list.join("; "));
}

/** Null: not JSON. The parser's own message would repeat parts of the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unmarked({ jwk }: FileKey): SigningJwk {
  const { [STATE]: _state, ...rest } = jwk;
  return rest;
}

function listed(keys: readonly FileKey[]): string {
  return keys.map(({ kid }) => `the key ${kid}`).join(" and ");
}
