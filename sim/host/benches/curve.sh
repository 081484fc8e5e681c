#!/usr/bin/env bash
# How the time of a run grows with its tenants: the thousand users for a week, so many times over, in
# microseconds of processor time for a tenant and a day.
#
#   sim/host/benches/curve.sh [PROGRAM [TIMES...]]      default: target/release/seatrial 1 10 100 1000
set -euo pipefail
cd "$(dirname "$0")/../../.."
program=${1:-target/release/seatrial}
[ $# -gt 1 ] && shift && times=("$@") || times=(1 10 100 1000)
days=7
for k in "${times[@]}"; do
    settings=(--set "duration=$days d")
    set_tier() { settings+=(--set "tiers.$1.tenants=$(($2 * k))"); }
    set_pool() { settings+=(--set "pools.$1.count=$(($2 * k))" --set "pools.$1.most=$(($3 * k))"); }
    set_tier free 600; set_tier basic 250; set_tier pro 120; set_tier premium 30
    set_pool worker-low 2 4; set_pool worker-mid 1 3; set_pool worker-high 1 3; set_pool worker-premium 1 3
    TIMEFORMAT='%U'
    seconds=$({ time "$program" run scenarios/thousand-users.toml --yes --fail-on nothing --format json \
        "${settings[@]}" >/dev/null 2>&1; } 2>&1)
    awk -v s="$seconds" -v k="$k" -v d=$days 'BEGIN {
        printf "%8d tenants  %8.2f s  %6.2f us for a tenant and a day\n", 1000 * k, s, s * 1e6 / (1000 * k * d) }'
done
