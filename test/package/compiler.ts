import { join } from "node:path";
import ts from "typescript";
import { inject } from "vitest";

/** By path and settings. Most of what a small project reads is of its packages, and of TypeScript itself. */
const read = new Map<string, ts.SourceFile | undefined>();

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (path) => path,
  getCurrentDirectory: () => inject("consumer"),
  getNewLine: () => "\n",
};

/** Does what `tsc --project` does where the package is installed. Answers what it complains of, as text. */
export function compile(config: string): string {
  const path = join(inject("consumer"), config);
  const parsed = ts.getParsedCommandLineOfConfigFile(
    path,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
  );
  if (!parsed) return `${config} is no project`;
  const { options, fileNames, errors } = parsed;
  const program = ts.createProgram(fileNames, options, hostOf(options));
  const found = [...errors, ...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return ts.formatDiagnostics(found, FORMAT);
}

function onUnRecoverableConfigFileDiagnostic({ messageText }: ts.Diagnostic): void {
  throw new TypeError(ts.flattenDiagnosticMessageText(messageText, "\n"));
}

function hostOf(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { target, module, moduleResolution, jsx } = options;
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (path, settings, ...rest) => {
    const key = JSON.stringify([path, settings, target, module, moduleResolution, jsx]);
    if (!path.includes("/node_modules/")) return host.getSourceFile(path, settings, ...rest);
    if (!read.has(key)) read.set(key, host.getSourceFile(path, settings, ...rest));
    return read.get(key);
  };
  return { ...host, getSourceFile, getCurrentDirectory: () => inject("consumer") };
}
