// Beside other libraries, all of them on this machine in this run: `npm run bench:peers`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withFolder } from "../fixtures.ts";
import { withContenders } from "../http/contender.ts";
import { type Setting, SQLITE } from "../http/places.ts";
import { settingRows } from "../http/rows.ts";
import { loadGenerator } from "../load.ts";
import { type Row, toJson, toTable } from "../report.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});

const PEERS = ["Better Auth", "passport", "@fastify/jwt"];
const { dependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const SCRIPT = new URL("serve.js", import.meta.url);

/** Better Auth is what `ours` is held against; all of them against the server by hand. */
const SETTING: Omit<Setting, "places"> = {
  own: [{ subject: "ours", floor: "Better Auth", goal: 8 }, ...besideFloor(["ours", ...PEERS])],
  me: [{ subject: "ours", floor: "Better Auth", goal: 8 }],
  logins: [{ subject: "ours", floor: "Better Auth", goal: 1.25 }, ...besideFloor(["ours", ...PEERS])],
  storm: {
    checks: [{ subject: "ours", floor: "Better Auth", goal: 100 }, ...besideFloor(["ours", ...PEERS])],
    logins: [{ subject: "ours", floor: "Better Auth" }, ...besideFloor(["ours", ...PEERS])],
  },
};

function besideFloor(names: readonly string[]): Setting["own"] {
  return names.map((subject) => ({ subject, floor: "by hand" }));
}

async function peerRows(): Promise<readonly Row[]> {
  const slices = values.quick ? { rounds: 3, seconds: 1 } : { rounds: 7, seconds: 2 };
  const generators = [loadGenerator(), loadGenerator()] as const;
  try {
    return await withFolder((folder) => {
      const placed = (name: string) => ({ ...SQLITE.places[name], url: join(folder, `${name}.db`) });
      const own = { ours: placed("ours"), "by hand": placed("by hand") };
      const peers = PEERS.map((peer, index) => [peer, { peer, path: join(folder, `peer-${index}.db`) }]);
      return withContenders(own, (ours) =>
        withContenders(
          Object.fromEntries(peers),
          (others) =>
            settingRows(SETTING, {
              generators,
              slices,
              database: "SQLite",
              contenders: [...ours, ...others],
            }),
          SCRIPT,
        ),
      );
    });
  } finally {
    await Promise.all(generators.map((generator) => generator.end()));
  }
}

const rows = await peerRows();
const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
process.stdout.write(values.json ? `${toJson(rows)}\n` : `${toTable(rows)}\n${versions.join(", ")}\n`);
