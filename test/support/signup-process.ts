// Signs up 25 times with one email on the SQLite file that it is given, once it is told to.
import { sqliteStore } from "../../src/adapters/sqlite/index.ts";
import { createAuth } from "../../src/index.ts";
import { insecureTestHasher } from "../../src/testing/index.ts";

const auth = createAuth({
  secret: "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV",
  store: sqliteStore(process.argv[2] as string),
  password: { hasher: insecureTestHasher() },
  limits: { signup: { address: false, account: false } },
  onWarning: () => {},
});

process.on("message", async () => {
  const spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.COM"];
  const counts: Record<string, number> = {};
  const signup = async (index: number): Promise<void> => {
    const input = { email: spellings[index % 3] as string, password: "Correct1horse" };
    const code = await auth.signup(input, { ip: null }).then(
      () => "fulfilled",
      (error) => error.code,
    );
    counts[code] = (counts[code] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: 25 }, (_, index) => signup(index)));
  await auth.close();
  process.send?.(counts, () => process.disconnect());
});
process.send?.("ready");
