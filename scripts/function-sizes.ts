// How long the functions and files of src are, against the bounds of the house style. Exits 1 when one is over.
//
// A function is a declaration, a method, an accessor, a function expression or an arrow function. Its lines go from its
// first to its last, both included, with whatever stands inside it. Arrow functions of one line make the figures
// flattering: the bounds hold for the functions of at least two lines too.
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";

const MOST = { median: 8, p90: 20, max: 40, file: 200 } as const;
const GENERATED = /\.generated\.ts$/;

interface Sized {
  readonly place: string;
  readonly lines: number;
}

const files = globSync("src/**/*.ts").filter((file) => !GENERATED.test(file));
const functions = files.flatMap(functionsOf).sort((one, other) => one.lines - other.lines);
const long = [
  ...functions.filter(({ lines }) => lines > MOST.max),
  ...files.map(sizeOfFile).filter(({ lines }) => lines > MOST.file),
];

for (const { place, lines } of long) console.error(`${place}: ${lines} lines`);
const isWithin = [
  report("functions", functions),
  report(
    "of at least two lines",
    functions.filter(({ lines }) => lines > 1),
  ),
].every(Boolean);
process.exitCode = isWithin && long.length === 0 ? 0 : 1;

function functionsOf(file: string): readonly Sized[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const sizes: Sized[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const first = lineOf(node.getStart(source));
      sizes.push({ place: `${file}:${first}`, lines: lineOf(node.end) - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return sizes;
}

function sizeOfFile(file: string): Sized {
  return { place: file, lines: readFileSync(file, "utf8").trimEnd().split("\n").length };
}

/** Prints the figures of these functions, sorted by length. False: one of the figures is over. */
function report(name: string, sorted: readonly Sized[]): boolean {
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.lines ?? 0;
  const figures = { median: at(0.5), p90: at(0.9), max: at(1) };
  console.log(
    `${sorted.length} ${name}: median ${figures.median}, p90 ${figures.p90}, max ${figures.max} lines`,
  );
  return (["median", "p90", "max"] as const).every((figure) => figures[figure] <= MOST[figure]);
}
