package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoliciesCommandTest {
    private static final String NAME = "  name: ";

    private static String print(Object... options) {
        Object[] arguments = new Object[options.length + 1];
        arguments[0] = "policies";
        System.arraycopy(options, 0, arguments, 1, options.length);
        TestWorld world = new TestWorld();
        assertEquals(0, world.run(arguments), world::err);
        return world.out();
    }

    private static List<String> names(String yaml) {
        return yaml.lines()
                .filter(line -> line.startsWith(NAME))
                .map(line -> line.substring(NAME.length()))
                .toList();
    }

    @Test
    void printsTheFivePoliciesInTheOrderOfTheirEvaluation() {
        String yaml = print(
                "--nlb",
                "203.0.113.7:80",
                "203.0.113.8",
                "--allow",
                "198.51.100.0/24,192.0.2.9",
                "--nodeports",
                "30000:32767");

        assertEquals(
                List.of(
                        "denywatch-blocklist",
                        "denywatch-allowlist",
                        "denywatch-log-denied-packets",
                        "denywatch-deny-lb",
                        "denywatch-deny-nodeports"),
                names(yaml));
        for (String net : List.of("203.0.113.7/32", "203.0.113.8/32", "198.51.100.0/24", "192.0.2.9/32")) {
            assertTrue(yaml.contains("- " + net), yaml);
        }
    }

    @Test
    void leavesOutWhatHasNoRuleAndWhatMayCutOffLoadBalancers() {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("policies"));
        assertEquals(List.of("denywatch-blocklist"), names(world.out()));
        String note = "left out: deny-nodeports, because it may cut off load balancers and health checks";
        assertTrue(world.out().startsWith("# " + note), world.out());
        assertTrue(world.err().startsWith("denywatch: " + note), world::err);
        assertEquals(
                List.of("denywatch-blocklist", "denywatch-log-denied-packets", "denywatch-deny-lb"),
                names(print("--nlb", "203.0.113.7")));
    }

    @Test
    void deniesNodePortsWhereThatIsAskedFor() {
        for (String options : List.of(
                "--nodeports 30000:32767", "--node-net 10.0.0.0/8", "--only deny-nodeports log-denied-packets")) {
            TestWorld world = new TestWorld();
            assertEquals(0, world.run((Object[]) ("policies " + options).split(" ")), world::err);
            assertTrue(names(world.out()).contains("denywatch-deny-nodeports"), options);
            assertTrue(!world.out().contains("left out"), options);
        }
        assertEquals(
                List.of(
                        "denywatch-blocklist",
                        "denywatch-allowlist",
                        "denywatch-log-denied-packets",
                        "denywatch-deny-nodeports"),
                names(print("--allow-nodeports", "10.0.0.2")));
    }

    @Test
    void refusesWhatCannotBeMeant() {
        for (String options : List.of(
                "--selector all() --nlb 203.0.113.7 ~ --selector: selector \"all()\" is not allowed; allowed: one that requires",
                "--nlb 203.0.113.7 --allow ::1 ~ --allow: allow ::1/128 is not allowed; allowed: IPv4, as all load",
                "--node-net ::/0 --allow-nodeports 10.0.0.2 ~ --allow-nodeports: allow-nodeports 10.0.0.2/32 is not",
                "--only blocklist --allow-nodeports 10.0.0.2 ~ --allow-nodeports: allow-nodeports 10.0.0.2/32 is not",
                "--only deny-nodeports --allow-nodeports 10.0.0.2 ~ --allow-nodeports: 10.0.0.2 is not allowed; allowed: with allowlist in",
                "--only deny-lb --nlb 203.0.113.7 --allow 192.0.2.1 ~ --allow: 192.0.2.1 is not allowed; allowed: with allowlist in",
                "--only blocklist --nodeports 30000:32767 ~ --nodeports: 30000:32767 is not allowed; allowed: with deny-nodeports in",
                "--only deny-lb --nlb 203.0.113.7 --xdp ~ --xdp: is not allowed; allowed: with blocklist in",
                "--only deny-lb --nlb 203.0.113.7 --never-block 192.0.2.1 ~ --never-block: 192.0.2.1 is not allowed; allowed: with blocklist in",
                "--only deny-lb --nlb 203.0.113.7 --may-block 10.0.0.0/8 ~ --may-block: 10.0.0.0/8 is not allowed; allowed: with blocklist in",
                "--xdp --log-blocked ~ --log-blocked: log-blocked with xdp is not allowed; allowed: one of them",
                "--only deny-lb --nlb 203.0.113.7 --log-blocked ~ --log-blocked: is not allowed; allowed: with blocklist in",
                "--xdp --never-block 192.0.2.1 ~ --never-block: 192.0.2.1 is not allowed; allowed: without --xdp",
                "--xdp --may-block 10.0.0.0/8 ~ --may-block: 10.0.0.0/8 is not allowed; allowed: without --xdp",
                "--nlb 203.0.113.7:80/icmp ~ --nlb: protocol ICMP of a load balancer is not allowed; allowed: TCP, UDP, SCTP",
                "--nlb 203.0.113.7:80/tpc ~ --nlb: load balancer \"203.0.113.7:80/tpc\" is not allowed; allowed: IP, IP:PORT",
                "--nlb 203.0.113.7: ~ --nlb: load balancer \"203.0.113.7:\" is not allowed; allowed: IP, IP:PORT",
                "--nlb 203.0.113.7:65536 ~ --nlb: port 65536 is not allowed; allowed: 1 to 65535",
                "--nlb 0.0.0.0 ~ --nlb: load balancer 0.0.0.0/32 is not allowed; allowed: an address that",
                "--nlb ff02::1 ~ --nlb: load balancer ff02::1/128 is not allowed; allowed: an address that",
                "--selector has(projectcalico.org/namespace) ~ allowed: one that selects host endpoints",
                "--never-block privat ~ --never-block: \"privat\" is not an IP address; allowed: a CIDR, or one of preset:")) {
            String[] parts = options.split(" ~ ", 2);
            TestWorld world = new TestWorld();
            assertEquals(2, world.run((Object[]) ("policies " + parts[0]).split(" ")));
            assertTrue(world.err().contains(parts[1]), world::err);
            assertEquals("", world.out());
        }
    }

    @Test
    void warnsOfPortsThatCalicoKeepsOpen() {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("policies", "--nlb", "203.0.113.7:6443", "--nodeports", "30000:32767"));
        String warning = "Calico's failsafe ports come first. Open at the load balancers all the same: TCP 6443.";
        assertEquals("denywatch: " + warning, world.err().strip());
        assertTrue(world.out().contains("# " + warning + "\n"), world.out());
    }

    @Test
    void warnsOfAnIpv6AddressThatSwallowsAPort() {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("policies", "--nlb", "2001:db8::7:443", "--nodeports", "30000:32767"));
        assertTrue(world.err().contains("If [2001:db8::7]:443 is meant, write that."), world::err);
        for (String plain : List.of("[2001:db8::7]:443", "2001:db8::7", "2001:db8::443", "203.0.113.7:80")) {
            TestWorld clear = new TestWorld();
            assertEquals(0, clear.run("policies", "--nlb", plain, "--nodeports", "30000:32767"));
            assertTrue(!clear.err().contains("is meant"), clear::err);
        }
    }

    @Test
    void printsThoseAloneThatAreWanted() {
        assertEquals(List.of("denywatch-blocklist"), names(print("--only", "blocklist")));
        assertEquals(
                List.of("denywatch-log-denied-packets", "denywatch-deny-nodeports"),
                names(print("--only", "deny-nodeports", "--only", "log-denied-packets")));
    }

    @Test
    void takesSelectorAndPorts() {
        String yaml = print("--selector", "ibm.role == 'worker_public'", "--nodeports", "20000:22767,23000");

        assertTrue(yaml.contains("  selector: \"ibm.role == 'worker_public'\"\n"), yaml);
        assertTrue(yaml.contains("- \"20000:22767\"\n          - 23000\n"), yaml);
    }

    @Test
    void appliesTheBlocklistBeforeConnectionTrackingWhereThatIsAskedFor() {
        assertTrue(print("--xdp").contains("  doNotTrack: true\n"));
        assertTrue(!print().contains("doNotTrack"));
    }

    @Test
    void logsWhatTheBlocklistDeniesWhereThatIsAskedFor() {
        String logged = print("--only", "blocklist", "--log-blocked");
        String plain = print("--only", "blocklist");

        assertEquals(2, logged.split("- action: Log\n", -1).length - 1, logged);
        assertEquals(
                plain.lines().filter(line -> !line.startsWith("#")).toList(),
                logged.replaceAll("(?s)    - action: Log\n.*?(?=    - action: Deny\n)", "")
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .toList());
        assertTrue(!plain.contains("Log"), plain);
    }

    /** An option that has no effect would be taken for an exemption. */
    @Test
    void warnsOfAllowedSourcesThatAreNotExemptWithXdp() {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("policies", "--nlb", "203.0.113.7", "--allow", "192.0.2.1", "--xdp"));
        assertTrue(world.err().contains("--xdp: the blocklist's policy exempts no source"), world::err);
        assertTrue(!print("--only", "blocklist", "--xdp").contains("notNets"));
        TestWorld without = new TestWorld();
        assertEquals(0, without.run("policies", "--nlb", "203.0.113.7", "--allow", "192.0.2.1"));
        assertTrue(!without.err().contains("--xdp"), without::err);
    }

    @Test
    void callsThePoliciesAsTold() {
        assertEquals(
                List.of("blocklist", "denywatch-log-denied-packets", "np"),
                names(print("--name", "blocklist=blocklist,deny-nodeports=np", "--nodeports", "30000:32767")));
    }

    @Test
    void theBlocklistNeverDeniesAllowedPrivateAndNamedSources() {
        String yaml = print(
                "--nlb",
                "203.0.113.7:80",
                "--allow",
                "198.51.100.0/24",
                "--never-block",
                "192.0.2.0/24,2001:db8::/48",
                "--may-block",
                "10.20.0.0/16",
                "--only",
                "blocklist");

        String exempt = yaml.substring(yaml.lastIndexOf("ipVersion: 4"), yaml.indexOf("ipVersion: 6"));
        for (String net :
                List.of("203.0.113.7/32", "198.51.100.0/24", "192.0.2.0/24", "10.0.0.0/8", "169.254.0.0/16")) {
            assertTrue(exempt.substring(exempt.indexOf("notNets:")).contains("- " + net + "\n"), yaml);
        }
        assertTrue(yaml.contains("        nets:\n          - 10.20.0.0/16\n"), yaml);
        assertTrue(yaml.substring(yaml.indexOf("ipVersion: 6")).contains("- \"2001:db8::/48\"\n"), yaml);
        assertTrue(
                yaml.contains("blocklist.neverBlock: [192.0.2.0/24, 198.51.100.0/24, 203.0.113.7/32,"
                        + " \"2001:db8::/48\"]"),
                yaml);
    }

    @Test
    void printsTheSameForCalicoctl() {
        assertEquals(print("--nlb", "203.0.113.7"), print("--nlb", "203.0.113.7", "--calicoctl"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            --nlb 203.0.113.0/24           ~ --nlb: load balancer "203.0.113.0/24" is not allowed; allowed: IP, IP:PORT
            --nlb 203.0.113.7:80/icmp      ~ --nlb: protocol ICMP of a load balancer is not allowed; allowed: TCP
            --nlb                          ~ --nlb
            --allow 198.51.100.9/24        ~ --allow: "198.51.100.9/24" has bits set after the prefix
            --selector =                   ~ --selector: selector "=" is invalid at character 1; allowed there:
            --selector ''                  ~ --selector: selector "" is not allowed; allowed:
            --nodeports 0:9                ~ --nodeports: "0:9" is not allowed; allowed: FIRST:LAST
            --nodeports '' ~ --nodeports: "" is not allowed; allowed: FIRST:LAST
            --node-net 10.0.0.1/8          ~ --node-net: "10.0.0.1/8" has bits set after the prefix
            --allow 198.51.100.9           ~ --allow: allow 198.51.100.9/32 is not allowed; allowed: with load balancers
            --nodeports 9:1                ~ --nodeports: "9:1" is not allowed
            --nodeports 1:65536            ~ --nodeports: "1:65536" is not allowed
            --nodeports web                ~ --nodeports: "web" is not allowed
            --only everything              ~ --only: "everything" is not allowed; allowed: blocklist, allowlist
            --name blocklist=a.b           ~ --name: name "a.b" of blocklist is not allowed; allowed:
            --name deny=x                  ~ --name: "deny" is not allowed; allowed: blocklist, allowlist
            --name deny-lb=denywatch-allowlist ~ --name: names [
            --never-block 1.2.3.4/24       ~ --never-block: "1.2.3.4/24" has bits set after the prefix
            --may-block x                  ~ --may-block: "x"
            --only log-denied-packets      ~ --only: log-denied-packets alone is not allowed; allowed: with
            --only deny-lb                 ~ --only: deny-lb is not allowed; allowed: policies with a rule
            here                           ~ here
            """)
    void refusesInOneLine(String options, String message) {
        TestWorld world = new TestWorld();
        String[] words = options.strip().split(" +", 2);

        int code = words.length == 1
                ? world.run("policies", words[0])
                : world.run("policies", words[0], words[1].equals("''") ? "" : words[1]);

        assertEquals(2, code);
        assertEquals("", world.out());
        assertTrue(world.err().contains(message), world::err);
        assertEquals(1, world.err().lines().count(), world::err);
    }
}
