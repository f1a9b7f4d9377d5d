# Runs inside a container of the node's base image. Imports /kind/images.tar into containerd and tags the images.
# Arguments: FROM=TO, both without docker.io. The images are pinned, so that the kubelet never removes them.
set -euo pipefail
containerd > /var/log/containerd-import.log 2>&1 &
trap 'kill $! 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  ctr version > /dev/null 2>&1 && break
  sleep 0.2
done
images() { ctr --namespace=k8s.io images "$@" > /dev/null; }
images import --label=io.cri-containerd.pinned=pinned --all-platforms --no-unpack /kind/images.tar
for pair in "$@"; do
  images tag --force "docker.io/${pair%%=*}" "${pair#*=}"
  images label "${pair#*=}" io.cri-containerd.pinned=pinned
done
rm /kind/images.tar
kill $!
wait $! || true
trap - EXIT
rm -f /var/log/containerd-import.log
