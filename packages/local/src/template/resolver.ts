import type * as z from "zod";
import type { Assembly, Resource, Stack } from "./assembly.ts";
import {
  functionIn,
  generatedName,
  NAME_PROPERTY,
  PSEUDO_PARAMETERS,
  QUALIFIER,
  referencesOf,
} from "./references.ts";

export type Resolver = {
  /** Resolves the intrinsics of those properties that the schema names, then parses them with it. */
  properties<S extends z.ZodObject>(resource: Resource, schema: S): z.output<S>;
  /**
   * Physical name: the one in the template, else one made of stack and logical id. Of a function's version or alias:
   * the function's with its qualifier, `function:live`.
   */
  nameOf(resource: Resource): string;
  /** The value of `Ref` of a resource. */
  refOf(resource: Resource): string;
  /** The value of `Fn::GetAtt` of a resource. Throws when it is unknown here. */
  attributeOf(resource: Resource, attribute: string): string;
};

/** Where a value stands, for messages: resource and property path. */
type Location = { readonly stack: Stack; readonly resource: string; readonly path: string };

const INTRINSIC = /^(Ref|Condition|Fn::\w+(::\w+)?)$/;

/**
 * Resolves CloudFormation intrinsics as far as a running program needs them: `Ref`, `Fn::GetAtt`,
 * `Fn::Join`, `Fn::Sub`, `Fn::Select`, `Fn::Split`, `Fn::ImportValue`, parameters and pseudo parameters.
 * Anything else throws an error that names resource and property: better no start than a wrong value.
 */
export function createResolver(assembly: Assembly, apiUrl: string, queuesUrl?: string): Resolver {
  const stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
  const exported = new Map(
    assembly.stacks.flatMap((stack) =>
      [...stack.exports].map(([name, value]) => [name, { stack, value }] as const),
    ),
  );

  function value(input: unknown, location: Location): unknown {
    if (Array.isArray(input)) {
      return input
        .map((item, index) => value(item, child(location, index)))
        .filter((item) => item !== undefined);
    }
    if (!isRecord(input)) return input;
    const [name, ...others] = Object.keys(input);
    if (name !== undefined && others.length === 0 && INTRINSIC.test(name))
      return call(name, input[name], location);
    const entries = Object.entries(input).map(
      ([key, item]) => [key, value(item, child(location, key))] as const,
    );
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  function call(name: string, argument: unknown, location: Location): unknown {
    switch (name) {
      case "Ref":
        return reference(text(argument, location), location);
      case "Fn::GetAtt": {
        const [id = "", ...path] =
          typeof argument === "string" ? argument.split(".") : texts(argument, location);
        return attributeOf(resourceNamed(id, location), path.join("."), location);
      }
      case "Fn::Join": {
        const [separator, parts] = list(value(argument, location), location);
        return texts(parts, location).join(text(separator, location));
      }
      case "Fn::Split": {
        const [separator, whole] = list(value(argument, location), location);
        return text(whole, location).split(text(separator, location));
      }
      case "Fn::Select": {
        const [index, items] = list(value(argument, location), location);
        return list(items, location)[Number(index)];
      }
      case "Fn::Sub":
        return substitute(argument, location);
      case "Fn::ImportValue": {
        const exportName = text(value(argument, location), location);
        const found = exported.get(exportName);
        if (found === undefined)
          throw templateError(location, `imports ${exportName}, which no stack exports`);
        return value(found.value, { stack: found.stack, resource: exportName, path: "Value" });
      }
      default:
        throw templateError(location, `uses ${name}, which the local cloud does not know`);
    }
  }

  function reference(name: string, location: Location): unknown {
    if (name === "AWS::NoValue") return undefined;
    if (name === "AWS::StackName") return location.stack.name;
    const constant = PSEUDO_PARAMETERS[name];
    if (constant !== undefined) return constant;
    if (location.stack.parameters.has(name)) return location.stack.parameters.get(name);
    return refOf(resourceNamed(name, location));
  }

  function substitute(argument: unknown, location: Location): string {
    const [template, given] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = isRecord(given) ? given : {};
    return text(template, location).replaceAll(
      /\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g,
      (_all, name, literal) => {
        if (literal !== undefined) return `\${${literal}}`;
        if (name in variables) return text(value(variables[name], location), location);
        const [id, ...path] = name.split(".");
        if (path.length > 0) return attributeOf(resourceNamed(id, location), path.join("."), location);
        return text(reference(name, location), location);
      },
    );
  }

  function resourceNamed(id: string, location: Location): Resource {
    const found = location.stack.resources.get(id);
    if (found === undefined)
      throw templateError(location, `refers to ${id}, which is neither a resource nor a parameter`);
    return found;
  }

  function locationOf(resource: Resource, path: string): Location {
    const stack = stacks.get(resource.stack);
    if (stack === undefined) throw new Error(`no stack ${resource.stack} in ${assembly.folder}`);
    return { stack, resource: resource.id, path };
  }

  function textOf(resource: Resource, property: string): string {
    const location = locationOf(resource, property);
    return text(value(resource.properties[property], location), location);
  }

  function nameOf(resource: Resource): string {
    const qualifier = QUALIFIER[resource.type];
    if (qualifier !== undefined) {
      const { name } = functionIn(textOf(resource, "FunctionName"));
      return `${name}:${"fixed" in qualifier ? qualifier.fixed : textOf(resource, qualifier.property)}`;
    }
    const property = NAME_PROPERTY[resource.type];
    if (property === undefined || resource.properties[property] === undefined) return generatedName(resource);
    return textOf(resource, property);
  }

  const referencesTo = (resource: Resource) => referencesOf(resource, nameOf(resource), apiUrl, queuesUrl);
  const refOf = (resource: Resource) => referencesTo(resource).ref;

  function attributeOf(
    resource: Resource,
    attribute: string,
    location = locationOf(resource, attribute),
  ): string {
    const found = referencesTo(resource).attributes[attribute];
    if (found === undefined) {
      throw templateError(
        location,
        `needs ${attribute} of ${resource.id} (${resource.type}), unknown to the local cloud`,
      );
    }
    return found;
  }

  function properties<S extends z.ZodObject>(resource: Resource, schema: S): z.output<S> {
    const picked = Object.keys(schema.shape).map((key) => [
      key,
      value(resource.properties[key], locationOf(resource, key)),
    ]);
    const parsed = schema.safeParse(Object.fromEntries(picked));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`${resource.stack}/${resource.id} (${resource.type}): ${problems.join("; ")}`);
  }

  return {
    properties,
    nameOf,
    refOf,
    attributeOf: (resource, attribute) => attributeOf(resource, attribute),
  };
}

function child(location: Location, key: string | number): Location {
  return { ...location, path: `${location.path}.${key}` };
}

function templateError(location: Location, problem: string): Error {
  return new Error(`${location.stack.name}/${location.resource}, property ${location.path}: ${problem}`);
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

function list(input: unknown, location: Location): unknown[] {
  if (!Array.isArray(input)) throw templateError(location, "expected a list");
  return input;
}

function text(input: unknown, location: Location): string {
  if (typeof input === "string") return input;
  if (typeof input === "number" || typeof input === "boolean") return String(input);
  throw templateError(location, "expected a text");
}

function texts(input: unknown, location: Location): string[] {
  return list(input, location).map((item) => text(item, location));
}
