# Reads samples, one a line: a row and its values. Prints a Markdown table with their medians, minima and maxima.
function median(row, column,   n, i, j, value, list) {
    n = count[row]
    for (i = 1; i <= n; i++) {
        value = sample[row, column, i]
        for (j = i; j > 1 && list[j - 1] + 0 > value + 0; j--) list[j] = list[j - 1]
        list[j] = value
    }
    least = list[1]; most = list[n]
    return (list[int((n + 1) / 2)] + list[int((n + 2) / 2)]) / 2
}
function cell(row, column,   middle) {
    if (sample[row, column, 1] !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/) return sample[row, column, 1]
    middle = median(row, column)
    return count[row] == 1 || least == most ? short(middle) : short(middle) " (" short(least) ".." short(most) ")"
}
function short(value) {
    if (value != 0 && value < 1 && value > -1) return sprintf("%.3g", value)
    return value >= 1000 || value == int(value) ? sprintf("%.0f", value) : sprintf("%.3g", value)
}
!($1 in count) { rows[++all] = $1 }
{
    count[$1]++
    for (i = 2; i <= NF; i++) sample[$1, i - 1, count[$1]] = $i
}
END {
    columns = split(heads, head, "\t") - 1
    line = "| " head[1] " | " head[2] " | ratio |"; rule = "|---|---|---|"
    for (i = 3; i <= columns; i++) { line = line " " head[i] " |"; rule = rule "---|" }
    print line; print rule
    for (r = 1; r <= all; r++) {
        row = rows[r]
        value = cell(row, 1)
        ratio = ""
        if (value !~ /^SKIPPED/ && median(rows[1], 1) > 0) ratio = sprintf("%.3g", median(row, 1) / median(rows[1], 1))
        line = "| " row " | " value " | " ratio " |"
        for (i = 2; i < columns; i++) line = line " " cell(row, i) " |"
        print line
    }
}
