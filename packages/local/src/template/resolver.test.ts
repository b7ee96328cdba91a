import { expect, test } from "vitest";
import * as z from "zod";
import type { Assembly, Resource, Stack } from "./assembly.ts";
import { createResolver } from "./resolver.ts";

/** What Fn::Sub replaces. */
const hole = (name: string) => `\${${name}}`;

const stack = (
  name: string,
  resources: Record<string, Partial<Resource>>,
  exports = {},
  parameters = {},
): Stack => ({
  name,
  resources: new Map(
    Object.entries(resources).map(([id, given]): [string, Resource] => [
      id,
      { stack: name, id, type: "AWS::Lambda::Function", properties: {}, metadata: {}, ...given },
    ]),
  ),
  exports: new Map(Object.entries(exports)),
  parameters: new Map(Object.entries(parameters)),
});

/** Resolves one value as property V of a resource that stands beside a table, a bucket and an API. */
function resolve(V: unknown): unknown {
  const here = stack(
    "app",
    {
      User: { properties: { V } },
      Api: { type: "AWS::ApiGatewayV2::Api" },
      Named: { properties: { FunctionName: "f" } },
      Published: { type: "AWS::Lambda::Version", properties: { FunctionName: { Ref: "Named" } } },
      Live: {
        type: "AWS::Lambda::Alias",
        properties: { FunctionName: { "Fn::GetAtt": ["Named", "Arn"] }, Name: "live" },
      },
    },
    {},
    { Version: "21" },
  );
  const data = stack(
    "data",
    {
      Table: {
        type: "AWS::DynamoDB::Table",
        properties: { TableName: { "Fn::Sub": `${hole("AWS::StackName")}-t` } },
      },
      Bucket: { type: "AWS::S3::Bucket" },
    },
    { "data:Table": { Ref: "Table" }, "data:Bucket": { Ref: "Bucket" } },
  );
  const assembly: Assembly = { folder: "out", stacks: [here, data], assets: new Map() };
  const user = here.resources.get("User");
  if (user === undefined) throw new Error("the stack above has a User");
  return createResolver(assembly, "http://127.0.0.1:8000").properties(user, z.object({ V: z.unknown() })).V;
}

test.each([
  ["a parameter", { Ref: "Version" }, "21"],
  ["a pseudo parameter", { Ref: "AWS::Region" }, "us-east-1"],
  ["a resource of another stack", { "Fn::ImportValue": "data:Table" }, "data-t"],
  ["an unnamed bucket", { "Fn::ImportValue": "data:Bucket" }, "data-bucket"],
  ["the address of the API", { "Fn::GetAtt": ["Api", "ApiEndpoint"] }, "http://127.0.0.1:8000"],
  [
    "an attribute with a dot",
    { "Fn::GetAtt": "Named.Arn" },
    "arn:aws:lambda:us-east-1:000000000000:function:f",
  ],
  ["a version", { Ref: "Published" }, "arn:aws:lambda:us-east-1:000000000000:function:f:1"],
  ["a version's number", { "Fn::GetAtt": ["Published", "Version"] }, "1"],
  ["an alias", { Ref: "Live" }, "arn:aws:lambda:us-east-1:000000000000:function:f:live"],
  ["a join", { "Fn::Join": ["-", ["a", { Ref: "Version" }, 3]] }, "a-21-3"],
  [
    "a substitution",
    { "Fn::Sub": `${hole("Named.Arn")}/${hole("Version")}/${hole("!raw")}` },
    `arn:aws:lambda:us-east-1:000000000000:function:f/21/${hole("raw")}`,
  ],
  ["a substitution with its own names", { "Fn::Sub": [hole("x"), { x: { Ref: "Version" } }] }, "21"],
  ["a selection of a split", { "Fn::Select": ["1", { "Fn::Split": [":", "a:b:c"] }] }, "b"],
  ["nested values", { a: [{ b: { Ref: "Version" } }] }, { a: [{ b: "21" }] }],
  ["no value", { a: 1, b: { Ref: "AWS::NoValue" } }, { a: 1 }],
])("%s is resolved", (_what, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});

test.each([
  ["an unknown intrinsic", { a: { "Fn::Cidr": [] } }, "app/User, property V.a: uses Fn::Cidr"],
  ["an unknown resource", { Ref: "Nobody" }, "app/User, property V: refers to Nobody"],
  ["an unknown export", [{ "Fn::ImportValue": "x" }], "app/User, property V.0: imports x"],
  ["an unknown attribute", { "Fn::GetAtt": ["Named", "Mood"] }, "app/User, property V: needs Mood of Named"],
])("%s is an error that names resource and property", (_what, value, sentence) => {
  expect(() => resolve(value)).toThrow(sentence);
});
