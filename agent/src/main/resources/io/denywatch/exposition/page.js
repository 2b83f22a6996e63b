// Shows what the agent's JSON API answers, as text nodes only. Times are the agent's; the browser's clock measures spans.

const POLL_MS = 2_000;
const POLL_HIDDEN_MS = 30_000;
const RETRY_MAX_MS = 15_000;
const ANSWER_MAX_MS = 5_000;
const BLOCKLIST_EVERY_MS = 10_000;
const FINDINGS_EVERY_MS = 60_000;
const STALE_MS = 10_000; // the agent publishes each second
const HISTORY_MS = 600_000;
const SAMPLES_MAX = HISTORY_MS / POLL_MS;
const LEAST_MS = 60_000; // that a sparkline goes back
const BARS = 60; // of a sparkline
const NOW_MS = 10_000; // span of what is called "now"
const BUSIEST = 8; // load balancers whose sources are shown together
const ROWS = 15; // of a table, until more are asked for
const BEHIND_BYTES = 1 << 20;

const GAPS = {
  truncated: 'the log was emptied before all of it was read',
  too_many_files: 'more rotated files were still being written than the agent keeps open',
  rotated_unreadable: 'a rotated file could not be read to its end',
  compressed_unreadable: 'a rotated file was compressed by something other than gzip',
  unplaced: 'a file was not read, because nothing shows whether it was once the log',
  torn_line: 'the end of a line was never written',
  vanished: 'the file in which reading had stopped was gone after a restart',
  resync: 'the log was shorter than what had been counted, as after a power loss',
  reboot: 'the last messages before the node went down were not read',
  source_changed: 'after a restart, a different log was read than before',
};

// ---- words

const grouped = new Intl.NumberFormat('en-US');
const number = value => grouped.format(value);
const some = (count, one, many = one + 's') => `${number(count)} ${count === 1 ? one : many}`;
const perSecond = rate => (rate >= 10 || rate === 0 ? number(Math.round(rate)) : rate >= 0.05 ? rate.toFixed(1) : '<0.1');
const absolute = millis => new Date(millis).toISOString().replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');

function span(millis) {
  const seconds = Math.round(Math.abs(millis) / 1000);
  for (const [unit, size] of [['d', 86_400], ['h', 3_600], ['min', 60]]) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${seconds} s`;
}

function relative(millis, now) {
  if (Math.abs(now - millis) < 1_500) return 'now';
  return millis <= now ? `${span(now - millis)} ago` : `in ${span(millis - now)}`;
}

function bytes(count) {
  for (const [unit, size] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]]) {
    if (count >= size) return `${(count / size).toFixed(1)} ${unit}`;
  }
  return `${count} B`;
}

const denied = nlbs => nlbs.reduce((total, nlb) => total + nlb.packets, 0);
const port = ({ port, protocol }) => (port === null ? protocol : `${protocol}/${port}`);
const sum = counts => Object.values(counts).reduce((total, count) => total + count, 0);
const list = counts => Object.entries(counts).filter(([, count]) => count).map(([name, count]) => `${name} ${number(count)}`).join(', ');

// ---- nodes

const byId = id => document.getElementById(id);

function el(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function say(node, text, className) {
  if (node.textContent !== text) node.textContent = text;
  if (className !== undefined && node.className !== className) node.className = className;
}

function attribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A moment: how far away it is; when exactly, to a pointer. */
function when(iso) {
  const node = el('time');
  node.dateTime = iso;
  node.title = absolute(Date.parse(iso));
  node.textContent = relative(Date.parse(iso), agentNow());
  return node;
}

/** A moment long ago, of which only the date says much. */
function date(iso) {
  const node = when(iso);
  node.dataset.exact = '';
  [node.title, node.textContent] = [node.textContent, node.title];
  return node;
}

/** Fills a node unless it shows the same already, so that a selection stays. */
function fill(node, ...parts) {
  const shown = parts.map(part => (typeof part === 'string' ? part : part.dateTime || part.className + part.textContent)).join('\u0000');
  if (node.shown !== shown) {
    node.shown = shown;
    node.replaceChildren(...parts);
  }
}

const address = text => el('bdi', 'address', text);
const items = (node, lines) => fill(node, ...lines.map(([className, ...parts]) => el('li', className, el('span', '', ...parts))));

function svg(name, className) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  if (className) node.setAttribute('class', className);
  return node;
}

// ---- history, for the sparklines

/** Totals of the last ten minutes: at most SAMPLES_MAX. */
class History {
  times = [];
  totals = [];

  add(time, total) {
    const last = this.times.length - 1;
    if (last >= 0 && (time < this.times[last] || total < this.totals[last])) { // another agent, or one that began anew
      this.times = [];
      this.totals = [];
    } else if (last >= 0 && time === this.times[last]) {
      return;
    }
    this.times.push(time);
    this.totals.push(total);
    while (this.times.length > SAMPLES_MAX || this.times[0] < time - HISTORY_MS - POLL_HIDDEN_MS) {
      this.times.shift();
      this.totals.shift();
    }
  }

  /** Packets a second over the latest NOW_MS, or null where nothing is known yet. */
  rate() {
    const last = this.times.length - 1;
    let first = last;
    while (first > 0 && this.times[last] - this.times[first] < NOW_MS) first--;
    return first === last ? null : ((this.totals[last] - this.totals[first]) * 1000) / (this.times[last] - this.times[first]);
  }

  /** How far back a sparkline goes, at least a minute. */
  span() {
    return Math.min(HISTORY_MS, Math.max(LEAST_MS, this.times.at(-1) - this.times[0]));
  }

  /** Packets a second by bar, null where nothing is known. */
  rates() {
    const bar = this.span() / BARS;
    const end = this.times.at(-1);
    const rates = [];
    for (let i = 0, sample = 0; i < BARS; i++) {
      const to = end - (BARS - 1 - i) * bar;
      const from = Math.max(to - bar, this.times[0]);
      const before = this.at(from, sample);
      while (sample < this.times.length - 1 && this.times[sample + 1] < to) sample++;
      rates.push(to > from ? ((this.at(to, sample) - before) * 1000) / (to - from) : null);
    }
    return rates;
  }

  /** The total at a time, between a sample and the next. */
  at(time, sample) {
    if (sample === this.times.length - 1) return this.totals[sample];
    const part = (time - this.times[sample]) / (this.times[sample + 1] - this.times[sample]);
    return this.totals[sample] + part * (this.totals[sample + 1] - this.totals[sample]);
  }
}

class Sparkline {
  constructor() {
    this.node = svg('svg');
    this.node.setAttribute('viewBox', `0 0 ${BARS} 20`);
    this.node.setAttribute('preserveAspectRatio', 'none');
    this.node.setAttribute('role', 'img');
    this.title = svg('title');
    this.area = svg('path', 'area');
    this.edge = svg('path', 'edge');
    const base = svg('path', 'base');
    base.setAttribute('d', `M0 19.5H${BARS}`);
    this.node.append(this.title, base, this.area, this.edge);
  }

  draw(history) {
    const rates = history.rates();
    const most = Math.max(0, ...rates.filter(rate => rate !== null));
    let edge = '';
    let from = -1;
    rates.forEach((rate, i) => {
      if (rate === null) return;
      if (from < 0) from = i;
      edge += `${edge ? 'V' : `M${i} `}${(19.5 - (most ? (18 * rate) / most : 0)).toFixed(2)}H${i + 1}`;
    });
    attribute(this.edge, 'd', edge || 'M0 0');
    attribute(this.area, 'd', edge && most ? `${edge}V19.5H${from}Z` : 'M0 0');
    this.words = from < 0 ? 'not known yet' : `peak ${perSecond(most)}/s (last ${span(((BARS - from) * history.span()) / BARS)})`;
    say(this.title, this.words);
    attribute(this.node, 'aria-label', this.words);
  }
}

// ---- tables

/** A table that keeps the nodes of its rows; buttons in its head sort it. */
class Table {
  rows = new Map();
  limit = ROWS;
  items = [];

  /**
   * columns: {label, className, value} where value, if given, makes the column one to sort by; empty means no items;
   * key(item) names a row; create() makes {cells, ...}; update(row, item) fills it.
   */
  constructor(parent, caption, columns, sortBy, { key, create, update, empty }) {
    Object.assign(this, { columns, key, create, update, sortBy, descending: true });
    this.body = el('tbody');
    this.heads = columns.map((column, i) => this.head(column, i));
    const headRow = el('tr', '', ...this.heads);
    const head = el('thead', '', headRow);
    this.table = el('table', '', el('caption', '', caption), head, this.body);
    // With display: block, on a phone, browsers forget that it is a table.
    for (const [node, role] of [[this.table, 'table'], [head, 'rowgroup'], [this.body, 'rowgroup'], [headRow, 'row']]) {
      node.setAttribute('role', role);
    }
    this.none = el('p', 'muted', empty);
    this.more = el('button', 'more');
    this.more.type = 'button';
    this.more.addEventListener('click', () => {
      this.limit = this.limit === ROWS ? Infinity : ROWS;
      this.show(this.items, true);
    });
    parent.append(this.table, this.none, this.more);
  }

  head({ label, className = '', value }, i) {
    const node = el('th', className);
    node.scope = 'col';
    node.setAttribute('role', 'columnheader');
    if (!value) {
      node.append(label);
      return node;
    }
    const button = el('button', '', label);
    button.type = 'button';
    button.addEventListener('click', () => {
      this.descending = this.sortBy !== i || !this.descending;
      this.sortBy = i;
      this.show(this.items, true);
    });
    node.append(button);
    return node;
  }

  /** Rows keep their places while somebody is about to use one. */
  inUse() {
    return this.body.contains(document.activeElement) || (matchMedia('(hover: hover)').matches && this.body.matches(':hover'));
  }

  sorted(items) {
    const { value } = this.columns[this.sortBy];
    const sign = this.descending ? -1 : 1;
    return items
      .map((item, i) => [value(item), i, item])
      .sort(([a, i], [b, j]) => (a < b ? -sign : a > b ? sign : i - j))
      .map(([, , item]) => item);
  }

  show(items, moved = false) {
    this.items = items;
    this.heads.forEach((head, i) => {
      if (i === this.sortBy) attribute(head, 'aria-sort', this.descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    const shown = this.sorted(items).slice(0, this.limit);
    const keys = new Set(shown.map(this.key));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.node.remove();
        this.rows.delete(key);
      }
    }
    const mayMove = moved || !this.inUse();
    let place = this.body.firstChild;
    for (const item of shown) {
      const key = this.key(item);
      let row = this.rows.get(key);
      if (!row) {
        row = this.row(item);
        this.rows.set(key, row);
        this.body.insertBefore(row.node, mayMove ? place : null);
      } else if (row.node === place) {
        place = place.nextSibling;
      } else if (mayMove) {
        this.body.insertBefore(row.node, place);
      }
      this.update(row, item);
    }
    this.table.hidden = items.length === 0;
    this.none.hidden = items.length > 0;
    this.more.hidden = items.length <= ROWS;
    say(this.more, this.limit === ROWS ? `Show all ${number(items.length)}` : `Show the first ${ROWS} only`);
  }

  row(item) {
    const cells = this.columns.map(({ label, className = '' }, i) => {
      const cell = el(i === 0 ? 'th' : 'td', className);
      if (i === 0) cell.scope = 'row';
      else cell.dataset.label = label;
      cell.setAttribute('role', i === 0 ? 'rowheader' : 'cell');
      return cell;
    });
    const node = el('tr', '', ...cells);
    node.setAttribute('role', 'row');
    return { node, cells, ...this.create(cells, item) };
  }
}

// ---- what is shown

const histories = new Map();
const all = new History();
let selected = ''; // a load balancer whose sources are shown, or none for the busiest
let takenAt = 0; // of the newest answer, on the agent's clock
let receivedAt = 0; // on the browser's
const agentNow = () => takenAt + (takenAt ? performance.now() - receivedAt : 0);

const serviceOf = ({ namespace, service }) => [namespace, service].filter(Boolean).join('/');
const knownOf = nlbs => nlbs.filter(nlb => nlb.nlb !== 'other');
const nameOf = nlb => (nlb.nlb === 'other' ? 'elsewhere' : nlb.nlb);
const rateOf = nlb => histories.get(nlb.nlb)?.rate() ?? 0;

const nlbTable = new Table(
  byId('nlbs-table'),
  'Denied packets by load balancer. “Now” is the last 10 s. Sources are those of the last 10 min. The trend covers the last 10 min, or the time since this page was opened.',
  [
    { label: 'load balancer', value: nlb => nameOf(nlb) },
    { label: 'now, per second', className: 'num', value: rateOf },
    { label: 'trend' },
    { label: 'packets', className: 'num', value: nlb => nlb.packets },
    { label: 'sources', className: 'num', value: nlb => nlb.sources },
    { label: 'top ports', className: 'wide' },
    { label: '', className: 'wide' },
  ],
  1,
  {
    empty: 'No load balancer is known yet.',
    key: nlb => nlb.nlb,
    create(cells, { nlb }) {
      const spark = new Sparkline();
      const service = el('small');
      service.append(el('bdi'));
      const button = el('button', '', 'sources');
      button.type = 'button';
      button.setAttribute('aria-label', `sources at ${nlb}`);
      button.addEventListener('click', () => {
        select(nlb);
        byId('sources').scrollIntoView();
        byId('sources').focus({ preventScroll: true });
      });
      cells[0].append(nlb === 'other' ? 'elsewhere' : address(nlb), service);
      cells[2].append(spark.node);
      cells[6].append(button);
      delete cells[2].dataset.label;
      delete cells[6].dataset.label;
      return { spark, service };
    },
    update(row, nlb) {
      const history = histories.get(nlb.nlb);
      const rate = history.rate();
      say(row.service.firstChild, nlb.nlb === 'other' ? 'not a known load balancer' : serviceOf(nlb));
      say(row.cells[1], rate === null ? '…' : perSecond(rate));
      row.spark.draw(history);
      say(row.cells[3], number(nlb.packets));
      say(row.cells[4], number(nlb.sources));
      say(row.cells[5], nlb.topPorts.slice(0, 3).map(top => `${port(top)}\u00a0×${number(top.packets)}`).join(' · '));
      row.node.className = nlb.packets === 0 ? 'quiet' : '';
    },
  },
);

const sourceTable = new Table(
  byId('sources-table'),
  'Sources of denied packets in the last 10 min. Addresses can be forged.',
  [
    { label: 'source', value: source => source.source },
    { label: 'packets', className: 'num', value: source => source.packets },
    { label: 'at', className: 'wide' },
    { label: 'first seen', value: source => source.firstSeen },
    { label: 'last seen', value: source => source.lastSeen },
    { label: 'blocked?', className: 'wide', value: source => source.ban?.until ?? '' },
  ],
  1,
  {
    empty: 'No source in the last 10 min.',
    key: source => source.source,
    create(cells, { source }) {
      cells[0].append(address(source));
      return {};
    },
    update({ cells }, source) {
      const range = source.atMost > source.packets ? ` to ${number(source.atMost)}` : '';
      say(cells[1], number(source.packets) + range);
      const [first, ...others] = source.nlbs;
      fill(cells[2], address(nameOf({ nlb: first })), others.length ? ` and ${others.length} more` : '');
      cells[2].title = source.nlbs.join(', ');
      fill(cells[3], when(source.firstSeen));
      fill(cells[4], when(source.lastSeen));
      fill(cells[5], ...standing(source));
    },
  },
);

function standing({ answered, ban: block, mode, enforcement }) {
  if (!block) return [answered ? 'established, so not blocked' : mode === 'off' ? 'no, the blocklist is off' : 'no'];
  const stored = block.rule === null || mode === 'enforce';
  const why = block.rule === null ? 'by hand' : `${block.rule}${block.ports.length ? `: ${block.ports.join(', ')}` : ''}`;
  const blocked = stored && enforcement === 'active';
  const words = blocked ? 'blocked, ends ' : stored ? 'in the blocklist, not enforced, ends ' : 'would be blocked, ends ';
  return [el('strong', blocked ? 'bad' : 'warn', words), when(block.until), el('small', '', why)];
}

const blockTable = new Table(
  byId('blocks-table'),
  'Sources blocked by this agent or by hand, and why.',
  [
    { label: 'source', value: block => block.source },
    { label: 'blocked', value: block => block.at },
    { label: 'blocked until', value: block => block.until },
    { label: 'why', className: 'wide' },
    { label: 'evidence', className: 'wide' },
  ],
  1,
  {
    empty: '',
    key: block => `${block.rule === undefined ? 'hand' : 'rule'} ${block.source}`,
    create(cells, { source }) {
      cells[0].append(address(source));
      return {};
    },
    update({ cells }, block) {
      fill(cells[1], when(block.at));
      fill(cells[2], when(block.until));
      if (block.rule === undefined) {
        fill(cells[3], 'by hand', el('small', '', `${block.reason}${block.by ? ` (${block.by})` : ''}`));
        fill(cells[4], '');
      } else {
        const { count, ports, loadBalancers, members = [] } = block.evidence;
        fill(cells[3], block.rule, block.repeats ? el('small', '', `blocked ${some(block.repeats, 'time')} before`) : '');
        fill(cells[4], `${number(count)} at ${loadBalancers.join(', ')}`, ports.length ? el('small', '', ports.join(', ')) : '', members.length ? el('small', '', `sources ${members.join(', ')}`) : '');
      }
      const { stopped } = block;
      if (stopped) cells[2].append(el('small', '', `stopped ${some(stopped.packets, 'packet')} since `, when(stopped.since)));
    },
  },
);

function showNow({ nlbs, log, since }) {
  const rate = all.rate();
  const busy = nlbs.filter(nlb => rateOf(nlb) > 0);
  const newest = sourcesShown.reduce((latest, source) => (source.lastSeen > latest ? source.lastSeen : latest), '');
  say(byId('now'), rate === null ? 'Measuring…' : rate === 0 ? 'Quiet' : perSecond(rate));
  say(byId('now-unit'), rate ? 'denied packets per second' : '');
  const at = `at ${some(busy.length, 'load balancer')}`;
  const words = [rate === null ? 'the rate is known in a few seconds' : rate === 0 ? 'no packets denied in the last 10 s' : at];
  words.push(`; ${some(denied(nlbs), 'packet')} since `, date(since));
  if (rate === 0 && newest) words.push('; the last one ', when(newest));
  if (log.catchingUp) words.push('; a backlog is being read, which “now” does not include');
  fill(byId('now-words'), ...words);
  totalChart.draw(all);
  say(byId('now-most'), rate ? totalChart.words : '');
  document.title = `${rate ? `${perSecond(rate)}/s denied` : 'quiet'} · ${byId('node').textContent} · denywatch`;
  return rate === null ? '' : rate === 0 ? 'No packets are denied now.'
    : `About ${perSecond(rate)} packets per second are denied ${at}.`;
}

function showQuiet({ nlbs, log, since }) {
  byId('quiet').hidden = denied(nlbs) > 0;
  if (denied(nlbs) > 0) return;
  const lines = sum(log.lines);
  const checks = [['', 'No packets have been denied since ', date(since), '. This is what the agent knows:']];
  checks.push(log.readable ? ['good', 'The log can be read: ', address(log.path)]
    : ['bad', 'The log cannot be read: ', el('bdi', '', log.problem || log.path)]);
  checks.push(lines > 0 ? ['good', `${some(lines, 'line')} read, the last `, log.lastLineAt ? when(log.lastLineAt) : 'before a restart']
    : ['warn', 'No line has been read yet. Is anything written to this log?']);
  if (log.lines.malformed > 0) checks.push(['bad', `${some(log.lines.malformed, 'line')} with the log prefix could not be parsed: ${list(log.malformed)}`]);
  if (log.lines.unrecognized > 0) checks.push(['bad', `${some(log.lines.unrecognized, 'unrecognized line')} with the log prefix: “denywatch doctor” quotes one and says why`]);
  if (log.lines.response > 0) checks.push(['warn', `${some(log.lines.response, 'line')} logged a response: Calico also logs clients that are allowed`]);
  if (lines > 0 && log.lines.packet === 0 && log.lines.malformed === 0 && log.lines.unrecognized === 0) {
    checks.push(['warn', 'None of these lines is a packet that Calico logged. Either no packet is denied, or no policy has a Log rule before its Deny rule, or the log prefix is not in packets.prefixes.']);
  }
  const known = knownOf(nlbs).length;
  checks.push(known ? ['good', `${some(known, 'load balancer')} known`] : ['', 'No load balancer is known yet.']);
  checks.push(['', '“denywatch doctor” on this node checks all of this and says what to do. Its findings about the cluster are below.']);
  items(byId('quiet-list'), checks);
}

function showFunnel({ nlbs, log }) {
  const lines = sum(log.lines);
  const known = knownOf(nlbs);
  const attributed = denied(known);
  const other = denied(nlbs) - attributed;
  say(byId('read'), some(lines, 'line'));
  say(byId('read-words'), `${number(log.lines.other)} not about packets${log.lines.oversized ? `, ${number(log.lines.oversized)} too long` : ''}; ${log.unreadBytes ? bytes(log.unreadBytes) : 'nothing'} left to read`);
  const repeats = attributed + other - log.lines.packet; // of lines that stand for several packets
  say(byId('parsed'), `${some(log.lines.packet, 'packet line')}${repeats > 0 ? ` (+${some(repeats, 'repeat')})` : ''}`);
  say(byId('parsed-words'), `${some(log.lines.malformed, 'malformed line')}${log.lines.unrecognized ? `, ${number(log.lines.unrecognized)} not recognized` : ''}, ${some(log.lines.response, 'response line')}`);
  say(byId('attributed'), some(attributed, 'packet'));
  say(byId('attributed-words'), `to ${some(known.filter(nlb => nlb.packets > 0).length, 'load balancer')} of ${number(known.length)} known; ${number(other)} went elsewhere`);
}

const DECIDED = {
  applied: 'blocked', dry_run: 'would be blocked', never_block: 'exempt', limit: 'list full', rate: 'too many at once', breaker: 'breaker open', untrusted_log: 'log not trusted', failed: 'first write failed',
};

const NOT_ENFORCED = {
  missing: ['bad', 'Not enforced: no active policy denies the blocklist on this node (blocklist-policy-missing).'],
  unknown: ['warn', 'It is not known whether a policy denies the blocklist.'],
};

function showBlocklist({ mode, enforcement, breakerOpen, problem, lastSync, limits, counts, promotions, entries, manual, stopped }) {
  const outcomes = {};
  for (const rule of Object.values(promotions)) {
    for (const [outcome, count] of Object.entries(rule)) {
      const name = DECIDED[outcome] ?? outcome;
      outcomes[name] = (outcomes[name] ?? 0) + count;
    }
  }
  const detections = sum(outcomes) + counts.missedOffences;
  say(byId('decided'), mode === 'off' ? 'off' : some(detections, 'detection'));
  const lost = { 'detections skipped': counts.missedOffences, 'evicted from memory': counts.evictedWindows, displaced: counts.displacements };
  say(byId('decided-words'), mode === 'off' ? 'the blocklist is off: no source is blocked'
    : list({ ...outcomes, ...lost }) || 'no source reached a rule since the agent started');
  const words = byId('blocks-words');
  if (mode === 'off') fill(words, 'Off: no source is blocked. With blocklist.mode: dry-run, this shows which sources the rules would block.');
  else if (mode === 'dry-run') fill(words, `Dry run: no source is blocked; ${some(entries.length, 'source')} would be.`);
  else fill(words, `${some(entries.length, 'source')} of at most ${number(limits.entries)} that this agent wants to block, ${number(counts.storedEntries)} in the cluster’s blocklist, ${number(counts.enforcedEntries)} enforced; last sync: `, lastSync ? when(lastSync) : 'never');
  const problems = [];
  const stored = counts.storedEntries + manual.length;
  const enforced = enforcement === 'active';
  if ((mode === 'enforce' || stored > 0) && !enforced) problems.push(NOT_ENFORCED[enforcement] ?? NOT_ENFORCED.unknown);
  if (breakerOpen) problems.push(['bad', 'The breaker is open: many sources sent 1 to 3 packets or reached a rule, and may be forged. Only overwhelming evidence blocks a new source.']);
  if (problem) problems.push(['bad', el('bdi', '', problem)]);
  if (counts.overdueEntries) problems.push(['warn', `${some(counts.overdueEntries, 'entry', 'entries')} of the cluster’s blocklist ${counts.overdueEntries === 1 ? 'is past its' : 'are past their'} deadline.`]);
  items(byId('blocks-problems'), problems);
  const bySource = new Map(stopped.map(one => [one.source, one]));
  blockTable.show([...entries, ...manual].map(block => ({ ...block, stopped: bySource.get(block.source) })));
  const blocked = enforced ? `${number(stored)} blocked`
    : `0 blocked: ${enforcement === 'missing' ? 'policy missing' : 'policies not checked'}`;
  const headline = mode === 'off' && !stored ? 'Blocklist off'
    : mode === 'dry-run' ? `Dry run: ${number(entries.length)} would be blocked` : blocked;
  const remark = breakerOpen ? ', breaker open' : problem && mode !== 'dry-run' ? ', with a problem' : '';
  say(byId('blocked'), headline + remark, problems.length ? 'bad' : '');
}

function showLedger({ log, since, checkpoint, trackedSources }, findings) {
  const losses = [];
  const lose = (count, what, text) => count > 0 && losses.push(['warn', `${some(count, what)}${text}.`]);
  const unread = '; they may have been packets: ';
  for (const [by, count] of Object.entries(log.suppressed)) lose(count, 'line', ` reported by ${by} as dropped before reaching the log`);
  for (const [reason, count] of Object.entries(log.gaps)) lose(count, 'place', ` with possible losses: ${GAPS[reason] ?? reason}`);
  lose(log.kmsgLostRecords, 'record', ' of the kernel’s log overwritten before they were read');
  lose(log.lines.malformed, 'line', ` with the log prefix could not be parsed${unread}${list(log.malformed)}`);
  lose(log.lines.unrecognized, 'unrecognized line', ` with the log prefix${unread}“denywatch doctor” says why`);
  if (checkpoint.stateLost) losses.push(['warn', 'The counts of an earlier process could not be restored: counting restarted from 0.']);
  if (findings?.findings.some(finding => finding.id === 'log-rate-limited')) losses.push(['warn', 'Calico limits the rate of its Log rules (logActionRateLimit): it does not report what it drops.']);
  const exact = losses.length === 0;
  const [verdict, tone] = exact ? ['Counts are exact', 'good'] : ['Counts are a lower bound', 'warn'];
  fill(byId('ledger-words'), el('strong', tone, verdict), ' since ', date(since),
    exact ? ': each packet line of the log was counted once, and no loss is known.' : ', because:');
  items(byId('ledger-losses'), losses);
  const notes = [];
  const note = (count, what, text) => count > 0 && notes.push(['', `${some(count, what)}${text}.`]);
  if (log.catchingUp || log.unreadBytes > BEHIND_BYTES) notes.push(['', `Counts are behind: ${bytes(log.unreadBytes)} of the log not read yet.`]);
  if (!log.readable) notes.push(['', 'The log cannot be read now: ', el('bdi', '', log.problem)]);
  if (sum(log.readErrors) > 0) notes.push(['', `Failures to open or read the log: ${list(log.readErrors)}.`]);
  note(checkpoint.failures, 'failure', ' to save or restore counts');
  note(log.nulBytes, 'NUL byte', ' skipped: holes in the log');
  note(log.lines.oversized, 'line', ' longer than 64 KiB skipped; packet lines are shorter');
  note(trackedSources.evictedForCapacity, 'source', ' dropped to make room: packets per source are ranges, packets per load balancer stay exact');
  note(sum(log.rotations), 'rotation', ' of the log followed');
  items(byId('ledger-notes'), notes);
  say(byId('trust'), log.readable ? verdict : 'The log cannot be read', log.readable ? tone : 'bad');
}

function showFindings({ at, findings, summary }) {
  const words = byId('findings-words');
  const found = byId('found');
  if (at === null) {
    fill(words, 'No cluster checks have run. “denywatch doctor” checks the node itself.');
    say(found, 'No cluster checks', '');
  } else {
    fill(words, 'Checked ', when(at), '. Checks run every ten minutes.');
    const bad = [[summary.error, 'error'], [summary.warning, 'warning']].filter(([count]) => count > 0);
    say(found, `Doctor: ${bad.map(([count, what]) => some(count, what)).join(', ') || 'no problems'}`, summary.error ? 'bad' : summary.warning ? 'warn' : 'good');
  }
  fill(byId('findings-list'), ...findings.map(({ id, severity, what, why, todo, caveats }) => {
    const lines = [el('p', '', el('span', 'tag', severity), el('bdi', '', what)),
      ...caveats.map(caveat => el('p', '', 'But: ', el('bdi', '', caveat)))];
    if (why) lines.push(el('p', 'muted', why));
    if (todo) lines.push(el('p', '', el('strong', '', 'To do: '), todo));
    lines.push(el('p', '', el('code', '', id)));
    return el('article', ['error', 'warning'].includes(severity) ? `finding ${severity}` : 'finding', ...lines);
  }));
}

// ---- sources of one load balancer, or of the busiest

let sourcesShown = [];

function select(nlb) {
  selected = nlb;
  byId('at').value = nlb;
  sourcesShown = [];
  poll();
}

function showChoice(nlbs) {
  const names = nlbs.filter(nlb => nlb.packets > 0 || nlb.nlb === selected).map(nlb => nlb.nlb);
  if (selected && !names.includes(selected)) selected = '';
  const choice = byId('at');
  if (choice !== document.activeElement || !choice.options.length) {
    fill(choice, ...['', ...names].map(name => {
      const option = el('option', '', name === '' ? (names.length > BUSIEST ? `the ${BUSIEST} busiest load balancers` : 'all load balancers') : nameOf({ nlb: name }));
      option.value = name;
      return option;
    }));
    choice.value = selected;
  }
}

function chosen(nlbs) {
  if (selected) return [selected];
  const denied = nlbs.filter(nlb => nlb.packets > 0);
  return denied.sort((a, b) => rateOf(b) - rateOf(a) || b.packets - a.packets).slice(0, BUSIEST).map(nlb => nlb.nlb);
}

/** The same source at several load balancers is one row. */
function merged(documents) {
  const bySource = new Map();
  for (const { nlb, sources, blocklistMode, enforcement } of documents) {
    for (const source of sources) {
      const row = bySource.get(source.source);
      if (!row) {
        bySource.set(source.source, { ...source, mode: blocklistMode, enforcement, nlbs: [nlb] });
        continue;
      }
      row.packets += source.packets;
      row.atMost += source.atMost;
      row.nlbs.push(nlb);
      if (source.firstSeen < row.firstSeen) row.firstSeen = source.firstSeen;
      if (source.lastSeen > row.lastSeen) row.lastSeen = source.lastSeen;
    }
  }
  return [...bySource.values()];
}

// ---- polling

class Starting extends Error {}

async function ask(path) {
  let answer;
  try {
    answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MAX_MS) });
  } catch (e) {
    throw new Error(e.name === 'TimeoutError' ? `no answer within ${ANSWER_MAX_MS / 1000} s` : 'the agent cannot be reached');
  }
  if (answer.status === 404 && path.includes('?')) return null; // a load balancer that is no longer there
  const document = await answer.json().catch(() => null);
  if (answer.status === 503 && document?.error) throw new Starting(document.error);
  if (!answer.ok) throw new Error(`the agent answers ${answer.status}`);
  if (!document) throw new Error('the answer is incomplete');
  return document;
}

const totalChart = new Sparkline();
const due = { blocklist: 0, findings: 0 };
let findings = null;
let failures = 0;
let advancedAt = performance.now(); // when the newest answer was newer than the one before
let timer = 0;
let polling = false;
let again = false;
let announced = '';
let announcedAt = 0;

async function refresh() {
  const status = await ask('./api/v1/nlbs');
  const moment = Date.parse(status.takenAt);
  if (moment !== takenAt) advancedAt = performance.now();
  if (moment !== takenAt || !receivedAt) receivedAt = performance.now();
  takenAt = moment;
  say(byId('node'), status.node);
  say(byId('version'), status.version);
  const names = new Set(status.nlbs.map(nlb => nlb.nlb));
  for (const name of histories.keys()) if (!names.has(name)) histories.delete(name);
  let total = 0;
  for (const nlb of status.nlbs) {
    if (!histories.has(nlb.nlb)) histories.set(nlb.nlb, new History());
    // Late packets are a backlog.
    histories.get(nlb.nlb).add(takenAt, nlb.packets - nlb.latePackets);
    total += nlb.packets - nlb.latePackets;
  }
  all.add(takenAt, total);
  showChoice(status.nlbs);
  const documents = [];
  for (const nlb of chosen(status.nlbs)) documents.push(await ask(`./api/v1/sources?nlb=${encodeURIComponent(nlb)}`));
  sourcesShown = merged(documents.filter(Boolean));
  if (performance.now() >= due.findings) {
    showFindings((findings = await ask('./api/v1/findings')));
    due.findings = performance.now() + FINDINGS_EVERY_MS;
  }
  if (performance.now() >= due.blocklist) {
    showBlocklist(await ask('./api/v1/blocklist'));
    due.blocklist = performance.now() + BLOCKLIST_EVERY_MS;
  }
  const headline = showNow(status);
  showQuiet(status);
  nlbTable.show(status.nlbs.filter(nlb => nlb.nlb !== 'other' || nlb.packets > 0));
  sourceTable.show(sourcesShown);
  say(byId('sources-words'), `${number(sourcesShown.length)} shown`);
  showFunnel(status);
  showLedger(status, findings);
  byId('main').classList.remove('waiting');
  return headline;
}

/** Shows how current the page is. */
function showState(problem, starting, retryMs) {
  const since = performance.now() - advancedAt;
  const frozen = !problem && since > STALE_MS && !document.hidden;
  const stale = Boolean(problem) && (failures > 1 || !takenAt) || frozen;
  const state = byId('state');
  const banner = byId('banner');
  banner.hidden = !document.documentElement.classList.toggle('stale', stale || starting);
  if (starting) {
    say(state, 'starting', 'state starting');
    say(banner, `The agent is starting: ${problem}. Counts appear when it is ready.`, 'banner starting');
  } else if (stale) {
    say(state, 'stale', 'state stale');
    const asOf = takenAt ? `This page shows ${absolute(takenAt)}, ${span(agentNow() - takenAt)} ago.` : 'Nothing to show yet.';
    say(banner, frozen ? `Stale: the agent answers, but has published nothing new. ${asOf} /livez says more.`
      : `Stale: ${problem}. ${asOf} Trying again every ${span(retryMs)}.`, 'banner');
  } else {
    say(state, problem ? 'no answer, trying again' : takenAt ? `live, as of ${absolute(takenAt)}` : 'connecting', problem ? 'state starting' : 'state');
  }
  if (stale && !document.title.startsWith('stale')) document.title = `stale · ${document.title}`;
}

/** Announces large changes to screen readers, and the state now and then. */
function announce(text) {
  const gist = text.replace(/[\d.,<]+/g, '');
  if (text && (gist !== announced || performance.now() - announcedAt > POLL_HIDDEN_MS * 2)) {
    say(byId('summary'), text);
    announced = gist;
    announcedAt = performance.now();
  }
}

async function poll() {
  if (polling) {
    again = true;
    return;
  }
  polling = true;
  clearTimeout(timer);
  let problem = '';
  let starting = false;
  let headline = '';
  try {
    headline = await refresh();
    failures = 0;
  } catch (e) {
    if (e instanceof TypeError) console.error(e); // a fault of this script
    starting = e instanceof Starting;
    failures = starting ? 0 : failures + 1;
    due.blocklist = due.findings = 0;
    problem = e.message;
  }
  const pause = failures ? Math.min(RETRY_MAX_MS, 500 * 2 ** failures) : POLL_MS;
  showState(problem, starting, pause);
  announce(headline);
  lastShown = [problem, starting, pause];
  polling = false;
  timer = setTimeout(poll, again ? 0 : document.hidden ? Math.max(POLL_HIDDEN_MS, pause) : pause);
  again = false;
}

let lastShown = ['', false, POLL_MS];

/** Once a second, so that "3 s ago" stays true. */
function tick() {
  if (document.hidden || !takenAt) return;
  const now = agentNow();
  for (const node of document.querySelectorAll('time:not([data-exact])')) say(node, relative(Date.parse(node.dateTime), now));
  if (failures > 1) showState(...lastShown);
}

byId('now-chart').append(totalChart.node);
byId('at').addEventListener('change', event => select(event.target.value));
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  advancedAt = performance.now(); // nothing was polled for a while
  poll();
});
addEventListener('online', poll);
setInterval(tick, 1_000);
poll();
