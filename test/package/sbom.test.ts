// The bill of materials in the tarball: against the lock file, against what npm has installed, and against `dist`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { type Bill, BUNDLED, billOfMaterials, type LockFile } from "../../scripts/sbom.ts";
import { manifest, ROOT } from "../../scripts/smoke-package.ts";
import { installed } from "./installed.ts";

const LOCK: LockFile = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
const TEXT = readFileSync(installed("sbom.cdx.json"), "utf8");
const BILL: Bill = JSON.parse(TEXT);
const NAMES = BILL.components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));

test("it is made from the lock file, and the same each time", () => {
  expect(TEXT).toBe(`${JSON.stringify(billOfMaterials(LOCK, BUNDLED), null, 2)}\n`);
  expect(TEXT).not.toMatch(/timestamp|serialNumber|\d{4}-\d{2}-\d{2}T/);
});

test("it is about this version of the package", () => {
  expect(BILL.metadata.component).toMatchObject({
    name: "sallyport",
    version: manifest.version,
    purl: `pkg:npm/sallyport@${manifest.version}`,
    licenses: [{ license: { id: "MIT" } }],
  });
});

test("it lists what npm has installed for the package, with the hashes by which npm checked it", () => {
  const home = join(inject("consumer"), "node_modules");
  const { packages }: LockFile = JSON.parse(readFileSync(join(home, ".package-lock.json"), "utf8"));
  const { dependencies = {} } = packages["node_modules/sallyport"] ?? {};
  expect(Object.keys(dependencies).sort()).toEqual(["@node-rs/argon2", "jose"]);
  const binaries = Object.keys(packages).filter((path) => path.startsWith("node_modules/@node-rs/argon2-"));
  expect(binaries.length).toBeGreaterThan(0);
  for (const path of [...Object.keys(dependencies).map((name) => `node_modules/${name}`), ...binaries]) {
    const { version, integrity = "", license } = packages[path] ?? {};
    const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
    const component = BILL.components[NAMES.indexOf(path.replace("node_modules/", ""))];
    expect(component).toMatchObject({ version, hashes: [{ alg: "SHA-512", content }] });
    expect(component?.licenses).toEqual([{ license: { id: license } }]);
  }
});

test("it lists the binary of every platform, as parts that one machine does not need all", () => {
  const platforms = NAMES.filter((name) => name.startsWith("@node-rs/argon2-"));
  const offered = LOCK.packages["node_modules/@node-rs/argon2"]?.optionalDependencies ?? {};
  expect(platforms).toEqual(Object.keys(offered).sort());
  expect(platforms).toEqual(expect.arrayContaining(["@node-rs/argon2-linux-arm64-musl"]));
  const optional = BILL.components.filter(({ scope }) => scope === "optional");
  expect(optional.map(({ name }) => `@node-rs/${name}`)).toEqual(platforms);
  expect(NAMES.filter((name) => !platforms.includes(name))).toEqual(["@node-rs/argon2", "jose", "zod"]);
});

test("what is marked as bundled is what dist has code of, and NOTICE has each", () => {
  const names = readdirSync(installed("dist")).filter((name) => name.endsWith(".js"));
  const built = names.map((name) => readFileSync(installed(join("dist", name)), "utf8")).join("\n");
  const inside = built.matchAll(/^\/\/ (?:\.\.\/)*node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//gm);
  const marked = BILL.components.filter(({ properties = [] }) =>
    properties.some(({ name, value }) => name === "cdx:npm:package:bundled" && value === "true"),
  );
  expect(marked.map(({ name }) => name)).toEqual(["zod"]);
  expect([...new Set([...inside].map(([, name]) => name))]).toEqual(["zod"]);
  const notice = readFileSync(installed("NOTICE"), "utf8");
  for (const { name, version } of marked) expect(notice).toContain(`Parts of ${name} ${version} `);
});

// What the schema of CycloneDX 1.6 demands of these fields.
test("it has the fields of CycloneDX 1.6, and no other", () => {
  expect(Object.keys(BILL).sort()).toEqual(
    ["$schema", "bomFormat", "components", "dependencies", "metadata", "specVersion", "version"].sort(),
  );
  expect(BILL).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
  expect(BILL.$schema).toBe("http://cyclonedx.org/schema/bom-1.6.schema.json");
  const known = [
    "type",
    "bom-ref",
    "group",
    "name",
    "version",
    "scope",
    "hashes",
    "licenses",
    "purl",
    "properties",
  ];
  for (const component of [BILL.metadata.component, ...BILL.components]) {
    expect(known).toEqual(expect.arrayContaining(Object.keys(component)));
    expect(component.type).toBe("library");
    expect(component.purl).toMatch(/^pkg:npm\/(?:%40[a-z-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
    expect(component["bom-ref"]).toBe(component.purl);
    for (const { alg, content } of component.hashes ?? []) {
      expect(alg).toBe("SHA-512");
      expect(content).toMatch(/^[0-9a-f]{128}$/);
    }
  }
});

test("each part is there once, and who needs it is known", () => {
  const refs = [BILL.metadata.component, ...BILL.components].map((component) => component["bom-ref"]);
  expect(new Set(refs).size).toBe(refs.length);
  expect(BILL.dependencies.map(({ ref }) => ref)).toEqual([...refs].sort());
  const needed = BILL.dependencies.flatMap(({ dependsOn }) => dependsOn);
  expect(needed.sort()).toEqual(BILL.components.map((component) => component["bom-ref"]).sort());
});

const SHA = `sha512-${"A".repeat(86)}==`;
const part = { version: "1.0.0", license: "MIT", integrity: SHA };
const lockOf = (packages: LockFile["packages"]): LockFile => ({
  packages: {
    "": { name: "app", version: "1.0.0", license: "MIT", dependencies: { a: "1.0.0" } },
    ...packages,
  },
});

test("a package inside another one is found before the one above it", () => {
  const lock = lockOf({
    "node_modules/a": { ...part, dependencies: { b: "2.0.0", c: "1.0.0" } },
    "node_modules/a/node_modules/b": { ...part, version: "2.0.0", dependencies: { c: "1.0.0" } },
    "node_modules/b": part,
    "node_modules/c": { ...part, license: "(MIT OR Apache-2.0)", dependencies: { a: "1.0.0" } },
    "node_modules/unused": part,
  });
  const { components, dependencies } = billOfMaterials(lock, []);
  expect(components.map(({ purl }) => purl)).toEqual([
    "pkg:npm/a@1.0.0",
    "pkg:npm/b@2.0.0",
    "pkg:npm/c@1.0.0",
  ]);
  expect(components[2]?.licenses).toEqual([{ expression: "(MIT OR Apache-2.0)" }]);
  expect(dependencies.find(({ ref }) => ref === "pkg:npm/b@2.0.0")?.dependsOn).toEqual(["pkg:npm/c@1.0.0"]);
});

test.each([
  ["a package that is missing", {}, "does not have a"],
  [
    "a platform that is missing",
    { "node_modules/a": { ...part, optionalDependencies: { "a-x64": "1" } } },
    "does not have a-x64",
  ],
  ["a hash that is missing", { "node_modules/a": { ...part, integrity: undefined } }, "no SHA-512 of a"],
  [
    "a weak hash",
    { "node_modules/a": { ...part, integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" } },
    "no SHA-512 of a",
  ],
  ["a licence that is missing", { "node_modules/a": { ...part, license: undefined } }, "lacks facts of a"],
])("no bill is made of a lock file with %s", (_case, packages, message) => {
  expect(() => billOfMaterials(lockOf(packages as LockFile["packages"]), [])).toThrow(message);
});

test("a bundled package that the lock file does not have stops the build", () => {
  expect(() => billOfMaterials(lockOf({ "node_modules/a": part }), ["z"])).toThrow("does not have z");
});
