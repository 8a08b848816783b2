#!/usr/bin/env node
import { run } from "./run.ts";

// A reader that leaves (`| head`) must not end a migration halfway.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await run(process.argv.slice(2), process);
