import type { OnResolveArgs, PluginBuild, ResolveResult } from "esbuild";

const ASKED = Symbol("asked by a plugin of ours");

/** Whether a plugin of ours asks; the others stay out of it, or they would ask each other for ever. */
export const isAsked = ({ pluginData }: OnResolveArgs) => pluginData === ASKED;

/** Where esbuild itself finds what is imported. */
export const resolved = (
  { resolve }: PluginBuild,
  { path, kind, importer, resolveDir }: OnResolveArgs,
): Promise<ResolveResult> => resolve(path, { kind, importer, resolveDir, pluginData: ASKED });
