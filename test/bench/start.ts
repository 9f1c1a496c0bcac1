import { z } from 'zod';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { median, report } from './stats.ts';

// Time from the start of the process to its first answers, on an empty folder.
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
  service.child.kill('SIGKILL');
  await service.ended;
  folder.remove();
  return { answered, refined };
};

const repeat = async (settings: NodeJS.ProcessEnv, refines: boolean) => {
  await start(settings, refines);
  const runs = [];
  for (let run = 0; run < starts; run++) runs.push(await start(settings, refines));
  return {
    answered: median(runs.map(({ answered }) => answered)) / 1_000,
    refined: median(runs.map(({ refined }) => refined)) / 1_000,
  };
};

// No server listens at this address. Adds need no model.
const remote = await repeat({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }, false);
const embedded = await repeat({}, true);

report('start', `${remote.answered.toFixed(2)} s to the first add, remote models`, 'at most 1.5 s');
report(
  'start embedded',
  `${embedded.answered.toFixed(2)} s to the first add, ${embedded.refined.toFixed(2)} s until embedded models have refined it`,
  'at most 3 s',
);
