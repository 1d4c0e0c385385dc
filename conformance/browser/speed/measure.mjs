// measure.mjs FOLDER ROUNDS NAME=URL,TABLE,CHART NAME=URL,TABLE,CHART: visits the pages on both servers in turns and writes
// FOLDER/speed.json and FOLDER/speed.txt. TABLE and CHART are the ids of the two experiments; ratios are those of the first server's
// time to the second's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { launch } from '../lib/ui.mjs';
import { calls } from './calls.mjs';
import { Memory } from './memory.mjs';
import { report } from './report.mjs';
import { Turn } from './turn.mjs';
import { PAGES, Visitor } from './visit.mjs';

const [folder, rounds, ...servers] = process.argv.slice(2);
const result = { date: new Date().toISOString(), processors: `${cpus().length} x ${cpus()[0].model}`, load: [], visits: [] };

const turn = new Turn();
const browser = await launch();
const visitors = servers.map((server) => {
  const [, name, url, table, chart] = server.match(/^([^=]+)=([^,]+),([^,]+),([^,]+)$/);
  return new Visitor(name, url, { table, chart });
});
const memory = new Memory(visitors.at(-1).url);
visitors.push(new Visitor('memory', await memory.start(), visitors.at(-1).experiments));
result.names = visitors.map(({ name }) => name);
try {
  for (const visitor of visitors) {
    await turn.wait();
    await visitor.arrive(browser);
  }
  for (const page of Object.keys(PAGES)) {
    // A visit of the same kind as those that count: what is asked only then has to be in memory, too.
    await visitors.at(-1).visit(page);
  }
  memory.passedOn.length = 0;

  for (let round = 1; round <= Number(rounds); round++) {
    for (const page of Object.keys(PAGES)) {
      await turn.wait();
      result.load.push(loadavg()[0]);
      for (const visitor of visitors) await visit(visitor, page, round);
    }
  }
  result.passedOn = memory.passedOn;
  await turn.wait();
  result.alone = await calls(visitors.slice(0, -1));
} finally {
  await turn.end();
  memory.stop();
  await browser.close();
}

const text = report(result);
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/speed.json`, JSON.stringify(result, null, 1));
writeFileSync(`${folder}/speed.txt`, text);
process.stdout.write(text);

async function visit(visitor, page, round) {
  for (const [way, visit] of Object.entries(await visitor.visit(page))) {
    result.visits.push({ server: visitor.name, page, way, round, ...visit });
    process.stderr.write(`round ${round}: ${page}, ${way}, on ${visitor.name}: ${visit.ms.toFixed(0)} ms\n`);
  }
}
