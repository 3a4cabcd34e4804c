# Runs a command in a network namespace, beside another one for servers that its flags name: the end of a veth pair in each.
set -eu
ip link set lo up
unshare --net -- sleep 600 &
servers=$!
trap 'kill $servers' EXIT
here=$(readlink /proc/self/ns/net)
while [ "$(readlink /proc/$servers/ns/net)" = "$here" ]; do :; done
there="nsenter --net=/proc/$servers/ns/net ip"
ip link add name tester type veth peer name server netns $servers
ip address add 198.18.0.2/30 dev tester
ip link set tester up
$there link set lo up
$there address add 198.18.0.1/30 dev server
$there link set server up
# Janus gathers nothing on a link that has no carrier, which the kernel may take a second to find.
timeout 10 sh -c "until $there link show dev server | grep -q 'state UP'; do :; done"
"$@" --host=198.18.0.1 --bind=198.18.0.2 --server-namespace=/proc/$servers/ns/net
