# Reads a document: its commands and the output that it shows for them.

# commands_of FILE: prints its commands, one a line: line number, "run" or why it is not run, exit code, number of the
# line before its output (0 for none), and the command, separated by tabs. Comments and empty lines are skipped; a
# backslash at the end continues a line. Fails if a mark or a block of text belongs to no command.
commands_of() {
    awk '
        function wrong(text) { printf "%s:%d: %s\n", FILENAME, NR, text >"/dev/stderr"; status = 1; exit 1 }
        function flush(text, i) {
            for (i = 1; i <= n; i++)
                print number[i] "\t" reason "\t" (i == n ? code : 0) "\t" (i == n ? text : 0) "\t" command[i]
            n = 0; reason = "run"; code = 0
        }
        BEGIN { reason = "run"; code = 0 }
        inside == "sh" && /^```$/ { inside = ""; if (!n) wrong("a block of sh without a command"); next }
        inside == "sh" {
            if (!going && /^[ \t]*(#|$)/) next
            if (!going) { number[++n] = NR; command[n] = "" }
            going = sub(/\\$/, "")
            command[n] = command[n] $0
            next
        }
        inside != "" { if (/^```$/) inside = ""; next }
        /^```sh$/ { if (n) flush(0); if (marked) { reason = new_reason; code = new_code; marked = 0 } inside = "sh"; next }
        /^```text$/ {
            if (!n) wrong("a block of text that does not directly follow one of sh")
            flush(NR); inside = "text"; next
        }
        /^```(yaml|yml|promql|log|ini)$/ { if (n) flush(0); inside = "other"; next }
        /^```/ { wrong("a block that is neither sh, text, log, yaml, promql nor ini: " $0) }
        /^[ \t]+```|^[ \t]*~~~/ { wrong("a block that is indented or in tildes, so its commands would not be run") }
        /^$/ { next }
        { if (n) flush(0); if (marked) wrong("a mark that is not right before a block of sh") }
        /^<!-- not run: .+ -->$/ { marked = 1; new_code = 0; new_reason = substr($0, 15, length($0) - 18); next }
        /^<!-- exit code [0-9]+: .+ -->$/ { marked = 1; new_reason = "run"; new_code = $4 + 0; next }
        /^<!--/ { wrong("a mark that is not known: " $0) }
        END {
            if (status) exit 1
            if (inside != "") wrong("a block that does not end")
            if (marked) wrong("a mark that is not right before a block of sh")
            if (n) flush(0)
        }' "$1"
}

# text_of FILE LINE: the block that begins on that line.
text_of() { awk -v from="$2" 'NR > from && /^```$/ { exit } NR > from' "$1"; }

# looks_like EXPECTED OUTPUT: compares them, ignoring numbers, widths and the lines that ... replaces. Says what is
# missing.
looks_like() {
    awk '
        function shape(line) {
            gsub(/[0-9]+([.,:][0-9]+)*/, "0", line); gsub(/[ \t]+/, " ", line); sub(/ $/, "", line)
            return line
        }
        FILENAME == ARGV[1] { expected[++wanted] = $0; next }
        { output[++got] = $0 }
        END {
            for (i = 1; i <= wanted; i++) {
                if (expected[i] == "...") { any = 1; continue }
                at++
                while (any && at <= got && shape(output[at]) != shape(expected[i])) at++
                if (at > got || shape(output[at]) != shape(expected[i])) {
                    printf "expected: %s\nbut is:   %s\n", expected[i], (at > got ? "the end" : output[at])
                    exit 1
                }
                any = 0
            }
            if (!any && at < got) { printf "expected: the end\nbut is:   %s\n", output[at + 1]; exit 1 }
        }' "$1" "$2"
}

# strays FILE: commands in running text, with their lines, that no block contains, so that they would never be run.
strays() {
    commands_of "$1" | cut -f5 | awk '
        FILENAME == "-" { command[++n] = $0; next }
        /^```/ { inside = !inside; next }
        inside { next }
        {
            rest = $0
            while (match(rest, /`(\.\/scripts\/[^` ]+|(kubectl|helm|mvn|promtool|curl|calicoctl|oc) )[^`]*`/)) {
                span = substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
                found = 0
                for (i = 1; i <= n; i++) if (index(command[i], span) == 1) found = 1
                if (!found) print FNR "\t" span
            }
        }' - "$1"
}
