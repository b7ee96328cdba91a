import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Match } from "aws-cdk-lib/assertions";
import { compare } from "bcryptjs";
import { beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../infra/bundle/bundle.ts";
import { projectRoot } from "../../infra/context.ts";
import { functionNames as entries } from "../../infra/permissions.ts";
import { type Synthesized, synthesize, temporaryFolder } from "./synthesized.ts";

let cloud: Synthesized;
/** The folder of each function's code, by its name. */
let folders: Map<string, string>;

beforeAll(async () => {
  cloud = await synthesize();
  const functions = Object.values(cloud.service.findResources("AWS::Lambda::Function"));
  folders = new Map(
    functions.map(({ Properties, Metadata }) => [
      Properties.FunctionName.replace("success-manager-local-", ""),
      join(cloud.folder, Metadata["aws:asset:path"]),
    ]),
  );
});

describe("every function", () => {
  test("runs on Node 24 on arm64", () => {
    cloud.service.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
    });
  });

  test("is traced where the stage wants it, and may send traces there alone", async () => {
    const traced = await synthesize({ tracing: true });
    const actions = ({ service }: Synthesized) => JSON.stringify(service.findResources("AWS::IAM::Policy"));
    traced.service.allResourcesProperties("AWS::Lambda::Function", { TracingConfig: { Mode: "Active" } });
    expect(actions(traced)).toContain("xray:PutTraceSegments");
    cloud.service.allResourcesProperties("AWS::Lambda::Function", { TracingConfig: Match.absent() });
    expect(actions(cloud)).not.toContain("xray:");
  });

  test.each([
    ["DEBUG", "DEBUG"],
    ["INFO", "INFO"],
    // What has no level, as metrics have none, is dropped above INFO.
    ["WARN", "INFO"],
    ["ERROR", "INFO"],
  ])(
    "at log level %s lets lines of %s and more through, and of Lambda's own those of trouble",
    async (logLevel, passes) => {
      const { service } = await synthesize({ logLevel });
      service.allResourcesProperties("AWS::Lambda::Function", {
        LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "WARN", ApplicationLogLevel: passes },
        Environment: { Variables: { LOG_LEVEL: logLevel } },
      });
    },
  );

  test("that a person waits for ends before the gateway gives up at 30 s", () => {
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::Lambda::Function"))) {
      if (!/-(jobs|keys|streams|events)-/.test(Properties.FunctionName))
        expect(Properties.Timeout).toBeLessThan(30);
    }
  });

  test("logs into a group that exists before it, for a limited time", () => {
    const groups = cloud.service.findResources("AWS::Logs::LogGroup");
    for (const { Properties } of Object.values(groups)) expect(Properties.RetentionInDays).toBeGreaterThan(0);
    for (const { Properties } of Object.values(cloud.service.findResources("AWS::Lambda::Function"))) {
      const group = groups[Properties.LoggingConfig.LogGroup.Ref];
      expect(group?.Properties.LogGroupName).toEqual({
        "Fn::Join": ["", [`/aws/lambda/${Properties.FunctionName}-`, STACK_GUID]],
      });
    }
  });
});

/** A stack that is made again has another one: log groups of the first do not stand in its way. */
const STACK_GUID = { "Fn::Select": [2, { "Fn::Split": ["/", { Ref: "AWS::StackId" }] }] };

test("logs outlive the stack, unless the stage may be thrown away", async () => {
  const preview = await synthesize({ stage: "preview", disposable: true });
  for (const [{ service }, policy] of [
    [cloud, "Retain"],
    [preview, "Delete"],
  ] as const) {
    const groups = Object.values(service.findResources("AWS::Logs::LogGroup"));
    expect(new Set(groups.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set([policy]));
    for (const { Properties } of groups)
      expect(JSON.stringify(Properties.LogGroupName)).toContain(JSON.stringify(STACK_GUID));
  }
});

describe("the OpenAPI document names as its contact", () => {
  const HELP = { url: "https://help.example.com", email: "api@example.com" };
  test.each<[string, object, object | undefined]>([
    ["whom the stage names", { apiContact: { name: "Ada", ...HELP } }, { name: "Ada", ...HELP }],
    [
      "its organization, where the contact has no name",
      { organization: "Norvane", apiContact: HELP },
      { name: "Norvane", ...HELP },
    ],
    ["its organization alone", { organization: "Norvane" }, { name: "Norvane" }],
    ["nobody, where the stage names none", {}, undefined],
  ])("%s", async (_, settings, expected) => {
    const { service } = await synthesize({ apiContact: undefined, organization: undefined, ...settings });
    const [docs] = Object.values(service.findResources("AWS::Lambda::Function")).filter(
      ({ Properties }) => Properties.FunctionName === "success-manager-local-pages-docs",
    );
    const { API_CONTACT } = docs?.Properties.Environment.Variables ?? {};
    expect(API_CONTACT && JSON.parse(API_CONTACT)).toEqual(expected);
  });
});

describe("a bundle that hashes passwords", () => {
  /** What a part makes of a password. */
  function hashed(part: string) {
    const script = `
      console.log((await import(${JSON.stringify(part)})).default.hashSync("Correct-Horse-1", 4));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" });
    return said.toString().trim();
  }

  test("has the binary of the function's own processor, and of Linux", () => {
    const header = readFileSync(join(folders.get("api-auth") ?? "", "bcrypt.linux-arm64.node"));
    const [ELF, AARCH64] = ["\x7fELF", 183];
    expect([header.toString("latin1", 0, 4), header.readUInt16LE(18)]).toEqual([ELF, AARCH64]);
    // Lambda's Node 24 comes with glibc 2.34.
    const libraries = [...header.toString("latin1").matchAll(/\bGLIBC_2\.(\d+)/g)];
    expect(libraries.length).toBeGreaterThan(0);
    expect(Math.max(...libraries.map(([, minor]) => Number(minor)))).toBeLessThanOrEqual(34);
  });

  test("runs in the local cloud on a binary of the machine", async () => {
    const code = await bundle(["api/auth"], { out: mkdtempSync(join(projectRoot, ".build/scratch-")) });
    const folder = code.folder("api/auth");
    try {
      const hash = hashed(join(folder, "bcrypt.mjs"));
      expect(hash).toMatch(/^\$2b\$04\$/);
      expect(await compare("Correct-Horse-1", hash)).toBe(true);
    } finally {
      rmSync(join(folder, "../.."), { recursive: true });
    }
  });

  test("can't load it elsewhere: there the code takes the one in JavaScript", async () => {
    const folder = temporaryFolder();
    cpSync(folders.get("api-auth") ?? "", folder, { recursive: true });
    rmSync(join(folder, "bcrypt.linux-arm64.node"));
    expect(() => hashed(join(folder, "bcrypt.mjs"))).toThrow(/Cannot find module/);
    expect(await compare("Correct-Horse-1", hashed(join(folder, "bcryptjs.mjs")))).toBe(true);
  });
});

describe("a bundle", () => {
  test.each(entries.map((name) => name.replace("/", "-")))("%s loads by itself and has a handler", (name) => {
    const code = join(folders.get(name) ?? "", "index.mjs");
    const said = execFileSync(
      process.execPath,
      ["--input-type=module", "-e", `console.log(typeof (await import(${JSON.stringify(code)})).handler)`],
      { encoding: "utf8", env: { AWS_REGION: "us-east-1", TABLE_NAME: "t", STAGE: "dev" } },
    );
    expect(said.trim()).toBe("function");
  });

  test("of a function without a file is refused, with the file's name", async () => {
    await expect(bundle(["api/nobody"])).rejects.toThrow("functions/api/nobody.ts");
    expect(existsSync(join(cloud.folder, "api-nobody"))).toBe(false);
  });
});
