// Panels that stand on more than one board.
import {graph, query, rows, severities, table} from './board.mjs';

/** What can become of a noisy source, in colours: blocked, would be, kept out for good reasons, went wrong. */
export const outcomes = {
  applied: 'red', dry_run: 'purple', never_block: 'green', limit: 'orange', rate: 'yellow', breaker: 'blue', untrusted_log: 'dark-blue', failed: 'dark-red',
};

/** Thresholds of a rate over yesterday's; the second is that of the alert. */
export const unusual = [[3, 'orange'], [5, 'red']];
export const unusualText = 'The rate over the average of the hour around this time yesterday, without packets that were only read late. An alert fires at a load balancer where the rate is far above this hour yesterday and a week ago and above the median of the day for ten minutes.';

/** How long ago a time stamp was. */
export const ago = (expr) => `time() - ${expr}`;

/** What the log lost, by whom or why. */
export const losses = (selector, width) =>
  graph('What was lost before it was counted', 'Lines that the kernel, rsyslog or journald dropped, records that the kernel’s ring lost, and places where the log itself has a gap. Where anything shows, the counts are lower bounds.',
    width, [
      query(`sum by (reporter) (increase(denywatch_log_suppressed_lines_total{${selector}}[$__rate_interval]))`, 'lines dropped by {{reporter}}'),
      query(`sum(increase(denywatch_kmsg_lost_records_total{${selector}}[$__rate_interval]))`, 'records lost by the ring'),
      query(`sum by (reason) (increase(denywatch_log_gaps_total{${selector}}[$__rate_interval])) > 0`, 'gaps: {{reason}}'),
    ], 'none', {look: 'bars', decimals: 0});

/** What doctor would say on these nodes. */
export const findings = (selector, width) =>
  table('Doctor findings', 'What the agents find about Calico’s policies, settings and permissions, and how many of them do. What each means and what to do: denywatch doctor.', width,
    [rows(`count by (severity, id) (denywatch_findings{${selector},severity!="ok"} > 0)`)],
    [
      ['id', 'Finding'],
      ['severity', 'Severity', {'custom.width': 110, ...severities}],
      ['Value', 'Agents', {'custom.width': 80}],
    ], {sortBy: 'Agents', noValue: 'no findings', height: 7});
