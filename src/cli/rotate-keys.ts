import { readPrivateJwks } from "../domain/private-jwks.ts";
import type { SigningAlgorithm } from "../domain/signing-key.ts";
import { misconfigured } from "../errors.ts";
import { misused, type Surroundings } from "./command.ts";
import type { Flags } from "./flags.ts";
import { rewriteKeyFile } from "./key-file.ts";
import { readAlgorithm, readKeyFilePath } from "./key-flags.ts";
import { keyFileText, newSigningJwk, type SigningJwk } from "./signing-jwk.ts";

/** A key of the file. Only its name and algorithm are ever shown. */
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
 * In the file a member of our own tells a key that is to sign from one that did: both stand at the end, and
 * a step that is run twice, as a job that is tried again does, must not undo itself.
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
  if (alg && step !== publish) throw misused("--alg goes with --step publish: no other makes a key");
  const { result, isOpenToAll } = rewriteKeyFile(path, (text) => {
    const { jwks, said } = step(readKeys(text), alg);
    return { text: keyFileText(jwks), result: said };
  });
  stdout.write(result);
  if (isOpenToAll) stderr.write("sallyport: everybody on this machine can read the file: chmod 600 it\n");
}

function publish([first, ...others]: readonly [FileKey, ...FileKey[]], alg = first.alg): StepTaken {
  if (others.length > 0) {
    throw misconfigured(
      "a rotation is under way, for the file holds several keys: end it with sign and retire",
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
    throw misconfigured("the new key signs, and the last one is the old one: --step retire comes next");
  }
  const others = keys.slice(0, -1);
  return {
    jwks: [unmarked(next), ...others.map(({ jwk }) => ({ ...jwk, [STATE]: "replaced" }))],
    said: `The key ${next.kid} signs from now on. What ${listed(others)} signed is still good.
Next: deploy the file to every instance. Then wait until the tokens of before have ended:
the longest session.accessTtl, 15 minutes by default. Then: --step retire.
`,
  };
}

function retire([first, ...others]: readonly [FileKey, ...FileKey[]]): StepTaken {
  if (others.length === 0)
    throw misconfigured("the file holds one key, and it signs: there is none to retire");
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

/** Null for what is no JSON: the parser's own message would repeat parts of it. */
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
