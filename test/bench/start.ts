import { join } from 'node:path';
import { z } from 'zod';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { median, report } from './stats.ts';

// Time from the start of the process to its first answers, on an empty folder: with the compiled code that earlier starts have
// kept, and without, as after an install.
const starts = 5;
const key = 'bench-key-0123456789';
const Added = z.object({ event_id: z.string() });
const Event = z.object({ status: z.string() });

const headers = { authorization: `Token ${key}`, 'content-type': 'application/json' };
const turn = { user_id: 'ada', messages: [{ role: 'user', content: 'I moved to Lisbon.' }] };

const start = async (settings: NodeJS.ProcessEnv, refines: boolean) => {
  const folder = temporaryFolder();
  const began = performance.now();
  const service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    ...settings,
  });
  const body = JSON.stringify(turn);
  const answer = await fetch(`${service.url}/v1/turns`, { method: 'POST', headers, body });
  const { event_id: id } = Added.parse(await answer.json());
  const answered = performance.now() - began;
  let refined = Number.NaN;
  if (refines) {
    const event = await fetch(`${service.url}/v1/events/${id}?wait=25`, { headers });
    const { status } = Event.parse(await event.json());
    if (status !== 'SUCCEEDED') throw new Error(`the first event is ${status}`);
    refined = performance.now() - began;
  }
  service.child.kill('SIGTERM');
  await service.ended;
  folder.remove();
  return { answered, refined };
};

const seconds = (runs: Awaited<ReturnType<typeof start>>[]) => ({
  answered: median(runs.map(({ answered }) => answered)) / 1_000,
  refined: median(runs.map(({ refined }) => refined)) / 1_000,
});

const repeat = async (settings: NodeJS.ProcessEnv, refines: boolean) => {
  await start(settings, refines);
  const runs = [];
  for (let run = 0; run < starts; run++) runs.push(await start(settings, refines));
  return seconds(runs);
};

// No server listens at this address. Adds need no model.
const noServer = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const remote = await repeat(noServer, false);
const embedded = await repeat({}, true);
const compiled = temporaryFolder();
const fresh = [];
for (let run = 0; run < starts; run++)
  fresh.push(
    await start({ ...noServer, NODE_COMPILE_CACHE: join(compiled.path, String(run)) }, false),
  );
compiled.remove();

report('start', `${remote.answered.toFixed(2)} s to the first add, remote models`, 'at most 1.5 s');
report(
  'start after an install',
  `${seconds(fresh).answered.toFixed(2)} s to the first add, remote models`,
  'at most 1.5 s',
);
report(
  'start embedded',
  `${embedded.answered.toFixed(2)} s to the first add, ${embedded.refined.toFixed(2)} s until embedded models have refined it`,
  'at most 3 s',
);
