// Loaded before anything that an older Node cannot even parse: CommonJS, and no syntax younger than Node 6.
const { arch, platform, versions } = process;

/** Whether this system can run what npm serves for Linux, which is linked with glibc. */
const hasGlibc = () => process.report.getReport().header.glibcVersionRuntime !== undefined;

/** The package with Node 24 for this machine; undefined where npm serves none. */
const packageHere = () => {
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

const wayOut = () => {
  const name = packageHere();
  if (name === undefined)
    return `npm serves none for ${platform} ${arch}, so install it from https://nodejs.org`;
  if (isInstalled(name)) return 'it is installed here, so start with npm, as in `npm start`';
  return 'run `npm ci` without --omit=optional, which installs it beside the other packages, or get it from https://nodejs.org';
};

if (Number(versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `Turnstone needs Node 24 or newer, this is Node ${versions.node}: ${wayOut()}.\n`,
  );
  process.exit(1);
}
