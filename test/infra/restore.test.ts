import { tableDefinition } from "@success-manager/transfer";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../infra/stage.ts";
import { type Synthesized, synthesize } from "./synthesized.ts";

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}
const resourcesOf = (template: Template): Readonly<Record<string, Resource>> => template.toJSON().Resources;
const outputsOf = (template: Template): Readonly<Record<string, { Export?: { Name: string } }>> =>
  template.toJSON().Outputs ?? {};

/** What two templates have differently, by logical id. */
function diff(one: Template, other: Template) {
  const [before, after] = [resourcesOf(one), resourcesOf(other)];
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...ids].filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  return {
    added: changed.filter((id) => !before[id]),
    removed: changed.filter((id) => !after[id]),
    changed: changed.filter((id) => before[id] && after[id]),
  };
}

const prod = (settings: object = {}) => synthesize({ stage: "prod", ...settings });
const tables = ({ data }: Synthesized) => data.findResources("AWS::DynamoDB::Table");
const tableId = (cloud: Synthesized, TableName: string) =>
  Object.entries(tables(cloud)).find(([, { Properties }]) => Properties.TableName === TableName)?.[0] ?? "";

/** Whatever a template imports from the other one, by the name of the export. */
const imports = (template: Template) =>
  new Set(
    [...JSON.stringify(template.toJSON()).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name),
  );
const ofTables = (names: Iterable<string | undefined>) =>
  [...names].filter((name) => /(Ref|GetAtt)Table/.test(name ?? ""));

describe("a table that takes over", () => {
  test("is called by its generation; the first has the stage's name alone", async () => {
    const names = async (settings: object) =>
      Object.values(tables(await prod(settings))).map(({ Properties }) => Properties.TableName);
    expect(await names({})).toEqual(["success-manager-prod"]);
    expect(await names({ tableGeneration: 3, keptTables: [1, 2] })).toEqual([
      "success-manager-prod",
      "success-manager-prod-2",
      "success-manager-prod-3",
    ]);
    // A stage of that name would have the same table.
    expect(() => readSettings("prod-2")).toThrow(/must not end in a dash and a number/);
  });

  test("is added to what is there and changes nothing of it, as an import wants it", async () => {
    const [before, adopted] = [await prod(), await prod({ keptTables: [2] })];
    const id = tableId(adopted, "success-manager-prod-2");
    expect(diff(before.data, adopted.data)).toEqual({ added: [id], removed: [], changed: [] });
    // CloudFormation imports only what says what becomes of it.
    const [first, second] = [tableId(adopted, "success-manager-prod"), id].map(
      (one) => resourcesOf(adopted.data)[one],
    );
    expect(second).toMatchObject({ DeletionPolicy: "Retain" });
    expect({ ...second?.Properties, TableName: "" }).toEqual({ ...first?.Properties, TableName: "" });
    expect(diff(before.service, adopted.service)).toEqual({ added: [], removed: [], changed: [] });
    const exports = Object.keys(outputsOf(adopted.data)).filter((name) => !(name in outputsOf(before.data)));
    expect(exports).toHaveLength(3);
  });

  test("takes over without a change of the stack of the data: no export in use is touched", async () => {
    const [adopted, switched] = [
      await prod({ keptTables: [2] }),
      await prod({ tableGeneration: 2, keptTables: [1] }),
    ];
    expect(switched.data.toJSON()).toEqual(adopted.data.toJSON());
    const id = tableId(switched, "success-manager-prod-2");
    const used = ofTables(imports(switched.service));
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((name) => !name?.includes(id))).toEqual([]);
    const exported = Object.values(outputsOf(switched.data)).map(({ Export }) => Export?.Name);
    expect(used.filter((name) => !exported.includes(name))).toEqual([]);
  });

  test("changes variables, rights and mappings of functions, and nothing else", async () => {
    const [adopted, switched] = [
      await prod({ keptTables: [2] }),
      await prod({ tableGeneration: 2, keptTables: [1] }),
    ];
    const { added, removed, changed } = diff(adopted.service, switched.service);
    // A version is of its variables, too.
    const isVersion = (template: Template) => (id: string) =>
      resourcesOf(template)[id]?.Type === "AWS::Lambda::Version";
    expect(added.filter((id) => !isVersion(switched.service)(id))).toEqual([]);
    expect(removed.filter((id) => !isVersion(adopted.service)(id))).toEqual([]);
    expect(added.length).toBe(removed.length);
    const types = new Set(changed.map((id) => resourcesOf(switched.service)[id]?.Type));
    expect(types).toEqual(
      new Set([
        ...["AWS::IAM::Policy", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function"],
        ...["AWS::Lambda::Alias", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"],
      ]),
    );
    const mappings = Object.values(switched.service.findResources("AWS::Lambda::EventSourceMapping"));
    expect(mappings).toHaveLength(2);
    const id = tableId(switched, "success-manager-prod-2");
    for (const { Properties } of mappings) {
      expect(JSON.stringify(Properties.EventSourceArn)).toMatch(new RegExp(`${id}StreamArn`));
      // Nothing that is written while the mapping comes to be is missed.
      expect(Properties.StartingPosition).toBe("TRIM_HORIZON");
    }
    const functions = Object.entries(adopted.service.findResources("AWS::Lambda::Function"));
    for (const [name, { Properties }] of functions) {
      const told = Properties.Environment?.Variables?.TABLE_NAME;
      expect(changed.includes(name), name).toBe(told !== undefined);
    }
  });

  test("can be followed by another one, and the former can leave the stack and stay in the account", async () => {
    const [second, third] = [
      await prod({ tableGeneration: 2, keptTables: [1, 3] }),
      await prod({ tableGeneration: 3, keptTables: [2, 1] }),
    ];
    expect(third.data.toJSON()).toEqual(second.data.toJSON());
    const alone = await prod({ tableGeneration: 3 });
    const { added, removed, changed } = diff(third.data, alone.data);
    expect({ added, changed }).toEqual({ added: [], changed: [] });
    expect(removed.map((id) => resourcesOf(third.data)[id]?.DeletionPolicy)).toEqual(["Retain", "Retain"]);
  });

  test("that npm run data:import makes has the keys and indexes of the stack's own", async () => {
    const [resource] = Object.values(tables(await prod()));
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode } =
      resource?.Properties ?? {};
    const sorted = (attributes: readonly { AttributeName: string }[]) =>
      attributes.map(({ AttributeName }) => AttributeName).sort();
    expect(tableDefinition).toMatchObject({ KeySchema, GlobalSecondaryIndexes, BillingMode });
    expect(sorted(tableDefinition.AttributeDefinitions)).toEqual(sorted(AttributeDefinitions));
    expect(resource?.Properties.SSESpecification).toEqual({ SSEEnabled: true });
  });

  test("the first table has the ids and the position that it always had", async () => {
    const { data, service } = await prod();
    expect(Object.keys(data.findResources("AWS::DynamoDB::Table"))).toEqual(["TableCD117FA1"]);
    service.allResourcesProperties("AWS::Lambda::EventSourceMapping", { StartingPosition: "LATEST" });
  });
});

describe("settings", () => {
  test.each([
    [{ tableGeneration: 0 }, /tableGeneration/],
    [{ keptTables: [1] }, /keptTables/],
    [{ keptTables: [2, 2] }, /keptTables/],
    [{ backup: {}, disposable: true, stage: "preview" }, /backup/],
    [{ backup: { copyTo: "vault" } }, /copyTo/],
    [{ backup: { monthlyDays: 100, monthlyColdAfterDays: 30 } }, /monthlyColdAfterDays/],
    [{ backup: { lock: { minDays: 40, maxDays: 400, graceDays: 7 } } }, /lock/],
    [{ backup: { lock: { minDays: 7, maxDays: 300, graceDays: 7 } } }, /lock/],
    [{ backup: { lock: { minDays: 7, maxDays: 400, graceDays: 2 } } }, /graceDays/],
  ])("%j are refused", async (settings, message) => {
    await expect(synthesize({ stage: "prod", ...settings })).rejects.toThrow(message);
  });
});

describe("AWS Backup", () => {
  const VAULT = "arn:aws:backup:eu-central-1:123456789012:backup-vault:success-manager";

  test("is off unless a stage asks for it", async () => {
    (await prod()).data.resourceCountIs("AWS::Backup::BackupPlan", 0);
  });

  test("copies the table that serves, by day and by month, into a vault that stays", async () => {
    const cloud = await prod({ backup: {}, tableGeneration: 2, keptTables: [1] });
    cloud.data.hasResource("AWS::Backup::BackupVault", {
      Properties: { BackupVaultName: "success-manager-prod-backup" },
      DeletionPolicy: "Retain",
    });
    const [plan] = Object.values(cloud.data.findResources("AWS::Backup::BackupPlan"));
    expect(plan?.Properties.BackupPlan.BackupPlanRule).toMatchObject([
      { RuleName: "daily", Lifecycle: { DeleteAfterDays: 35 } },
      { RuleName: "monthly", Lifecycle: { DeleteAfterDays: 365 } },
    ]);
    expect(JSON.stringify(cloud.data.findResources("AWS::Backup::BackupVault"))).not.toContain(
      "LockConfiguration",
    );
    const [selection] = Object.values(cloud.data.findResources("AWS::Backup::BackupSelection"));
    expect(selection?.Properties.BackupSelection.Resources).toEqual([
      { "Fn::GetAtt": [tableId(cloud, "success-manager-prod-2"), "Arn"] },
    ]);
  });

  test("moves to cold storage, copies to another vault, and is locked where the stage says so", async () => {
    const { data } = await prod({
      backup: {
        dailyDays: 14,
        monthlyDays: 400,
        monthlyColdAfterDays: 30,
        copyTo: VAULT,
        lock: { minDays: 7, maxDays: 400, graceDays: 10 },
      },
    });
    data.hasResourceProperties("AWS::Backup::BackupVault", {
      LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 400, ChangeableForDays: 10 },
    });
    const [plan] = Object.values(data.findResources("AWS::Backup::BackupPlan"));
    const cold = { DeleteAfterDays: 400, MoveToColdStorageAfterDays: 30 };
    expect(plan?.Properties.BackupPlan.BackupPlanRule).toMatchObject([
      {
        Lifecycle: { DeleteAfterDays: 14 },
        CopyActions: [{ DestinationBackupVaultArn: VAULT, Lifecycle: { DeleteAfterDays: 14 } }],
      },
      { Lifecycle: cold, CopyActions: [{ DestinationBackupVaultArn: VAULT, Lifecycle: cold }] },
    ]);
  });
});

describe("a stage that is made to be thrown away", () => {
  /** Properties that give a resource a name of our own. */
  const NAMES =
    /^(TableName|BucketName|FunctionName|QueueName|TopicName|LogGroupName|Name|BackupVaultName|AlarmName)$/;

  test("leaves nothing behind whose name would be in the way of the next one", async () => {
    const { data, service } = await synthesize({ stage: "preview", disposable: true });
    const left = [data, service].flatMap((template) =>
      Object.entries(resourcesOf(template)).filter(
        ([, { DeletionPolicy, Properties = {} }]) =>
          (DeletionPolicy === "Retain" || DeletionPolicy === "RetainExceptOnCreate") &&
          Object.keys(Properties).some((name) => NAMES.test(name)),
      ),
    );
    expect(left.map(([id]) => id)).toEqual([]);
    const kept = resourcesOf((await synthesize({ stage: "dev" })).data);
    expect(Object.values(kept).some(({ DeletionPolicy }) => DeletionPolicy === "Retain")).toBe(true);
  });

  test("takes its files along, all versions of them", async () => {
    const { data } = await synthesize({ stage: "preview", disposable: true });
    const buckets = Object.keys(data.findResources("AWS::S3::Bucket")).length;
    data.resourceCountIs("Custom::S3AutoDeleteObjects", buckets);
    data.hasResource("AWS::S3::Bucket", {
      Properties: { VersioningConfiguration: { Status: "Enabled" } },
      DeletionPolicy: "Delete",
    });
  });
});
