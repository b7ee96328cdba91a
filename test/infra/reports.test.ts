import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { projectRoot } from "../../infra/context.ts";
import { type Permission, permissions } from "../../infra/permissions.ts";
import { fontPath, TYPEFACES } from "../../packages/pdf/src/text/font-files.ts";
import { functionNames, logicalIdOf, type Synthesized, synthesize } from "./synthesized.ts";

let cloud: Synthesized;
beforeAll(async () => {
  cloud = await synthesize();
});

/** Functions that may do something with files of reports. */
const USES: Readonly<Record<string, readonly string[]>> = {
  "api-reports": ["s3:GetObject", "s3:PutObject"],
  // Exports of what is known of a person; and files that name somebody who is erased.
  "api-personal-data": ["s3:GetObject"],
  "jobs-personal-data": ["s3:DeleteObject", "s3:PutObject"],
  "jobs-scheduled-reports": ["s3:GetObject", "s3:PutObject"],
  "pages-report": ["s3:GetObject"],
};
/** And with logos, which stand beside them. */
const LOGOS: Readonly<Record<string, readonly string[]>> = {
  "api-settings": ["s3:GetObject", "s3:PutObject"],
  "api-reports": ["s3:GetObject"],
  "jobs-scheduled-reports": ["s3:GetObject"],
  "pages-survey": ["s3:GetObject"],
};
/** And with pictures of people, who upload them and close their accounts. */
const AVATARS: readonly string[] = ["api-account", "api-users", "jobs-personal-data"];
const PRINTING = ["api-reports", "jobs-scheduled-reports"];

const short = (name: string) => name.replace("success-manager-local-", "");
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** The functions of the template, by their short names. */
const functions = () =>
  Object.values(cloud.service.findResources("AWS::Lambda::Function")).map(
    ({ Properties, Metadata }) => [short(Properties.FunctionName), { Properties, Metadata }] as const,
  );
const named = (name: string) => {
  const found = functions().find(([one]) => one === name)?.[1];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

type Joined = { readonly "Fn::Join": readonly [string, readonly (string | { readonly Ref: string })[]] };
/** A text that CloudFormation puts together. */
const text = ({ "Fn::Join": [, parts] }: Joined): string =>
  parts.map((part) => (typeof part === "string" ? part : `<${part.Ref}>`)).join("");

/** Every statement about a part of a bucket of S3, with the short names of the functions whose roles have it. */
function statements(part = "/reports/*") {
  const names = functionNames(cloud.service);
  const roles = new Map(
    Object.entries(cloud.service.findResources("AWS::Lambda::Function")).map(([id, { Properties }]) => [
      logicalIdOf(Properties.Role),
      short(names.get(id) ?? ""),
    ]),
  );
  return Object.values(cloud.service.findResources("AWS::IAM::Policy"))
    .flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) =>
        list(Action).some((action) => String(action).startsWith("s3:")),
      ).flatMap(
        ({ Action, Resource, Effect }: { Action: unknown; Resource: Joined | Joined[]; Effect: string }) =>
          [Resource].flat().map((resource) => ({
            name: roles.get(Properties.Roles[0].Ref),
            actions: list(Action),
            resource,
            effect: Effect,
          })),
      ),
    )
    .filter(({ resource }) => text(resource).includes(part));
}

/** The bucket of reports or snapshots; there is also one for their access log. */
function bucketNamed(part: "reports" | "snapshots") {
  const [id, bucket] =
    Object.entries(cloud.data.findResources("AWS::S3::Bucket")).find(([, { Properties }]) =>
      JSON.stringify(Properties.BucketName ?? "").includes(`-${part}-`),
    ) ?? [];
  if (id === undefined || bucket === undefined) throw new Error(`no bucket of ${part}`);
  return { id, Properties: bucket.Properties };
}

describe("snapshots", () => {
  test("are read by who starts from them and written by their job, and by nobody else", () => {
    const allowed = Object.fromEntries(statements("-snapshots-").map(({ name, actions }) => [name, actions]));
    const reads = Object.entries(permissions).flatMap(([name, permission]) => {
      const { snapshots }: Permission = permission;
      if (!snapshots) return [];
      const actions = snapshots === "write" ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"];
      return [[name.replace("/", "-"), actions]];
    });
    expect(allowed).toEqual(Object.fromEntries(reads));
    expect(Object.keys(allowed)).toContain("api-customers");
    expect(Object.keys(allowed).filter((name) => name.startsWith("pages-"))).toEqual([]);
  });

  test("stand in a bucket of their own, encrypted, closed, and gone after two days", () => {
    const bucket = bucketNamed("snapshots");
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: { ServerSideEncryptionConfiguration: expect.anything() },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      LifecycleConfiguration: {
        Rules: [expect.objectContaining({ ExpirationInDays: 2, Status: "Enabled" })],
      },
    });
    expect(bucket.Properties).not.toHaveProperty("VersioningConfiguration");
    const resources = statements("-snapshots-").map(({ resource }) => text(resource));
    expect(new Set(resources)).toEqual(
      new Set([`arn:<AWS::Partition>:s3:::${text(bucket.Properties.BucketName)}/snapshots/*`]),
    );
  });
});

describe("files of reports", () => {
  test("are read and written by those who print them or hand them out, and by nobody else", () => {
    const allowed = statements().map(({ name, actions }) => [name, actions]);
    expect(Object.fromEntries(allowed)).toEqual(USES);
    expect(allowed).toHaveLength(Object.keys(USES).length);
  });

  test("are, with logos and pictures of people, all of the bucket that anybody reaches", () => {
    const bucket = text(bucketNamed("reports").Properties.BucketName);
    for (const { resource, effect } of statements("-reports-")) {
      expect(effect).toBe("Allow");
      expect([
        `arn:<AWS::Partition>:s3:::${bucket}/reports/*`,
        `arn:<AWS::Partition>:s3:::${bucket}/branding/*`,
        `arn:<AWS::Partition>:s3:::${bucket}/avatars/*`,
        `arn:<AWS::Partition>:s3:::${bucket}/uploads/*`,
      ]).toContain(text(resource));
    }
  });

  test("are not logos: an admin uploads those, and everybody sees them", () => {
    const allowed = statements("/branding/*").map(({ name, actions }) => [name, actions]);
    expect(Object.fromEntries(allowed)).toEqual(LOGOS);
  });

  test("are not pictures of people: who keeps those deletes them, too", () => {
    for (const folder of ["/avatars/*", "/uploads/*"]) {
      const allowed = statements(folder);
      expect(allowed.map(({ name }) => name).sort()).toEqual(AVATARS);
      for (const { actions } of allowed)
        expect(actions).toEqual(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]);
    }
  });

  test("are looked for in the bucket by those who may, and kept as long as the bucket keeps them", () => {
    const { id: bucket } = bucketNamed("reports");
    const [output] = Object.values(cloud.data.findOutputs("*", { Value: { Ref: bucket } }));
    for (const [name, { Properties }] of functions()) {
      const { REPORTS_BUCKET, REPORT_RETENTION_DAYS, CURRENCY } = Properties.Environment.Variables;
      const value =
        Object.hasOwn(USES, name) || Object.hasOwn(LOGOS, name) || AVATARS.includes(name)
          ? { "Fn::ImportValue": output?.Export.Name }
          : undefined;
      expect(REPORTS_BUCKET, name).toEqual(value);
      expect(REPORT_RETENTION_DAYS, name).toBe(PRINTING.includes(name) ? "400" : undefined);
      expect(CURRENCY, name).toBe(PRINTING.includes(name) ? "USD" : undefined);
    }
  });

  test("are kept as long as the stage says, by the functions too", async () => {
    const month = await synthesize({ reportRetentionDays: 30 });
    for (const name of PRINTING)
      month.service.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: `success-manager-local-${name}`,
        Environment: { Variables: Match.objectLike({ REPORT_RETENTION_DAYS: "30" }) },
      });
  });
});

describe("a function that prints", () => {
  test.each(PRINTING)("%s has a whole CPU for it", (name) => {
    expect(named(name).Properties.MemorySize).toBeGreaterThanOrEqual(1769);
  });

  test("brings along the printer, its typefaces and their licenses; no other function does", () => {
    for (const [name, { Metadata }] of functions()) {
      const folder = join(cloud.folder, Metadata["aws:asset:path"]);
      const files = readdirSync(folder, { recursive: true }).map(String);
      const printing = files.filter((file) => /pdf|fonts|harfbuzz/.test(file));
      if (!PRINTING.includes(name)) {
        expect(printing, name).toEqual([]);
        continue;
      }
      expect(printing, name).toEqual(
        expect.arrayContaining(["success-manager-pdf.mjs", "harfbuzz.wasm", "harfbuzz-subset.wasm"]),
      );
      vi.stubEnv("LAMBDA_TASK_ROOT", folder);
      const paths = TYPEFACES.map(fontPath);
      vi.unstubAllEnvs();
      for (const path of paths) {
        // From the function's own folder, not from node_modules.
        expect(path).toBe(join(folder, "fonts", basename(path)));
        const license = path.replace(/(-Bold|_400Regular)?\.ttf$/, ".LICENSE");
        expect(readFileSync(license, "utf8")).toMatch(/Bitstream Vera|SIL Open Font License, Version 1\.1/);
      }
      const fonts = files.filter((file) => file.endsWith(".ttf"));
      expect(fonts).toHaveLength(TYPEFACES.length);
    }
  });

  test.each(PRINTING)("%s is far from the 250 MB that Lambda allows", (name) => {
    const folder = join(cloud.folder, named(name).Metadata["aws:asset:path"]);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const bytes = files.map((file) => statSync(join(file.parentPath, file.name)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(35_000_000);
  });

  test.each(PRINTING)("%s tells of a report that it gives up, and a person is told of it", (name) => {
    const variables = Object.entries(named(name).Properties.Environment.Variables).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    const script = `
      const { countAbandonedReport } = await import("./functions/abandoned-metric.ts");
      countAbandonedReport({ id: "1", error_message: "The storage is full." });`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: projectRoot,
      encoding: "utf8",
      env: { ...Object.fromEntries(variables), LOG_LEVEL: "SILENT" },
    });
    const { _aws, ...values } = JSON.parse(said);
    const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
    expect(Metrics).toEqual([{ Name: "ReportGivenUp", Unit: "Count" }]);
    expect(Dimensions).toHaveLength(1);
    cloud.alarms.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: `success-manager-local-${name}-given-up`,
      MetricName: "ReportGivenUp",
      Namespace,
      Dimensions: Dimensions[0].toSorted().map((Name: string) => ({ Name, Value: values[Name] })),
      Statistic: "Sum",
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      AlarmActions: [{ Ref: Match.stringLikeRegexp("^Alarms") }],
    });
  });

  test("is one of those above", () => {
    const alarms = Object.values(cloud.alarms.findResources("AWS::CloudWatch::Alarm"));
    const watched = alarms
      .map(({ Properties }) => Properties.AlarmName)
      .filter((name) => /given-up$/.test(name));
    expect(watched.map((name) => short(name).replace("-given-up", "")).sort()).toEqual(PRINTING);
  });
});
