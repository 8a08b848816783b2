import ts from "typescript";
import { rootPath } from "./pages.ts";

/**
 * The paths of an options interface, from its types: `limits.login.address`. A property whose type is an
 * interface of one of `opened` is a group, and its own properties are listed below it.
 */
export function optionPaths(file: string, name: string, opened: RegExp): readonly string[] {
  const program = ts.createProgram([rootPath(file)], {
    strict: true,
    noLib: true,
    allowImportingTsExtensions: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(rootPath(file));
  const declared = source && checker.getSymbolAtLocation(source);
  const symbol =
    declared && checker.getExportsOfModule(declared).find((candidate) => candidate.name === name);
  if (!symbol) throw new TypeError(`${file} has no ${name}`);

  const pathsOf = (type: ts.Type, prefix: string): readonly string[] =>
    type.getProperties().flatMap((property) => {
      const path = `${prefix}${property.name}`;
      const inner = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      return inner.symbol && opened.test(inner.symbol.name) ? pathsOf(inner, `${path}.`) : [path];
    });
  return pathsOf(checker.getDeclaredTypeOfSymbol(symbol), "");
}
