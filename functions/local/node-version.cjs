// Runs before any file that an older Node cannot parse: CommonJS, and no syntax newer than Node 6.
const { arch, platform, versions } = process;

/** True if this system has glibc, which the Node packages for Linux are linked with. */
const hasGlibc = () => process.report.getReport().header.glibcVersionRuntime !== undefined;

/** Returns the npm package with Node 24 for this machine, or undefined if there is none. */
const nodePackage = () => {
  const name = `node-${platform.replace('win32', 'win')}-${arch}`;
  const pinned = require('../../package.json').optionalDependencies;
  return name in pinned && (platform !== 'linux' || hasGlibc()) ? name : undefined;
};

const isInstalled = (name) => {
  try {
    return require.resolve(`${name}/package.json`) !== '';
  } catch (_) {
    return false;
  }
};

const remedy = () => {
  const name = nodePackage();
  if (name === undefined)
    return `npm has no package of it for ${platform} ${arch}, so install it from https://nodejs.org`;
  if (isInstalled(name)) return 'Node 24 is installed here, so start with npm, as in `npm start`';
  return 'run `npm ci` without --omit=optional, which installs Node 24 with the other packages, or install it from https://nodejs.org';
};

if (Number(versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `Turnstone needs Node 24 or newer, this is Node ${versions.node}: ${remedy()}.\n`,
  );
  process.exit(1);
}
