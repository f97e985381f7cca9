#!/bin/sh
# What azgraph's container does: `loop` (the default), `once`, `healthy`, or any other command as it is.
set -u

# Compose hands on what is not set as empty. An empty file of authorities trusts nobody; an empty name is none.
for name in AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_CLIENT_CERTIFICATE_PATH \
  AZURE_CLIENT_CERTIFICATE_PASSWORD AZURE_AUTHORITY_HOST SSL_CERT_FILE AZGRAPH_CONFIG \
  HTTPS_PROXY HTTP_PROXY NO_PROXY; do
  eval "[ -n \"\${$name-}\" ] || unset $name"
done

every=${AZGRAPH_EVERY:-86400}
state=${AZGRAPH_TURN:-${HOME:-/tmp}/.azgraph-turn}

# Loads, then evaluates the rules over what was loaded (also over a part, 3). The first code that is not 0 is the turn's.
turn() {
  azgraph sync
  code=$?
  if [ "$code" -eq 0 ] || [ "$code" -eq 3 ]; then
    azgraph alerts evaluate
    other=$?
    [ "$code" -ne 0 ] || code=$other
  fi
  echo "$code $(date +%s)" > "$state"
  return "$code"
}

case "${1:-loop}" in
  once)
    turn
    exit $?
    ;;
  healthy)
    # The last turn loaded (0, in part 3, with findings 1), and it is not longer ago than two turns and an hour.
    [ -f "$state" ] || { echo "no turn has ended yet"; exit 1; }
    read -r code at < "$state"
    age=$(($(date +%s) - at))
    echo "the last turn ended with code $code, $age seconds ago"
    case "$code" in 0 | 1 | 3) [ "$age" -le $((2 * every + 3600)) ] ;; *) exit 1 ;; esac
    ;;
  loop)
    if [ "$every" -eq 0 ]; then
      turn
      exit $?
    fi
    # Waiting in the background lets a stop be prompt.
    trap 'exit 0' TERM INT
    while :; do
      turn || echo "azgraph: this turn ended with code $?; the next comes in $every seconds" >&2
      sleep "$every" &
      wait $!
    done
    ;;
  *)
    exec "$@"
    ;;
esac
