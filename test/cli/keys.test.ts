import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuth, memoryStore, type SigningJwk } from "sallyport";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { thumbprint } from "../../src/domain/private-jwks.ts";
import { SECRET, times } from "../support/harness.ts";
import { ed25519, es256, withoutPrivatePart } from "../support/signing-keys.ts";
import { type Outcome, sallyport, startSallyport } from "./support.ts";

const directory = mkdtempSync(join(tmpdir(), "sallyport-"));
afterAll(() => rmSync(directory, { recursive: true }));

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(directory, "keys-"));
  file = join(folder, "keys.json");
});

const generate = (...flags: string[]): Promise<Outcome> => sallyport("keys", "generate", ...flags);
const rotate = (step: string, ...flags: string[]): Promise<Outcome> =>
  sallyport("keys", "rotate", "--file", file, "--step", step, ...flags);
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const keysIn = (path: string): SigningJwk[] => JSON.parse(readFileSync(path, "utf8"));
const kids = (): (string | undefined)[] => keysIn(file).map(({ kid }) => kid);

function put(keys: readonly unknown[], mode = 0o600): void {
  writeFileSync(file, JSON.stringify(keys));
  chmodSync(file, mode);
}

/** The keys start, and are published in the order of the file. */
function expectStarts(signingKeys: readonly SigningJwk[]): void {
  const auth = createAuth({ secret: SECRET, store: memoryStore(), signingKeys });
  expect(auth.jwks().keys.map(({ kid }) => kid)).toEqual(signingKeys.map(({ kid }) => kid));
}

function expectKeepsSecrets({ stdout, stderr }: Outcome, keys: readonly SigningJwk[]): void {
  for (const { d, x } of keys) {
    expect(stdout + stderr).not.toContain(d);
    expect(stdout + stderr).not.toContain(x);
  }
  expect(stdout + stderr).not.toContain(folder);
}

describe("keys generate", () => {
  test.each([
    [[], "EdDSA", "Ed25519"],
    [["--alg", "EdDSA"], "EdDSA", "Ed25519"],
    [["--alg", "ES256"], "ES256", "P-256"],
  ])("%j prints a list of one private key on one line, which createAuth takes", async (flags, alg, crv) => {
    const { code, stdout, stderr } = await generate(...flags);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\[\{[^\n]+\}\]\n$/);
    expect(stdout).not.toMatch(/['$`\\ ]/); // it may stand between single quotes, and in a file of variables
    const [key, ...others] = JSON.parse(stdout);
    expect(others).toEqual([]);
    expect(key).toMatchObject({ crv, alg, use: "sig", d: expect.stringMatching(/^[\w-]{43}$/) });
    expect(key.kid).toBe(thumbprint(key));
    expectStarts([key]);
  });

  test("100 keys are 100 different keys, all of one length", async () => {
    const texts = await Promise.all(
      times(100, () => generate("--alg", "ES256").then(({ stdout }) => stdout)),
    );
    expect(new Set(texts).size).toBe(100);
    expect(new Set(texts.map((text) => text.length)).size).toBe(1);
  });

  test("--file writes them to a new file of its owner alone, and prints the name only", async () => {
    const outcome = await generate("--file", file);
    const keys = keysIn(file);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout).toContain(`Made the key ${keys[0]?.kid} (EdDSA)`);
    expect(outcome.stdout).toContain("Next: ");
    expectKeepsSecrets(outcome, keys);
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
    expectStarts(keys);
  });

  test("--file never overwrites, neither a file nor through a link that leads nowhere", async () => {
    writeFileSync(file, "mine");
    const link = join(folder, "link");
    symlinkSync(join(folder, "nowhere"), link);
    for (const path of [file, link]) {
      const { code, stdout, stderr } = await generate("--file", path);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe("sallyport: the file of --file was not written: it exists already\n");
    }
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  test("--file in a folder that is not there fails, and does not name it", async () => {
    const { code, stdout, stderr } = await generate("--file", join(folder, "hunter2", "keys.json"));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("sallyport: the file of --file was not written: ENOENT\n");
  });
});

describe("keys rotate", () => {
  test.each([
    [["EdDSA"], []],
    [["ES256"], []],
    [
      ["EdDSA", "ES256"],
      ["--alg", "ES256"],
    ],
    [
      ["ES256", "EdDSA"],
      ["--alg", "EdDSA"],
    ],
  ])(
    "%j: publish, sign and retire are the three steps, and createAuth takes the file after each",
    async (algs, flags) => {
      await generate("--file", file, "--alg", algs[0] as string);
      const [old] = keysIn(file) as [SigningJwk];
      const said: Outcome[] = [];

      said.push(await rotate("publish", ...flags));
      const [, added] = keysIn(file) as [SigningJwk, SigningJwk];
      expect(kids()).toEqual([old.kid, added.kid]);
      expect(added.alg).toBe(algs.at(-1));
      expect(said[0]?.stdout).toContain(
        `Published the key ${added.kid} (${added.alg}). The key ${old.kid} signs`,
      );
      expect(said[0]?.stdout).toMatch(/deploy the file to every instance.* wait .*10 minutes.*--step sign/s);
      expectStarts(keysIn(file));

      said.push(await rotate("sign"));
      expect(kids()).toEqual([added.kid, old.kid]);
      expect(said[1]?.stdout).toContain(
        `The key ${added.kid} signs from now on. Tokens of the key ${old.kid} are still valid`,
      );
      expect(said[1]?.stdout).toMatch(/deploy the file to every instance.* wait .*accessTtl.*--step retire/s);
      expectStarts(keysIn(file));

      said.push(await rotate("retire"));
      expect(kids()).toEqual([added.kid]);
      expect(said[2]?.stdout).toContain(`Dropped the key ${old.kid}. The key ${added.kid} is the only one`);
      expect(said[2]?.stdout).toContain("deploy the file to every instance");
      expectStarts(keysIn(file));

      for (const outcome of said) {
        expect(outcome).toMatchObject({ code: 0, stderr: "" });
        expectKeepsSecrets(outcome, [old, added]);
      }
      expect(modeOf(file)).toBe(0o600);
      expect(readdirSync(folder)).toEqual(["keys.json"]);
    },
  );

  test("a key keeps its parts, its name and whatever else stands in it, from the first step to the last", async () => {
    await generate("--file", file);
    await rotate("publish");
    const { "sallyport:state": state, ...added } = keysIn(file)[1] as unknown as Record<string, unknown>;
    expect(state).toBe("published");
    await rotate("sign");
    await rotate("retire");
    expect(keysIn(file)).toEqual([added]);
    put([{ ...added, "acme:owner": "ada" }]);
    await rotate("publish");
    expect(keysIn(file)[0]).toEqual({ ...added, "acme:owner": "ada" });
  });

  test("a second rotation follows the first", async () => {
    await generate("--file", file);
    const seen = new Set(kids());
    for (const step of ["publish", "sign", "retire", "publish", "sign", "retire"]) {
      expect((await rotate(step)).code).toBe(0);
      for (const kid of kids()) seen.add(kid);
    }
    expect(seen.size).toBe(3);
  });

  test("a new key is of the algorithm of the first, Ed25519 by its newer name included", async () => {
    put([{ ...ed25519(), alg: "Ed25519" }]);
    await rotate("publish");
    expect(keysIn(file)[1]?.alg).toBe("Ed25519");
    expectStarts(keysIn(file));
  });

  test("keys that were put into the file by hand can be rotated, named or not", async () => {
    const { kid, ...unnamed } = ed25519();
    put([es256(), unnamed]);
    expect((await rotate("sign")).stdout).toContain(`The key ${kid} signs from now on`);
    expect((await rotate("retire")).stdout).toContain(`The key ${kid} is the only one`);
    put([unnamed, es256(), ed25519()]);
    expect((await rotate("retire")).stdout).toMatch(/^Dropped the key [\w-]+ and the key [\w-]+\./);
    expect(keysIn(file)).toEqual([unnamed]);
  });
});

describe("a step in the wrong state fails with exit code 1, says which comes first, and changes nothing", () => {
  test.each([
    ["sign", [], /holds one key.*--step publish comes first/],
    ["retire", [], /holds one key.*no key to retire/],
    ["publish", ["publish"], /a rotation is under way/],
    ["retire", ["publish"], /does not sign yet, and would be dropped: --step sign comes first/],
    ["sign", ["publish", "sign"], /the new key signs already: --step retire comes next/],
    ["publish", ["publish", "sign"], /a rotation is under way/],
    ["retire", ["publish", "sign", "retire"], /no key to retire/],
  ])("%s after %j", async (step, before, told) => {
    await generate("--file", file);
    for (const earlier of before) await rotate(earlier);
    const text = readFileSync(file, "utf8");
    const outcome = await rotate(step);
    expect([outcome.code, outcome.stdout]).toEqual([1, ""]);
    expect(outcome.stderr).toMatch(/^sallyport: [^\n]+\n$/);
    expect(outcome.stderr).toMatch(told);
    expectKeepsSecrets(outcome, keysIn(file));
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
  });
});

describe("a file that createAuth would refuse fails with exit code 1, and stays as it is", () => {
  const good = ed25519();
  test.each<[string, string, RegExp]>([
    ["a public key", JSON.stringify([good, withoutPrivatePart(es256())]), /its key 2 is a public key/],
    ["a damaged key", JSON.stringify([{ ...good, x: ed25519().x }]), /its key 1 is damaged/],
    [
      "two faults",
      JSON.stringify([{}, { kty: "oct", k: "hunter2" }]),
      /key 1 must be .*; its key 2 is a shared/,
    ],
    ["one key twice", JSON.stringify([good, good]), /has one kid twice/],
    ["nine keys", JSON.stringify(times(9, ed25519)), /must be a list of 1 to 8/],
    ["no list", JSON.stringify({ keys: [good] }), /must be a list of 1 to 8/],
    ["a text in JSON", JSON.stringify(JSON.stringify([good])), /is text/],
    ["JSON that was cut", JSON.stringify([good]).slice(0, -2), /must be a list/],
    ["PEM", `-----BEGIN PRIVATE KEY-----\n${good.d}\n-----END PRIVATE KEY-----\n`, /must be a list/],
    ["nothing", "", /must be a list/],
    ["far too much", " ".repeat(70_000), /no file of keys/],
  ])("%s", async (_what, text, told) => {
    writeFileSync(file, text, { mode: 0o600 });
    for (const step of ["publish", "sign", "retire"]) {
      const outcome = await rotate(step);
      expect([outcome.code, outcome.stdout]).toEqual([1, ""]);
      expect(outcome.stderr).toMatch(/^sallyport: [^\n]+\n$/);
      expect(outcome.stderr).toMatch(told);
      expect(outcome.stderr).not.toContain("hunter2");
      expectKeepsSecrets(outcome, [good]);
    }
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
  });

  test("no file, a folder, and a link that leads nowhere", async () => {
    expect((await rotate("publish")).stderr).toBe(
      "sallyport: the file of --file was not written: there is none; `keys generate` makes one\n",
    );
    mkdirSync(file);
    expect((await rotate("publish")).stderr).toMatch(/it is no file of keys\n$/);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
  });
});

describe("the file", () => {
  test.each([0o400, 0o600, 0o640])("keeps its permissions: %o", async (mode) => {
    put([ed25519()], mode);
    const outcome = await rotate("publish");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(modeOf(file)).toBe(mode);
  });

  test("that everybody can read stays so, for its reader may be anybody, and that is said", async () => {
    put([ed25519()], 0o644);
    const outcome = await rotate("publish");
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining("chmod 600") });
    expect(modeOf(file)).toBe(0o644);
  });

  test("keeps its owner, also when root rotates: the application must be able to read it", async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) skip("only root may give files away");
    const { chownSync } = await import("node:fs");
    put([ed25519()], 0o600);
    chownSync(file, 1234, 2345);
    expect((await rotate("publish")).code).toBe(0);
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 2345 });
    expect(modeOf(file)).toBe(0o600);
  });

  test("is replaced, not written into: who has it open reads the old keys, whole", async () => {
    put([ed25519()]);
    const before = statSync(file).ino;
    await rotate("publish");
    expect(statSync(file).ino).not.toBe(before);
  });

  test("may be a link: what it leads to is replaced", async () => {
    const target = join(folder, "target.json");
    writeFileSync(target, JSON.stringify([ed25519()]), { mode: 0o600 });
    symlinkSync("target.json", file);
    expect((await rotate("publish")).code).toBe(0);
    expect(readlinkSync(file)).toBe("target.json");
    expect(keysIn(target)).toHaveLength(2);
    expect(readdirSync(folder).sort()).toEqual(["keys.json", "target.json"]);
  });

  test("of a rotation that was killed is as it was, and the draft in the way is named by its ending", async () => {
    put([ed25519()]);
    const text = readFileSync(file, "utf8");
    writeFileSync(`${file}.rotating`, "half of");
    const outcome = await rotate("publish");
    expect([outcome.code, outcome.stdout]).toEqual([1, ""]);
    expect(outcome.stderr).toMatch(
      /another rotation is under way, or one was killed: .*ends in \.rotating\n$/,
    );
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(readFileSync(`${file}.rotating`, "utf8")).toBe("half of");
  });

  test("of six rotations at once, in processes of their own, takes one step, and one says so", async () => {
    put([ed25519()]);
    const argv = ["keys", "rotate", "--file", file, "--step", "publish"];
    const outcomes = await Promise.all(times(6, () => startSallyport(argv)));
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 1, 1, 1, 1, 1]);
    const [done] = outcomes.filter(({ code }) => code === 0);
    expect(keysIn(file)).toHaveLength(2);
    expect(done?.stdout).toContain(`Published the key ${keysIn(file)[1]?.kid}`);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
  });
});

test.each([
  ["keys", "--help"],
  ["keys", "-h"],
  ["keys", "generate", "--help"],
  ["keys", "rotate", "-h"],
])("%s %s %s explains both actions and every flag", async (...argv) => {
  const { code, stdout, stderr } = await sallyport(...argv.filter(Boolean));
  expect([code, stderr]).toEqual([0, ""]);
  for (const word of ["generate", "rotate", "--alg", "--file", "publish", "sign", "retire", "--step"]) {
    expect(stdout).toContain(word);
  }
});
