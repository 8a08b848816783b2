// The installed hook on a server, by the application's own React.
import assert from "node:assert/strict";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { createAuthClient } from "sallyport/client";
import { useAuth } from "sallyport/react";

const client = createAuthClient({ transport: "cookie" });
const Name = () => createElement("p", null, useAuth(client).state);
assert.equal(renderToString(createElement(Name)), "<p>unknown</p>");
console.log("react: ok");
