// What Calico denies in the whole cluster: is it an attack, which load balancers does it hit, and what was done about it?
import {WATCH, bars, board, colored, colors, dashed, gauge, graph, mapped, now, opens, query, rows, severities, stat, steps, table} from './board.mjs';
import {findings, losses, outcomes, unusual, unusualText} from './shared.mjs';

const C = 'cluster=~"$cluster"';
const J = `job=~"$job",${C}`;
const rate = `nlb:denywatch_denied_packets:rate5m{${C}}`;

export default board('denywatch-overview', 'denywatch / Denied traffic',
  'What Calico denies at the load balancers of the cluster, and which sources denywatch blocked.', [], [
    ['What is happening now?',
      [
        stat('Denied packets', 'Packets per second that Calico denied at all load balancers.',
          3, query(`sum(${rate})`), 'pps'),
        stat('vs. yesterday (×)', unusualText,
          3, query(`sum(nlb:denywatch_live_packets:rate5m{${C}}) / sum(nlb:denywatch_live_packets:avg1h_yesterday{${C}})`),
          'none', {decimals: 1, thresholds: steps('green', ...unusual), noValue: 'no data yesterday'}),
        stat('Load balancers hit', 'Load balancers at which at least one packet was denied in the last five minutes.',
          3, query(`count(sum by (cluster, nlb) (${rate}) > 0) or vector(0)`), 'none'),
        stat('Distinct sources (≥)', 'The largest number of distinct sources that one node saw at one load balancer; the whole cluster saw at least as many. One source is a misconfigured client or a scan; thousands are a flood, possibly with forged addresses.',
          3, query(`max(nlb:denywatch_denied_sources:max{${C}})`), 'short'),
        stat('Blocklist', 'Sources in the blocklist objects of all nodes, whether or not a policy denies them; a source that two nodes block counts twice. 0 in dry-run.',
          2, query(`sum(cluster:denywatch_blocklist_stored_entries:sum{${C}})`), 'none'),
        stat('Enforcement', 'Whether an active policy denies the blocklist at the host endpoints of every node whose agent is in mode enforce. On a node without such a policy, sources in the blocklist are not blocked. “Not known”: the policies cannot be read.',
          3, query(`min(denywatch_blocklist_policy_active{${J}} and on (cluster, node, instance) denywatch_blocklist_info{${J},mode="enforce"} or on (cluster, node, instance) 0.5 * denywatch_blocklist_info{${J},mode="enforce"})`), 'none',
          {
            mappings: mapped({0: ['policy missing', 'red'], 0.5: ['not known', 'orange'], 1: ['active', 'green']}).mappings, thresholds: steps('red', [0.5, 'orange'], [1, 'green']),
            graph: 'none', noValue: 'not enforcing',
          }),
        stat('Agents up', 'Share of the agents that Prometheus can scrape. Below 100 %, the other numbers do not include all nodes.',
          2, query(`avg(up{${J}})`), 'percentunit',
          {min: 0, max: 1, decimals: 0, thresholds: steps('red', [0.9, 'orange'], [1, 'green'])}),
        stat('Nodes losing lines', 'Nodes whose log has recently lost lines before they could be counted. Their counts are lower bounds; see the last section.',
          3, query(`count(sum by (cluster, node) (increase(denywatch_log_suppressed_lines_total{${J}}[$__rate_interval])) + sum by (cluster, node) (increase(denywatch_log_gaps_total{${J}}[$__rate_interval])) + sum by (cluster, node) (increase(denywatch_kmsg_lost_records_total{${J}}[$__rate_interval])) > 0) or vector(0)`),
          'none', {thresholds: WATCH}),
        stat('Alerts', 'Number of firing denywatch alerts. The last section lists them.',
          2, query(`count(ALERTS{alertname=~"Denywatch.*",alertstate="firing",${C}}) or vector(0)`), 'none',
          {thresholds: WATCH}),
      ]],
    ['Load balancers, ports and sources',
      [
        graph('Denied packets by load balancer', 'The ten load balancers with the most denied packets.',
          16, [query(`topk(10, sum by (nlb, service_name) (${rate}))`, '{{nlb}} {{service_name}}')], 'pps', {look: 'areas', height: 9}),
        graph('Denied packets by port', 'The ten exposed ports with the most denied packets, at all load balancers. Ports that no load balancer exposes are counted together as other.',
          8, [query(`topk(10, sum by (protocol, port) (nlb_port:denywatch_denied_packets:rate5m{${C}}) > 0)`, '{{protocol}} {{port}}')], 'pps',
          {look: 'areas', height: 9}),
      ],
      [
        table('Load balancers', 'All known load balancers, those with the most denied packets first. Click an address to see the sources denied there.', 14,
          [
            rows(`sum by (nlb, service_namespace, service_name) (${rate})`),
            rows(`sum by (nlb, service_namespace, service_name) (nlb:denywatch_denied_bytes:rate5m{${C}})`),
            rows(`max by (nlb) (nlb:denywatch_denied_sources:max{${C}})`),
            rows(`sum by (nlb) (nlb:denywatch_live_packets:rate5m{${C}}) / sum by (nlb) (nlb:denywatch_live_packets:avg1h_yesterday{${C}})`),
          ],
          [
            ['nlb', 'Load balancer', {'custom.width': 150, links: opens('Sources denied there', 'denywatch-nlb', 'var-nlb=${__value.text}')}],
            ['service_namespace', 'Namespace'],
            ['service_name', 'Service'],
            ['Value #A', 'Packets/s', {...gauge('pps'), 'custom.width': 180}],
            ['Value #B', 'Bytes/s', {unit: 'Bps', 'custom.width': 90}],
            ['Value #C', 'Sources', {unit: 'short', 'custom.width': 80}],
            ['Value #D', '× yesterday', {decimals: 1, ...colored('text', ...unusual), 'custom.width': 105}],
          ],
          {sortBy: 'Packets/s'}),
        bars('Noisiest sources', 'Denied packets in the last ten minutes, over all nodes and load balancers. Details of a source: denywatch blocklist explain ADDRESS.',
          10, now(`sort_desc(topk(14, sum by (source) (nlb_source:denywatch_top_source_packets:topk{${C}})))`, '{{source}}'), 'short'),
      ]],
    ['What was done about it?',
      [
        [
          stat('Blocklist mode', 'Agents by mode: off counts only, dry-run decides and logs, enforce blocks.',
            4, now(`count by (mode) (denywatch_blocklist_info{${J}})`, '{{mode}}'), 'none', {text: 'value_and_name', graph: 'none'}),
          stat('Breakers open', 'Nodes where so many sources sent 1 to 3 packets, or reached a rule, that they may be forged. While a breaker is open, only overwhelming evidence blocks a new source on that node.',
            4, query(`sum(denywatch_blocklist_breaker_open{${J}})`), 'none', {thresholds: WATCH}),
        ],
        graph('Decisions on noisy sources', 'Decisions on sources that reached a rule’s threshold: applied (blocked), dry_run (would be blocked in enforce), or the reason why the source is not blocked.',
          7, [query(`sum by (outcome) (increase(denywatch_promotions_total{${J}}[$__rate_interval]))`, '{{outcome}}')],
          'none', {look: 'bars', decimals: 0, overrides: colors(outcomes)}),
        graph('Blocks: wanted, stored, enforced', 'In mode enforce, all three are normally equal. In dry-run, no block is stored. If fewer are enforced than stored, no active policy denies the rest. Overdue blocks are past their deadline and still stored.',
          7, [
            query(`sum(cluster:denywatch_blocklist_enforced_entries:sum{${C}})`, 'enforced'),
            query(`sum(cluster:denywatch_blocklist_stored_entries:sum{${C}})`, 'stored'),
            query(`sum(denywatch_blocklist_overdue_entries{${J}})`, 'overdue'),
            query(`sum(cluster:denywatch_blocklist_entries:sum{${C}})`, 'wanted'),
          ], 'none', {decimals: 0, overrides: [...colors({wanted: 'blue', stored: 'yellow', enforced: 'green', overdue: 'red'}), dashed('wanted')]}),
        graph('Time to block', 'From the packet that reached a threshold until its source is in the blocklist.',
          6, [
            query(`histogram_quantile(0.5, sum by (le) (rate(denywatch_time_to_block_seconds_bucket{${J}}[$__rate_interval]))) >= 0`, 'p50'),
            query(`histogram_quantile(0.99, sum by (le) (rate(denywatch_time_to_block_seconds_bucket{${J}}[$__rate_interval]))) >= 0`, 'p99'),
          ], 's', {noValue: 'no source was blocked', custom: {showPoints: 'auto', spanNulls: true}}),
      ]],
    ['What did the blocklist stop?',
      [
        stat('Stopped now', 'Share of the denied packets whose source is on the blocklist. Needs blocklist.countBlocked and a Log rule before the blocklist: denywatch policies --log-blocked.',
          4, query(`sum(rate(denywatch_blocked_packets_total{${J}}[$__rate_interval])) / sum(rate(denywatch_denied_packets_total{${J}}[$__rate_interval]))`), 'percentunit'),
        graph('Packets of blocked sources, by who blocked them', 'promotion: an agent promoted the source; manual: a person or program did; feed: it is in an imported feed. An address in several sets counts for the first of these.',
          10, [query(`sum by (origin) (rate(denywatch_blocked_packets_total{${J}}[$__rate_interval]))`, '{{origin}}')], 'pps'),
        graph('Packets of blocked sources, by load balancer', 'The ten load balancers to which blocked sources send the most.',
          10, [query(`topk(10, sum by (nlb) (rate(denywatch_blocked_packets_total{${J}}[$__rate_interval])))`, '{{nlb}}')], 'pps'),
      ]],
    ['Can the numbers be trusted?',
      [
        graph('Denied packets by node', 'The ten nodes that deny the most packets. If one is far above the others, the cause may be on that node, or the Service has externalTrafficPolicy: Local.',
          8, [query(`topk(10, node:denywatch_denied_packets:rate5m{${C}})`, '{{node}}')], 'pps'),
        losses(J, 8),
        graph('Live and late packets', 'Late packets were read more than two minutes after they were denied, for example after a downtime of the agent. They are counted, but are not an ongoing attack.',
          8, [
            query(`sum(nlb:denywatch_live_packets:rate5m{${C}})`, 'live'),
            query(`sum(nlb:denywatch_late_packets:rate5m{${C}})`, 'late'),
          ], 'pps', {look: 'areas', overrides: colors({live: 'blue', late: 'orange'})}),
      ],
      [
        table('Firing alerts', 'denywatch alerts that are firing. Each alert links to a runbook that says what to do.', 12,
          [rows(`ALERTS{alertname=~"Denywatch.*",alertstate="firing",${C}}`)],
          [
            ['alertname', 'Alert', {'custom.width': 265}],
            ['severity', 'Severity', {'custom.width': 90, ...severities}],
            ['nlb', 'Load balancer', {'custom.width': 130}],
            ['node', 'Node', {'custom.width': 100}],
            ['id', 'Finding'],
          ], {sortBy: 'Severity', noValue: 'no alert is firing', height: 7}),
        findings(J, 12),
      ]],
  ]);
