import type * as z from "zod";
import type { Assembly, Resource, Stack } from "./assembly.ts";
import { generatedName, nameProperty, pseudoParameters, referencesOf } from "./references.ts";

export type Resolver = {
  /** Resolves the intrinsics of those properties that the schema names, then parses them with it. */
  properties<S extends z.ZodObject>(resource: Resource, schema: S): z.output<S>;
  /** Physical name: the one in the template, else one made of stack and logical id. */
  nameOf(resource: Resource): string;
  /** The value of `Ref` of a resource. */
  refOf(resource: Resource): string;
  /** The value of `Fn::GetAtt` of a resource. Throws when it is unknown here. */
  attributeOf(resource: Resource, attribute: string): string;
};

/** Where a value stands, for messages: resource and property path. */
type Place = { readonly stack: Stack; readonly resource: string; readonly path: string };

const intrinsic = /^(Ref|Condition|Fn::\w+(::\w+)?)$/;

/**
 * Resolves CloudFormation intrinsics as far as a running program needs them: `Ref`, `Fn::GetAtt`,
 * `Fn::Join`, `Fn::Sub`, `Fn::Select`, `Fn::Split`, `Fn::ImportValue`, parameters and pseudo parameters.
 * Anything else throws an error that names resource and property: better no start than a wrong value.
 */
export function createResolver(assembly: Assembly, apiUrl: string): Resolver {
  const stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
  const exported = new Map(
    assembly.stacks.flatMap((stack) =>
      [...stack.exports].map(([name, value]) => [name, { stack, value }] as const),
    ),
  );

  function value(input: unknown, place: Place): unknown {
    if (Array.isArray(input)) {
      return input.map((item, index) => value(item, at(place, index))).filter((item) => item !== undefined);
    }
    if (!isRecord(input)) return input;
    const [name, ...others] = Object.keys(input);
    if (name !== undefined && others.length === 0 && intrinsic.test(name))
      return call(name, input[name], place);
    const entries = Object.entries(input).map(([key, item]) => [key, value(item, at(place, key))] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  function call(name: string, argument: unknown, place: Place): unknown {
    switch (name) {
      case "Ref":
        return reference(text(argument, place), place);
      case "Fn::GetAtt": {
        const [id = "", ...path] =
          typeof argument === "string" ? argument.split(".") : texts(argument, place);
        return attributeOf(resourceNamed(id, place), path.join("."), place);
      }
      case "Fn::Join": {
        const [separator, parts] = list(value(argument, place), place);
        return texts(parts, place).join(text(separator, place));
      }
      case "Fn::Split": {
        const [separator, whole] = list(value(argument, place), place);
        return text(whole, place).split(text(separator, place));
      }
      case "Fn::Select": {
        const [index, items] = list(value(argument, place), place);
        return list(items, place)[Number(index)];
      }
      case "Fn::Sub":
        return substitute(argument, place);
      case "Fn::ImportValue": {
        const wanted = text(value(argument, place), place);
        const found = exported.get(wanted);
        if (found === undefined) throw fault(place, `imports ${wanted}, which no stack exports`);
        return value(found.value, { stack: found.stack, resource: wanted, path: "Value" });
      }
      default:
        throw fault(place, `uses ${name}, which the local cloud does not know`);
    }
  }

  function reference(name: string, place: Place): unknown {
    if (name === "AWS::NoValue") return undefined;
    if (name === "AWS::StackName") return place.stack.name;
    const constant = pseudoParameters[name];
    if (constant !== undefined) return constant;
    if (place.stack.parameters.has(name)) return place.stack.parameters.get(name);
    return refOf(resourceNamed(name, place));
  }

  function substitute(argument: unknown, place: Place): string {
    const [template, given] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = isRecord(given) ? given : {};
    return text(template, place).replaceAll(/\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g, (_all, name, literal) => {
      if (literal !== undefined) return `\${${literal}}`;
      if (name in variables) return text(value(variables[name], place), place);
      const [id, ...path] = name.split(".");
      if (path.length > 0) return attributeOf(resourceNamed(id, place), path.join("."), place);
      return text(reference(name, place), place);
    });
  }

  function resourceNamed(id: string, place: Place): Resource {
    const found = place.stack.resources.get(id);
    if (found === undefined)
      throw fault(place, `refers to ${id}, which is neither a resource nor a parameter`);
    return found;
  }

  function placeOf(resource: Resource, path: string): Place {
    const stack = stacks.get(resource.stack);
    if (stack === undefined) throw new Error(`no stack ${resource.stack} in ${assembly.folder}`);
    return { stack, resource: resource.id, path };
  }

  function nameOf(resource: Resource): string {
    const property = nameProperty[resource.type];
    const given = property === undefined ? undefined : resource.properties[property];
    if (property === undefined || given === undefined) return generatedName(resource);
    const place = placeOf(resource, property);
    return text(value(given, place), place);
  }

  const referencesTo = (resource: Resource) => referencesOf(resource, nameOf(resource), apiUrl);
  const refOf = (resource: Resource) => referencesTo(resource).ref;

  function attributeOf(resource: Resource, attribute: string, place = placeOf(resource, attribute)): string {
    const found = referencesTo(resource).attributes[attribute];
    if (found === undefined) {
      throw fault(
        place,
        `needs ${attribute} of ${resource.id} (${resource.type}), unknown to the local cloud`,
      );
    }
    return found;
  }

  function properties<S extends z.ZodObject>(resource: Resource, schema: S): z.output<S> {
    const picked = Object.keys(schema.shape).map((key) => [
      key,
      value(resource.properties[key], placeOf(resource, key)),
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

function at(place: Place, key: string | number): Place {
  return { ...place, path: `${place.path}.${key}` };
}

function fault(place: Place, problem: string): Error {
  return new Error(`${place.stack.name}/${place.resource}, property ${place.path}: ${problem}`);
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

function list(input: unknown, place: Place): unknown[] {
  if (!Array.isArray(input)) throw fault(place, "expected a list");
  return input;
}

function text(input: unknown, place: Place): string {
  if (typeof input === "string") return input;
  if (typeof input === "number" || typeof input === "boolean") return String(input);
  throw fault(place, "expected a text");
}

function texts(input: unknown, place: Place): string[] {
  return list(input, place).map((item) => text(item, place));
}
