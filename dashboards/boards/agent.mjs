// The agents: does each of them run, read its log without losses and block what it should, and what does it cost?
import {ACT, WATCH, board, colored, colors, graph, mapped, query, rows, stat, steps, table, variable} from './board.mjs';
import {ago, findings, losses} from './shared.mjs';

const T = 'job=~"$job",cluster=~"$cluster"';
const A = `${T},node=~"$node",instance=~"$instance"`;
const each = (name) => `max by (cluster, node) (${name}{${A}})`;
/** resources.limits.memory of the chart. */
const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;
const worst = (expr) => `topk(10, ${expr})`;

export default board('denywatch-agent', 'denywatch / Agent health',
  'Whether each agent runs, reads its log without losses and blocks what it should, and what it costs.',
  [
    variable('node', 'Node', `label_values(denywatch_build_info{${T}}, node)`),
    variable('instance', 'Instance', `label_values(denywatch_build_info{${T},node=~"$node"}, instance)`),
  ],
  [
    ['Are all agents healthy?',
      [
        stat('Agents down', 'Agents that Prometheus cannot scrape. Denied packets on their nodes are not visible.',
          3, query(`count(up{${A}} == 0) or vector(0)`), 'none', {thresholds: ACT}),
        stat('Agents up', 'Agents that Prometheus can scrape. There should be one for each node of the cluster.', 3, query(`sum(up{${A}})`), 'none'),
        stat('Logs not readable', 'Agents that run but cannot read their log, and therefore count nothing.',
          3, query(`count(denywatch_log_readable{${A}} == 0) or vector(0)`), 'none', {thresholds: ACT}),
        stat('Largest backlog', 'Bytes of its log that the slowest agent has not read yet.',
          3, query(`max(denywatch_log_unread_bytes{${A}})`), 'bytes', {thresholds: steps('green', [16777216, 'orange'], [67108864, 'red'])}),
        stat('Malformed lines', 'Share of the packet lines that could not be parsed. Above 1 %, the format of the log is wrong.',
          3, query(`sum(rate(denywatch_log_lines_total{${A},result="malformed"}[$__rate_interval])) / sum(rate(denywatch_log_lines_total{${A},result=~"packet|malformed"}[$__rate_interval]))`),
          'percentunit', {decimals: 2, thresholds: steps('green', [0.001, 'orange'], [0.01, 'red']), noValue: 'no packets'}),
        stat('State lost', 'Agents that could not restore the counts of an earlier process: counters restarted from 0.',
          3, query(`sum(denywatch_state_lost{${A}})`), 'none', {thresholds: WATCH}),
        stat('Oldest checkpoint', 'Age of the oldest checkpoint of all agents, normally a few seconds. After a crash, an agent continues from its last checkpoint.',
          3, query(`max(${ago(`denywatch_checkpoint_timestamp_seconds{${A}}`)})`), 's', {decimals: 0, thresholds: steps('green', [60, 'orange'], [600, 'red'])}),
        stat('Versions running', 'If there is more than one version for a long time, an update is stuck.',
          3, query(`count(count by (version, revision) (denywatch_build_info{${A}}))`), 'none', {thresholds: steps('green', [2, 'orange'])}),
      ],
      [
        table('Agents', 'One row per node, those with the most findings first.', 24,
          [
            rows(`max by (cluster, node, version) (denywatch_build_info{${A}})`),
            rows(`max by (cluster, node, kind, path) (denywatch_source_info{${A}})`),
            rows(`max by (cluster, node, mode) (denywatch_blocklist_info{${A}})`),
            rows(`min by (cluster, node) (denywatch_log_readable{${A}})`),
            rows(each('denywatch_log_unread_bytes')),
            rows(ago(each('denywatch_log_last_line_timestamp_seconds'))),
            rows(ago(each('denywatch_checkpoint_timestamp_seconds'))),
            rows(each('denywatch_blocklist_breaker_open')),
            rows(ago(each('process_start_time_seconds'))),
            rows(`sum by (cluster, node) (denywatch_findings{${A},severity=~"warning|error"})`),
          ],
          [
            ['node', 'Node'],
            ['version', 'Version'],
            ['path', 'Log'],
            ['mode', 'Blocklist', {'custom.width': 90}],
            ['Value #D', 'Log readable', {
              'custom.width': 115, ...mapped({0: ['no', 'red'], 1: ['yes', 'green']}),
            }],
            ['Value #E', 'Unread', {unit: 'bytes', 'custom.width': 100, ...colored('text', [16777216, 'orange'], [67108864, 'red'])}],
            ['Value #F', 'Last line ago', {unit: 's', decimals: 0, 'custom.width': 120, ...colored('text', [900, 'orange'], [3600, 'red'])}],
            ['Value #G', 'Checkpoint ago', {unit: 's', decimals: 0, 'custom.width': 130, ...colored('text', [60, 'orange'], [600, 'red'])}],
            ['Value #H', 'Breaker', {
              'custom.width': 90, ...mapped({0: ['closed', 'text'], 1: ['open', 'orange']}),
            }],
            ['Value #I', 'Up for', {unit: 's', decimals: 0, 'custom.width': 110, ...colored('orange', [600, 'text'])}],
            ['Value #J', 'Findings', {'custom.width': 100, ...colored('text', [1, 'orange'])}],
          ], {height: 8, sortBy: 'Findings'}),
      ],
      [
        findings(A, 12),
        graph('Agents up, down, without log', 'Agents “without log” run, but cannot read their log.',
          12, [
            query(`sum(up{${A}})`, 'up'),
            query(`count(up{${A}} == 0) or vector(0)`, 'down'),
            query(`count(denywatch_log_readable{${A}} == 0) or vector(0)`, 'without log'),
          ], 'none', {decimals: 0, height: 7, overrides: colors({up: 'green', down: 'red', 'without log': 'orange'})}),
      ]],
    ['Is everything read?',
      [
        graph('Lines read', 'Lines by result. Only packet lines count as denied packets; response lines show established connections. “Repeats” are further packets of a line, because the logger merged identical lines into one.',
          8, [
            query(`sum by (result) (rate(denywatch_log_lines_total{${A}}[$__rate_interval]))`, '{{result}}'),
            query(`clamp_min(sum(rate(denywatch_denied_packets_total{${A}}[$__rate_interval])) - sum(rate(denywatch_log_lines_total{${A},result="packet"}[$__rate_interval])), 0)`, 'repeats'),
          ], 'suffix: lines/s',
          {look: 'areas', overrides: colors({packet: 'blue', response: 'green', other: 'text', malformed: 'red', unrecognized: 'purple', oversized: 'orange'})}),
        graph('Not read yet', 'The ten largest backlogs. If a backlog grows, the agent has too little CPU, or the log grows too fast.',
          8, [query(worst(each('denywatch_log_unread_bytes')), '{{node}}')], 'bytes'),
        graph('Time since the last line', 'The ten longest times. If a time keeps rising, the logger has stopped, the disk is full, or the log was moved.',
          8, [query(worst(ago(each('denywatch_log_last_line_timestamp_seconds'))), '{{node}}')], 's'),
      ],
      [
        graph('Malformed lines by reason', 'Lines with the log prefix that could not be parsed, or whose beginning was not recognized. They may have been packets, but are not counted as such.',
          8, [
            query(`sum by (reason) (increase(denywatch_malformed_lines_total{${A}}[$__rate_interval])) > 0`, '{{reason}}'),
            query(`sum(increase(denywatch_log_lines_total{${A},result="unrecognized"}[$__rate_interval])) > 0`, 'not recognized'),
          ], 'none', {look: 'bars', decimals: 0, noValue: 'no line was malformed'}),
        graph('Rotations and failed reads', 'Rotations should be rare and regular. Each truncation of the log (copytruncate) can lose lines.',
          8, [
            query(`sum by (kind) (increase(denywatch_log_rotations_total{${A}}[$__rate_interval]))`, 'log {{kind}}'),
            query(`sum by (reason) (increase(denywatch_log_read_errors_total{${A}}[$__rate_interval]))`, 'read failed: {{reason}}'),
          ], 'none', {look: 'bars', decimals: 0}),
        graph('Agents reading a backlog', 'Agents that are reading lines more than two minutes old. The packets count as late and lead to no block.',
          8, [query(`sum(denywatch_log_catching_up{${A}})`, 'catching up')], 'none', {decimals: 0, overrides: colors({'catching up': 'orange'})}),
      ]],
    ['What was lost?',
      [
        losses(A, 8),
        graph('Checkpoint age', 'The ten oldest checkpoints. Whatever was counted since then is only in memory. Normally that is a few seconds.',
          8, [query(worst(ago(each('denywatch_checkpoint_timestamp_seconds'))), '{{node}}')], 's'),
        graph('Damage', 'Checkpoints that could not be written or read, holes in the log after a power loss, lines too long to be packets, metric families that could not be produced, and lost state.',
          8, [
            query(`sum(increase(denywatch_checkpoint_failures_total{${A}}[$__rate_interval]))`, 'failed checkpoints'),
            query(`sum(increase(denywatch_log_nul_bytes_total{${A}}[$__rate_interval]))`, 'NUL bytes skipped'),
            query(`sum(increase(denywatch_log_lines_total{${A},result="oversized"}[$__rate_interval]))`, 'oversized lines'),
            query(`sum(increase(denywatch_exposition_errors_total{${A}}[$__rate_interval]))`, 'missing metrics'),
            query(`sum(denywatch_state_lost{${A}})`, 'agents that lost their state'),
          ], 'none', {look: 'bars', decimals: 0}),
      ]],
    ['Blocklist health',
      [
        graph('Blocks not stored yet', 'Sources that an agent in mode enforce wants to block but that are not in the cluster’s blocklist yet. If there are any for a long time, writes fail. The ten highest.',
          8, [query(worst(`sum by (node) ((denywatch_blocklist_entries{${A}} - denywatch_blocklist_stored_entries{${A}}) and on (cluster, node, instance) denywatch_blocklist_info{${A},mode="enforce"})`), '{{node}}')],
          'none', {decimals: 0, noValue: 'no agent enforces'}),
        graph('How full is the blocklist?', 'Share of blocklist.entriesMax in use. At 100 %, no further source is blocked. The ten fullest.',
          8, [query(worst(`sum by (node) (denywatch_blocklist_entries{${A}}) / sum by (node) (denywatch_blocklist_entries_limit{${A}})`), '{{node}}')],
          'percentunit', {max: 1, steps: steps('transparent', [0.8, 'orange'])}),
        graph('Time since the last blocklist sync', 'The ten longest times. If a time rises, requests to the Kubernetes API fail, and blocks neither begin nor end.',
          8, [query(worst(ago(each('denywatch_blocklist_last_sync_timestamp_seconds'))), '{{node}}')], 's'),
      ],
      [
        graph('Expirations, repairs, failures', 'Blocks that ended at their deadline; blocks that gave way to stronger evidence in a full blocklist; changes by others that were undone; first writes that failed; and blocks past their deadline.',
          8, [
            query(`sum(increase(denywatch_blocklist_expirations_total{${A}}[$__rate_interval]))`, 'ended'),
            query(`sum(increase(denywatch_blocklist_displacements_total{${A}}[$__rate_interval]))`, 'displaced'),
            query(`sum(increase(denywatch_blocklist_repairs_total{${A}}[$__rate_interval]))`, 'repaired'),
            query(`sum(increase(denywatch_promotions_total{${A},outcome="failed"}[$__rate_interval]))`, 'failed'),
            query(`sum(denywatch_blocklist_overdue_entries{${A}})`, 'overdue'),
          ], 'none', {look: 'bars', decimals: 0, overrides: colors({ended: 'green', displaced: 'purple', repaired: 'yellow', failed: 'orange', overdue: 'red'})}),
        graph('Breakers open', 'Nodes where so many sources sent 1 to 3 packets, or reached a rule, that they may be forged. Only overwhelming evidence blocks a new source there.',
          8, [query(`sum by (node) (denywatch_blocklist_breaker_open{${A}}) > 0`, '{{node}}')], 'none', {
            look: 'bars', decimals: 0, noValue: 'all are closed', color: {mode: 'fixed', fixedColor: 'orange'},
          }),
        graph('Requests to the Kubernetes API', 'Requests by verb and response code. 403 means that a permission is missing; 409 is a conflicting change, which is retried.',
          8, [query(`sum by (verb, code) (rate(denywatch_kubernetes_requests_total{${A}}[$__rate_interval])) > 0`, '{{verb}} {{code}}')], 'reqps', {noValue: 'the API is not used'}),
      ],
      [
        graph('Kubernetes API request duration (p99)', '99 % of the requests were answered within this time.',
          12, [query(`histogram_quantile(0.99, sum by (le, verb) (rate(denywatch_kubernetes_request_duration_seconds_bucket{${A}}[$__rate_interval]))) >= 0`, '{{verb}}')], 's',
          {noValue: 'the API is not used', custom: {showPoints: 'auto', spanNulls: true}}),
        graph('Time to block', 'From the packet that reached a threshold until its source is in the blocklist.',
          12, [
            query(`histogram_quantile(0.5, sum by (le) (rate(denywatch_time_to_block_seconds_bucket{${A}}[$__rate_interval]))) >= 0`, 'p50'),
            query(`histogram_quantile(0.99, sum by (le) (rate(denywatch_time_to_block_seconds_bucket{${A}}[$__rate_interval]))) >= 0`, 'p99'),
          ], 's', {noValue: 'no source was blocked', custom: {showPoints: 'auto', spanNulls: true}}),
      ]],
    ['What does it cost?',
      [
        graph('CPU', 'CPU cores in use. The ten highest.',
          6, [query(worst(`sum by (node) (rate(process_cpu_seconds_total{${A}}[$__rate_interval]))`), '{{node}}')], 'suffix: cores', {decimals: 3}),
        graph('Memory', 'Resident memory. The kernel kills an agent that exceeds its container’s limit; the line marks the chart’s default. The ten highest.',
          6, [query(worst(`max by (node) (process_resident_memory_bytes{${A}})`), '{{node}}')], 'bytes', {steps: steps('transparent', [MEMORY_LIMIT_BYTES, 'red'])}),
        graph('Heap', 'Share of the maximum heap in use. Above 95 %, the agent spends most of its time in garbage collection. The ten fullest.',
          6, [query(worst(`sum by (node) (jvm_memory_used_bytes{${A},area="heap"}) / sum by (node) (jvm_memory_max_bytes{${A},area="heap"})`), '{{node}}')],
          'percentunit', {max: 1, steps: steps('transparent', [0.95, 'red'])}),
        graph('Time in garbage collection', 'Share of time in which garbage collection pauses the agent. The ten highest.',
          6, [query(worst(`sum by (node) (rate(jvm_gc_pause_seconds_sum{${A}}[$__rate_interval]))`), '{{node}}')], 'percentunit'),
      ],
      [
        graph('Source table', 'Share of the table of sources in use. A full table is normal: new sources replace the quietest ones. The ten fullest.',
          8, [query(worst(`sum by (node) (denywatch_tracked_sources{${A}}) / sum by (node) (denywatch_tracked_sources_limit{${A}})`), '{{node}}')],
          'percentunit', {max: 1}),
        graph('Sources forgotten', '“idle” sources sent nothing for a whole window. “capacity” means that sources made room for others, so packets per source become lower bounds. “blocklist” means that the rules’ memory was full, so they may miss a source.',
          8, [
            query(`sum by (reason) (rate(denywatch_sources_evicted_total{${A}}[$__rate_interval]))`, '{{reason}}'),
            query(`sum by (reason) (rate(denywatch_blocklist_windows_evicted_total{${A}}[$__rate_interval]))`, 'blocklist: {{reason}}'),
          ], 'suffix: sources/s',
          {look: 'areas', overrides: colors({capacity: 'orange', idle: 'blue'})}),
        graph('Series per scrape', 'Series that an agent serves. They must stay below the PodMonitor’s sampleLimit. The ten highest.',
          8, [query(worst(`max by (node) (scrape_samples_scraped{${A}})`), '{{node}}')], 'none', {decimals: 0}),
      ]],
  ]);
