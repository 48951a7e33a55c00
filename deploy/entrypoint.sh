#!/bin/sh
# Gives what is named after it the password of PostgreSQL, which Dagster reads from the environment, from the file that a
# secret is. Health checks are not started by Docker's entrypoint: they name this program themselves.
set -eu
if [ -n "${DAGSTER_PG_PASSWORD_FILE:-}" ]; then
    if ! DAGSTER_PG_PASSWORD=$(cat "$DAGSTER_PG_PASSWORD_FILE"); then
        echo "DAGSTER_PG_PASSWORD_FILE names $DAGSTER_PG_PASSWORD_FILE, which user $(id -u) can't read." >&2
        exit 1
    fi
    export DAGSTER_PG_PASSWORD
fi
exec "$@"
