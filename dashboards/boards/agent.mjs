// The agents themselves: does each one run, read its log, lose nothing, block what it should, and cost little?
import {ACT, WATCH, board, colored, colors, graph, mapped, query, rows, stat, steps, table, variable} from './board.mjs';
import {ago, findings, losses} from './shared.mjs';

const T = 'job=~"$job",cluster=~"$cluster"';
const A = `${T},node=~"$node",instance=~"$instance"`;
const each = (name) => `max by (cluster, node) (${name}{${A}})`;
/** resources.limits.memory of the chart. */
const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;
const worst = (expr) => `topk(10, ${expr})`;

export default board('denywatch-agent', 'denywatch / Agent health',
  'Whether each agent runs, reads its log, loses nothing, blocks what it should, and what it costs.',
  [
    variable('node', 'Node', `label_values(denywatch_build_info{${T}}, node)`),
    variable('instance', 'Instance', `label_values(denywatch_build_info{${T},node=~"$node"}, instance)`),
  ],
  [
    ['Are all agents healthy?',
      [
        stat('Agents down', 'Agents that Prometheus knows but that do not answer. Their nodes are not watched.',
          3, query(`count(up{${A}} == 0) or vector(0)`), 'none', {thresholds: ACT}),
        stat('Agents up', 'Agents that answer; compare with the nodes of the cluster.', 3, query(`sum(up{${A}})`), 'none'),
        stat('Logs not readable', 'Agents that answer but cannot read their log: they count nothing.',
          3, query(`count(denywatch_log_readable{${A}} == 0) or vector(0)`), 'none', {thresholds: ACT}),
        stat('Largest backlog', 'Unread log of the agent with the most.',
          3, query(`max(denywatch_log_unread_bytes{${A}})`), 'bytes', {thresholds: steps('green', [16777216, 'orange'], [67108864, 'red'])}),
        stat('Malformed lines', 'Share of the packet lines that could not be parsed. Above 1 %, the format of the log is wrong.',
          3, query(`sum(rate(denywatch_log_lines_total{${A},result="malformed"}[$__rate_interval])) / sum(rate(denywatch_log_lines_total{${A},result=~"packet|malformed"}[$__rate_interval]))`),
          'percentunit', {decimals: 2, thresholds: steps('green', [0.001, 'orange'], [0.01, 'red']), noValue: 'no packets'}),
        stat('State lost', 'Agents that could not restore the counts of an earlier process: counters restarted from 0.',
          3, query(`sum(denywatch_state_lost{${A}})`), 'none', {thresholds: WATCH}),
        stat('Oldest checkpoint', 'Age of the oldest checkpoint of all agents. After a crash, packets of that time are counted twice or not at all.',
          3, query(`max(${ago(`denywatch_checkpoint_timestamp_seconds{${A}}`)})`), 's', {decimals: 0, thresholds: steps('green', [60, 'orange'], [600, 'red'])}),
        stat('Versions running', 'More than one for a long time: an update is stuck.',
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
        graph('Agents up, down, without log', 'Agents without log answer, but cannot read their log.',
          12, [
            query(`sum(up{${A}})`, 'up'),
            query(`count(up{${A}} == 0) or vector(0)`, 'down'),
            query(`count(denywatch_log_readable{${A}} == 0) or vector(0)`, 'without log'),
          ], 'none', {decimals: 0, height: 7, overrides: colors({up: 'green', down: 'red', 'without log': 'orange'})}),
      ]],
    ['Is everything read?',
      [
        graph('Lines read', 'By result. Only packet lines count as denied; response lines show established connections. Repeats are further packets of a line: the logger folded identical lines into one.',
          8, [
            query(`sum by (result) (rate(denywatch_log_lines_total{${A}}[$__rate_interval]))`, '{{result}}'),
            query(`clamp_min(sum(rate(denywatch_denied_packets_total{${A}}[$__rate_interval])) - sum(rate(denywatch_log_lines_total{${A},result="packet"}[$__rate_interval])), 0)`, 'repeats'),
          ], 'cps',
          {look: 'areas', overrides: colors({packet: 'blue', response: 'green', other: 'text', malformed: 'red', unrecognized: 'purple', oversized: 'orange'})}),
        graph('Not read yet', 'The ten agents with the largest backlog. If it rises, the agent has too little CPU, or the log grows too fast.',
          8, [query(worst(each('denywatch_log_unread_bytes')), '{{node}}')], 'bytes'),
        graph('Time since the last line', 'The ten longest. A line that only rises means that the logger stopped, the disk is full or the file was moved.',
          8, [query(worst(ago(each('denywatch_log_last_line_timestamp_seconds'))), '{{node}}')], 's'),
      ],
      [
        graph('Malformed lines by reason', 'Lines with the log prefix that could not be parsed, or whose beginning was not recognized. They may have been packets, but do not count as such.',
          8, [
            query(`sum by (reason) (increase(denywatch_malformed_lines_total{${A}}[$__rate_interval])) > 0`, '{{reason}}'),
            query(`sum(increase(denywatch_log_lines_total{${A},result="unrecognized"}[$__rate_interval])) > 0`, 'not recognized'),
          ], 'none', {look: 'bars', decimals: 0, noValue: 'no line was malformed'}),
        graph('Rotations and failed reads', 'Rotations should be few and regular; a truncated log (copytruncate) can lose lines each time.',
          8, [
            query(`sum by (kind) (increase(denywatch_log_rotations_total{${A}}[$__rate_interval]))`, 'log {{kind}}'),
            query(`sum by (reason) (increase(denywatch_log_read_errors_total{${A}}[$__rate_interval]))`, 'read failed: {{reason}}'),
          ], 'none', {look: 'bars', decimals: 0}),
        graph('Agents that read a backlog', 'Agents that are reading lines written long ago. Their packets count as late and lead to no block.',
          8, [query(`sum(denywatch_log_catching_up{${A}})`, 'catching up')], 'none', {decimals: 0, overrides: colors({'catching up': 'orange'})}),
      ]],
    ['What was lost?',
      [
        losses(A, 8),
        graph('Checkpoint age', 'The ten oldest. Everything counted since then is only in memory; normally that is a few seconds.',
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
        graph('Blocks not stored yet', 'Sources that an agent in mode enforce wants blocked but that are not in the cluster’s blocklist. Above 0 for a long time: the API rejects them. The ten worst nodes.',
          8, [query(worst(`sum by (node) ((denywatch_blocklist_entries{${A}} - denywatch_blocklist_stored_entries{${A}}) and on (cluster, node, instance) denywatch_blocklist_info{${A},mode="enforce"})`), '{{node}}')],
          'none', {decimals: 0, noValue: 'no agent enforces'}),
        graph('How full is the blocklist?', 'Share of blocklist.entriesMax in use; at 100 % no further source is blocked. The ten fullest nodes.',
          8, [query(worst(`sum by (node) (denywatch_blocklist_entries{${A}}) / sum by (node) (denywatch_blocklist_entries_limit{${A}})`), '{{node}}')],
          'percentunit', {max: 1, steps: steps('transparent', [0.8, 'orange'])}),
        graph('Time since the last blocklist sync', 'The ten longest. If it rises, requests to the Kubernetes API fail, and blocks neither begin nor end.',
          8, [query(worst(ago(each('denywatch_blocklist_last_sync_timestamp_seconds'))), '{{node}}')], 's'),
      ],
      [
        graph('Expirations, repairs, failures', 'Blocks that ended at their deadline, blocks displaced by stronger evidence in a full list, changes by others that were undone, first writes that failed, and overdue blocks.',
          8, [
            query(`sum(increase(denywatch_blocklist_expirations_total{${A}}[$__rate_interval]))`, 'ended'),
            query(`sum(increase(denywatch_blocklist_displacements_total{${A}}[$__rate_interval]))`, 'displaced'),
            query(`sum(increase(denywatch_blocklist_repairs_total{${A}}[$__rate_interval]))`, 'repaired'),
            query(`sum(increase(denywatch_promotions_total{${A},outcome="failed"}[$__rate_interval]))`, 'failed'),
            query(`sum(denywatch_blocklist_overdue_entries{${A}})`, 'overdue'),
          ], 'none', {look: 'bars', decimals: 0, overrides: colors({ended: 'green', displaced: 'purple', repaired: 'yellow', failed: 'orange', overdue: 'red'})}),
        graph('Breakers open', 'Nodes where only overwhelming evidence blocks a new source: too many sources sent 1 to 3 packets or reached a rule, and may be forged.',
          8, [query(`sum by (node) (denywatch_blocklist_breaker_open{${A}}) > 0`, '{{node}}')], 'none', {
            look: 'bars', decimals: 0, noValue: 'all are closed', color: {mode: 'fixed', fixedColor: 'orange'},
          }),
        graph('Requests to the Kubernetes API', 'By verb and response code. 403: a permission is missing. 409: a conflicting change, which is retried.',
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
        graph('CPU', 'CPU cores in use; the ten highest.',
          6, [query(worst(`sum by (node) (rate(process_cpu_seconds_total{${A}}[$__rate_interval]))`), '{{node}}')], 'none', {decimals: 3}),
        graph('Memory', 'Resident memory; the ten highest. The kernel kills an agent that exceeds its container’s limit. The line marks the chart’s default limit.',
          6, [query(worst(`max by (node) (process_resident_memory_bytes{${A}})`), '{{node}}')], 'bytes', {steps: steps('transparent', [MEMORY_LIMIT_BYTES, 'red'])}),
        graph('Heap', 'Share of the maximum heap in use; above 95 %, garbage collection takes all the time. The ten fullest.',
          6, [query(worst(`sum by (node) (jvm_memory_used_bytes{${A},area="heap"}) / sum by (node) (jvm_memory_max_bytes{${A},area="heap"})`), '{{node}}')],
          'percentunit', {max: 1, steps: steps('transparent', [0.95, 'red'])}),
        graph('Time in garbage collection', 'Share of time for which garbage collection pauses the agent.',
          6, [query(worst(`sum by (node) (rate(jvm_gc_pause_seconds_sum{${A}}[$__rate_interval]))`), '{{node}}')], 'percentunit'),
      ],
      [
        graph('Source table', 'Share of the table in use. It may stay full: new sources then replace the quietest ones. The ten fullest.',
          8, [query(worst(`sum by (node) (denywatch_tracked_sources{${A}}) / sum by (node) (denywatch_tracked_sources_limit{${A}})`), '{{node}}')],
          'percentunit', {max: 1}),
        graph('Sources forgotten', 'capacity: no room, so packets per source become lower bounds. idle: no packet for a whole window. blocklist: sources or windows of the rules dropped for lack of memory; rules may then miss a source.',
          8, [
            query(`sum by (reason) (rate(denywatch_sources_evicted_total{${A}}[$__rate_interval]))`, '{{reason}}'),
            query(`sum by (reason) (rate(denywatch_blocklist_windows_evicted_total{${A}}[$__rate_interval]))`, 'blocklist: {{reason}}'),
          ], 'cps',
          {look: 'areas', overrides: colors({capacity: 'orange', idle: 'blue'})}),
        graph('Series per scrape', 'Series that an agent serves; must stay below the PodMonitor’s sampleLimit. The ten highest.',
          8, [query(worst(`max by (node) (scrape_samples_scraped{${A}})`), '{{node}}')], 'none', {decimals: 0}),
      ]],
  ]);
