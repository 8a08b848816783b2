// Writes the bill of materials of the package in CycloneDX 1.6. It lists what an installation brings, and the packages
// whose code the build puts into `dist`, which no scanner finds. Equal lock files give equal texts: it has no date.
import { readFileSync, writeFileSync } from "node:fs";
import adapters from "../tsup.adapters.config.ts";
import entries from "../tsup.config.ts";

/** What the bill takes from `package-lock.json`. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  /** Installed on some platforms only. */
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Bill {
  readonly $schema: string;
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: Metadata;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Metadata {
  readonly lifecycles: readonly { readonly phase: "build" }[];
  readonly component: Component;
}

type License = { readonly license: { readonly id: string } } | { readonly expression: string };

interface Component {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope?: "required" | "optional";
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
  readonly licenses: readonly License[];
  readonly purl: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** The packages whose code the build puts into `dist`. */
export const BUNDLED: readonly string[] = [...entries, adapters].flatMap(({ noExternal = [] }) =>
  noExternal.map(String),
);

/** The bill of the package at the root of this lock file, which holds the code of the `bundled` packages. */
export function billOfMaterials(lock: LockFile, bundled: readonly string[]): Bill {
  const roots = [...dependenciesOf(lock, ""), ...bundled.map((name) => placeOf(lock, name, ""))];
  const places = new Set(roots);
  for (const place of places) for (const next of dependenciesOf(lock, place)) places.add(next);
  const component = (place: string): Component => componentOf(lock, place, bundled);
  const own = component("");
  const components = [...places].map(component).sort(byRef);
  const edges = ["", ...places].map((place) => {
    const needed = place === "" ? roots : dependenciesOf(lock, place);
    const dependsOn = needed.map((to) => component(to)["bom-ref"]).sort();
    return { ref: component(place)["bom-ref"], dependsOn };
  });
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { lifecycles: [{ phase: "build" }], component: own },
    components,
    dependencies: edges.sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

function byRef(a: Component, b: Component): number {
  return a["bom-ref"] < b["bom-ref"] ? -1 : 1;
}

function packageAt(lock: LockFile, place: string): LockedPackage {
  return lock.packages[place] ?? {};
}

/** Where the dependencies of the package at this place lie. */
function dependenciesOf(lock: LockFile, place: string): readonly string[] {
  const { dependencies, optionalDependencies } = packageAt(lock, place);
  return Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => placeOf(lock, name, place));
}

/** Where Node finds a package from another one: inside it, or in a folder above. A gap in the lock file is an error. */
function placeOf(lock: LockFile, name: string, from: string): string {
  const inside = from === "" ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (inside in lock.packages) return inside;
  if (from === "") throw new TypeError(`package-lock.json does not have ${name}`);
  return placeOf(lock, name, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))));
}

function componentOf(lock: LockFile, place: string, bundled: readonly string[]): Component {
  const { version, license, integrity, optional, name: own } = packageAt(lock, place);
  const name = place === "" ? own : place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
  if (!name || !version || !license)
    throw new TypeError(`package-lock.json lacks facts of ${name ?? "the package"}`);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const [group, short] = name.startsWith("@") ? name.split("/") : [undefined, name];
  return {
    type: "library",
    "bom-ref": purl,
    ...(group !== undefined && { group }),
    name: short ?? name,
    version,
    ...(place !== "" && { scope: optional ? "optional" : "required", hashes: [hashOf(name, integrity)] }),
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
    purl,
    ...(bundled.includes(name) && { properties: [{ name: "cdx:npm:package:bundled", value: "true" }] }),
  };
}

/** The hash of the tarball, by which npm checks what it has fetched. */
function hashOf(name: string, integrity = ""): { readonly alg: "SHA-512"; readonly content: string } {
  const [, digest] = /^sha512-([\w+/]{86}==)$/.exec(integrity) ?? [];
  if (digest === undefined) throw new TypeError(`package-lock.json has no SHA-512 of ${name}`);
  return { alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") };
}

if (import.meta.main) {
  const lock: LockFile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  writeFileSync("sbom.cdx.json", `${JSON.stringify(billOfMaterials(lock, BUNDLED), null, 2)}\n`);
}
