// A real OpenID provider (the package is certified), with its own log-in pages, for the tests of single sign-on.
// node openid_provider.mjs '{"redirect": "http://…", "people": {"ada": {"email": "…"}}, "issuer": "http://…"?}'
// Prints its port when it listens. Any password opens: who somebody is there is not what is tested here.
import http from "node:http";
import { Provider } from "oidc-provider";

const options = JSON.parse(process.argv[2]);
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(options.issuer ?? `http://127.0.0.1:${port}`, {
    clients: [{ client_id: "portal", client_secret: "the-secret-of-the-portal", redirect_uris: options.redirects }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    conformIdTokenClaims: true,
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...options.people[id] }),
    }),
  });
  server.on("request", provider.callback());
  process.stdout.write(`${port}\n`);
});
