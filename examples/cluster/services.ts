import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/services.sh", import.meta.url));

export interface Services {
  readonly POSTGRES_URL: string;
  readonly REDIS_URL: string;
}

/** The servers that the environment names; others are started here, for a demo only. Null: that failed. */
export function findServices(): Services | null {
  const { POSTGRES_URL, REDIS_URL } = process.env;
  if (POSTGRES_URL && REDIS_URL) return { POSTGRES_URL, REDIS_URL };
  const missing = [!POSTGRES_URL && "POSTGRES_URL", !REDIS_URL && "REDIS_URL"].filter(Boolean);
  console.log(`Not set: ${missing.join(", ")}. Starting what is missing: scripts/services.sh`);
  const started = startServices();
  if (!started) return null;
  console.log("It goes on after this demo. To end it, and delete its data: scripts/services.sh down");
  return { POSTGRES_URL: POSTGRES_URL || started.POSTGRES_URL, REDIS_URL: REDIS_URL || started.REDIS_URL };
}

/** Runs the script, and reads the lines `export NAME=VALUE` that it prints. */
function startServices(): Services | null {
  const { status, stdout } = spawnSync(SCRIPT, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const lines = (stdout ?? "").matchAll(/^export (\w+)=(.+)$/gm);
  const printed = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  return status === 0 && printed["POSTGRES_URL"] && printed["REDIS_URL"] ? (printed as never) : null;
}
