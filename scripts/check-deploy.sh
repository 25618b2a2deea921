#!/usr/bin/env bash
# check-deploy.sh PROGRAM: asks the tools that will read deploy/ whether they can. What no tool reads is checked by tests/deploy.rs.
source "$(dirname "$0")/common.sh"

# Tenths, from 0 (closed) to 100 (open), by systemd's own counting.
EXPOSURE_MAX=20

main() {
    local program=${1:?which program the unit starts}
    say "Prometheus: configuration, rules, and what the rules do"
    promtool check config --lint-fatal deploy/prometheus/prometheus.yml
    promtool test rules deploy/prometheus/alerts_test.yml
    say "systemd: the unit is valid, and closed enough"
    check_unit "$(realpath "$program")"
    if has docker && docker compose version >/dev/null 2>&1; then
        say "Docker: the compose file is valid"
        docker compose --file deploy/compose.yml config --quiet
    fi
}

# A copy of the unit that starts the program where it was built, since systemd wants to see it.
check_unit() {
    local folder
    folder=$(mktemp -d)
    sed "s|^ExecStart=/usr/local/bin/tongke|ExecStart=$1|" deploy/systemd/tongke.service >"$folder/tongke.service"
    systemd-analyze verify "$folder/tongke.service"
    systemd-analyze security --offline=true --threshold="$EXPOSURE_MAX" "$folder/tongke.service" | tail -n1
    rm -r "$folder"
}

main "$@"
