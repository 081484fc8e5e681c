#!/bin/sh
# Runs the kernel and its peers in turn, several rounds, and prints medians of million units per
# CPU second with the ratio to the best peer of the same rounds. Changes nothing.
#
#     sim/kernel/benches/side-by-side.sh [directory with the peers' binaries] [rounds]
#
# The peers are outside this repository (sim/kernel/benches/README.md says which they are); without them
# only the kernel is measured.
set -eu

peers=${1:-../shared/peers/target/release}
rounds=${2:-5}
cd "$(dirname "$0")/../../.."
cargo build --quiet --release --package seatrial-kernel --example kernel
kernel=${CARGO_TARGET_DIR:-target}/release/examples/kernel

if [ ! -x "$peers/peer-misc" ]; then
    echo "skipped: no peers in $peers (peer-misc, peer-simcore, peer-nexosim); only seatrial runs" >&2
fi

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# run <row of the table> <binary> <arguments>
run() {
    row=$1
    shift
    if [ -x "$1" ]; then
        printf '%s\t%s\n' "$row" "$("$@")" >>"$lines"
    fi
}

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    for size in 1000 100000 1000000; do
        run "W1 $size" "$kernel" w1 "$size" 3000000
        run "W1 $size" "$peers/peer-misc" simulacra w1 "$size" 3000000
        run "W1 $size" "$peers/peer-misc" desque w1 "$size" 3000000
        run "W1 $size" "$peers/peer-simcore" w1 "$size" 3000000
        run "W1 $size" "$peers/peer-nexosim" w1 "$size" 1000000
    done
    run "W2" "$kernel" w2 2000000
    run "W2" "$kernel" w2-hand 2000000
    run "W2" "$peers/peer-misc" desque w2 2000000
    run "W2" "$peers/peer-simcore" w2 2000000
    run "W2" "$peers/peer-nexosim" w2 500000
    for size in "1000 50" "100000 5000"; do
        # Two words on purpose: tenants and nodes.
        # shellcheck disable=SC2086
        {
            run "W3 $size" "$kernel" w3 $size 30 5000000
            run "W3 $size" "$kernel" w3-hand $size 30 5000000
            run "W3 $size" "$peers/peer-misc" desque w3 $size 30 5000000
            run "W3 $size" "$peers/peer-simcore" w3 $size 30 5000000
            run "W3 $size" "$peers/peer-nexosim" w3 $size 30 1000000
        }
    done
    echo "round $round of $rounds" >&2
done

awk -F '\t' '
function field(line, name,    rest) {
    rest = line
    sub(".*\"" name "\":\"?", "", rest)
    sub("[\",}].*", "", rest)
    return rest
}
{
    row = $1
    who = field($2, "c")
    if (!(row in seen)) { rows[++row_count] = row; seen[row] = 1 }
    if (!((row, who) in count)) { members[row] = members[row] " " who }
    speed[row, who, ++count[row, who]] = field($2, "per_s") / 1e6
    bytes[row, who] = field($2, "B")
    check[row, who] = field($2, "check")
}
function median(row, name,    n, i, j, swap, v) {
    n = count[row, name]
    for (i = 1; i <= n; i++) v[i] = speed[row, name, i]
    for (i = 1; i <= n; i++)
        for (j = i + 1; j <= n; j++)
            if (v[j] < v[i]) { swap = v[i]; v[i] = v[j]; v[j] = swap }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
END {
    for (r = 1; r <= row_count; r++) {
        row = rows[r]
        total = split(members[row], names, " ")
        best = 0
        for (w = 1; w <= total; w++)
            if (names[w] !~ /^seatrial/ && median(row, names[w]) > best) best = median(row, names[w])
        for (w = 1; w <= total; w++) {
            m = median(row, names[w])
            ratio = best > 0 ? sprintf("%5.2f x best peer", m / best) : ""
            printf "%-15s %-15s %7.2f M/s  %-17s %6s B  %s\n", row, names[w], m, ratio, bytes[row, names[w]], check[row, names[w]]
        }
    }
}' "$lines"
