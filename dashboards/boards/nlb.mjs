// One load balancer: which sources are denied there, on which ports, and is that unusual?
import {bars, board, colors, dashed, graph, now, query, stat, steps, variable} from './board.mjs';
import {unusual, unusualText} from './shared.mjs';

const C = 'cluster=~"$cluster"';
const N = `${C},nlb="$nlb"`;
const J = `job=~"$job",${C}`;
const rate = `nlb:denywatch_denied_packets:rate5m{${N}}`;
const live = `nlb:denywatch_live_packets:rate5m{${N}}`;
const sources = `nlb_source:denywatch_top_source_packets:topk{${N}}`;

export default board('denywatch-nlb', 'denywatch / One load balancer',
  'Which sources are denied at one load balancer, on which ports, and whether that is unusual.',
  [variable('nlb', 'Load balancer', `label_values(denywatch_denied_packets_total{${J}}, nlb)`, {one: true})],
  [
    ['What is happening at $nlb?',
      [
        stat('Service', 'The Services that have this address, as namespace / name.',
          5, now(`sum by (service_namespace, service_name) (nlb:denywatch_denied_packets:rate5m{${N},service_name!=""})`, '{{service_namespace}} / {{service_name}}'), 'none',
          {text: 'name', graph: 'none', noValue: 'not known'}),
        stat('Denied packets', 'Packets per second that Calico denied at this address.', 3, query(`sum(${rate})`), 'pps'),
        stat('vs. yesterday (×)', unusualText,
          4, query(`sum(${live}) / sum(nlb:denywatch_live_packets:avg1h_yesterday{${N}})`), 'none',
          {decimals: 1, thresholds: steps('green', ...unusual), noValue: 'no data yesterday'}),
        stat('Denied traffic', 'Bytes per second of the denied packets.', 3,
          query(`sum(nlb:denywatch_denied_bytes:rate5m{${N}})`), 'Bps'),
        stat('Distinct sources (≥)', 'Distinct sources on the node that saw the most.',
          3, query(`max(nlb:denywatch_denied_sources:max{${N}})`), 'short'),
        stat('Distinct sources (≤)', 'The sum of the nodes’ distinct sources; a source that several nodes see counts once for each of them.',
          3, query(`max(nlb:denywatch_denied_sources:sum{${N}})`), 'short'),
        stat('Share of the cluster', 'This load balancer’s share of all packets denied in the cluster.',
          3, query(`sum(${rate}) / sum(nlb:denywatch_denied_packets:rate5m{${C}})`), 'percentunit', {min: 0, max: 1, decimals: 0}),
      ]],
    ['Is this unusual, and what kind of traffic is it?',
      [
        graph('Denied packets, now and a day ago', 'Background noise is similar every day; an attack stands out.',
          12, [query(`sum(${live})`, 'now'), query(`sum(${live} offset 1d)`, 'a day ago')], 'pps',
          {legend: 'below', overrides: [...colors({now: 'blue', 'a day ago': 'text'}), dashed('a day ago')]}),
        graph('Denied packets by port', 'The ten ports of this load balancer with the most denied packets. Ports that it does not expose are counted together as other.',
          12, [query(`topk(10, sum by (protocol, port) (nlb_port:denywatch_denied_packets:rate5m{${N}}) > 0)`, '{{protocol}} {{port}}')],
          'pps', {look: 'areas'}),
      ]],
    ['Sources',
      [
        bars('Noisiest sources', 'Denied packets in the last ten minutes, over all nodes. Details of a source: denywatch blocklist explain ADDRESS.',
          8, now(`sort_desc(topk(20, sum by (source) (${sources})))`, '{{source}}'), 'short', {height: 12}),
        graph('Noisiest sources over time', 'Packets in the ten minutes before each point in time. A steady line is a client or a scanner, a peak is a burst.',
          16, [query(`topk(10, sum by (source) (${sources}))`, '{{source}}')], 'short', {height: 12}),
      ],
      [
        graph('Distinct sources', 'The true number is between the two lines. If it rises together with the packets, more and more addresses take part, real or forged.',
          12, [
            query(`max(nlb:denywatch_denied_sources:max{${N}})`, 'at least'),
            query(`max(nlb:denywatch_denied_sources:sum{${N}})`, 'at most'),
          ], 'short', {legend: 'below', overrides: colors({'at least': 'blue', 'at most': 'purple'})}),
        graph('Packets per source (10 min)', 'Average over the last ten minutes. If it is close to 1 and there are many sources, addresses may be forged. Hundreds mean a few clients that keep retrying.',
          12, [query(`600 * sum(${rate}) / max(nlb:denywatch_denied_sources:sum{${N}} > 0)`, 'packets in ten minutes')], 'short',
          {legend: 'below', overrides: colors({'packets in ten minutes': 'blue'})}),
      ]],
    ['Which nodes see it?',
      [
        graph('Denied packets by node', 'The ten nodes that deny the most of these packets. If there is only one, the Service has externalTrafficPolicy: Local, or a router sends all traffic to that node.',
          12, [query(`topk(10, sum by (node) (rate(denywatch_denied_packets_total{${J},nlb="$nlb"}[$__rate_interval])))`, '{{node}}')], 'pps'),
        graph('Live and late packets', 'Late packets were read more than two minutes after they were denied, for example after a downtime of the agent. They are counted, but are not an ongoing attack.',
          12, [query(`sum(${live})`, 'live'), query(`sum(nlb:denywatch_late_packets:rate5m{${N}})`, 'late')], 'pps',
          {look: 'areas', legend: 'below', overrides: colors({live: 'blue', late: 'orange'})}),
      ]],
  ]);
