import { describe, expect, test, vi } from "vitest";
import { stageOf } from "../../infra/stage.ts";
import { PRODUCTION, synthesize } from "./synthesized.ts";

const CLIENT_SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:provider-AbCdEf";
const OIDC = {
  issuer: "https://login.example.com/tenant",
  clientId: "client",
  clientSecretArn: CLIENT_SECRET_ARN,
  mailDomains: ["example.com"],
  roles: { claim: "roles", values: { boss: "admin" } },
};
const of = (oidc: object, name = "prod") => stageOf(name, { ...PRODUCTION, oidc }).oidc;

describe("a stage with a provider of log-ins", () => {
  test("tells the function that signs people in, and no other, which and where its secret is", async () => {
    const { service } = await synthesize({ stage: "prod", oidc: { ...OIDC, passwordLogin: false } });
    const functions = Object.values(service.findResources("AWS::Lambda::Function")).map(
      ({ Properties: { FunctionName, Environment } }) => [FunctionName, Environment?.Variables ?? {}],
    );
    const told = functions.filter(([, variables]) => "OIDC" in variables);
    expect(told.map(([name]) => name)).toEqual(["success-manager-prod-api-auth"]);
    expect(JSON.parse(told[0]?.[1].OIDC)).toEqual({
      ...{ issuer: OIDC.issuer, client_id: "client", client_secret_arn: CLIENT_SECRET_ARN, local: false },
      ...{ scopes: ["openid", "email", "profile"], email_proof: "email_verified", roles: OIDC.roles },
      ...{ mail_domains: ["example.com"], default_role: "viewer", label: "Sign in with your organization" },
      origins: PRODUCTION.corsOrigins,
    });
    // Wherever passwords are set or compared.
    const off = functions.filter(([, { PASSWORD_LOGIN }]) => PASSWORD_LOGIN === "off").map(([name]) => name);
    expect(off.sort()).toEqual(
      [
        ...["api-account", "api-auth", "api-users"],
        ...["jobs-personal-data", "pages-password", "streams-notifications"],
      ].map((name) => `success-manager-prod-${name}`),
    );
    const readers = Object.values(service.findResources("AWS::IAM::Policy")).filter((policy) =>
      JSON.stringify(policy).includes(CLIENT_SECRET_ARN),
    );
    expect(readers.map(({ Properties }) => JSON.stringify(Properties.Roles))).toEqual([
      expect.stringContaining("Roleapiauth"),
    ]);
    const statements: { Action: unknown }[] = readers[0]?.Properties.PolicyDocument.Statement ?? [];
    const ofSecret = statements.filter((one) => JSON.stringify(one).includes(CLIENT_SECRET_ARN));
    expect(ofSecret.map(({ Action }) => Action)).toEqual(["secretsmanager:GetSecretValue"]);
  });

  test("lets fewer of its log-ins through than other requests", async () => {
    const { routes } = await synthesize({ stage: "prod", oidc: OIDC });
    const [{ Properties } = { Properties: {} }] = Object.values(
      routes.findResources("AWS::ApiGatewayV2::Stage"),
    );
    for (const step of ["GET /api/v1/auth/oidc/login", "GET /api/v1/auth/oidc/callback"])
      expect(Properties.RouteSettings[step].ThrottlingRateLimit).toBeLessThan(
        Properties.DefaultRouteSettings.ThrottlingRateLimit,
      );
  });

  test.each([
    ["http://login.example.com", /https/],
    ["https://login.microsoftonline.com/common/v2.0", /tenant/],
    ["https://login.microsoftonline.com/organizations/v2.0", /tenant/],
    ["https://login.example.com/?a=b", /query/],
    ["https://user@login.example.com/", /user/],
    ["login.example.com", /issuer/],
    ["http://localhost:1", /https/],
  ])("has no issuer %s", (issuer, why) => {
    expect(() => of({ ...OIDC, issuer })).toThrow(why);
  });

  test.each<[string, object, RegExp]>([
    ["a secret in the file", { clientSecretArn: undefined, clientSecret: "x" }, /Secrets Manager/],
    ["two secrets", { clientSecret: "x" }, /clientSecretArn already/],
    ["an ARN of something else", { clientSecretArn: "arn:aws:s3:::bucket" }, /ARN of a secret/],
    ["no openid among the scopes", { scopes: ["email"] }, /openid/],
    ["an issuer that vouches for all addresses", { emailProof: "issuer", mailDomains: [] }, /domains/],
    ["domains that are none", { mailDomains: ["@example.com"] }, /example\.com/],
    ["a role that there is not", { roles: { claim: "roles", values: { boss: "king" } } }, /roles/],
    ["a word that nobody knows", { isuer: "x" }, /isuer/],
  ])("has not %s", (_, change, why) => {
    expect(() => of({ ...OIDC, ...change })).toThrow(why);
  });

  test("may be given in OIDC_PROVIDER, on this machine and with the secret itself, for npm start alone", () => {
    const local = { issuer: "http://localhost:9000", clientId: "client", clientSecret: "secret" };
    vi.stubEnv("OIDC_PROVIDER", JSON.stringify(local));
    expect(of({}, "local")).toMatchObject(local);
    expect(of(OIDC)).toMatchObject(OIDC);
    vi.unstubAllEnvs();
  });
});
