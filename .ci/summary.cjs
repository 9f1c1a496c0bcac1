// Prints the failed tests of several runs with the first lines of their messages, then the closing line. The runs are given as
// pairs of a path and an exit code: `<path>.json` is the report of the tests, `<path>.log` the output. Counts as one failure
// each: a file that could not be loaded or prepared, and a run that failed without a failed test, with the errors that no test caught.
const { readFileSync } = require('node:fs');

const read = (run) => {
  try {
    return JSON.parse(readFileSync(`${run}.json`, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
};

/** What Vitest printed of errors outside of tests, else the last lines of the output. */
const uncaught = (run) => {
  const lines = readFileSync(`${run}.log`, 'utf8').split('\n');
  const from = lines.findLastIndex((line) => line.includes('Unhandled Errors'));
  return from < 0 ? lines.slice(-40) : lines.slice(from, from + 40);
};

let passed = 0;
let failed = 0;
const describe = (title, messages, length = 12) =>
  console.log(`FAILED ${title}\n${messages.join('\n').split('\n').slice(0, length).join('\n')}\n`);

const runs = process.argv.slice(2);
for (let i = 0; i < runs.length; i += 2) {
  const { numPassedTests, numFailedTests, testResults } = read(runs[i]);
  // A file that could not be loaded, or whose preparation failed, so that its tests were skipped.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  for (const { name, message } of unloaded) describe(name, [message ?? '']);
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === 'failed') describe(`${name} > ${fullName}`, failureMessages);
  const failures = numFailedTests + unloaded.length;
  if (failures === 0 && runs[i + 1] !== '0')
    describe(`run ${i / 2 + 1} ended with code ${runs[i + 1]}`, uncaught(runs[i]), 40);
  passed += numPassedTests;
  failed += failures || (runs[i + 1] === '0' ? 0 : 1);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
