import { randomBytes } from "node:crypto";
import { createAppAuth } from "./auth.ts";
import { openDatabase } from "./database.ts";

const [path = ":memory:"] = process.argv.slice(2);
const db = await openDatabase(path);
const auth = createAppAuth(db, process.env["SALLYPORT_SECRET"] ?? randomBytes(32).toString("base64url"));

const email = `ada.${randomBytes(3).toString("hex")}@example.com`;
const result = await auth.signup({ email, password: "Correct1horse" }, { ip: null });
if (result.status !== "signed_in") throw new TypeError("This application has no second factor");
const { user } = result;
console.log("after the signup:  ", await profilesOf(user.id));

await auth.users.delete(user.id);
console.log("after the deletion:", await profilesOf(user.id));

await auth.close();
await db.destroy();

async function profilesOf(userId: string): Promise<string> {
  return JSON.stringify(await db.selectFrom("profiles").selectAll().where("user_id", "=", userId).execute());
}
