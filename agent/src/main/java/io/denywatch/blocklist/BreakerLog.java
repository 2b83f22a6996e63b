package io.denywatch.blocklist;

import io.denywatch.detection.SpoofingSigns;
import java.lang.System.Logger.Level;

/** Logs when the breaker opens and closes, and why. Confined to the enforcer thread. */
final class BreakerLog {
    private static final System.Logger LOG = System.getLogger(BreakerLog.class.getName());

    private boolean open;

    void tell(Breaker breaker, SpoofingSigns signs, BlocklistLimits limits) {
        boolean opens = breaker instanceof Breaker.Open;
        if (opens && !open) {
            LOG.log(Level.WARNING, possible(signs, limits));
        } else if (!opens && open) {
            LOG.log(Level.INFO, "no more signs of spoofing for {0} minutes: sources are blocked again", calmMinutes());
        }
        open = opens;
    }

    private static long calmMinutes() {
        return Breaker.CALM.toMinutes();
    }

    private static String possible(SpoofingSigns signs, BlocklistLimits limits) {
        String what = signs.detectedSources() > limits.detectedSourcesMax()
                ? "over " + limits.detectedSourcesMax() + " sources reached a rule in a minute"
                : "over " + limits.fewPacketSourcesMax() + " sources sent no more than " + SpoofingSigns.FEW_PACKETS
                        + " packets in a minute";
        return "possible spoofing: " + what + "; possibly forged. New blocks are paused until it has been calm for "
                + calmMinutes() + " minutes, except for sources of " + Claim.OVERWHELMING_PACKETS
                + " packets or more in a minute or two.";
    }
}
