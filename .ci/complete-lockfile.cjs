// Adds to package-lock.json the packages for other platforms that the registry at hand did not have when it was written.
// npm leaves those out, and `npm ci` then refuses the lockfile; they are never fetched on this platform.
// Run after `npm install` of a package with native parts: node .ci/complete-lockfile.cjs
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const file = join(__dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const systems = ['android', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'linux', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];
const libcOf = (name, sample) => {
  if (/musl/.test(name)) return { libc: ['musl'] };
  return /gnu/.test(name) || sample?.libc ? { libc: ['glibc'] } : {};
};

let added = 0;
for (const [path, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => lock.packages[place])) continue;
    const words = name.split(/[/-]/);
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

const [root, ...others] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([root, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))]);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} added`);
