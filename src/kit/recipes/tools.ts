import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGoModule, buildGoSource, buildPlainGoSource } from '../gobuild.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { goBuild, goRecipe } from './go-recipes.ts'
import { versions } from './versions.ts'

const kubernetes = `v${versions.kubernetes}`
const [major, minor] = versions.kubernetes.split('.')

/** Without these flags the servers report version 0, and clients refuse them. */
const kubernetesFlags = [
  `-X k8s.io/component-base/version.gitVersion=${kubernetes}`,
  `-X k8s.io/component-base/version.gitMajor=${major}`,
  `-X k8s.io/component-base/version.gitMinor=${minor}`,
  '-X k8s.io/component-base/version.gitTreeState=clean',
  `-X k8s.io/client-go/pkg/version.gitVersion=${kubernetes}`,
].join(' ')

const containerd = 'github.com/containerd/containerd/v2'

/** The tools that devk runs (kind, kubectl), and the programs of node images and of the registry. */
export const toolRecipes: readonly Recipe[] = [
  goRecipe({
    name: 'kind',
    version: versions.kind,
    licences: ['Apache-2.0'],
    provides: ['kind'],
    internal: false,
    seconds: 55,
    builds: [goBuild('sigs.k8s.io/kind', versions.kind, { kind: '' })],
  }),
  // One program that is kubelet, kubeadm, kubectl, kube-proxy or a part of the control plane, depending on its file
  // name. It has a third of the size of separate programs.
  recipe({
    name: 'kubernetes',
    version: versions.kubernetes,
    licences: ['Apache-2.0'],
    kind: 'tool',
    lane: 'compile',
    provides: ['kubectl'],
    seconds: 580,
    files: ['go/nodekit'],
    inputs: { flags: kubernetesFlags },
    build: async (work) => {
      await buildGoSource(work, 'go/nodekit', {
        module: 'k8s.io/kubernetes',
        version: kubernetes,
        stagingVersion: `v0.${versions.kubernetes.slice(2)}`,
        ldflags: kubernetesFlags,
        out: 'nodekit',
      })
      await symlink('nodekit', join(work.out, 'kubectl'))
    },
  }),
  goRecipe({
    name: 'etcd',
    version: versions.etcd,
    licences: ['Apache-2.0'],
    seconds: 50,
    builds: [
      goBuild('go.etcd.io/etcd/server/v3', versions.etcd, { etcd: '' }),
      goBuild('go.etcd.io/etcd/etcdctl/v3', versions.etcd, { etcdctl: '' }),
    ],
  }),
  goRecipe({
    name: 'containerd',
    version: versions.containerd,
    licences: ['Apache-2.0'],
    seconds: 120,
    builds: [
      goBuild(
        containerd,
        versions.containerd,
        {
          containerd: 'cmd/containerd',
          ctr: 'cmd/ctr',
          'containerd-shim-runc-v2': 'cmd/containerd-shim-runc-v2',
        },
        {
          tags: 'no_aufs,no_zfs,no_btrfs,no_devmapper',
          ldflags: `-X ${containerd}/version.Version=${versions.containerd}`,
        },
      ),
    ],
  }),
  goRecipe({
    name: 'cni-plugins',
    version: versions.cniPlugins,
    licences: ['Apache-2.0'],
    seconds: 40,
    builds: [
      goBuild('github.com/containernetworking/plugins', versions.cniPlugins, {
        ptp: 'plugins/main/ptp',
        bridge: 'plugins/main/bridge',
        loopback: 'plugins/main/loopback',
        'host-local': 'plugins/ipam/host-local',
        portmap: 'plugins/meta/portmap',
      }),
    ],
  }),
  // Uses the client-go of the Kubernetes above, so that most of it is compiled only once.
  recipe({
    name: 'cni-daemon',
    version: versions.kubernetes,
    licences: ['Apache-2.0'],
    kind: 'tool',
    internal: true,
    lane: 'compile',
    seconds: 30,
    needs: ['kubernetes'],
    files: ['go/cni'],
    build: (work) => buildGoModule(work, 'go/cni', { out: 'cni' }),
  }),
  goRecipe({
    name: 'coredns',
    version: versions.coredns,
    licences: ['Apache-2.0'],
    seconds: 240,
    builds: [
      goBuild('github.com/coredns/coredns', versions.coredns, { coredns: '' }, { overlay: 'go/coredns-plugins' }),
    ],
  }),
  goRecipe({
    name: 'local-path-provisioner',
    version: versions.localPathProvisioner,
    licences: ['Apache-2.0'],
    seconds: 130,
    builds: [
      goBuild('github.com/rancher/local-path-provisioner', versions.localPathProvisioner, {
        'local-path-provisioner': '',
      }),
    ],
  }),
  goRecipe({
    name: 'registry-program',
    version: versions.registry,
    licences: ['Apache-2.0'],
    seconds: 150,
    builds: [goBuild('github.com/distribution/distribution/v3', versions.registry, { registry: 'cmd/registry' })],
  }),
  recipe({
    name: 'pause',
    version: versions.pause,
    licences: ['Apache-2.0'],
    kind: 'tool',
    internal: true,
    lane: 'compile',
    seconds: 5,
    files: ['go/pause'],
    build: (work) => buildPlainGoSource(work, 'go/pause', 'pause'),
  }),
]
