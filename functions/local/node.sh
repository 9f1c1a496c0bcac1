# Runs a program of this repository with node, or refuses in one sentence where node is older than 24.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
exec node --require "$here/node-version.cjs" "$@"
