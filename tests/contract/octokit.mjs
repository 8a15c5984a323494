// Gets an installation token with GitHub's own client. Settings come as JSON on standard input.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const modules = createRequire(process.argv[2] + "/package.json");
const load = (name) => import(pathToFileURL(modules.resolve(name)));
const { createAppAuth } = await load("@octokit/auth-app");
const { request } = await load("@octokit/request");
const settings = JSON.parse(readFileSync(0, "utf8"));
const auth = createAppAuth({
  appId: settings.appId,
  privateKey: settings.privateKey,
  request: request.defaults({ baseUrl: settings.baseUrl }),
});
const { token, repositoryIds, permissions } = await auth({
  type: "installation",
  installationId: settings.installationId,
  repositoryIds: [settings.repositoryId],
  permissions: { contents: "read" },
});
console.log(JSON.stringify({ token, repositoryIds, permissions }));
