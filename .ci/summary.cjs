// Prints the closing line of several test runs, given as pairs of a report and an exit code. Counts as one failure each: a file
// that could not be loaded, and a run that failed without a failed test.
const { readFileSync } = require('node:fs');

const read = (report) => {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
};

let passed = 0;
let failed = 0;
const runs = process.argv.slice(2);
for (let i = 0; i < runs.length; i += 2) {
  const { numPassedTests, numFailedTests, testResults } = read(runs[i]);
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  passed += numPassedTests;
  failed += numFailedTests + unloaded || (runs[i + 1] === '0' ? 0 : 1);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
