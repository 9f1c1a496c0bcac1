// Prints the closing line of a test run. A file that could not be loaded, and a run that failed without a failed
// test, count as one failure each.
const { readFileSync } = require('node:fs');
const [report, code] = process.argv.slice(2);

const read = () => {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
};

const { numPassedTests, numFailedTests, testResults } = read();
const unloaded = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length;
const failed = numFailedTests + unloaded;
console.log(`${numPassedTests} passed, ${failed || (code === '0' ? 0 : 1)} failed`);
