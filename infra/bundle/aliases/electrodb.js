// What packages/domain uses of ElectroDB.
//
// ElectroDB is CommonJS, and what CommonJS requires comes whole: the SDK with all operations of DynamoDB. So it gets
// the commands that it knows from here, where they are imported as ES modules. Its index would bring along services
// and conversions.

import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { Entity as ElectroEntity } from "../../../node_modules/electrodb/src/entity.js";
import sdk from "./electrodb-sdk.cjs";

export { CustomAttributeType } from "../../../node_modules/electrodb/src/schema.js";

Object.assign(sdk, {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
  marshall,
  unmarshall,
});

/**
 * A function imports all entities of its subjects and needs few of them: each is created when it is first used, which
 * takes a millisecond.
 */
export function Entity(model, config) {
  let entity;
  return new Proxy(
    {},
    {
      get(_, name) {
        entity ??= new ElectroEntity(model, config);
        const value = entity[name];
        return typeof value === "function" ? value.bind(entity) : value;
      },
    },
  );
}
