#!/usr/bin/env bash
# The newest releases of all dependencies, tried the same way: for a schedule, so that a surprise above shows early.
exec "$(dirname "${BASH_SOURCE[0]}")/oldest.sh" highest "$@"
