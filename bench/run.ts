import { parseArgs } from "node:util";
import { cacheMemoryRows } from "./cache-memory.ts";
import { checkModeRows } from "./check-modes.ts";
import { httpRows } from "./http/rows.ts";
import { importRows } from "./import-cost.ts";
import { limiterFloodRows } from "./limiter-flood.ts";
import { limitsCostRows } from "./limits-cost.ts";
import { loginFloodRows } from "./login-flood.ts";
import { mailIdleRows } from "./mail-idle.ts";
import { pastSessionsRows } from "./past-sessions.ts";
import { toJson, toTable } from "./report.ts";
import { verifyOnPostgresRows } from "./verify-on-postgres.ts";
import { verifyTokenRows } from "./verify-token.ts";

// A missed goal is said, and is no failure: a busy machine must not turn anything red.
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

const MEASURES = [
  importRows,
  verifyTokenRows,
  verifyOnPostgresRows,
  checkModeRows,
  cacheMemoryRows,
  httpRows,
  pastSessionsRows,
  loginFloodRows,
  limitsCostRows,
  limiterFloodRows,
  mailIdleRows,
];

const rows = [];
for (const measure of MEASURES) rows.push(...(await measure(values)));
process.stdout.write(values.json ? `${toJson(rows)}\n` : toTable(rows));
