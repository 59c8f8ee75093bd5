// A real OpenID provider for tests: it lets in whoever it was told to, without asking.
// It prints its port; PUT /person says who comes next.
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const [clientId, clientSecret] = process.argv.slice(2);
const person = { sub: "nobody", denied: false, claims: {} };

const listening = createServer();
listening.listen(0, "127.0.0.1", () => {
  const { port } = listening.address();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: ["http://localhost/api/v1/session/oidc/callback"],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    scopes: ["openid", "profile", "email", "groups"],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["a key for tests"] },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...person.claims }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
  });
  // Our server's port is another one in each test.
  provider.Client.prototype.redirectUriAllowed = (uri) =>
    /^http:\/\/localhost:\d+\/api\/v1\/session\/oidc\/callback$/.test(uri);
  const answer = provider.callback();
  listening.on("request", async (request, response) => {
    if (request.url === "/person" && request.method === "PUT") {
      const parts = [];
      for await (const part of request) parts.push(part);
      Object.assign(person, { denied: false, claims: {} }, JSON.parse(Buffer.concat(parts)));
      response.writeHead(204).end();
    } else if (request.url.startsWith("/interaction/")) {
      const result = person.denied
        ? { error: "access_denied" }
        : { login: { accountId: person.sub, remember: false } };
      await provider.interactionFinished(request, response, result, {
        mergeWithLastSubmission: false,
      });
    } else {
      answer(request, response);
    }
  });
  console.log(port);
});
