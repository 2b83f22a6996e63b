// Panels that several boards share.
import {graph, query, rows, severities, table} from './board.mjs';

/** Colours of the outcomes of a decision. */
export const outcomes = {
  applied: 'blue', dry_run: 'light-blue', never_block: 'green', limit: 'orange', rate: 'yellow', breaker: 'purple', untrusted_log: 'dark-purple', failed: 'red',
};

/** Thresholds of a rate relative to yesterday's; the second is that of the alert. */
export const unusual = [[3, 'orange'], [5, 'red']];
export const unusualText = 'The rate divided by the average rate of the same hour yesterday, without late packets. An alert fires for a load balancer if, for ten minutes, its rate is far above the same hour yesterday, the same hour a week ago, and the median of the last day.';

/** How long ago a time stamp was. */
export const ago = (expr) => `time() - ${expr}`;

/** Lines that the log lost, by reporter or reason. */
export const losses = (selector, width) =>
  graph('Lines lost before they were counted', 'Lines dropped by the kernel, rsyslog or journald, records overwritten in the kernel’s log, and gaps in the log. If anything is shown here, counts are lower bounds.',
    width, [
      query(`sum by (reporter) (increase(denywatch_log_suppressed_lines_total{${selector}}[$__rate_interval]))`, 'lines dropped by {{reporter}}'),
      query(`sum(increase(denywatch_kmsg_lost_records_total{${selector}}[$__rate_interval]))`, 'overwritten kernel records'),
      query(`sum by (reason) (increase(denywatch_log_gaps_total{${selector}}[$__rate_interval])) > 0`, 'gaps: {{reason}}'),
    ], 'none', {look: 'bars', decimals: 0});

/** The findings of doctor on these nodes. */
export const findings = (selector, width) =>
  table('Doctor findings', 'Problems with Calico’s policies, settings or permissions, and the number of agents that found each of them. denywatch doctor explains them and says what to do.', width,
    [rows(`count by (severity, id) (denywatch_findings{${selector},severity!="ok"} > 0)`)],
    [
      ['id', 'Finding'],
      ['severity', 'Severity', {'custom.width': 110, ...severities}],
      ['Value', 'Agents', {'custom.width': 80}],
    ], {sortBy: 'Agents', noValue: 'no findings', height: 7});
