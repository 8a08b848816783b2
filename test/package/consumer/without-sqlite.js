// On a Node without node:sqlite: loads, and says in one sentence what is missing when it is called.
import { isAuthError } from "sallyport";
import { sqliteStore } from "sallyport/sqlite";

try {
  sqliteStore(":memory:");
} catch (error) {
  if (!isAuthError(error) || error.code !== "invalid_configuration") throw error;
  console.log(error.message);
}
