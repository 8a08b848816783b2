// A service that calls everything of the verifier.
import { createVerifier, isAuthError } from "sallyport/verifier";

declare function use(one: unknown, other?: unknown): void;

interface Claims {
  readonly roles: readonly string[];
}

export async function service(token: string): Promise<void> {
  const jwksUrl = "https://app.example/auth/jwks.json";
  const verifier = createVerifier<Claims>({
    jwksUrl,
    issuer: "https://app.example",
    requireClaims: true,
    audience: "api",
  });
  try {
    use((await verifier.verify(token, { userId: "x" })).claims.roles);
  } catch (error) {
    if (isAuthError(error)) use(error.code);
  }
}
