// A token of createAuth, signed with a key pair, goes through the verifier of the same package.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createAuth, isAuthError, memoryStore } from "sallyport";
import { createVerifier } from "sallyport/verifier";

const parties = { issuer: "https://accounts.example", audience: "https://api.example" };
const key = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
const secret = randomBytes(32).toString("base64url");
const auth = createAuth({ secret, signingKeys: [key], store: memoryStore(), ...parties });
const credentials = { email: "ada@example.com", password: "Difference-Engine-1" };
const { accessToken } = await auth.signup(credentials, { ip: null });

const jwksUrl = "https://accounts.example/auth/jwks.json";
const fetch = async () => Response.json(auth.jwks());
for (const keys of [{ jwks: auth.jwks() }, { jwksUrl, fetch }]) {
  const verifier = createVerifier({ ...keys, ...parties });
  assert.deepEqual(await verifier.verify(accessToken), await auth.verifyToken(accessToken));
  const refused = await verifier.verify(`${accessToken}A`).catch((error) => error);
  assert.equal(refused.code, "invalid_token");
  assert.ok(isAuthError(refused));
}
await auth.close();
console.log("verifier: ok");
