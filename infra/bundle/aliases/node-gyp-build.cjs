// bcrypt asks for the binary in its package. A bundle has Lambda's beside it (assets.ts). Where that one does not fit,
// the local cloud runs the bundle, within the project: there the package is installed, with a binary for each platform.
const { dirname } = require("node:path");
const load = require;

module.exports = () => {
  try {
    return load(`./bcrypt.${process.platform}-${process.arch}.node`);
  } catch {
    return load("node-gyp-build")(dirname(load.resolve("bcrypt/package.json")));
  }
};
