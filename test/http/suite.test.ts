// The one suite of the HTTP contract, the same on every server and every mount.
import { httpSuite } from "sallyport/testing";
import { describe, test } from "vitest";
import { MOUNTS, open } from "./servers.ts";

for (const [name, mount] of Object.entries(MOUNTS)) {
  describe(name, () => httpSuite({ test, open: () => open(mount) }));
}
