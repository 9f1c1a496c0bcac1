// Launcher of the npm scripts: node functions/local/run.cjs <file.ts> [arguments]. Checks the version of Node, then runs the
// file as the main module of this process, so that signals and exit codes are those of the file. Like node-version.cjs
// without syntax newer than Node 6; runMain instead of import(), which an old Node could not parse.
require('./node-version.cjs');

const { resolve } = require('node:path');
const { enableCompileCache, runMain } = require('node:module');

// Keeps compiled code between processes, which halves the start of the service. Node compares the hash of each file with
// that of its entry, and does without a cache where the folder cannot be written. Threads read the variable.
if (!process.env.NODE_COMPILE_CACHE)
  process.env.NODE_COMPILE_CACHE = resolve(__dirname, '../../node_modules/.cache/turnstone');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);
runMain();
