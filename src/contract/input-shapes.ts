import * as z from "zod";
import {
  deviceTokenField,
  eventsPageInput,
  loginInput,
  passwordChangeInput,
  reauthenticateInput,
  signupInput,
} from "../api/input-schemas.ts";
import { components } from "./described.ts";
import { tokenField } from "./token-fields.ts";

// The inputs of the contract: the schemas of the flows, under the names of the OpenAPI document.

export { eventsPageInput, loginInput, passwordChangeInput, reauthenticateInput, signupInput };

components.add(signupInput, { id: "Credentials" });
components.add(loginInput, { id: "LoginRequest" });
components.add(reauthenticateInput, { id: "ReauthenticateRequest" });
components.add(passwordChangeInput, { id: "PasswordChangeRequest" });
tokenField("device", deviceTokenField);

/** Only over HTTP: the call of `Auth` takes the token itself. */
export const refreshInput: z.ZodType<unknown, { refreshToken: string }> = z
  .strictObject({
    refreshToken: tokenField("refresh", z.string().max(4096).describe("As the last answer gave it")),
  })
  .register(components, { id: "RefreshRequest" });
