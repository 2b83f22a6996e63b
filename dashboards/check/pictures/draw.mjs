// Draws each board as it looks now: node draw.mjs --prometheus URL --nlb IP --range SECONDS --browser FILE --output DIR
// No Grafana runs: a page of our own draws the panels with Grafana's components, without drop-downs and annotations.
// Fails if a panel cannot be drawn.
import {createServer} from 'node:http';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, statSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {build} from 'esbuild';
import {chromium} from 'playwright-core';
import {boards} from '../boards.mjs';

const {values: {prometheus, nlb, range, browser, output}} = parseArgs({options: {
  prometheus: {type: 'string'}, nlb: {type: 'string'}, range: {type: 'string'}, browser: {type: 'string'}, output: {type: 'string'},
}});
const WIDTH = 1600;
const TITLE_HEIGHT = 38;
const ROW_HEIGHT = 38;
/** A higher board becomes two pictures. */
const HEIGHT_MAX = 2_000;
const DRAWN_WITHIN_MILLIS = 60_000;
const SETTLED_MILLIS = 1_500;
/** Few colours keep the pictures small; they are shown in a README. */
const COLORS = 48;

const height = ({panels}) => TITLE_HEIGHT + Math.max(...panels.map(({gridPos}) => gridPos.y + gridPos.h)) * ROW_HEIGHT + 8;

/** Where the pictures of a board begin and end; one that is too high is cut above the heading next to its middle. */
function cuts(board) {
  const whole = height(board);
  if (whole <= HEIGHT_MAX) return [[0, whole]];
  const headings = board.panels.filter(({type}) => type === 'row').map(({gridPos}) => TITLE_HEIGHT + gridPos.y * ROW_HEIGHT);
  const middle = headings.reduce((best, each) => (Math.abs(each - whole / 2) < Math.abs(best - whole / 2) ? each : best));
  return [[0, middle], [middle, whole]];
}

const page = fileURLToPath(new URL('node_modules/.page/page.js', import.meta.url));
await build({
  entryPoints: [fileURLToPath(new URL('page.jsx', import.meta.url))], bundle: true, outfile: page, format: 'iife', jsx: 'automatic',
  loader: {'.svg': 'dataurl', '.woff2': 'dataurl', '.woff': 'dataurl', '.ttf': 'dataurl', '.png': 'dataurl'},
  define: {'process.env.NODE_ENV': '"production"', global: 'window'}, logLevel: 'error',
});

const served = {
  '/': ['text/html', '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/page.css"><body style="margin:0">'
    + '<div id="root"></div><script src="/page.js"></script>'],
  '/page.js': ['text/javascript', readFileSync(page)],
  '/page.css': ['text/css', readFileSync(page.replace(/js$/, 'css'))],
};
const server = createServer((request, response) => {
  const [type, body] = served[request.url] ?? [];
  response.writeHead(type ? 200 : 404, {'Content-Type': type ?? 'text/plain'}).end(body);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${server.address().port}/`;

mkdirSync(output, {recursive: true});
const chrome = await chromium.launch({
  executablePath: browser,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let wrong = 0;
for (const board of boards) {
  const tab = await chrome.newPage({viewport: {width: WIDTH, height: height(board)}, timezoneId: 'UTC'});
  const problems = [];
  tab.on('pageerror', (error) => problems.push(error.message));
  await tab.addInitScript((given) => Object.assign(window, given), {denywatch: {board, prometheus, nlb, range: Number(range), width: WIDTH}});
  await tab.goto(address);
  await tab.waitForFunction(() => window.drawn?.left === 0, null, {timeout: DRAWN_WITHIN_MILLIS})
    .catch(async () => problems.push(`${await tab.evaluate(() => window.drawn?.left)} panels are not drawn`));
  await tab.waitForTimeout(SETTLED_MILLIS);
  problems.push(...await tab.evaluate(() => window.drawn?.problems ?? []));
  for (const [i, [top, bottom]] of cuts(board).entries()) {
    const file = `${output}/${board.uid}${i === 0 ? '' : `-${i + 1}`}.png`;
    await tab.screenshot({path: file, clip: {x: 0, y: top, width: WIDTH, height: bottom - top}});
    spawnSync('pngquant', ['--force', '--strip', '--nofs', '--speed', '1', '--output', file, String(COLORS), file], {stdio: 'ignore'});
    console.log(`${file}: ${Math.ceil(statSync(file).size / 1024)} KiB`);
  }
  await tab.close();
  problems.forEach((problem) => console.error(`${board.uid}: ${problem}`));
  wrong += problems.length;
}
await chrome.close();
server.close();
process.exitCode = wrong > 0 ? 1 : 0;
