// Looks at the page of a real agent, in a real browser, while simulated traffic is denied. See scripts/e2e-page.
//
// usage: node page.mjs DENYWATCH CHROMIUM SCREENSHOTS
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const [denywatch, browserPath, screenshots] = process.argv.slice(2);
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
let waitMs = 60_000; // on a busy machine; nothing waits longer than it must, and after a first failure not so long
// All that the grammar of a Service's name lets through.
const HOSTILE = { namespace: '"><script>alert(1)</script>', service: "<img src=x onerror=alert(2)>'&lt;" };
const HOSTILE_NLB = '203.0.113.10';

const work = mkdtempSync(join(tmpdir(), 'denywatch-page-'));
mkdirSync(screenshots, { recursive: true });
const children = new Set();
// Nothing is left running, however this ends.
process.once('exit', () => {
  children.forEach(child => child.kill('SIGKILL'));
  rmSync(work, { recursive: true, force: true });
});
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) process.once(signal, () => process.exit(code));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function start(...args) {
  const output = openSync(join(work, `${args[0]}.out`), 'a');
  const child = spawn(denywatch, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function end(child, signal = 'SIGTERM') {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

/** One agent: its log, its port and its state stay the same over restarts. */
class Agent {
  constructor(name, port, settings) {
    Object.assign(this, { name, port, settings, log: join(work, `${name}.log`) });
    this.url = `http://127.0.0.1:${port}/`;
    writeFileSync(this.log, '', { flag: 'a' });
  }

  async start() {
    const settings = {
      node: 'worker-1',
      'source.kind': 'file',
      'source.path': this.log,
      'source.startAt': 'beginning',
      'loadBalancers.discover': 'any',
      'http.listen': `127.0.0.1:${this.port}`,
      'checkpoint.directory': join(work, `${this.name}.state`),
      ...this.settings,
    };
    this.process = start('agent', ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]));
    await until(`${this.name} to be ready`, async () => (await fetch(`${this.url}readyz`).catch(() => null))?.ok);
  }

  async api(path) {
    const answer = await fetch(`${this.url}api/v1/${path}`);
    assert.equal(answer.status, 200, path);
    return answer.json();
  }
}

async function until(what, condition) {
  const end = performance.now() + waitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(performance.now() < end, `waited in vain for ${what}`);
    await pause(100);
  }
}

/** A page whose check fails if its console has an error, or if it sends a request to another host. */
async function open(browser, url, { viewport = DESKTOP, prepare = async () => {} } = {}) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await prepare(page);
  page.faults = [];
  page.expected = /$^/; // console errors that a test provokes
  const fault = text => page.expected.test(text) || page.faults.push(text);
  page.on('pageerror', error => fault(`error: ${error.stack}`));
  page.on('console', message => ['error', 'warning'].includes(message.type()) && fault(`console: ${message.text()}`));
  page.on('dialog', dialog => { fault(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', request => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) fault(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

const shown = page => page.waitForFunction(() => !document.getElementById('main').classList.contains('waiting'));
const text = (page, selector) => page.locator(selector).innerText();
const digits = value => Number(value.replace(/[^\d]/g, ''));

/** A picture of the upper part of the page. */
async function shot(page, name) {
  const [width, full] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollHeight]);
  const clip = { x: 0, y: 0, width, height: Math.min(full, 1_500) };
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true, clip });
}

/** The rows of a table, as they are read. */
const rows = (page, id) =>
  page.locator(`${id} tbody tr`).evaluateAll(all => all.map(row => [...row.cells].map(cell => cell.innerText.trim())));

async function sidewaysPixels(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

// ---- what the page must do

const checks = {
  async 'idle: says why nothing is shown'({ browser, idle }) {
    const page = await open(browser, idle.url);
    await shown(page);
    await until('the answer', async () => (await text(page, '#quiet')).includes('The log can be read'));
    assert.match(await text(page, '#quiet'), /No line has been read yet/);
    await shot(page, 'idle-desktop-light');
    appendFileSync(idle.log, '2026-11-24T20:26:22.302335+00:00 worker-1 systemd[1]: Started something.\n'.repeat(3));
    await until('lines of others', async () => /3 lines read[^]*no policy has a Log rule/.test(await text(page, '#quiet')));
    await page.setViewportSize(PHONE);
    assert.equal(await sidewaysPixels(page), 0);
    await page.emulateMedia({ colorScheme: 'dark' });
    await shot(page, 'idle-phone-dark');
    await close(page);
  },

  async 'attack: shows what the API says'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    await until('a rate', async () => /denied packets per second/.test(await text(page, '.headline')));
    assert.equal(await page.locator('h1 bdi').innerText(), 'worker-1');
    // The traffic goes on, so what is shown lies between what the API says before and after.
    const before = await agent.api('nlbs');
    await pause(2_500);
    const table = await rows(page, '#nlbs');
    const funnel = digits(await text(page, '#read'));
    const after = await agent.api('nlbs');
    const lines = document => Object.values(document.log.lines).reduce((a, b) => a + b);
    assert.ok(lines(before) <= funnel && funnel <= lines(after), `${lines(before)} <= ${funnel} <= ${lines(after)}`);
    assert.equal(table.length, before.nlbs.filter(nlb => nlb.nlb !== 'other').length);
    for (const row of table) {
      const nlb = row[0].split('\n')[0];
      const [least, most] = [before, after].map(document => document.nlbs.find(one => one.nlb === nlb));
      assert.ok(least.packets <= digits(row[3]) && digits(row[3]) <= most.packets, `${nlb}: ${row[3]}`);
      assert.ok(least.sources <= digits(row[4]) && digits(row[4]) <= most.sources, `${nlb}: ${row[4]}`);
    }
    const entries = (await agent.api('blocklist')).entries.map(entry => entry.source);
    assert.ok(entries.length > 0, 'the scanner reaches a rule');
    await until('the blocks', async () => {
      const blocks = (await rows(page, '#blocks')).map(row => row[0]);
      return entries.every(entry => blocks.includes(entry));
    });
    await until('the block beside its source', async () =>
      (await rows(page, '#sources')).some(row => entries.includes(row[0]) && /would be blocked, ends in/.test(row[5])));
    const [parsed, attributed, elsewhere] = await page.evaluate(() =>
      ['parsed', 'attributed', 'attributed-words'].map(id => document.getElementById(id).textContent));
    const numbers = value => value.match(/[\d,]+/g).map(digits);
    const [packetLines, repeats = 0] = numbers(parsed);
    assert.ok(repeats > 0 && /packet lines \(\+[\d,]+ repeats?\)/.test(parsed), parsed);
    assert.equal(packetLines + repeats, digits(attributed) + numbers(elsewhere).at(-1), `${parsed} = ${attributed} + ${elsewhere}`);
    assert.match(await text(page, '#ledger-words'), /Counts are exact since/);
    assert.match(await text(page, '#trust'), /Counts are exact/);
    await close(page);
  },

  async 'calls nothing blocked that no policy denies'({ browser, agent }) {
    const page = await open(browser, agent.url);
    let enforcement = '';
    const enforced = async route => {
      const answer = await route.fetch();
      const document = await answer.json();
      const stored = document.entries?.length ?? 0;
      if (document.counts) Object.assign(document.counts, { storedEntries: stored, enforcedEntries: enforcement === 'active' ? stored : 0 });
      const mode = document.sources ? { blocklistMode: 'enforce' } : { mode: 'enforce' };
      await route.fulfill({ json: { ...document, ...mode, enforcement } });
    };
    await page.route('**/api/v1/blocklist', enforced);
    await page.route('**/api/v1/sources?*', enforced);
    for (const [state, head, cell, problem] of [
      ['active', /^[1-9][\d,]* blocked/, /^blocked, ends/, null],
      ['missing', /^0 blocked: policy missing/, /^in the blocklist, not enforced/, /Not enforced: no active policy denies/],
      ['unknown', /^0 blocked: policies not checked/, /^in the blocklist, not enforced/, /is not known/],
    ]) {
      enforcement = state;
      await page.reload();
      await shown(page);
      await until(`the head line of ${state}`, async () => head.test(await text(page, '#blocked')));
      await until(`the sources of ${state}`, async () => (await rows(page, '#sources')).some(row => cell.test(row[5])));
      if (problem) assert.match(await text(page, '#blocks-problems'), problem);
      else assert.doesNotMatch(await text(page, '#blocks-problems'), /enforced|not known/);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await close(page);
  },

  async 'a load balancer’s sources are a button away, and as the API says'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    const nlb = '2001:db8:ffff::10';
    await page.getByRole('button', { name: `sources at ${nlb}` }).click();
    assert.equal(await page.locator('#at').inputValue(), nlb);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'sources');
    await until('its sources alone', async () => {
      const before = (await agent.api(`sources?nlb=${nlb}`)).sources;
      const table = await rows(page, '#sources');
      const known = new Map(before.map(source => [source.source, source.packets]));
      return table.length > 0 && table.every(row => row[2] === nlb) && table.some(row => known.get(row[0]) === digits(row[1]));
    });
    await close(page);
  },

  async 'what others chose stays text'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    const row = page.locator('#nlbs tbody tr', { hasText: HOSTILE_NLB }).first();
    assert.equal(await row.locator('small').textContent(), `${HOSTILE.namespace}/${HOSTILE.service}`);
    assert.equal(await page.locator('img, main script, iframe').count(), 0);
    await close(page);
  },

  async 'hostile strings in every field of every answer stay text'({ browser, agent }) {
    const spoilAnswers = page => page.route('**/api/v1/**', async route => {
      // The question holds a spoiled name by now; the agent knows the true one.
      const answer = await route.fetch({ url: decodeURIComponent(route.request().url()).split('<img')[0] });
      const spoil = (value, key) => {
        if (Array.isArray(value)) return value.map(one => spoil(one, key));
        if (value !== null && typeof value === 'object') {
          return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one, name)]));
        }
        const kept = typeof value !== 'string' || /^\d{4}-\d\d-\d\dT/.test(value);
        return kept ? value : `${value}<img src=x onerror=alert('${key}')>\u202e</td></script><script>alert(1)</script>`;
      };
      const document = spoil(await answer.json(), '');
      if (document.findings) {
        document.at = new Date().toISOString();
        document.findings = ['error', 'warning', 'note'].map(severity => spoil({ id: 'x', severity, what: 'w', why: 'y', todo: 't', caveats: ['c'] }));
        document.summary = { ok: 0, note: 1, warning: 1, error: 1 };
      }
      if (document.manual) document.manual = [spoil({ source: '192.0.2.1', at: new Date().toISOString(), until: new Date().toISOString(), reason: 'r', by: 'b' })];
      await route.fulfill({ response: answer, json: document });
    });
    const page = await open(browser, agent.url, { viewport: PHONE, prepare: spoilAnswers });
    await shown(page);
    await page.waitForTimeout(3_000);
    await shot(page, 'hostile-phone-light');
    assert.equal(await page.locator('img, main script, iframe').count(), 0);
    assert.ok((await text(page, 'main')).includes('<img src=x onerror='), 'it is shown');
    assert.ok((await text(page, '#findings-list')).includes('But: c<img'), 'caveats are shown');
    assert.equal(await sidewaysPixels(page), 0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await close(page);
  },

  async 'works with the keyboard alone'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'nlbs');
    await page.keyboard.press('Tab'); // the first button of the table's head
    await page.keyboard.press('Enter');
    const head = page.locator('#nlbs th').first();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await page.keyboard.press('Space');
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    const names = (await rows(page, '#nlbs')).map(row => row[0].split('\n')[0]);
    assert.deepEqual(names, [...names].sort());
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, 'solid', 'the focus is seen');
    // Focus stays where it is while rows come and go.
    const focused = page.getByRole('button', { name: `sources at ${HOSTILE_NLB}` });
    await focused.focus();
    await pause(4_500);
    assert.ok(await focused.evaluate(button => button === document.activeElement));
    await close(page);
  },

  async 'a screen reader finds names, tables and one quiet announcement'({ browser, agent }) {
    const page = await open(browser, agent.url, { viewport: PHONE }); // where rows are cards
    await shown(page);
    for (const name of ['Load balancers', 'Top sources', 'Blocklist']) {
      assert.equal(await page.getByRole('region', { name }).count(), 1, name);
    }
    assert.equal(await page.getByRole('table').count(), 3);
    assert.ok((await page.getByRole('rowheader').count()) > 3);
    assert.equal(await page.locator('[aria-live], [role=status], [role=alert]').count(), 2);
    await until('the announcement', async () => /packets per second are denied/.test(await page.locator('#summary').textContent()));
    const said = await page.locator('#summary').textContent();
    await pause(4_500);
    assert.equal(await page.locator('#summary').textContent(), said, 'it does not chatter');
    assert.equal(await page.locator('svg:not([role=img])').count(), 0);
    await close(page);
  },

  async 'fits a phone and a desktop, light and dark, with contrast'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    await until('a while of history', async () => /denied packets per second/.test(await text(page, '.headline')));
    for (const [name, viewport] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        assert.equal(await sidewaysPixels(page), 0, `${name} ${colorScheme}`);
        assert.deepEqual(await page.evaluate(faint), [], `${name} ${colorScheme}`);
        await shot(page, `attack-${name}-${colorScheme}`);
      }
    }
    await close(page);
  },

  async 'says when it is stale, and goes on after a restart'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    await until('a rate', async () => /denied packets per second/.test(await text(page, '.headline')));
    const before = digits((await rows(page, '#nlbs')).find(row => row[0].startsWith(HOSTILE_NLB))[3]);
    page.expected = /ERR_CONNECTION|ERR_EMPTY|Failed to load resource/;
    await end(agent.process, 'SIGKILL');
    await until('the banner', () => page.locator('#banner').isVisible());
    assert.match(await text(page, '#banner'), /Stale: the agent cannot be reached\. This page shows \d{4}-.* UTC/);
    assert.match(await text(page, '#state'), /stale/);
    assert.match(await page.title(), /^stale/);
    assert.equal(digits((await rows(page, '#nlbs')).find(row => row[0].startsWith(HOSTILE_NLB))[3]) >= before, true);
    await shot(page, 'stale-desktop-light');
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await sidewaysPixels(page), 0);
    assert.deepEqual(await page.evaluate(faint), []);
    await shot(page, 'stale-phone-dark');
    await agent.start();
    await until('the banner to go', async () => !(await page.locator('#banner').isVisible()));
    await page.setViewportSize(DESKTOP);
    await until('counts to go on', async () =>
      digits((await rows(page, '#nlbs')).find(row => row[0].startsWith(HOSTILE_NLB))[3]) > before);
    assert.match(await text(page, '#state'), /^live/);
    await close(page);
  },

  async 'tells a start and a hung agent from a dead one'({ browser, agent }) {
    const page = await open(browser, agent.url);
    await shown(page);
    page.expected = /503/;
    await page.route('**/api/v1/nlbs', route => route.fulfill({ status: 503, json: { error: 'reading what was logged before the start' } }));
    await until('the start', async () => /agent is starting: reading what was logged/.test(await text(page, '#banner').catch(() => '')));
    await page.unroute('**/api/v1/nlbs');
    await until('the end of the start', async () => !(await page.locator('#banner').isVisible()));
    const frozen = await agent.api('nlbs');
    await page.route('**/api/v1/nlbs', route => route.fulfill({ json: frozen }));
    await until('the hang', async () => /answers, but has published nothing new/.test(await text(page, '#banner').catch(() => '')));
    await close(page);
  },

  async 'does not grow'({ browser, agent }) {
    const first = await agent.api('nlbs');
    first.nlbs = first.nlbs.slice(0, 2); // asked for in turn
    let polls = 0;
    const movedOn = route => {
      polls++;
      const moved = structuredClone(first);
      moved.takenAt = new Date(Date.parse(first.takenAt) + 5_000 * polls).toISOString();
      for (const nlb of moved.nlbs) nlb.packets += 100 * polls;
      return route.fulfill({ json: moved });
    };
    const page = await open(browser, agent.url, {
      prepare: async page => {
        await page.clock.install();
        await page.route('**/api/v1/nlbs', movedOn);
      },
    });
    await shown(page);
    const nodes = () => page.evaluate(() => document.getElementsByTagName('*').length);
    const run = async more => {
      const enough = polls + more;
      while (polls < enough) {
        await page.clock.runFor(2_000);
        await page.waitForTimeout(5);
      }
    };
    await run(20);
    const early = await nodes();
    await run(150); // more than ten minutes' worth
    const late = await nodes();
    assert.ok(Math.abs(late - early) < 60, `${early} nodes became ${late}`);
    const longest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('.edge')].map(edge => edge.getAttribute('d').length)));
    assert.ok(longest < 2_000, `a sparkline of ${longest} characters`);
    await close(page);
  },
};

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3); runs in the page. */
function faint() {
  const parts = color => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || parent.closest('script, noscript, .unseen, .skip, select')) continue;
    const back = behind(parent);
    let opacity = 1;
    for (let at = parent; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const color = parts(getComputedStyle(parent).color).map((c, i) => opacity * c + (1 - opacity) * back[i]);
    const [low, high] = [light(color), light(back)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.add(`${ratio.toFixed(2)}: ${parent.className || parent.tagName}: ${node.data.trim().slice(0, 30)}`);
  }
  return [...found];
}

// ---- all of it

let browser;
let failed = 0;
try {
  const agent = new Agent('busy', await freePort(), {
    'loadBalancers.static': JSON.stringify([{ address: HOSTILE_NLB, ...HOSTILE }, '203.0.113.0/24', '2001:db8:ffff::/112']),
    'loadBalancers.discover': 'static',
    'blocklist.mode': 'dry-run',
  });
  const idle = new Agent('idle', await freePort(), {});
  await Promise.all([agent.start(), idle.start()]);
  start('simulate', '--output', agent.log, '--rate', '200', '--scenario', 'scan');
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  for (const [name, check] of Object.entries(checks)) {
    const began = performance.now();
    try {
      await check({ browser, agent, idle });
      console.log(`ok: ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (e) {
      failed++;
      waitMs = 15_000;
      console.log(`FAILED: ${name}\n${e.stack}`);
    } finally {
      await Promise.all(browser.contexts().map(context => context.close()));
    }
  }
} catch (e) {
  console.log(readFileSync(join(work, 'agent.out'), 'utf8'));
  throw e;
} finally {
  await browser?.close();
  await Promise.all([...children].map(child => end(child)));
  rmSync(work, { recursive: true, force: true });
}
console.log(`${Object.keys(checks).length - failed} of ${Object.keys(checks).length} passed; pictures are in ${screenshots}`);
process.exit(failed ? 1 : 0);
