// What the declarations of the built package cost the compiler of a consumer, in type instantiations. Exits 1 when one
// consumer costs more than its bound. Run it after the build.
//
// The declarations of others, as those of Node, are not ours: the instantiations of an empty file are subtracted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MOST: readonly (readonly [consumer: string, instantiations: number])[] = [
  ["server", 450],
  ["server-with-features", 600],
  ["page", 450],
  ["service", 450],
];

// Not by a tsconfig: the `paths` of ours lead to src, and a consumer gets dist.
const SETTINGS = [
  ...["--ignoreConfig", "--noEmit", "--skipLibCheck", "--strict", "--exactOptionalPropertyTypes"],
  ...["--target", "es2023", "--module", "nodenext", "--types", "node"],
];

const empty = costOfNothing();
const isWithin = MOST.map(([consumer, most]) => {
  const own = instantiations([fileOf(consumer)]) - empty;
  console.log(`${consumer}: ${own} type instantiations of at most ${most}`);
  return own <= most;
}).every(Boolean);
const together = instantiations(["server", "page", "service"].map(fileOf)) - empty;
console.log(`server, page and service in one program: ${together}`);
process.exitCode = isWithin ? 0 : 1;

function fileOf(consumer: string): string {
  return `scripts/type-cost/${consumer}.ts`;
}

function costOfNothing(): number {
  const folder = mkdtempSync(join(tmpdir(), "type-cost-"));
  try {
    const file = join(folder, "empty.ts");
    writeFileSync(file, "export {};\n");
    return instantiations([file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function instantiations(files: readonly string[]): number {
  const args = [...SETTINGS, "--extendedDiagnostics", ...files];
  const { status, stdout } = spawnSync("tsc", args, { encoding: "utf8" });
  const [, count] = /^Instantiations:\s+(\d+)/m.exec(stdout) ?? [];
  if (status !== 0 || !count) throw new TypeError(`${files} does not compile: ${stdout}`);
  return Number(count);
}
