import { routesOfApp } from './routes.ts';
import { hostileCasesOf } from './hostile-requests.ts';
let sum = 0;
for (const r of await routesOfApp()) { const n = hostileCasesOf(r).length; sum += n; console.log(n, r); }
console.log(sum);
process.exit(0);
