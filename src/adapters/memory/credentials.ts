import type { CredentialStore } from "../../ports/auth-store.ts";
import { copyRow } from "./table.ts";
import { assertUserExists, credentialName, newestFirst, type Run, type Tables } from "./tables.ts";

export function memoryCredentials(tables: Tables, run: Run): CredentialStore {
  const { credentials } = tables;
  return Object.freeze<CredentialStore>({
    add: (credential) =>
      run(() => {
        if (credentials.byUnique(credentialName(credential)) || credentials.get(credential.id)) return false;
        assertUserExists(tables, credential.userId);
        credentials.put(credential);
        return true;
      }),
    list: (userId, kind) =>
      run(() => {
        const owned = credentials.ownedBy(userId);
        const wanted = kind === undefined ? owned : owned.filter((credential) => credential.kind === kind);
        return newestFirst(wanted).reverse().map(copyRow);
      }),
    findByIdentifier: (kind, identifier) =>
      run(() => {
        const credential = credentials.byUnique(credentialName({ kind, identifier }));
        return credential ? copyRow(credential) : null;
      }),
    replace: ({ userId, id, expectedVersion, data, at }) =>
      run(() => {
        const credential = credentials.get(id);
        if (credential?.userId !== userId || credential.version !== expectedVersion) return false;
        credentials.put({ ...credential, data, version: expectedVersion + 1, lastUsedAt: at });
        return true;
      }),
    remove: (userId, id) =>
      run(() => {
        if (credentials.get(id)?.userId !== userId) return false;
        credentials.drop(id);
        return true;
      }),
  });
}
