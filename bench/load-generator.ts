// The process that sends requests, so that none of its work is the server's. One message, one run.
import autocannon from "autocannon";
import type { Load } from "./load.ts";

process.on("disconnect", () => process.exit());
process.on("message", async (load: Load) => {
  // It looks only so often, in milliseconds, whether it is done: every second, left to itself.
  const result = await autocannon({ ...load, sampleInt: 5 });
  process.send?.({ succeeded: result["2xx"] });
});
